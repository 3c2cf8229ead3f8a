/* /metrics: the families of spec metrics in text 0.0.4 and OpenMetrics 1.0,
 * rendered and compressed once per cycle, served as ready bytes.
 *
 * Both formats share the bytes of their samples; only the lines about
 * families differ.  What must be live at scrape time (process_*, requests
 * served) is a small tail, spliced behind the ready bytes, for gzip within one
 * member. */

#ifndef EXPORTER_RENDER_EXPOSITION_H
#define EXPORTER_RENDER_EXPOSITION_H

#include <stddef.h>

struct gzip_member;
struct snapshot;
struct text;

enum exposition_format {
    EXPOSITION_TEXT,
    EXPOSITION_OPENMETRICS,
    N_EXPOSITION_FORMATS
};

struct exposition;

/* Renders what 'snapshot' says, all but its 'exposition'.  Bytes that are the
 * same as in 'before' (the last exposition, or NULL) are shared with it, so
 * that two expositions of one estate hardly take more than one, and only what
 * changed is compressed again. */
struct exposition *exposition_create(const struct snapshot *snapshot,
                                     const struct exposition *before);
struct exposition *exposition_ref(const struct exposition *exposition);
void exposition_unref(const struct exposition *exposition);

/* "text/plain; version=0.0.4; charset=utf-8" or OpenMetrics'. */
const char *exposition_content_type(enum exposition_format format);

/* A piece of ready bytes. */
struct exposition_piece {
    const void *bytes;
    size_t size;
};

/* One answer: pieces to be sent in order.  The pieces point into the
 * exposition, which must be kept until the answer was sent and cleared, and
 * into 'tail'.  A compressed answer is one piece unless another one is under
 * way. */
struct exposition_answer {
    struct exposition_piece *pieces; /* From the heap. */
    size_t n_pieces;
    size_t size;
    char *tail;               /* From the heap, or NULL. */
    struct gzip_member *room; /* That holds the tail, or NULL. */
};

void exposition_answer(const struct exposition *exposition,
                       enum exposition_format format, int gzip,
                       struct exposition_answer *answer);
void exposition_answer_clear(struct exposition_answer *answer);

size_t exposition_size(const struct exposition *exposition, int gzip);

#endif
