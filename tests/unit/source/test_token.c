/* The life of a token over a fake network and a simulated clock. */

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/error.h"
#include "exporter/counters.h"
#include "exporter/source/token.h"
#include "exporter/source/token_kind.h"
#include "tests/support/fake_http.h"
#include "tests/support/folder.h"

struct world {
    struct fake_http http;
    struct token *token;
    const char *body; /* Of the answer; "%u" becomes the number of it. */
    long status;
    const char *headers;
    unsigned int n;
    struct text asked; /* URL, headers and body of the last request. */
};

static int64_t
answer(void *aux, const struct http_request *request,
       struct http_response *response)
{
    struct world *world = aux;
    char body[512];

    text_reset(&world->asked);
    text_printf(&world->asked, "%s\n%s\n", request->url,
                request->body ? request->body : "");
    for (size_t i = 0; i < request->n_headers; i++) {
        text_printf(&world->asked, "%s: %s\n", request->headers[i].name,
                    request->headers[i].value);
    }
    text_printf(&world->asked, "no_proxy=%d plain=%d\n", request->no_proxy,
                request->plain);
    world->n++;
    const char *mark = strstr(world->body, "%u");
    if (mark) {
        snprintf(body, sizeof body, "%.*s%u%s", (int) (mark - world->body),
                 world->body, world->n, mark + 2);
    } else {
        snprintf(body, sizeof body, "%s", world->body);
    }
    if (world->headers) {
        text_append(&response->headers, world->headers);
    }
    fake_reply(response, world->status, body);
    return 10;
}

static void
world_init(struct world *world, const struct config_credential *credential)
{
    struct config_source source = { .cloud = "custom",
                                    .arm_endpoint = "https://arm.example",
                                    .authority = "https://login.example",
                                    .audience = "https://arm.example",
                                    .request_timeout_ms = 30000,
                                    .credential = *credential };
    struct error error;

    *world = (struct world){ .status = 200 };
    text_init(&world->asked);
    fake_http_init(&world->http, answer, world);
    world->token =
        token_create(&source, &world->http.up, &world->http.clock, &error);
    assert_non_null(world->token);
}

static void
world_clear(struct world *world)
{
    token_destroy(world->token);
    http_destroy(&world->http.up);
    text_clear(&world->asked);
}

static const struct config_credential secret = { .kind =
                                                     CREDENTIAL_CLIENT_SECRET,
                                                 .tenant_id = "tenant",
                                                 .client_id = "client" };
static const struct config_credential managed = {
    .kind = CREDENTIAL_MANAGED_IDENTITY, .client_id = "who"
};

static const char *
get(struct world *world)
{
    static struct error error;
    const char *bearer =
        token_get(world->token, world->http.now_ms + 60000, &error);
    return bearer ? bearer : error.message;
}

static int
set_secret(void **state)
{
    (void) state;
    unsetenv("IDENTITY_ENDPOINT");
    unsetenv("IDENTITY_HEADER");
    unsetenv("IMDS_ENDPOINT");
    unsetenv("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    return setenv("AZURE_CLIENT_SECRET", "a+b/c=&~", 1);
}

static void
test_a_secret_is_posted_encoded(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &secret);
    world.body = "{\"access_token\":\"t%u\",\"expires_in\":3599}";

    assert_string_equal(get(&world), "Bearer t1");

    assert_non_null(
        strstr(world.asked.data,
               "https://login.example/tenant/oauth2/v2.0/token\n"
               "grant_type=client_credentials&client_id=client&scope="
               "https%3A%2F%2Farm.example%2F.default&client_secret="
               "a%2Bb%2Fc%3D%26~\n"));
    assert_int_equal(counters_token_expiry_ms(),
                     (world.http.epoch_ms + world.http.now_ms) / 1000 * 1000
                         + 3599000);
    world_clear(&world);
}

