/* The IPv4 intervals of a partition behind two tables of jumps.  The first 12
 * bits of an address lead to a block of cells, which are as small as the
 * intervals there are dense; the cell leads to the first interval that may
 * hold the address, and a search of a few steps, of a number that is the same
 * for all, ends at the right one.
 *
 * A trie of strides 16, 8 and 8 was measured against such tables: more memory,
 * and slower, because its depth is a branch that cannot be foretold. */

#ifndef ENGINE_COMPILE_JUMP_H
#define ENGINE_COMPILE_JUMP_H

#include <stdint.h>

struct arena;
struct partition;

enum {
    JUMP_BLOCK_BITS = 20,
    JUMP_SHIFT_BITS = 5,
    JUMP_ENDS = 8 /* Intervals that are compared at once in the end. */
};

struct jump {
    /* Of each block: number of its first cell << JUMP_SHIFT_BITS | binary
     * logarithm of the addresses in a cell. */
    const uint32_t *blocks;
    const uint32_t *cells; /* Interval that holds the start of each cell. */
    /* Of each interval, and more of the last one behind.  The starts are
     * jump_signed(). */
    const int32_t *starts;
    const uint32_t *classes;
    /* First step of the search, a power of two; JUMP_ENDS / 2 and less: no
     * step is needed before jump_end(). */
    uint32_t step;
};

struct jump jump_build(struct arena *arena, const struct partition *partition);

/* Processors compare several signed numbers at once, but not unsigned ones. */
static inline int32_t
jump_signed(uint32_t address)
{
    return (int32_t) (address ^ UINT32_C(0x80000000));
}

/* Returns the interval that holds the start of the cell of an address. */
static inline uint32_t
jump_start(const struct jump *jump, uint32_t address)
{
    uint32_t block = jump->blocks[address >> JUMP_BLOCK_BITS];
    uint32_t rest = address & ((1u << JUMP_BLOCK_BITS) - 1);

    return jump->cells[(block >> JUMP_SHIFT_BITS)
                       + (rest >> (block & ((1u << JUMP_SHIFT_BITS) - 1)))];
}

/* Goes 'step' intervals forward unless that is too far: intervals behind the
 * cell of an address start behind the address.  The high half of a difference
 * below zero is all ones.  A compiler may make a branch of a choice, and that
 * one could not be foretold. */
static inline uint32_t
jump_forward(const struct jump *jump, uint32_t address, uint32_t at,
             uint32_t step)
{
    int64_t start = jump->starts[at + step];
    uint64_t ahead = (uint64_t) (jump_signed(address) - start) >> 32;

    return at + step - (step & (uint32_t) ahead);
}

/* Ends the search: the interval is less than JUMP_ENDS further on. */
static inline uint32_t
jump_end(const struct jump *jump, uint32_t address, uint32_t at)
{
    const int32_t *starts = jump->starts + at + 1;
    int32_t own = jump_signed(address);
    uint32_t n = 0;

    for (uint32_t i = 0; i < JUMP_ENDS; i++) {
        n += starts[i] <= own;
    }
    return at + n;
}

#endif
