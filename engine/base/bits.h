/* Bits of words, in plain C: what processors have instructions for that the
 * first of their line had not. */

#ifndef ENGINE_BASE_BITS_H
#define ENGINE_BASE_BITS_H

#include <stdint.h>

enum { BITS_STEPS = 6 };

/* Moves the bits of a mask together, in their order, at the low end of a
 * word.  Each step moves some bits by its power of two. */
struct bits_gather {
    uint64_t mask;
    uint64_t moves[BITS_STEPS]; /* Which bits move in each step. */
};

struct bits_gather bits_gather_init(uint64_t mask);

static inline uint64_t
bits_gather(const struct bits_gather *gather, uint64_t word)
{
    word &= gather->mask;
    for (unsigned int i = 0; i < BITS_STEPS; i++) {
        uint64_t moved = word & gather->moves[i];
        word = (word ^ moved) | moved >> (1u << i);
    }
    return word;
}

/* Returns how many bits of a word are set. */
static inline uint32_t
bits_count(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333))
           + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t) (word * UINT64_C(0x0101010101010101) >> 56);
}

#endif
