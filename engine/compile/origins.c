#include "engine/compile/origins.h"

#include <string.h>

#include "engine/base/arena.h"

static size_t
lower_bound(const struct origins *origins, uint16_t origin)
{
    size_t low = 0;
    size_t high = origins->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (origins->items[middle] < origin) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void
origins_add(struct origins *origins, uint16_t origin, struct arena *arena)
{
    size_t at = lower_bound(origins, origin);

    if (at < origins->n && origins->items[at] == origin) {
        return;
    }
    if (origins->n == origins->capacity) {
        origins->capacity = origins->capacity * 2 + 4;
        uint16_t *larger =
            arena_alloc_array(arena, origins->capacity, sizeof *larger);
        if (origins->n) {
            memcpy(larger, origins->items, origins->n * sizeof *larger);
        }
        origins->items = larger;
    }
    memmove(origins->items + at + 1, origins->items + at,
            (origins->n - at) * sizeof *origins->items);
    origins->items[at] = origin;
    origins->n++;
}

void
origins_add_all(struct origins *origins, const uint16_t items[], size_t n,
                struct arena *arena)
{
    for (size_t i = 0; i < n; i++) {
        origins_add(origins, items[i], arena);
    }
}
