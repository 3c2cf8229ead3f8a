#include "engine/judge/cause.h"

#include <stddef.h>

const struct cause *
causes_find(const struct cause_states *states, const struct flow *flow,
            const struct verdict *before, const struct verdict *after,
            struct arena *arena, size_t *n)
{
    (void) states;
    (void) flow;
    (void) before;
    (void) after;
    (void) arena;
    *n = 0;
    return NULL;
}
