#include "engine/compile/jump.h"

#include "engine/base/arena.h"
#include "engine/compile/partition.h"

enum { HIGH_HALVES = 65536 };

/* Returns the first intervals of all high halves, and in '*most' how many
 * steps forward are needed at most. */
static const uint32_t *
find_first(struct arena *arena, const struct partition *partition,
           uint32_t *most)
{
    uint32_t *first = arena_alloc_array(arena, HIGH_HALVES, sizeof *first);
    uint32_t interval = 0;

    *most = 0;
    for (uint32_t high = 0; high < HIGH_HALVES; high++) {
        uint32_t last = high << 16 | 0xffff;
        while (interval + 1 < partition->n
               && partition->starts[interval + 1] <= high << 16) {
            interval++;
        }
        uint32_t end = interval;
        while (end + 1 < partition->n && partition->starts[end + 1] <= last) {
            end++;
        }
        first[high] = interval;
        *most = end - interval > *most ? end - interval : *most;
        interval = end;
    }
    return first;
}

struct jump
jump_build(struct arena *arena, const struct partition *partition)
{
    uint32_t most;
    uint32_t reach = 0;
    const uint32_t *first = find_first(arena, partition, &most);

    /* Steps of reach, reach / 2 ... 1 add up to 2 * reach - 1. */
    while (reach < most && 2 * reach <= most) {
        reach = reach ? 2 * reach : 1;
    }
    size_t n = (size_t) partition->n + 2 * (size_t) reach;
    uint32_t *starts = arena_alloc_array(arena, n, sizeof *starts);
    uint32_t *classes = arena_alloc_array(arena, n, sizeof *classes);
    for (size_t i = 0; i < n; i++) {
        bool real = i < partition->n;
        starts[i] = real ? partition->starts[i] : UINT32_MAX;
        classes[i] = partition->classes[real ? i : partition->n - 1];
    }
    return (struct jump){ first, starts, classes, reach };
}
