/* Sets of numbers as sorted spans: addresses of one family, or ports.
 *
 * A span set is sorted, its spans neither overlap nor touch, and it is
 * immutable; it lives in an arena and is passed by value. */

#ifndef ENGINE_MODEL_SPAN_H
#define ENGINE_MODEL_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/number.h"
#include "engine/base/wide.h"

struct arena;
struct hasher;

struct span {
    uint128 first;
    uint128 last; /* Included. */
};

struct span_set {
    const struct span *spans;
    size_t n;
};

/* A set in the making: spans in any order, overlapping as they like. */
struct span_list {
    struct span *spans; /* From the heap. */
    size_t n;
    size_t capacity;
};

void span_list_init(struct span_list *list);
void span_list_clear(struct span_list *list);
void span_list_add(struct span_list *list, uint128 first, uint128 last);
void span_list_add_set(struct span_list *list, struct span_set set);

/* Returns the set of all that was added, and empties 'list'. */
struct span_set span_list_finish(struct span_list *list, struct arena *arena);

struct span_set span_set_of(struct arena *arena, uint128 first, uint128 last);
struct span_set span_set_union(struct arena *arena, struct span_set a,
                               struct span_set b);
struct span_set span_set_intersect(struct arena *arena, struct span_set a,
                                   struct span_set b);
/* Returns what is in 'a' and not in 'b'. */
struct span_set span_set_subtract(struct arena *arena, struct span_set a,
                                  struct span_set b);

bool span_set_contains(struct span_set set, uint128 value);
/* Returns true if every value of 'inner' is in 'outer'. */
bool span_set_covers(struct span_set outer, struct span_set inner);
bool span_set_overlaps(struct span_set a, struct span_set b);
bool span_set_equal(struct span_set a, struct span_set b);
/* Returns how many values are in the set. */
struct wide span_set_count(struct span_set set);
void span_set_hash(struct span_set set, struct hasher *hasher);

#endif