/* As editors on Windows write it. */
static void
test_a_secret_is_read_without_what_surrounds_it(void **state)
{
    char path[256];
    struct config_credential credential = secret;
    struct world world;

    snprintf(path, sizeof path, "%s",
             folder_write(*state, "secret",
                          "\xef\xbb\xbf"
                          "a b\r\n"));
    credential.secret_file = path;
    unsetenv("AZURE_CLIENT_SECRET");
    world_init(&world, &credential);
    world.body = "{\"access_token\":\"t%u\",\"expires_in\":3599}";

    assert_string_equal(get(&world), "Bearer t1");

    assert_non_null(strstr(world.asked.data, "&client_secret=a%20b\n"));
    world_clear(&world);
}

static void
test_a_token_is_renewed_five_minutes_before_its_end(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &secret);
    world.body = "{\"access_token\":\"t%u\",\"expires_in\":3599}";
    get(&world);

    world.http.now_ms += (3599 - 301) * INT64_C(1000);
    assert_string_equal(get(&world), "Bearer t1");
    world.http.now_ms += 2000;
    assert_string_equal(get(&world), "Bearer t2");
    world_clear(&world);
}

static void
test_a_long_life_is_renewed_at_half(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &managed);
    world.body = "{\"access_token\":\"t%u\",\"expires_in\":\"86399\"}";
    get(&world);

    world.http.now_ms += INT64_C(43198000);
    assert_string_equal(get(&world), "Bearer t1");
    world.http.now_ms += 2000;
    assert_string_equal(get(&world), "Bearer t2");
    world_clear(&world);
}

static void
test_the_service_may_ask_for_an_earlier_renewal(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &secret);
    world.body = "{\"access_token\":\"t%u\",\"expires_in\":3599,"
                 "\"refresh_in\":600}";
    get(&world);

    world.http.now_ms += 601000;

    assert_string_equal(get(&world), "Bearer t2");
    world_clear(&world);
}

static void
test_the_old_token_serves_while_renewing_fails(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &secret);
    world.body = "{\"access_token\":\"t%u\",\"expires_in\":3600}";
    get(&world);
    world.status = 500;
    world.http.now_ms += INT64_C(3400000);
    int64_t before = world.http.now_ms;

    assert_string_equal(get(&world), "Bearer t1");
    assert_int_equal(world.n, 2);
    /* One try, without waiting, and no other within 30 seconds. */
    assert_in_range(world.http.now_ms - before, 0, 100);
    world.http.now_ms += 20000;
    assert_string_equal(get(&world), "Bearer t1");
    assert_int_equal(world.n, 2);
    world.http.now_ms += 11000;
    assert_string_equal(get(&world), "Bearer t1");
    assert_int_equal(world.n, 3);
    world.http.now_ms += 300000;
    assert_null(strstr(get(&world), "Bearer"));
    world_clear(&world);
}

static void
test_a_failure_is_not_repeated_at_once(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &secret);
    world.status = 401;
    world.body = "{\"error\":\"invalid_client\",\"error_codes\":[7000215]}";

    assert_non_null(strstr(get(&world), "AADSTS7000215: the client secret"));
    assert_non_null(strstr(get(&world), "AADSTS7000215"));

    assert_int_equal(world.n, 1);
    world.http.now_ms += 30001;
    get(&world);
    assert_int_equal(world.n, 2);
    world_clear(&world);
}

static void
test_a_token_service_may_ask_for_a_long_rest(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &secret);
    world.status = 429;
    world.headers = "retry-after: 600\n";
    world.body = "{}";

    assert_non_null(strstr(get(&world), "HTTP 429"));
    world.http.now_ms += 500000;
    assert_non_null(strstr(get(&world), "HTTP 429"));
    assert_int_equal(world.n, 1);
    world.http.now_ms += 101000;
    world.status = 200;
    world.body = "{\"access_token\":\"t%u\",\"expires_in\":3599}";

    assert_string_equal(get(&world), "Bearer t2");
    world_clear(&world);
}

