/* The age of data: when verdicts that rest on it turn unknown. */

#include "tests/support/test.h"

#include "engine/judge/verdict.h"
#include "exporter/cycle_age.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
enum { INTERVAL = MINUTE, MAX_AGE = 10 * MINUTE };
#define START INT64_C(1795255200000)

static struct feed_state
feed(enum feed kind, int64_t refresh_ms)
{
    return (struct feed_state){
        .feed = kind,
        .scope = "prod",
        .up = true,
        .has_data = true,
        .last_success_ms = START,
        .last_attempt_ms = START,
        .refresh_ms = refresh_ms,
        .error = "",
    };
}

/* A verdict that rests on feed number 'origin'. */
static struct verdict
resting_on(const uint16_t *origin)
{
    return (struct verdict){ .kind = VERDICT_ALLOW,
                             .origins = origin,
                             .n_origins = 1 };
}

static void
test_expiry_by_max_age_and_own_refresh(void **state)
{
    (void) state;
    static const struct {
        const char *what;
        int64_t refresh_ms;
        int64_t age_ms;
        bool expired;
    } cases[] = {
        { "young", 0, MAX_AGE - 1, false },
        { "as old as max_age", 0, MAX_AGE, true },
        { "a short refresh does not shorten", MINUTE, MAX_AGE - 1, false },
        { "a short refresh does not prolong", MINUTE, MAX_AGE, true },
        { "twice a long refresh, before", HOUR, 2 * HOUR - 1, false },
        { "twice a long refresh", HOUR, 2 * HOUR, true },
        { "a clock that went back", 0, -HOUR, false },
    };
    static const uint16_t origin = 0;
    const struct verdict verdict = resting_on(&origin);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ages *ages = ages_create();
        struct feed_state nsg = feed(FEED_NSG, cases[i].refresh_ms);

        (void) ages_update(ages, &nsg, 1, INTERVAL, MAX_AGE,
                           START + cases[i].age_ms);
        const struct verdict *shown = ages_apply(ages, &verdict);

        if ((shown != &verdict) != cases[i].expired) {
            fail_msg("%s", cases[i].what);
        }
        if (cases[i].expired) {
            assert_int_equal(shown->reason, REASON_DATA_EXPIRED);
        }
        assert_int_equal(ages_any_expired(ages), cases[i].expired);
        ages_destroy(ages);
    }
}

static void
test_an_update_says_whether_something_turned_old_or_young(void **state)
{
    (void) state;
    struct ages *ages = ages_create();
    struct feed_state nsg = feed(FEED_NSG, 0);
    assert_true(
        ages_update(ages, &nsg, 1, INTERVAL, MAX_AGE, START)); /* New. */

    bool young = ages_update(ages, &nsg, 1, INTERVAL, MAX_AGE, START + 1);
    bool old = ages_update(ages, &nsg, 1, INTERVAL, MAX_AGE, START + HOUR);
    bool still = ages_update(ages, &nsg, 1, INTERVAL, MAX_AGE, START + HOUR);
    nsg.last_success_ms = START + HOUR;
    bool again = ages_update(ages, &nsg, 1, INTERVAL, MAX_AGE, START + HOUR);

    assert_false(young);
    assert_true(old);
    assert_false(still);
    assert_true(again);
    ages_destroy(ages);
}

static void
test_a_feed_with_its_own_refresh_counts_once_it_is_overdue(void **state)
{
    (void) state;
    static const struct {
        const char *what;
        bool up;
        int64_t age_ms;
        bool counts;
    } cases[] = {
        { "fresh", true, MINUTE, false },
        { "due, the cycle to come reads it", true, HOUR + SECOND, false },
        { "due, and the attempt failed", false, HOUR + SECOND, true },
        { "failed, and not due yet", false, HOUR - SECOND, false },
        { "no attempt for a whole interval", true, HOUR + 2 * MINUTE, true },
    };
    static const uint16_t origins[] = { 0, 1 };
    const struct verdict verdict = { .kind = VERDICT_ALLOW,
                                     .origins = origins,
                                     .n_origins = COUNT_OF(origins) };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ages *ages = ages_create();
        int64_t now_ms = START + cases[i].age_ms;
        struct feed_state feeds[] = { feed(FEED_NSG, 0),
                                      feed(FEED_SERVICE_TAGS, HOUR) };
        feeds[0].last_success_ms = now_ms - SECOND;
        feeds[1].up = cases[i].up;

        (void) ages_update(ages, feeds, 2, INTERVAL, MAX_AGE, now_ms);
        int64_t timestamp = ages_data_timestamp(ages, &verdict);

        if (timestamp != (cases[i].counts ? START : now_ms - SECOND)) {
            fail_msg("%s", cases[i].what);
        }
        ages_destroy(ages);
    }
}

