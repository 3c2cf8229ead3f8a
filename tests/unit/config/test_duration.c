/* Durations as Prometheus writes them. */

#include "tests/support/test.h"

#include "config/config.h"

static const struct {
    const char *word;
    int64_t ms;
} good[] = {
    { "0", 0 },
    { "0s", 0 },
    { "1ms", 1 },
    { "500ms", 500 },
    { "30s", 30000 },
    { "5m", 300000 },
    { "1h30m", 5400000 },
    { "1h30m5s7ms", 5405007 },
    { "90m", 5400000 },
    { "1d", 86400000 },
    { "2w", 1209600000 },
    { "1y", 31536000000 },
    { "1y1w1d1h1m1s1ms", 31536000000 + 604800000 + 86400000 + 3661001 },
};

static void
test_durations_are_read(void **state)
{
    (void) state;

    for (size_t i = 0; i < COUNT_OF(good); i++) {
        int64_t ms = -1;

        bool read = duration_parse(good[i].word, &ms);

        if (!read || ms != good[i].ms) {
            print_error("%s: %lld\n", good[i].word, (long long) ms);
        }
        assert_true(read);
        assert_true(ms == good[i].ms);
    }
}

static void
test_other_words_are_no_durations(void **state)
{
    static const char *const bad[] = {
        "",
        "s",
        "5",
        "5 s",
        " 5s",
        "5s ",
        "-5s",
        "+5s",
        "1.5h",
        "5S",
        "5min",
        "1s1s",
        "1s1h",
        "1ms1s",
        "5x",
        "00",
        "1hour",
        "0x5s",
        "5sm",
        "300y",
        "99999999999999999999s",
        "9223372036854775807ms",
    };
    (void) state;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        int64_t ms = 77;

        bool read = duration_parse(bad[i], &ms);

        if (read) {
            print_error("\"%s\" was read\n", bad[i]);
        }
        assert_false(read);
        assert_true(ms == 77);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations_are_read),
        cmocka_unit_test(test_other_words_are_no_durations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
