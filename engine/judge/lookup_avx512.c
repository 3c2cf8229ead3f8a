#include "engine/judge/lookup_paths.h"

#ifdef LOOKUP_HAS_AVX

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,bmi")))

bool
lookup_can_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("bmi");
}

/* Returns which words of a line have bits that all rows share. */
TARGET static inline uint32_t
compare_line(const struct lookup_rows *rows, uint32_t first)
{
    __m512i both = _mm512_and_si512(_mm512_load_si512(rows->service + first),
                                    _mm512_load_si512(rows->source + first));

    return _mm512_test_epi64_mask(
        both, _mm512_load_si512(rows->destination + first));
}

/* Returns the rule that decides one packet.  Two lines at once: the thousand
 * rules of a large group are done without a branch, and that is faster than
 * rounds. */
TARGET static inline uint32_t
find_rule(const struct lookup_tables *tables, const struct lookup_rows *rows)
{
    for (uint32_t i = 0; i < tables->row_words; i += 2 * LOOKUP_LINE) {
        uint32_t hits = compare_line(rows, i);
        if (i + LOOKUP_LINE < tables->row_words) {
            hits |= compare_line(rows, i + LOOKUP_LINE) << LOOKUP_LINE;
        }
        if (hits) {
            uint32_t word = i + (uint32_t) __builtin_ctz(hits);
            uint64_t bits = rows->service[word] & rows->source[word]
                            & rows->destination[word];
            return tables->rules[word * 64 + (uint32_t) __builtin_ctzll(bits)];
        }
    }
    return SWEEP_NO_RULE;
}

TARGET void
lookup_avx512(const struct lookup_tables *tables,
              const struct packets_ipv4 *packets, size_t first, size_t n,
              struct lookup_block *block, uint32_t rules[])
{
    if (!lookup_suits_vectors(tables)) {
        lookup_portable(tables, packets, first, n, block, rules);
        return;
    }
    lookup_classes(tables, packets, first, n, block);
    for (uint32_t i = 0; i < n; i++) {
        struct lookup_rows rows = lookup_rows(tables, block, i, 0);
        rules[first + i] = find_rule(tables, &rows);
    }
}

#else

/* An object file without a symbol is not C. */
extern const int lookup_avx512_absent;
const int lookup_avx512_absent = 1;

#endif
