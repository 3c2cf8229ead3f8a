/* The states between two fields of a sweep.
 *
 * A state is the set of rules that are still possible, cut behind the first
 * rule that matches everything that is still open.  Two ways to the same
 * state have the same future, so they are joined: counts are added, and one
 * way is kept to tell an example. */

#ifndef ENGINE_JUDGE_SWEEP_STATES_H
#define ENGINE_JUDGE_SWEEP_STATES_H

#include "engine/base/wide.h"
#include "engine/compile/bitmap_set.h"

struct sweep_states {
    struct bitmap_set bitmaps;
    struct wide *counts;
    /* One way here: a state of the level before, and a class of its field. */
    uint32_t *parents;
    uint32_t *classes;
    size_t capacity;
};

void states_init(struct sweep_states *states, uint32_t words);
void states_clear(struct sweep_states *states);
void states_add(struct sweep_states *states, const uint64_t *bitmap,
                struct wide count, uint32_t parent, uint32_t class);

/* Returns 'count' times the number of values of a class, 0 standing for
 * 2^128. */
struct wide count_times(struct wide count, uint128 values);

#endif
