/* Lists, posted lists and single resources of Azure Resource Manager. */

#include "tests/support/test.h"

#include <string.h>

#include "exporter/source/arm.h"
#include "tests/unit/source/arm_world.h"

static void
test_pages_are_followed_to_the_last(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { "/list?", 200, NULL,
          "{\"value\":[1]," LINK(ORIGIN ":443/list?$skiptoken=a") "}", 0, 0 },
        { "/list?$skiptoken=a", 200, NULL,
          "{\"value\":[]," LINK("/list?$skiptoken=b") "}", 0, 0 },
        { "/list?$skiptoken=b", 200, NULL, "{\"value\":[2]," LINK("") "}", 0,
          0 },
    };
    struct world world;
    world_init(&world, steps, COUNT_OF(steps));

    submit(&world, ARM_LIST, 0);
    run(&world);

    assert_true(world.result.ok);
    assert_int_equal(world.n_done, 1);
    assert_string_equal(world.pages.data, "1;;2;");
    world_clear(&world);
}

static void
test_posted_lists_go_on_by_skip_token(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { "{\"a\":1}", 200, NULL, "{\"value\":[1],\"skipToken\":\"x\\\"\"}", 0,
          0 },
        { "{\"a\":1,\"skipToken\":\"x\\\"\"}", 200, NULL,
          "{\"value\":[2],\"skipToken\":\"\"}", 0, 0 },
    };
    struct world world;
    world_init(&world, steps, COUNT_OF(steps));

    submit(&world, ARM_POST_LIST, 0);
    run(&world);

    assert_true(world.result.ok);
    assert_string_equal(world.pages.data, "1;2;");
    world_clear(&world);
}

/* Answers that end a call, how often it is made, and what is said. */
static const struct ending {
    const char *what;
    struct step step;
    enum fetch_failure failure;
    unsigned int asked;
    const char *words;
} endings[] = {
    { "a link to another host",
      { NULL, 200, NULL,
        "{\"value\":[]," LINK("https://evil.example/list") "}", 0, 0 },
      FETCH_REFUSED,
      1,
      "another origin" },
    { "a link with a user name",
      { NULL, 200, NULL,
        "{\"value\":[]," LINK("https://arm.example@evil.example/") "}", 0, 0 },
      FETCH_REFUSED,
      1,
      "refused" },
    { "a link in a circle",
      { NULL, 200, NULL, "{\"value\":[]," LINK(ORIGIN "/list") "}", 0, 0 },
      FETCH_LIMIT,
      2,
      "circle" },
    { "no list",
      { NULL, 200, NULL, "{\"value\":null}", 0, 0 },
      FETCH_PARSE,
      1,
      "without \"value\"" },
    { "an error with 200",
      { NULL, 200, NULL, "{\"error\":{\"code\":\"Oops\"}}", 0, 0 },
      FETCH_PARSE,
      1,
      "Oops" },
    { "html", { NULL, 200, NULL, "<html>", 0, 0 }, FETCH_PARSE, 1, "" },
    { "half",
      { NULL, 200, NULL, "{\"value\":[", 0, 0 },
      FETCH_PARSE,
      1,
      "no JSON" },
    { "a redirect",
      { NULL, 307, "location: https://evil.example/\n", "", 0, 0 },
      FETCH_REFUSED,
      1,
      "HTTP 307" },
    { "forbidden",
      { NULL, 403, NULL,
        "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"m\"}}", 0,
        0 },
      FETCH_AUTH,
      1,
      "AuthorizationFailed: m" },
    { "not found",
      { NULL, 404, NULL, "{\"error\":{\"code\":\"SubscriptionNotFound\"}}", 0,
        0 },
      FETCH_HTTP_4XX,
      1,
      "SubscriptionNotFound" },
    { "too large",
      { NULL, 0, NULL, NULL, 0, FETCH_LIMIT },
      FETCH_LIMIT,
      1,
      "broken" },
    { "a certificate",
      { NULL, 0, NULL, NULL, 0, FETCH_TLS },
      FETCH_TLS,
      1,
      "broken" },
    { "no answer",
      { NULL, 200, NULL, "", 99000, 0 },
      FETCH_TIMEOUT,
      1,
      "Timeout" },
    { "unavailable for good",
      { NULL, 503, NULL, "", 0, 0 },
      FETCH_HTTP_5XX,
      4,
      "HTTP 503" },
    { "nobody there",
      { NULL, 0, NULL, NULL, 0, FETCH_CONNECT },
      FETCH_CONNECT,
      4,
      "broken" },
    { "lost in the middle",
      { NULL, 0, NULL, NULL, 0, FETCH_ABORTED },
      FETCH_ABORTED,
      4,
      "broken" },
};

static void
test_answers_that_end_a_call(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        struct world world;
        world_init(&world, &endings[i].step, 1);

        submit(&world, ARM_LIST, 0);
        run(&world);

        if (world.result.ok || world.result.failure != endings[i].failure
            || world.at != endings[i].asked || world.n_done != 1
            || failures(&world, endings[i].failure)
                   != (endings[i].asked == 2 ? 1 : endings[i].asked)
            || !strstr(world.result.error.message, endings[i].words)) {
            fail_msg("%s: %s, asked %zu times", endings[i].what,
                     world.result.error.message, world.at);
        }
        world_clear(&world);
    }
}

static void
test_a_resource_that_is_not_there_is_an_answer(void **state)
{
    (void) state;
    static const struct step steps[] = {
        { NULL, 404, NULL, "{\"error\":{\"code\":\"ResourceNotFound\"}}", 0,
          0 },
    };
    static const struct step proxy[] = { { NULL, 404, NULL, "<html>", 0, 0 } };
    struct world world;
    world_init(&world, steps, 1);

    submit(&world, ARM_POINT, 0);
    run(&world);

    assert_true(world.result.ok);
    assert_true(world.result.gone);
    world_clear(&world);

    world_init(&world, proxy, 1);
    submit(&world, ARM_POINT, 0);
    run(&world);

    assert_false(world.result.ok);
    world_clear(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_are_followed_to_the_last),
        cmocka_unit_test(test_posted_lists_go_on_by_skip_token),
        cmocka_unit_test(test_answers_that_end_a_call),
        cmocka_unit_test(test_a_resource_that_is_not_there_is_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
