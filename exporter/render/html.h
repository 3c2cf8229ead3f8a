/* What the pages share: their frame, times, verdicts.  All text from outside
 * goes through html_text(). */

#ifndef EXPORTER_RENDER_HTML_H
#define EXPORTER_RENDER_HTML_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/judge/verdict.h"

struct config;
struct page_frame;
struct text;

/* Markup of the program's own. */
void html(struct text *out, const char *markup);
/* Text from outside, escaped. */
void html_text(struct text *out, const char *value);
void html_number(struct text *out, uint64_t value);
/* markup, escaped value, markup. */
void html_in(struct text *out, const char *before, const char *value,
             const char *after);

/* The page up to the start of <main>, and from its end. */
void html_begin(struct text *out, const struct page_frame *frame,
                const char *title, const char *current);
void html_end(struct text *out, const struct page_frame *frame);

/* href="BASE..." with the name as one component of the path. */
void html_flow_link(struct text *out, const struct page_frame *frame,
                    const char *flow_name);

/* Word, symbol and colour of a verdict. */
void html_verdict(struct text *out, enum verdict_kind kind);
/* "2026-11-21 10:00:00Z" and "3 min ago"; "never" for 0. */
void html_time(struct text *out, int64_t wall_ms, int64_t now_ms);
/* "3 min". */
void html_duration(struct text *out, int64_t ms);
/* "subnet_nsg" as people say it: "subnet group". */
const char *layer_title(enum layer layer);
/* "rg-web/nsg-web", with a link to the portal for custom rules. */
void html_ruleset(struct text *out, const struct config *config,
                  const struct policy_rule *rule);
/* A share of packets: "all", "37.5 %", "1 in 4.3 billion". */
void html_share(struct text *out, double share);

#endif
