/* Parts that several pages show. */

#ifndef EXPORTER_RENDER_PAGE_PARTS_H
#define EXPORTER_RENDER_PAGE_PARTS_H

#include <stdbool.h>

struct change;
struct explanation;
struct flow_result;
struct page_frame;
struct text;

/* The verdict in words, both ends, every layer rule by rule, the regions.
 * 'explanation' may be NULL. */
void part_answer(struct text *out, const struct page_frame *frame,
                 const struct flow_result *result,
                 const struct explanation *explanation);
/* One change, as an item of a list; with the flow's name if 'named'. */
void part_change(struct text *out, const struct page_frame *frame,
                 const struct change *change, bool named);

#endif
