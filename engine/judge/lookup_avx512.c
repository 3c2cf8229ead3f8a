#include "engine/judge/lookup_paths.h"

#ifdef LOOKUP_HAS_AVX

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,bmi")))

bool
lookup_can_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("bmi");
}

/* Returns the rule that decides one packet: eight words of the rows are
 * compared at once.  Summaries are not used, because where they lead is a
 * branch that cannot be foretold. */
TARGET static inline uint32_t
find_rule(const struct lookup_tables *tables, const uint64_t *a,
          const uint64_t *b, const uint64_t *c)
{
    for (uint32_t i = 0; i < tables->row_words; i += 16) {
        __m512i low = _mm512_and_si512(_mm512_load_si512(a + i),
                                       _mm512_load_si512(b + i));
        uint32_t hits = _mm512_test_epi64_mask(low, _mm512_load_si512(c + i));
        if (i + 8 < tables->row_words) {
            __m512i high = _mm512_and_si512(_mm512_load_si512(a + i + 8),
                                            _mm512_load_si512(b + i + 8));
            uint32_t more =
                _mm512_test_epi64_mask(high, _mm512_load_si512(c + i + 8));
            hits |= more << 8;
        }
        if (hits) {
            return lookup_rule(tables, a, b, c, i, hits);
        }
    }
    return SWEEP_NO_RULE;
}

TARGET void
lookup_avx512(const struct lookup_tables *tables,
              const struct packets_ipv4 *packets, size_t first, size_t n,
              uint32_t rules[])
{
    lookup_rows(tables, packets, first, n, find_rule, rules);
}

#else

/* An object file without a symbol is not C. */
extern const int lookup_avx512_absent;
const int lookup_avx512_absent = 1;

#endif
