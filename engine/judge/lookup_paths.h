/* The code paths of classifier_lookup_batch(). */

#ifndef ENGINE_JUDGE_LOOKUP_PATHS_H
#define ENGINE_JUDGE_LOOKUP_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/compile/tables.h"
#include "engine/judge/lookup.h"

enum {
    LOOKUP_BLOCK = 128, /* Packets. */
    LOOKUP_LINE = 8     /* Words of a cache line. */
};

/* A block of packets on its way: where the rows of their classes begin, and
 * which packets no rule matched so far.  It is the caller's so that it is
 * cleared once for many blocks. */
struct lookup_block {
    uint32_t services[LOOKUP_BLOCK];
    uint32_t destination_ports[LOOKUP_BLOCK]; /* Only if split. */
    uint32_t sources[LOOKUP_BLOCK];
    uint32_t destinations[LOOKUP_BLOCK];
    uint32_t open[LOOKUP_BLOCK];
};

/* Looks up the packets 'first' to 'first' + 'n' - 1, at most a block. */
typedef void lookup_path(const struct lookup_tables *tables,
                         const struct packets_ipv4 *packets, size_t first,
                         size_t n, struct lookup_block *block,
                         uint32_t rules[]);

lookup_path lookup_portable;

/* Finds the rows of a block, as every path needs them. */
void lookup_classes(const struct lookup_tables *tables,
                    const struct packets_ipv4 *packets, size_t first, size_t n,
                    struct lookup_block *block);

/* Words of a packet's rows. */
struct lookup_rows {
    const uint64_t *service;
    const uint64_t *source;
    const uint64_t *destination;
    const uint64_t *destination_port; /* NULL unless split. */
};

/* Finds the first word that has bits which all rows share, and returns these
 * bits.  If there is none, it returns 0 and any of the words. */
typedef uint64_t lookup_find(const struct lookup_rows *rows, uint32_t *word);

static inline struct lookup_rows
lookup_rows(const struct lookup_tables *tables,
            const struct lookup_block *block, uint32_t i, uint32_t first)
{
    return (struct lookup_rows){
        tables->service + first + block->services[i],
        tables->source + first + block->sources[i],
        tables->destination + first + block->destinations[i],
        tables->split
            ? tables->destination_port + first + block->destination_ports[i]
            : NULL,
    };
}

/* Looks through the rows of a block, 'words' words of all packets, then the
 * next words of those that are still open.  So nothing depends on a branch
 * that cannot be foretold, which how far a packet's search goes would be.
 * Inline, so that 'find' is compiled into it for the processor of its
 * caller. */
__attribute__((always_inline)) static inline void
lookup_rounds(const struct lookup_tables *tables, struct lookup_block *block,
              size_t n, uint32_t words, lookup_find *find, uint32_t rules[])
{
    for (uint32_t i = 0; i < n; i++) {
        block->open[i] = i;
    }
    for (uint32_t first = 0; n && first < tables->row_words; first += words) {
        const uint32_t *of_bits = tables->rules + (size_t) first * 64;
        size_t n_open = 0;
        for (size_t j = 0; j < n; j++) {
            uint32_t i = block->open[j];
            struct lookup_rows rows = lookup_rows(tables, block, i, first);
            uint32_t word;
            uint64_t bits = find(&rows, &word);
            uint64_t last = UINT64_C(1) << 63;
            uint32_t bit = (uint32_t) __builtin_ctzll(bits | last);
            /* This means nothing if the packet stays open. */
            rules[i] = of_bits[word * 64 + bit];
            block->open[n_open] = i;
            n_open += !bits;
        }
        n = n_open;
    }
    for (size_t i = 0; i < n; i++) {
        rules[block->open[i]] = SWEEP_NO_RULE;
    }
}

/* Rows that are read a vector at a time: short ones gain nothing. */
static inline bool
lookup_suits_vectors(const struct lookup_tables *tables)
{
    return !tables->split && tables->row_words % LOOKUP_LINE == 0;
}

#if defined(__x86_64__)
#define LOOKUP_HAS_AVX 1
bool lookup_can_avx2(void);
bool lookup_can_avx512(void);
lookup_path lookup_avx2;
lookup_path lookup_avx512;
#endif

#endif