static void
test_the_timestamp_is_the_oldest_of_what_the_verdict_rests_on(void **state)
{
    (void) state;
    static const uint16_t origins[] = { 2, 0 };
    const struct verdict verdict = { .kind = VERDICT_ALLOW,
                                     .origins = origins,
                                     .n_origins = COUNT_OF(origins) };
    struct ages *ages = ages_create();
    struct feed_state feeds[] = { feed(FEED_NSG, 0), feed(FEED_NIC, 0),
                                  feed(FEED_VNET, 0) };
    feeds[0].last_success_ms = START + 2;
    feeds[1].last_success_ms = START;
    feeds[2].last_success_ms = START + 1;

    (void) ages_update(ages, feeds, 3, INTERVAL, MAX_AGE, START + 3);

    assert_int_equal(ages_data_timestamp(ages, &verdict), START + 1);
    ages_destroy(ages);
}

static void
test_a_verdict_about_nothing_rests_on_the_nics(void **state)
{
    (void) state;
    struct verdict *missing =
        verdict_unknown(REASON_NIC_NOT_FOUND, "no NIC is called x");
    struct ages *ages = ages_create();
    struct feed_state feeds[] = { feed(FEED_NSG, 0), feed(FEED_NIC, 0) };
    feeds[1].last_success_ms = START + MINUTE;

    (void) ages_update(ages, feeds, 2, INTERVAL, MAX_AGE, START + MAX_AGE);
    const struct verdict *before = ages_apply(ages, missing);
    (void) ages_update(ages, feeds, 2, INTERVAL, MAX_AGE, START + HOUR);
    const struct verdict *after = ages_apply(ages, missing);

    assert_ptr_equal(before, missing);
    assert_int_equal(after->reason, REASON_DATA_EXPIRED);
    ages_destroy(ages);
    verdict_unref(missing);
}

static void
test_data_without_a_whole_success_ages_from_when_it_was_first_seen(
    void **state)
{
    (void) state;
    static const uint16_t origin = 0;
    const struct verdict verdict = resting_on(&origin);
    struct ages *ages = ages_create();
    struct feed_state nsg = feed(FEED_NSG, 0);
    nsg.up = false;
    nsg.last_success_ms = 0;

    (void) ages_update(ages, &nsg, 1, INTERVAL, MAX_AGE, START);
    const struct verdict *first = ages_apply(ages, &verdict);
    nsg.last_attempt_ms = START + MAX_AGE;
    (void) ages_update(ages, &nsg, 1, INTERVAL, MAX_AGE, START + MAX_AGE);
    const struct verdict *later = ages_apply(ages, &verdict);

    assert_ptr_equal(first, &verdict);
    assert_int_equal(later->reason, REASON_DATA_EXPIRED);
    ages_destroy(ages);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expiry_by_max_age_and_own_refresh),
        cmocka_unit_test(
            test_an_update_says_whether_something_turned_old_or_young),
        cmocka_unit_test(
            test_a_feed_with_its_own_refresh_counts_once_it_is_overdue),
        cmocka_unit_test(
            test_the_timestamp_is_the_oldest_of_what_the_verdict_rests_on),
        cmocka_unit_test(test_a_verdict_about_nothing_rests_on_the_nics),
        cmocka_unit_test(
            test_data_without_a_whole_success_ages_from_when_it_was_first_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
