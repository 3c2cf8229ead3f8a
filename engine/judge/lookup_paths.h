/* The code paths of classifier_lookup_batch(). */

#ifndef ENGINE_JUDGE_LOOKUP_PATHS_H
#define ENGINE_JUDGE_LOOKUP_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/compile/tables.h"
#include "engine/judge/lookup.h"

enum { LOOKUP_BLOCK = 64 };

/* The classes of a block of packets. */
struct lookup_block {
    uint32_t services[LOOKUP_BLOCK];
    uint32_t destination_ports[LOOKUP_BLOCK]; /* If the tables are split. */
    uint32_t sources[LOOKUP_BLOCK];
    uint32_t destinations[LOOKUP_BLOCK];
};

/* Looks up the packets 'first' to 'first' + 'n' - 1, at most a block. */
typedef void lookup_path(const struct lookup_tables *tables,
                         const struct packets_ipv4 *packets, size_t first,
                         size_t n, uint32_t rules[]);

lookup_path lookup_portable;

/* Finds the classes of a block, as every path needs them. */
void lookup_classes(const struct lookup_tables *tables,
                    const struct packets_ipv4 *packets, size_t first, size_t n,
                    struct lookup_block *block);

/* Returns the first rule that the rows 'a', 'b' and 'c' have in common. */
typedef uint32_t lookup_find(const struct lookup_tables *tables,
                             const uint64_t *a, const uint64_t *b,
                             const uint64_t *c);

/* A path that reads whole rows, eight words at a time.  Inline, so that 'find'
 * is compiled into it for the processor of its caller. */
__attribute__((always_inline)) static inline void
lookup_rows(const struct lookup_tables *tables,
            const struct packets_ipv4 *packets, size_t first, size_t n,
            lookup_find *find, uint32_t rules[])
{
    struct lookup_block block;
    size_t row_words = tables->row_words;

    /* Short rows gain nothing. */
    if (tables->split || row_words % 8 || !row_words) {
        lookup_portable(tables, packets, first, n, rules);
        return;
    }
    lookup_classes(tables, packets, first, n, &block);
    for (size_t i = 0; i < n; i++) {
        rules[first + i] = find(
            tables, tables->service.words + block.services[i] * row_words,
            tables->source.words + block.sources[i] * row_words,
            tables->destination.words + block.destinations[i] * row_words);
    }
}

/* Returns the rule of the first bit that the rows have in common: it is in
 * one of the words from 'first' on that 'hits' marks. */
static inline uint32_t
lookup_rule(const struct lookup_tables *tables, const uint64_t *a,
            const uint64_t *b, const uint64_t *c, uint32_t first,
            uint32_t hits)
{
    uint32_t word = first + (uint32_t) __builtin_ctz(hits);
    uint64_t bits = a[word] & b[word] & c[word];

    return tables->rules[word * 64 + (uint32_t) __builtin_ctzll(bits)];
}

#if defined(__x86_64__)
#define LOOKUP_HAS_AVX 1
bool lookup_can_avx2(void);
bool lookup_can_avx512(void);
lookup_path lookup_avx2;
lookup_path lookup_avx512;
#endif

#endif
