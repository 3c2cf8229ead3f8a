#include "engine/judge/lookup_paths.h"

#ifdef LOOKUP_HAS_AVX

#include <immintrin.h>

#define TARGET __attribute__((target("avx2,bmi")))

bool
lookup_can_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}

/* Returns a bit for each of four words that three rows have in common. */
TARGET static inline uint32_t
compare_four(const uint64_t *a, const uint64_t *b, const uint64_t *c)
{
    __m256i both = _mm256_and_si256(_mm256_load_si256((const void *) a),
                                    _mm256_load_si256((const void *) b));
    __m256i all = _mm256_and_si256(both, _mm256_load_si256((const void *) c));
    __m256i zero = _mm256_cmpeq_epi64(all, _mm256_setzero_si256());

    return ~(uint32_t) _mm256_movemask_pd(_mm256_castsi256_pd(zero)) & 0xf;
}

TARGET static inline uint64_t
find_in_line(const struct lookup_rows *rows, uint32_t *word)
{
    uint32_t hits =
        compare_four(rows->service, rows->source, rows->destination)
        | compare_four(rows->service + 4, rows->source + 4,
                       rows->destination + 4)
              << 4;

    *word = (uint32_t) __builtin_ctz(hits | 1u << (LOOKUP_LINE - 1));
    return rows->service[*word] & rows->source[*word]
           & rows->destination[*word];
}

TARGET void
lookup_avx2(const struct lookup_tables *tables,
            const struct packets_ipv4 *packets, size_t first, size_t n,
            struct lookup_block *block, uint32_t rules[])
{
    if (!lookup_suits_vectors(tables)) {
        lookup_portable(tables, packets, first, n, block, rules);
        return;
    }
    lookup_classes(tables, packets, first, n, block);
    lookup_rounds(tables, block, n, LOOKUP_LINE, find_in_line, rules + first);
}

#else

/* An object file without a symbol is not C. */
extern const int lookup_avx2_absent;
const int lookup_avx2_absent = 1;

#endif