static void
test_a_token_that_ends_at_once_says_so(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &secret);
    world.body = "{\"access_token\":\"t%u\",\"expires_in\":5}";
    assert_string_equal(get(&world), "Bearer t1");

    world.http.now_ms += 6000;

    assert_non_null(strstr(get(&world), "has ended"));
    world_clear(&world);
}

/* The clock of the host may be wrong. */
static void
test_a_token_that_ended_long_ago_lives_as_long_as_it_says(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &managed);
    world.body = "{\"access_token\":\"t%u\",\"expires_in\":\"3600\","
                 "\"expires_on\":\"1000000000\"}";

    assert_string_equal(get(&world), "Bearer t1");
    world.http.now_ms += 3000000;

    assert_string_equal(get(&world), "Bearer t1");
    world_clear(&world);
}

static void
test_a_dropped_token_is_replaced_once(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &secret);
    world.body = "{\"access_token\":\"t%u\",\"expires_in\":3600}";
    get(&world);

    token_drop(world.token);
    assert_string_equal(get(&world), "Bearer t2");
    token_drop(world.token);
    assert_string_equal(get(&world), "Bearer t2");

    world.http.now_ms += 31000;
    token_drop(world.token);
    assert_string_equal(get(&world), "Bearer t3");
    world_clear(&world);
}

static void
test_entra_is_asked_again_when_it_is_busy(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &secret);
    world.status = 429;
    world.headers = "retry-after: 4\n";
    world.body = "";

    assert_non_null(strstr(get(&world), "HTTP 429"));

    assert_int_equal(world.n, 3);
    assert_in_range(world.http.now_ms, 8000, 8100);
    world_clear(&world);
}

static void
test_the_machine_endpoint_is_asked_without_proxy(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &managed);
    world.body = "{\"access_token\":\"t%u\",\"expires_on\":\"1790003600\"}";

    assert_string_equal(get(&world), "Bearer t1");

    assert_non_null(strstr(
        world.asked.data,
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version="
        "2018-02-01&resource=https%3A%2F%2Farm.example&client_id=who\n"));
    assert_non_null(strstr(world.asked.data, "Metadata: true\n"));
    assert_non_null(strstr(world.asked.data, "no_proxy=1"));
    world_clear(&world);
}

static void
test_the_app_endpoint_is_given_its_header(void **state)
{
    (void) state;
    struct world world;
    world_init(&world, &managed);
    world.body = "{\"access_token\":\"t%u\"}";
    setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:4141/msi/token", 1);
    setenv("IDENTITY_HEADER", "head", 1);

    assert_string_equal(get(&world), "Bearer t1");

    assert_non_null(strstr(world.asked.data,
                           "http://127.0.0.1:4141/msi/token?api-version="
                           "2019-08-01"));
    assert_non_null(strstr(world.asked.data, "X-IDENTITY-HEADER: head\n"));
    /* A life that nobody names is taken for five minutes. */
    world.http.now_ms += 31000;
    assert_string_equal(get(&world), "Bearer t2");
    world_clear(&world);
}

/* Whoever answers on the port could otherwise make us send any file. */
static void
test_an_arc_challenge_names_no_file_but_the_agents(void **state)
{
    (void) state;
    static const char *const challenges[] = {
        "www-authenticate: Basic realm=/etc/passwd\n",
        "www-authenticate: Basic realm=/etc/ssl/private/x.key\n",
        "www-authenticate: Basic "
        "realm=/var/opt/azcmagent/tokens/../../../../etc/x.key\n",
        "www-authenticate: Basic realm=\n",
        "www-authenticate: Bearer x\n",
        "",
    };
    setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:40342/token", 1);
    setenv("IMDS_ENDPOINT", "http://127.0.0.1:40342", 1);
    unsetenv("IDENTITY_HEADER");

    for (size_t i = 0; i < COUNT_OF(challenges); i++) {
        struct world world;
        world_init(&world, &managed);
        world.status = 401;
        world.headers = challenges[i];
        world.body = "";

        assert_non_null(strstr(get(&world), "Azure Arc"));

        assert_int_equal(world.n, 1);
        assert_null(strstr(world.asked.data, "Authorization"));
        world_clear(&world);
    }
}

