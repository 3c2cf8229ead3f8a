#include "engine/compile/jump.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/compile/partition.h"

enum {
    N_BLOCKS = 1 << (32 - JUMP_BLOCK_BITS),
    /* Cells that may be spent beyond one for each interval and block. */
    CELLS_SPARE = 32 * 1024
};

/* The intervals that touch one block. */
struct stretch {
    uint32_t first; /* Holds the first address of the block. */
    uint32_t last;
};

static struct stretch *
find_stretches(const struct partition *partition)
{
    struct stretch *stretches = memory_calloc(N_BLOCKS, sizeof *stretches);
    uint32_t at = 0;

    for (uint32_t i = 0; i < N_BLOCKS; i++) {
        uint32_t start = i << JUMP_BLOCK_BITS;
        uint32_t end = start | ((1u << JUMP_BLOCK_BITS) - 1);
        while (at + 1 < partition->n && partition->starts[at + 1] <= start) {
            at++;
        }
        stretches[i].first = at;
        while (at + 1 < partition->n && partition->starts[at + 1] <= end) {
            at++;
        }
        stretches[i].last = at;
    }
    return stretches;
}

/* Whether from the start of any cell to its end it is never more than 'reach'
 * intervals. */
static bool
cells_suffice(const struct partition *partition, struct stretch stretch,
              uint32_t shift, uint32_t reach)
{
    uint32_t n = 0;
    uint32_t cell = 0;

    for (uint32_t i = stretch.first + 1; i <= stretch.last; i++) {
        uint32_t start = partition->starts[i];
        n = start >> shift == cell ? n : 0;
        cell = start >> shift;
        /* What starts with the cell is no step away from its start. */
        n += start != cell << shift;
        if (n > reach) {
            return false;
        }
    }
    return true;
}

/* Chooses the largest cells for each block.  Returns how many cells that
 * makes, or SIZE_MAX if more than 'most'. */
static size_t
choose_shifts(const struct partition *partition,
              const struct stretch stretches[], uint32_t reach, size_t most,
              uint8_t shifts[])
{
    size_t n = 0;

    for (uint32_t i = 0; i < N_BLOCKS; i++) {
        uint32_t shift = JUMP_BLOCK_BITS;
        while (shift
               && !cells_suffice(partition, stretches[i], shift, reach)) {
            shift--;
        }
        shifts[i] = (uint8_t) shift;
        n += (size_t) 1 << (JUMP_BLOCK_BITS - shift);
        if (n > most) {
            return SIZE_MAX;
        }
    }
    return n;
}

static void
fill_cells(const struct partition *partition, struct stretch stretch,
           uint32_t block, uint32_t shift, uint32_t cells[])
{
    uint32_t at = stretch.first;

    for (uint32_t i = 0; i < 1u << (JUMP_BLOCK_BITS - shift); i++) {
        uint32_t start = (block << JUMP_BLOCK_BITS) + (i << shift);
        while (at < stretch.last && partition->starts[at + 1] <= start) {
            at++;
        }
        cells[i] = at;
    }
}

/* Copies the starts and classes; what may be looked at behind the last one is
 * of its class. */
static void
copy_intervals(struct jump *jump, const struct partition *partition,
               uint32_t reach, struct arena *arena)
{
    size_t n = (size_t) partition->n + reach + JUMP_ENDS;
    int32_t *starts = arena_alloc_array(arena, n, sizeof *starts);
    uint32_t *classes = arena_alloc_array(arena, n, sizeof *classes);

    for (size_t i = 0; i < n; i++) {
        bool real = i < partition->n;
        starts[i] = jump_signed(real ? partition->starts[i] : UINT32_MAX);
        classes[i] = partition->classes[real ? i : partition->n - 1];
    }
    jump->starts = starts;
    jump->classes = classes;
}

struct jump
jump_build(struct arena *arena, const struct partition *partition)
{
    size_t most = (size_t) partition->n + N_BLOCKS + CELLS_SPARE;
    struct stretch *stretches = find_stretches(partition);
    uint8_t *shifts = memory_calloc(N_BLOCKS, sizeof *shifts);
    uint32_t *blocks = arena_alloc_array(arena, N_BLOCKS, sizeof *blocks);
    uint32_t reach = JUMP_ENDS - 1;
    size_t n_cells;

    /* One more step, of 8, reaches 15 intervals forward, and so on. */
    while ((n_cells = choose_shifts(partition, stretches, reach, most, shifts))
           == SIZE_MAX) {
        reach = 2 * reach + 1;
    }
    uint32_t *cells = arena_alloc_array(arena, n_cells, sizeof *cells);
    uint32_t n = 0;
    for (uint32_t i = 0; i < N_BLOCKS; i++) {
        blocks[i] = n << JUMP_SHIFT_BITS | shifts[i];
        fill_cells(partition, stretches[i], i, shifts[i], cells + n);
        n += 1u << (JUMP_BLOCK_BITS - shifts[i]);
    }
    free(stretches);
    free(shifts);
    struct jump jump = { .blocks = blocks,
                         .cells = cells,
                         .step = (reach + 1) / 2 };
    copy_intervals(&jump, partition, reach, arena);
    return jump;
}
