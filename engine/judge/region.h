/* Sets of packets as lists of boxes: what is left of a box behind others. */

#ifndef ENGINE_JUDGE_REGION_H
#define ENGINE_JUDGE_REGION_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/wide.h"
#include "engine/compile/policy.h"

struct arena;

/* Disjoint boxes of one family. */
struct region_list {
    struct arena *arena;
    enum family family;
    struct box *boxes;
    size_t n;
    size_t capacity;
    bool lossy; /* Boxes were dropped: too many. */
};

/* Starts with all packets of 'box' that belong to 'family'. */
void region_list_init(struct region_list *list, struct arena *arena,
                      enum family family, const struct box *box);

/* Keeps what is inside 'box', or what is not.  At most 'max' boxes are kept,
 * the largest. */
void region_list_intersect(struct region_list *list, const struct box *box);
void region_list_subtract(struct region_list *list, const struct box *box,
                          size_t max);

/* Sorts the boxes, largest first. */
void region_list_sort(struct region_list *list);

/* Packets of one family in a box.  Protocols without ports count once, by
 * PORT_NONE; those with ports never do. */
struct wide box_count(const struct box *box, enum family family);
bool box_is_empty_in(const struct box *box, enum family family);
struct box box_intersect(struct arena *arena, const struct box *a,
                         const struct box *b);

/* A box around two; an empty one is no protocols. */
struct box box_around(struct arena *arena, const struct box *a,
                      const struct box *b);

/* The box of all packets. */
struct box box_all(struct arena *arena);

#endif
