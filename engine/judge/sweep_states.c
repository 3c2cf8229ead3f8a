#include "engine/judge/sweep_states.h"

#include <stdlib.h>

#include "engine/base/memory.h"

void
states_init(struct sweep_states *states, uint32_t words)
{
    *states = (struct sweep_states){ .counts = NULL };
    bitmap_set_init(&states->bitmaps, words);
}

void
states_clear(struct sweep_states *states)
{
    bitmap_set_clear(&states->bitmaps);
    free(states->counts);
    free(states->parents);
    free(states->classes);
    *states = (struct sweep_states){ .counts = NULL };
}

static void
grow_states(struct sweep_states *states)
{
    enum { FIRST = 16 };
    size_t capacity = states->capacity ? 2 * states->capacity : FIRST;

    states->counts =
        memory_resize(states->counts, capacity, sizeof *states->counts);
    states->parents =
        memory_resize(states->parents, capacity, sizeof *states->parents);
    states->classes =
        memory_resize(states->classes, capacity, sizeof *states->classes);
    states->capacity = capacity;
}

void
states_add(struct sweep_states *states, const uint64_t *bitmap,
           struct wide count, uint32_t parent, uint32_t class)
{
    uint32_t before = states->bitmaps.n;
    uint32_t state = bitmap_set_add(&states->bitmaps, bitmap);

    if (state != before) {
        states->counts[state] = wide_add(states->counts[state], count);
        return;
    }
    if (before == states->capacity) {
        grow_states(states);
    }
    states->counts[state] = count;
    states->parents[state] = parent;
    states->classes[state] = class;
}

struct wide
count_times(struct wide count, uint128 values)
{
    /* All that IPv4 needs: 2^67 packets without one address, times 2^32. */
    if (!(values >> 32) && values && !(count.words[1] >> 32)
        && !(count.words[2] | count.words[3] | count.words[4])) {
        uint128 low = (uint128) count.words[0] * (uint64_t) values;
        uint128 high = (uint128) count.words[1] * (uint64_t) values
                       + (uint64_t) (low >> 64);
        return (struct wide){ { (uint64_t) low, (uint64_t) high,
                                (uint64_t) (high >> 64) } };
    }
    struct wide times = wide_from(values);
    times.words[2] = !values;
    return wide_multiply(count, times);
}
