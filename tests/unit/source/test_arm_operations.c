/* Long-running operations of Azure Resource Manager, and how calls end. */

#include "tests/support/test.h"

#include "exporter/source/arm.h"
#include "tests/unit/source/arm_world.h"

static void
test_operations_follow_the_newest_location(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { "/list?", 202, "location: " ORIGIN "/op/1?s=a\n", "null", 0, 0 },
        { "/op/1?s=a", 202, "location: " ORIGIN "/op/2?s=b\n", "null", 0, 0 },
        { "/op/2?s=b", 202, "retry-after: 9\n", "null", 0, 0 },
        { "/op/2?s=b", 200, NULL, "{\"access\":\"Allow\"}", 0, 0 },
    };
    struct world world;
    world_init(&world, steps, COUNT_OF(steps));

    submit(&world, ARM_OPERATION, 0);
    run(&world);

    assert_true(world.result.ok);
    assert_string_equal(world.pages.data, "{\"access\":\"Allow\"};");
    /* One second, two, then nine by the server's word. */
    assert_in_range(world.http.now_ms, 12000, 12500);
    world_clear(&world);
}

static void
test_operations_with_a_status_fetch_the_result_at_the_location(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { "/list?", 202,
          "azure-asyncoperation: " ORIGIN "/status\nlocation: " ORIGIN
          "/result\n",
          "{\"early\":1}", 0, 0 },
        { "/status", 200, NULL, "{\"status\":\"InProgress\"}", 0, 0 },
        { "/status", 200, NULL, "{\"status\":\"succeeded\"}", 0, 0 },
        { "/result", 200, NULL, "{\"done\":1}", 0, 0 },
    };
    struct world world;
    world_init(&world, steps, COUNT_OF(steps));

    submit(&world, ARM_OPERATION, 0);
    run(&world);

    assert_true(world.result.ok);
    assert_string_equal(world.pages.data, "{\"done\":1};");
    world_clear(&world);
}

static void
test_operations_that_fail_or_lead_away(void **state)
{
    (void) state;
    static const struct {
        struct step first, second;
        enum fetch_failure failure;
    } cases[] = {
        { { NULL, 202, "location: https://evil.example/op\n", "null", 0, 0 },
          { NULL, 200, NULL, "{}", 0, 0 },
          FETCH_REFUSED },
        { { NULL, 202, "azure-asyncoperation: " ORIGIN "/status\n", "", 0, 0 },
          { NULL, 200, NULL, "{\"status\":\"Failed\"}", 0, 0 },
          FETCH_HTTP_4XX },
        { { NULL, 202, "location: " ORIGIN "/op\n", "null", 0, 0 },
          { NULL, 202, NULL, "null", 0, 0 },
          FETCH_TIMEOUT },
        { { NULL, 202, NULL, "null", 0, 0 },
          { NULL, 200, NULL, "{}", 0, 0 },
          FETCH_PARSE },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step steps[] = { cases[i].first, cases[i].second };
        struct world world;
        world_init(&world, steps, 2);

        submit(&world, ARM_OPERATION, 0);
        run(&world);

        assert_false(world.result.ok);
        assert_int_equal(world.result.failure, cases[i].failure);
        world_clear(&world);
    }
}

static void
test_the_cycle_ends_in_time_whatever_happens(void **state)
{
    (void) state;
    static const struct step steps[] = { { NULL, 200, NULL, "", 29000, 0 } };
    struct world world;
    world_init(&world, steps, 1);
    for (int i = 0; i < 100; i++) {
        submit(&world, ARM_LIST, (size_t) i % 3);
    }

    run(&world);

    assert_int_equal(world.n_done, 100);
    assert_in_range(world.http.now_ms, 0, 121000);
    assert_in_range(world.http.most_running, 2, ARM_PARALLEL);
    world_clear(&world);
}

static void
test_an_interrupt_ends_all_calls(void **state)
{
    (void) state;
    static const struct step steps[] = { { NULL, 200, NULL, "{\"value\":[]}",
                                           0, 0 } };
    struct world world;
    world_init(&world, steps, 1);
    submit(&world, ARM_LIST, 0);
    http_interrupt(&world.http.up);

    run(&world);

    assert_int_equal(world.n_done, 1);
    assert_true(world.result.interrupted);
    world_clear(&world);
}

static void
test_polling_at_once_is_polling_every_second(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { NULL, 202, "location: " ORIGIN "/op\nretry-after: 0\n", "null", 0,
          0 },
        { "/op", 202, "retry-after: 0\n", "null", 0, 0 },
        { "/op", 200, NULL, "{}", 0, 0 },
    };
    struct world world;
    world_init(&world, steps, COUNT_OF(steps));

    submit(&world, ARM_OPERATION, 0);
    run(&world);

    assert_true(world.result.ok);
    assert_in_range(world.http.now_ms, 2000, 2200);
    world_clear(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_polling_at_once_is_polling_every_second),
        cmocka_unit_test(test_operations_follow_the_newest_location),
        cmocka_unit_test(
            test_operations_with_a_status_fetch_the_result_at_the_location),
        cmocka_unit_test(test_operations_that_fail_or_lead_away),
        cmocka_unit_test(test_the_cycle_ends_in_time_whatever_happens),
        cmocka_unit_test(test_an_interrupt_ends_all_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
