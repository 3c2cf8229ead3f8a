/* Resource Graph: its pages, its quota, and answers that it cuts. */

#include "tests/support/test.h"

#include "exporter/source/arm.h"
#include "tests/unit/source/arm_world.h"

#define WINDOW "x-ms-user-quota-resets-after: 00:00:05\n"

static void
submit_query(struct world *world)
{
    struct arm_request request = { .api = API_NSG,
                                   .kind = ARM_GRAPH,
                                   .scope_name = "prod",
                                   .path = "/graph?api-version=1",
                                   .array = "data",
                                   .members = "\"query\":\"q\"" };

    arm_submit(world->arm, &request, &handler, world);
}

static void
test_pages_follow_the_token_in_the_options(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { "{\"query\":\"q\",\"options\":{\"$top\":1000,\"resultFormat\":"
          "\"objectArray\"}}",
          200, NULL,
          "{\"data\":[1],\"$skipToken\":\"a\\\"b\",\"resultTruncated\":"
          "\"true\"}",
          0, 0 },
        { "\"objectArray\",\"$skipToken\":\"a\\\"b\"}}", 200, NULL,
          "{\"data\":[],\"$skipToken\":\"Ab\"}", 0, 0 },
        /* Tokens differ by the case of their letters. */
        { "\"$skipToken\":\"Ab\"}}", 200, NULL,
          "{\"data\":[],\"$skipToken\":\"aB\"}", 0, 0 },
        { "\"$skipToken\":\"aB\"}}", 200, NULL,
          "{\"data\":[2],\"resultTruncated\":\"false\"}", 0, 0 },
    };
    struct world world;
    world_init(&world, steps, COUNT_OF(steps));

    submit_query(&world);
    run(&world);

    assert_true(world.result.ok);
    assert_string_equal(world.pages.data, "1;;;2;");
    world_clear(&world);
}

static void
test_a_cut_answer_is_none(void **state)
{
    (void) state;
    static const struct step cut[] = {
        { NULL, 200, NULL, "{\"data\":[1],\"resultTruncated\":\"true\"}", 0,
          0 },
        { NULL, 200, "x-ms-tenant-subscription-limit-hit: true\n",
          "{\"data\":[1]}", 0, 0 },
    };

    for (size_t i = 0; i < COUNT_OF(cut); i++) {
        struct world world;
        world_init(&world, &cut[i], 1);

        submit_query(&world);
        run(&world);

        assert_false(world.result.ok);
        assert_string_equal(world.pages.data, "");
        assert_int_equal(failures(&world, FETCH_LIMIT), 1);
        world_clear(&world);
    }
}

static void
test_its_quota_is_its_own(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { "/graph", 429, "x-ms-user-quota-resets-after: 00:05:00\n",
          "{\"error\":{\"code\":\"RateLimiting\"}}", 0, 0 },
        { "/list", 200, NULL, "{\"value\":[1]}", 0, 0 },
    };
    struct world world;
    world_init(&world, steps, COUNT_OF(steps));

    submit_query(&world);
    run(&world);
    assert_false(world.result.ok);
    submit_query(&world);
    run(&world);
    assert_false(world.result.ok);
    submit(&world, ARM_LIST, 0);
    run(&world);

    assert_true(world.result.ok);
    assert_int_equal(world.at, 2);
    assert_true(world.http.now_ms < 1000);
    world_clear(&world);
}

static void
test_the_last_query_of_a_window_lets_the_next_wait(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { NULL, 200, "x-ms-user-quota-remaining: 0\n" WINDOW,
          "{\"data\":[1],\"$skipToken\":\"t\"}", 0, 0 },
        { NULL, 200, NULL, "{\"data\":[2]}", 0, 0 },
    };
    struct world world;
    world_init(&world, steps, COUNT_OF(steps));

    submit_query(&world);
    run(&world);

    assert_true(world.result.ok);
    assert_in_range(world.http.now_ms, 5000, 5200);
    world_clear(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_follow_the_token_in_the_options),
        cmocka_unit_test(test_a_cut_answer_is_none),
        cmocka_unit_test(test_its_quota_is_its_own),
        cmocka_unit_test(test_the_last_query_of_a_window_lets_the_next_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
