/* The pages that people read, made whole on the server: they work without
 * script.
 *
 * Threads: any, no shared state. */

#ifndef EXPORTER_RENDER_PAGE_H
#define EXPORTER_RENDER_PAGE_H

#include <stddef.h>
#include <stdint.h>

struct changes;
struct config_flow_words;
struct explanation;
struct flow_result;
struct snapshot;
struct text;

/* What every page shows around its content. */
struct page_frame {
    const char *base; /* Before every link; ends in a slash. */
    const char *telemetry_path;
    int64_t now_ms;
    const struct snapshot *snapshot; /* NULL before the first. */
};

/* What the client asked for, as it came; no member is NULL. */
struct page_query {
    const char *verdict, *violated, *direction, *group, *words, *sort, *order;
    size_t offset, limit;
};

/* The status page: 'n' of 'total' flows that fit. */
void page_index(struct text *out, const struct page_frame *frame,
                const struct page_query *query,
                const struct flow_result *const results[], size_t n,
                size_t total);

/* One flow; 'explanation' may be NULL. */
void page_flow(struct text *out, const struct page_frame *frame,
               const struct flow_result *result,
               const struct explanation *explanation, struct changes *changes);

/* The newest changes of all flows. */
void page_changes(struct text *out, const struct page_frame *frame,
                  struct changes *changes);

/* "What if": the form, and below it the answer ('result', or NULL) or what
 * was wrong ('error', or NULL). */
void page_what_if(struct text *out, const struct page_frame *frame,
                  const struct config_flow_words *words,
                  const struct flow_result *result,
                  const struct explanation *explanation, const char *error);

/* A page with one message. */
void page_message(struct text *out, const struct page_frame *frame,
                  const char *title, const char *message);

#endif
