/* When a call to Azure Resource Manager is made again. */

#include "tests/support/test.h"

#include "exporter/source/arm.h"
#include "tests/unit/source/arm_world.h"

static void
test_a_lost_request_is_made_again_after_a_while(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { NULL, 503, NULL, "", 0, 0 },
        { NULL, 500, NULL, "", 0, 0 },
        { NULL, 0, NULL, NULL, 0, FETCH_ABORTED },
        { NULL, 200, NULL, "{\"value\":[1]}", 0, 0 },
    };
    struct world world;
    world_init(&world, steps, COUNT_OF(steps));

    submit(&world, ARM_LIST, 0);
    run(&world);

    assert_true(world.result.ok);
    /* 0.8 + 2.4 + 5.6 seconds, times 0.8 to 1.3. */
    assert_in_range(world.http.now_ms, 7000, 11600);
    assert_int_equal(counters_fetch(API_NSG).retries - world.before.retries,
                     3);
    world_clear(&world);
}

static void
test_the_server_says_how_long_to_wait(void **state)
{
    (void) state;
    static const struct {
        const char *headers;
        int64_t least_ms, most_ms;
    } cases[] = {
        { "retry-after: 7\n", 7000, 7100 },
        { "retry-after-ms: 300\nretry-after: 7\n", 300, 400 },
        { "x-ms-retry-after-ms: 1500\n", 1500, 1600 },
        { "x-ms-user-quota-resets-after: 00:00:05\n", 5000, 5100 },
        /* The fake clock's wall shows 2026-09-21T14:13:20Z at its start. */
        { "retry-after: Mon, 21 Sep 2026 14:13:30 GMT\n", 9900, 10100 },
        { "retry-after: soon\n", 640, 1100 },
        { "", 640, 1100 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step steps[] = {
            { NULL, 429, cases[i].headers, "", 0, 0 },
            { NULL, 200, NULL, "{\"value\":[]}", 0, 0 },
        };
        struct world world;
        world_init(&world, steps, COUNT_OF(steps));

        submit(&world, ARM_LIST, 0);
        run(&world);

        assert_true(world.result.ok);
        if (world.http.now_ms < cases[i].least_ms
            || world.http.now_ms > cases[i].most_ms) {
            fail_msg("%s: %lld", cases[i].headers,
                     (long long) world.http.now_ms);
        }
        assert_int_equal(failures(&world, FETCH_THROTTLED), 1);
        world_clear(&world);
    }
}

static void
test_a_long_pause_skips_the_subscription_and_only_it(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { NULL, 429, "retry-after: 300\n",
          "{\"error\":{\"code\":\"SubscriptionRequestsThrottled\"}}", 0, 0 },
        { NULL, 200, NULL, "{\"value\":[1]}", 0, 0 },
    };
    struct world world;
    world_init(&world, steps, COUNT_OF(steps));
    submit(&world, ARM_LIST, 0);
    run(&world);
    assert_int_equal(world.result.failure, FETCH_THROTTLED);
    assert_int_equal(world.at, 1);

    submit(&world, ARM_LIST, 0);
    submit(&world, ARM_LIST, 1);
    run(&world);

    assert_int_equal(world.n_done, 3);
    assert_int_equal(world.at, 2);
    assert_string_equal(world.pages.data, "1;");
    /* Nobody waited for it. */
    assert_in_range(world.http.now_ms, 0, 1000);

    world.http.now_ms += 301000;
    submit(&world, ARM_LIST, 0);
    run(&world);

    assert_true(world.result.ok);
    world_clear(&world);
}

static void
test_a_busy_resource_is_no_quota(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { NULL, 429, "retry-after: 300\n",
          "{\"error\":{\"code\":\"RetryableError\"}}", 0, 0 },
        { NULL, 200, NULL, "{\"value\":[1]}", 0, 0 },
    };
    struct world world;
    world_init(&world, steps, COUNT_OF(steps));
    submit(&world, ARM_LIST, 0);
    run(&world);
    assert_false(world.result.ok);

    submit(&world, ARM_LIST, 0);
    run(&world);

    assert_true(world.result.ok);
    world_clear(&world);
}

static void
test_a_refused_token_is_renewed_once(void **state)
{
    (void) state;
    static const struct step once[] = {
        { NULL, 401, NULL, "", 0, 0 },
        { NULL, 200, NULL, "{\"value\":[1]}", 0, 0 },
    };
    static const struct step always[] = { { NULL, 401, NULL, "", 0, 0 } };
    struct world world;
    world_init(&world, once, COUNT_OF(once));

    submit(&world, ARM_LIST, 0);
    run(&world);

    assert_true(world.result.ok);
    assert_string_equal(world.first_token, "Bearer token-1");
    assert_string_equal(world.last_token, "Bearer token-2");
    assert_int_equal(failures(&world, FETCH_AUTH), 1);
    world_clear(&world);

    world_init(&world, always, 1);
    for (int i = 0; i < 5; i++) {
        submit(&world, ARM_LIST, 0);
    }
    run(&world);

    assert_int_equal(world.n_done, 5);
    assert_int_equal(world.result.failure, FETCH_AUTH);
    assert_int_equal(world.n_tokens, 2);
    world_clear(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_lost_request_is_made_again_after_a_while),
        cmocka_unit_test(test_the_server_says_how_long_to_wait),
        cmocka_unit_test(test_a_long_pause_skips_the_subscription_and_only_it),
        cmocka_unit_test(test_a_busy_resource_is_no_quota),
        cmocka_unit_test(test_a_refused_token_is_renewed_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
