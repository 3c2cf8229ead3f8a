/* Calls to Azure Resource Manager over a fake network and a simulated clock. */

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "exporter/source/arm.h"
#include "exporter/source/arm_page.h"
#include "exporter/source/token.h"
#include "tests/support/fake_http.h"

#define ORIGIN "https://arm.example"

/* One answer of the script; the last one repeats. */
struct step {
    const char *expect; /* Part of the URL or of the body; NULL: anything. */
    long status;
    const char *headers; /* Lines. */
    const char *body;
    int64_t latency_ms;
    enum fetch_failure failure; /* With status 0. */
};

struct world {
    struct fake_http http;
    struct token *token;
    struct arm *arm;
    const struct step *steps;
    size_t n_steps;
    size_t at;
    unsigned int n_tokens;
    char first_token[64];
    char last_token[64];
    bool leaked;
    /* What the handler was told. */
    struct text pages;
    size_t n_done;
    struct arm_result result;
    struct fetch_counts before;
};

static int64_t
answer(void *aux, const struct http_request *request,
       struct http_response *response)
{
    struct world *world = aux;

    if (strstr(request->url, "login.example")) {
        char body[128];
        snprintf(body, sizeof body,
                 "{\"access_token\":\"token-%u\",\"expires_in\":3600}",
                 ++world->n_tokens);
        fake_reply(response, 200, body);
        return 10;
    }
    const char *word = fake_request_header(request, "Authorization");
    world->leaked |= strncmp(request->url, ORIGIN "/", 20) != 0 && *word;
    snprintf(world->last_token, sizeof world->last_token, "%.60s", word);
    if (!world->at) {
        snprintf(world->first_token, sizeof world->first_token, "%.60s", word);
    }
    size_t number =
        world->at < world->n_steps ? world->at : world->n_steps - 1;
    const struct step *step = &world->steps[number];
    world->at++;
    if (step->expect && !strstr(request->url, step->expect)
        && !(request->body && strstr(request->body, step->expect))) {
        fail_msg("asked %s, %s", request->url,
                 request->body ? request->body : "");
    }
    response->failure = step->failure;
    response->detail = "broken";
    if (step->headers) {
        text_append(&response->headers, step->headers);
    }
    fake_reply(response, step->status, step->body ? step->body : "");
    return step->latency_ms ? step->latency_ms : 20;
}

static bool
take_page(void *aux, struct text *body, const struct arm_page *page,
          struct error *error)
{
    struct world *world = aux;

    (void) error;
    if (page->has_array) {
        text_append_bytes(&world->pages, body->data + page->array_start,
                          page->array_end - page->array_start);
    } else {
        text_append(&world->pages, body->data);
    }
    text_append(&world->pages, ";");
    return true;
}

static void
take_done(void *aux, const struct arm_result *result)
{
    struct world *world = aux;

    world->n_done++;
    world->result = *result;
}

static const struct arm_handler handler = { take_page, take_done };

static void
world_init(struct world *world, const struct step steps[], size_t n)
{
    struct config_source source = {
        .cloud = "custom",
        .arm_endpoint = ORIGIN,
        .authority = "https://login.example",
        .audience = ORIGIN,
        .request_timeout_ms = 30000,
        .credential = { .kind = CREDENTIAL_CLIENT_SECRET,
                        .tenant_id = "t",
                        .client_id = "c" },
    };
    struct error error;

    *world = (struct world){ .steps = steps, .n_steps = n };
    text_init(&world->pages);
    fake_http_init(&world->http, answer, world);
    setenv("AZURE_CLIENT_SECRET", "secret", 1);
    world->token =
        token_create(&source, &world->http.up, &world->http.clock, &error);
    assert_non_null(world->token);
    struct arm_options options = { .http = &world->http.up,
                                   .clock = &world->http.clock,
                                   .token = world->token,
                                   .endpoint = ORIGIN,
                                   .request_timeout_ms = 30000,
                                   .seed = 7 };
    world->arm = arm_create(&options, &error);
    assert_non_null(world->arm);
    world->before = counters_fetch(API_NSG);
}

static void
world_clear(struct world *world)
{
    assert_false(world->leaked);
    arm_destroy(world->arm);
    token_destroy(world->token);
    http_destroy(&world->http.up);
    text_clear(&world->pages);
}

static void
submit(struct world *world, enum arm_kind kind, size_t scope)
{
    struct arm_request request = { .api = API_NSG,
                                   .kind = kind,
                                   .scope = scope,
                                   .scope_name = "prod",
                                   .path = "/list?api-version=1",
                                   .array = "value",
                                   .members =
                                       kind == ARM_POST_LIST ? "\"a\":1" : "",
                                   .may_be_gone = kind == ARM_POINT };

    arm_submit(world->arm, &request, &handler, world);
}

static void
run(struct world *world)
{
    int64_t now = world->http.now_ms;
    arm_run(world->arm, now + 60000, now + 120000);
}

static uint64_t
failures(const struct world *world, enum fetch_failure failure)
{
    return counters_fetch(API_NSG).failures[failure]
           - world->before.failures[failure];
}

#define LINK(path) "\"nextLink\":\"" path "\""

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

static void
test_answers_that_end_a_call(void **state)
{
    (void) state;
    static const struct {
        const char *what;
        struct step step;
        enum fetch_failure failure;
        unsigned int asked;
        const char *words;
    } cases[] = {
        { "a link to another host",
          { NULL, 200, NULL,
            "{\"value\":[]," LINK("https://evil.example/list") "}", 0, 0 },
          FETCH_REFUSED,
          1,
          "another origin" },
        { "a link with a user name",
          { NULL, 200, NULL,
            "{\"value\":[]," LINK("https://arm.example@evil.example/") "}", 0,
            0 },
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
            "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"m\"}}",
            0, 0 },
          FETCH_AUTH,
          1,
          "AuthorizationFailed: m" },
        { "not found",
          { NULL, 404, NULL, "{\"error\":{\"code\":\"SubscriptionNotFound\"}}",
            0, 0 },
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

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct world world;
        world_init(&world, &cases[i].step, 1);

        submit(&world, ARM_LIST, 0);
        run(&world);

        if (world.result.ok || world.result.failure != cases[i].failure
            || world.at != cases[i].asked || world.n_done != 1
            || failures(&world, cases[i].failure)
                   != (cases[i].asked == 2 ? 1 : cases[i].asked)
            || !strstr(world.result.error.message, cases[i].words)) {
            fail_msg("%s: %s, asked %zu times", cases[i].what,
                     world.result.error.message, world.at);
        }
        world_clear(&world);
    }
}

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_are_followed_to_the_last),
        cmocka_unit_test(test_posted_lists_go_on_by_skip_token),
        cmocka_unit_test(test_answers_that_end_a_call),
        cmocka_unit_test(test_a_lost_request_is_made_again_after_a_while),
        cmocka_unit_test(test_the_server_says_how_long_to_wait),
        cmocka_unit_test(test_a_long_pause_skips_the_subscription_and_only_it),
        cmocka_unit_test(test_a_busy_resource_is_no_quota),
        cmocka_unit_test(test_a_refused_token_is_renewed_once),
        cmocka_unit_test(test_a_resource_that_is_not_there_is_an_answer),
        cmocka_unit_test(test_operations_follow_the_newest_location),
        cmocka_unit_test(
            test_operations_with_a_status_fetch_the_result_at_the_location),
        cmocka_unit_test(test_operations_that_fail_or_lead_away),
        cmocka_unit_test(test_the_cycle_ends_in_time_whatever_happens),
        cmocka_unit_test(test_an_interrupt_ends_all_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