static void
test_answers_of_token_endpoints(void **state)
{
    (void) state;
    static const struct {
        const char *body;
        int64_t expires_s; /* 0: refused. */
    } cases[] = {
        { "{\"access_token\":\"t\",\"expires_in\":100}", 1100 },
        { "{\"access_token\":\"t\",\"expires_in\":\"100\"}", 1100 },
        { "{\"access_token\":\"t\",\"expires_on\":\"2000\"}", 2000 },
        { "{\"access_token\":\"t\",\"expires_on\":2000}", 2000 },
        { "{\"access_token\":\"t\",\"expires_on\":"
          "\"01/01/1970 01:00:00 +00:00\"}",
          3600 },
        { "{\"access_token\":\"t\",\"expires_on\":\"1970-01-01T01:00:00Z\","
          "\"expires_in\":5}",
          3600 },
        { "{\"access_token\":\"t\",\"expires_on\":\"soon\",\"expires_in\":5}",
          1005 },
        { "{\"access_token\":\"t\"}", 1300 },
        { "{\"access_token\":\"\"}", 0 },
        { "{\"access_token\":\"a\\r\\nHost: b\"}", 0 },
        { "{\"access_token\":7}", 0 },
        { "[]", 0 },
        { "<html>", 0 },
        { "", 0 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct token_answer found = { .expires_s = 0 };
        struct error error;
        text_init(&found.bearer);

        bool got = token_answer_parse(cases[i].body, strlen(cases[i].body),
                                      1000, &found, &error);

        if (got != (cases[i].expires_s != 0)
            || found.expires_s != cases[i].expires_s) {
            fail_msg("%s: %lld", cases[i].body, (long long) found.expires_s);
        }
        text_clear(&found.bearer);
    }
}

static void
test_plain_http_is_for_loopback_only(void **state)
{
    (void) state;
    struct config_source source = { .cloud = "custom",
                                    .arm_endpoint = "https://arm.example",
                                    .authority = "http://login.example",
                                    .audience = "https://arm.example",
                                    .request_timeout_ms = 30000,
                                    .credential = secret };
    struct world world;
    struct error error;
    world_init(&world, &secret);
    token_destroy(world.token);
    world.token =
        token_create(&source, &world.http.up, &world.http.clock, &error);

    assert_non_null(strstr(get(&world), "is not https"));

    assert_int_equal(world.n, 0);
    world_clear(&world);
}

int
main(void)
{
#define WITH_SECRET(test) cmocka_unit_test_setup(test, set_secret)
    const struct CMUnitTest tests[] = {
        WITH_SECRET(test_a_secret_is_posted_encoded),
        FOLDER_TEST(test_a_secret_is_read_without_what_surrounds_it),
        WITH_SECRET(test_a_token_is_renewed_five_minutes_before_its_end),
        WITH_SECRET(test_a_long_life_is_renewed_at_half),
        WITH_SECRET(test_the_service_may_ask_for_an_earlier_renewal),
        WITH_SECRET(test_the_old_token_serves_while_renewing_fails),
        WITH_SECRET(test_a_failure_is_not_repeated_at_once),
        WITH_SECRET(test_a_token_service_may_ask_for_a_long_rest),
        WITH_SECRET(test_a_token_that_ends_at_once_says_so),
        WITH_SECRET(test_a_token_that_ended_long_ago_lives_as_long_as_it_says),
        WITH_SECRET(test_a_dropped_token_is_replaced_once),
        WITH_SECRET(test_entra_is_asked_again_when_it_is_busy),
        WITH_SECRET(test_the_machine_endpoint_is_asked_without_proxy),
        WITH_SECRET(test_the_app_endpoint_is_given_its_header),
        WITH_SECRET(test_an_arc_challenge_names_no_file_but_the_agents),
        WITH_SECRET(test_answers_of_token_endpoints),
        WITH_SECRET(test_plain_http_is_for_loopback_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
