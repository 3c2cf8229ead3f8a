#include "engine/base/bits.h"

/* Returns for each bit whether an odd number of the bits up to it are set. */
static uint64_t
parity_up_to(uint64_t word)
{
    for (unsigned int i = 0; i < BITS_STEPS; i++) {
        word ^= word << (1u << i);
    }
    return word;
}

/* A bit has to move by the number of gaps below it.  Step by step: those whose
 * number is odd move by one, then half of the number counts, and so on. */
struct bits_gather
bits_gather_init(uint64_t mask)
{
    struct bits_gather gather = { .mask = mask };
    uint64_t gaps = ~mask << 1;

    for (unsigned int i = 0; i < BITS_STEPS; i++) {
        uint64_t odd = parity_up_to(gaps);
        uint64_t moves = odd & mask;
        gather.moves[i] = moves;
        mask = (mask ^ moves) | moves >> (1u << i);
        gaps &= ~odd;
    }
    return gather;
}
