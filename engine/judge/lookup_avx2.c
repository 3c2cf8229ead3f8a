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

/* Returns the rule that decides one packet, eight words at a time. */
TARGET static inline uint32_t
find_rule(const struct lookup_tables *tables, const uint64_t *a,
          const uint64_t *b, const uint64_t *c)
{
    for (uint32_t i = 0; i < tables->row_words; i += 8) {
        uint32_t hits = compare_four(a + i, b + i, c + i)
                        | compare_four(a + i + 4, b + i + 4, c + i + 4) << 4;
        if (hits) {
            return lookup_rule(tables, a, b, c, i, hits);
        }
    }
    return SWEEP_NO_RULE;
}

TARGET void
lookup_avx2(const struct lookup_tables *tables,
            const struct packets_ipv4 *packets, size_t first, size_t n,
            uint32_t rules[])
{
    lookup_rows(tables, packets, first, n, find_rule, rules);
}

#else

/* An object file without a symbol is not C. */
extern const int lookup_avx2_absent;
const int lookup_avx2_absent = 1;

#endif
