/* Two hours of simulated faults at random over a fake Azure: no verdict that
 * the last good data does not give, no growth, and at the end all is well.
 *
 * What is right is known without the code under test: the group of each
 * subscription either allows or denies its flow, and what it did when its feed
 * last succeeded is what the verdict must say. */

#include "tests/support/test.h"

#include <malloc.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/judge/judge.h"
#include "engine/judge/verdict.h"
#include "engine/model/network.h"
#include "exporter/log.h"
#include "exporter/source/azure.h"
#include "exporter/source/source.h"
#include "tests/unit/source/estate.h"

enum { SUBSCRIPTIONS = 3, CYCLES = 120, CALM_EVERY = 20 };

struct soak {
    struct fake_arm arm;
    uint32_t random;
    unsigned int fault_percent;
    bool allows[SUBSCRIPTIONS]; /* What Azure says now. */
    bool last[SUBSCRIPTIONS];   /* What it said when it was last read. */
    int64_t read_ms[SUBSCRIPTIONS];
    unsigned int n_faults, n_wrong, n_judged, n_unknown;
};

static uint32_t
next_random(struct soak *soak)
{
    soak->random ^= soak->random << 13;
    soak->random ^= soak->random >> 17;
    soak->random ^= soak->random << 5;
    return soak->random;
}

static const struct fault {
    long status;
    const char *headers;
    const char *body;
    enum fetch_failure failure;
    int64_t latency_ms;
} faults[] = {
    { 429, "retry-after: 3\n", "", 0, 20 },
    { 429, "retry-after: 130\n", "", 0, 20 },
    { 429, "", "{\"error\":{\"code\":\"RetryableError\"}}", 0, 20 },
    { 503, "", "", 0, 20 },
    { 500, "", "<html>", 0, 20 },
    { 401, "", "", 0, 20 },
    { 403, "", "{\"error\":{\"code\":\"AuthorizationFailed\"}}", 0, 20 },
    { 404, "", "{\"error\":{\"code\":\"SubscriptionNotFound\"}}", 0, 20 },
    { 200, "", "{\"value\":[{\"id\":\"", 0, 20 },
    { 200, "", "{\"value\":[],\"nextLink\":\"https://evil.example/\"}", 0,
      20 },
    { 200, "", "{\"error\":{\"code\":\"Oops\"}}", 0, 20 },
    { 200, "", "{\"value\":null}", 0, 20 },
    { 200, "", "null", 0, 20 },
    { 200, "", "", 0, 20 },
    { 202, "location: https://arm.example/op\n", "null", 0, 20 },
    { 307, "location: https://evil.example/\n", "", 0, 20 },
    { 200, "", "{}", 0, 100000 },
    { 0, "", "", FETCH_DNS, 20 },
    { 0, "", "", FETCH_CONNECT, 20 },
    { 0, "", "", FETCH_TLS, 20 },
    { 0, "", "", FETCH_ABORTED, 2000 },
    { 0, "", "", FETCH_LIMIT, 20 },
};

static bool
random_fault(struct fake_arm *arm, const struct http_request *request,
             struct http_response *response, int64_t *latency_ms)
{
    struct soak *soak = arm->aux;

    assert_true(strncmp(request->url, "https://arm.example/", 20) == 0
                || strncmp(request->url, "https://login.example/", 22) == 0);
    if (next_random(soak) % 100 >= soak->fault_percent) {
        return false;
    }
    const struct fault *fault = &faults[next_random(soak) % COUNT_OF(faults)];
    soak->n_faults++;
    fake_reply(response, fault->status, fault->body);
    text_append(&response->headers, fault->headers);
    response->failure = fault->failure;
    response->detail = "broken";
    *latency_ms = fault->latency_ms;
    return true;
}

static void
put_group(struct soak *soak, size_t i)
{
    const char *access = soak->allows[i] ? "Allow" : "Deny";

    switch (i) {
    case 0: PUT_NSG(&soak->arm, SUB_A, access, ""); break;
    case 1: PUT_NSG(&soak->arm, SUB_B, access, ""); break;
    default: PUT_NSG(&soak->arm, SUB_C, access, ""); break;
    }
}

