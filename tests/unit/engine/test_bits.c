/* Bits of words against the plainest loops. */

#include "tests/support/test.h"

#include "engine/base/bits.h"
#include "tests/oracle/world.h"

static uint64_t
gather_plainly(uint64_t mask, uint64_t word)
{
    uint64_t gathered = 0;
    unsigned int to = 0;

    for (unsigned int i = 0; i < 64; i++) {
        if (mask >> i & 1) {
            gathered |= (word >> i & 1) << to++;
        }
    }
    return gathered;
}

static void
check_mask(uint64_t mask, struct random *random)
{
    struct bits_gather gather = bits_gather_init(mask);
    uint64_t words[] = { 0,     UINT64_MAX,          mask,
                         ~mask, random_next(random), random_next(random) };

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        assert_true(bits_gather(&gather, words[i])
                    == gather_plainly(mask, words[i]));
    }
}

static void
test_bits_of_a_mask_move_together(void **state)
{
    struct random random = random_start(1);
    (void) state;

    check_mask(0, &random);
    check_mask(UINT64_MAX, &random);
    for (unsigned int i = 0; i < 64; i++) {
        check_mask(UINT64_C(1) << i, &random);
        check_mask(UINT64_MAX << i, &random);
        check_mask(UINT64_MAX >> i, &random);
    }
    for (size_t i = 0; i < 20000; i++) {
        uint64_t mask = random_next(&random);
        check_mask(mask, &random);
        check_mask(mask & random_next(&random) & random_next(&random),
                   &random);
        check_mask(mask | random_next(&random) | random_next(&random),
                   &random);
    }
}

static void
test_bits_are_counted(void **state)
{
    struct random random = random_start(2);
    (void) state;

    assert_int_equal(bits_count(0), 0);
    assert_int_equal(bits_count(UINT64_MAX), 64);
    for (size_t i = 0; i < 20000; i++) {
        uint64_t word = random_next(&random);
        assert_int_equal(bits_count(word), __builtin_popcountll(word));
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits_of_a_mask_move_together),
        cmocka_unit_test(test_bits_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