static void
check_verdicts(struct soak *soak, const struct config *config,
               const struct collection *collection)
{
    struct network *network =
        network_create(collection->parts, collection->n_parts,
                       collection->absent, NULL, NULL);
    struct policies *policies = policies_create();
    struct estate *estate = estate_create(network, &config->engine, policies);

    for (size_t i = 0; i < SUBSCRIPTIONS; i++) {
        const struct feed_state *nsg =
            &collection->feeds[i * N_FEEDS + FEED_NSG];
        if (nsg->objects && nsg->last_success_ms > soak->read_ms[i]) {
            soak->read_ms[i] = nsg->last_success_ms;
            soak->last[i] = soak->allows[i];
        }
        struct verdict *verdict =
            estate_judge(estate, &config->flows[i].flow, NULL);
        enum verdict_kind right = soak->last[i] ? VERDICT_ALLOW : VERDICT_DENY;
        soak->n_judged++;
        soak->n_unknown += verdict->kind == VERDICT_UNKNOWN;
        soak->n_wrong +=
            verdict->kind != VERDICT_UNKNOWN && verdict->kind != right;
        verdict_unref(verdict);
    }
    estate_destroy(estate);
    policies_destroy(policies);
    network_unref(network);
}

static void
drop_line(void *aux, const char *line)
{
    (void) aux;
    assert_null(strstr(line, "s3cret"));
    assert_null(strstr(line, "token-"));
}

static void
test_two_hours_of_random_faults(void **state)
{
    struct soak soak = { .random = 20261121, .allows = { true, true, true } };
    struct error error;
    size_t early = 0;
    const struct config *config = load_config(
        *state,
        SUBSCRIPTION(SUB_A, "a") ", " SUBSCRIPTION(
            SUB_B, "b") ", " SUBSCRIPTION(SUB_C, "c"),
        FLOW("fa", ID(SUB_A, "networkInterfaces", "nic-1")) ", " FLOW(
            "fb", ID(SUB_B, "networkInterfaces",
                     "nic-1")) ", " FLOW("fc", ID(SUB_C, "networkInterfaces",
                                                  "nic-1")),
        "");
    log_redirect(drop_line, NULL);
    fake_arm_init(&soak.arm);
    PUT_SUBSCRIPTION(&soak.arm, SUB_A);
    PUT_SUBSCRIPTION(&soak.arm, SUB_B);
    PUT_SUBSCRIPTION(&soak.arm, SUB_C);
    soak.arm.fault = random_fault;
    soak.arm.aux = &soak;
    struct source *source = azure_create_with(
        config, NULL, &soak.arm.http.clock, &soak.arm.http.up, &error);
    assert_non_null(source);

    for (unsigned int i = 0; i < CYCLES; i++) {
        int64_t start_ms = soak.arm.http.now_ms;
        soak.fault_percent = i % CALM_EVERY ? next_random(&soak) % 60 : 0;
        size_t flipped = next_random(&soak) % SUBSCRIPTIONS;
        soak.allows[flipped] = next_random(&soak) % 2;
        put_group(&soak, flipped);
        text_reset(&soak.arm.asked);

        const struct collection *collection = source_collect(source, config);
        check_verdicts(&soak, config, collection);

        /* A collection has its time, and no more. */
        assert_in_range(soak.arm.http.now_ms - start_ms, 0, 181000);
        if (soak.arm.http.now_ms < start_ms + 60000) {
            soak.arm.http.now_ms = start_ms + 60000;
        }
        if (i == CYCLES / 4) {
            early = mallinfo2().uordblks;
        }
    }
    soak.fault_percent = 0;
    soak.arm.http.now_ms += 3600000;
    text_reset(&soak.arm.asked);
    const struct collection *collection = source_collect(source, config);
    check_verdicts(&soak, config, collection);

    assert_true(collection->succeeded);
    assert_int_equal(soak.n_wrong, 0);
    assert_in_range(soak.n_faults, 300, 100000);
    assert_in_range(soak.n_unknown, 0, soak.n_judged / 4);
    assert_in_range(mallinfo2().uordblks, 0, early + 256 * 1024);
    source_destroy(source);
    config_unref(config);
    fake_arm_clear(&soak.arm);
    log_redirect(NULL, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_two_hours_of_random_faults,
                                        folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
