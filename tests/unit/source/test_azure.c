/* Collections from a small fake Azure, with simulated time. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/error.h"
#include "engine/model/network.h"
#include "exporter/source/source.h"
#include "tests/unit/source/azure_world.h"
#include "tests/unit/source/estate.h"

static void
test_few_flows_read_single_resources(void **state)
{
    struct world world;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    world_open(&world,
               load_config(*state, SUBSCRIPTION(SUB_A, "a"),
                           FLOW("f", "rg/nic-1"), ""),
               NULL);

    collect(&world);

    assert_true(world.collection->complete);
    assert_true(world.collection->succeeded);
    assert_true(world.collection->changed);
    assert_string_equal(judge(&world, 0), "allow ");
    assert_string_equal(
        world.arm.asked.data,
        ID(SUB_A, "networkInterfaces", "nic-1") "\n" ID(
            SUB_A, "networkSecurityGroups",
            "nsg") "\n" ID(SUB_A, "virtualNetworks",
                           "vnet") "\n" ID(SUB_A, "virtualNetworks",
                                           "vnet/"
                                           "listNetworkManagerEffectiveSecurit"
                                           "yAdminRules") "\n");
    world_close(&world);
}

static void
test_an_unchanged_answer_keeps_its_parts(void **state)
{
    struct world world;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    world_open(
        &world,
        load_config(*state, SUBSCRIPTION(SUB_A, "a"), FLOW("f", "nic-1"), ""),
        NULL);
    collect(&world);
    const struct network_part *part = world.collection->parts[0];

    collect(&world);

    assert_false(world.collection->changed);
    assert_ptr_equal(world.collection->parts[0], part);
    /* The admin rules have a refresh of their own. */
    assert_false(asked(&world, "EffectiveSecurityAdminRules"));
    PUT_NSG(&world.arm, SUB_A, "Deny", "");
    collect(&world);
    assert_true(world.collection->changed);
    assert_string_equal(judge(&world, 0), "deny ");
    assert_int_equal(feed(&world, 0, FEED_NSG)->changes, 1);
    world_close(&world);
}

static bool
fail_subscription_b(struct fake_arm *arm, const struct http_request *request,
                    struct http_response *response, int64_t *latency_ms)
{
    (void) latency_ms;
    if (!strstr(request->url, SUB_B)) {
        return false;
    }
    fake_reply(response, *(long *) arm->aux, "{\"error\":{\"code\":\"X\"}}");
    return true;
}

static void
test_a_subscription_that_fails_leaves_the_other_alone(void **state)
{
    struct world world;
    long status = 503;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    PUT_SUBSCRIPTION(&world.arm, SUB_B);
    world_open(
        &world,
        load_config(
            *state, SUBSCRIPTION(SUB_A, "a") ", " SUBSCRIPTION(SUB_B, "b"),
            FLOW("fa", ID(SUB_A, "networkInterfaces", "nic-1")) ", " FLOW(
                "fb", ID(SUB_B, "networkInterfaces", "nic-1")),
            ""),
        NULL);
    collect(&world);
    int64_t before = feed(&world, 1, FEED_NSG)->last_success_ms;
    world.arm.fault = fail_subscription_b;
    world.arm.aux = &status;
    PUT_NSG(&world.arm, SUB_A, "Deny", "");
    PUT_NSG(&world.arm, SUB_B, "Deny", "");

    collect(&world);

    assert_string_equal(judge(&world, 0), "deny ");
    assert_string_equal(judge(&world, 1), "allow ");
    assert_true(feed(&world, 0, FEED_NSG)->up);
    assert_false(feed(&world, 1, FEED_NSG)->up);
    assert_true(feed(&world, 1, FEED_NSG)->has_data);
    assert_int_equal(feed(&world, 1, FEED_NSG)->last_success_ms, before);
    assert_non_null(strstr(feed(&world, 1, FEED_NSG)->error, "503"));
    assert_false(world.collection->succeeded);

    world.arm.fault = NULL;
    collect(&world);
    assert_true(world.collection->succeeded);
    assert_string_equal(judge(&world, 1), "deny ");
    world_close(&world);
}

static void
test_a_refusal_is_missing_data_and_not_none(void **state)
{
    struct world world;
    long status = 403;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_B);
    world.arm.fault = fail_subscription_b;
    world.arm.aux = &status;
    world_open(
        &world,
        load_config(*state, SUBSCRIPTION(SUB_B, "b"), FLOW("f", "nic-1"), ""),
        NULL);

    collect(&world);

    assert_false(feed(&world, 0, FEED_NIC)->up);
    assert_false(feed(&world, 0, FEED_NIC)->has_data);
    assert_string_equal(judge(&world, 0), "unknown nic_not_found");
    world_close(&world);
}

static bool
refuse_admin_rules(struct fake_arm *arm, const struct http_request *request,
                   struct http_response *response, int64_t *latency_ms)
{
    (void) arm;
    (void) latency_ms;
    if (!strstr(request->url, "AdminRules")) {
        return false;
    }
    fake_reply(response, 403,
               "{\"error\":{\"code\":\"AuthorizationFailed\"}}");
    return true;
}

static void
test_refused_admin_rules_are_unavailable_unless_off(void **state)
{
    struct world world;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    world.arm.fault = refuse_admin_rules;
    world_open(
        &world,
        load_config(*state, SUBSCRIPTION(SUB_A, "a"), FLOW("f", "nic-1"), ""),
        NULL);

    collect(&world);

    assert_string_equal(judge(&world, 0), "unknown admin_rules_unavailable");
    assert_false(feed(&world, 0, FEED_ADMIN_RULES)->up);
    assert_true(world.collection->complete);
    world_close(&world);

    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    world_open(&world,
               load_config(*state, SUBSCRIPTION(SUB_A, "a"),
                           FLOW("f", "nic-1"), "admin_rules = \"off\";"),
               NULL);
    collect(&world);
    assert_string_equal(judge(&world, 0), "allow ");
    assert_false(asked(&world, "AdminRules"));
    world_close(&world);
}

static void
test_what_does_not_exist_any_more_is_gone(void **state)
{
    struct world world;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    world_open(&world,
               load_config(*state, SUBSCRIPTION(SUB_A, "a"),
                           FLOW("f", "rg/nic-1"), ""),
               NULL);
    collect(&world);

    fake_arm_remove(&world.arm, ID(SUB_A, "networkInterfaces", "nic-1"));
    collect(&world);

    assert_string_equal(judge(&world, 0), "unknown nic_not_found");
    assert_true(feed(&world, 0, FEED_NIC)->up);
    world_close(&world);
}

static void
test_a_restart_serves_what_was_read_before(void **state)
{
    struct world world;
    char storage[256];
    snprintf(storage, sizeof storage, "%s/state", (const char *) *state);
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    world_open(
        &world,
        load_config(*state, SUBSCRIPTION(SUB_A, "a"), FLOW("f", "nic-1"), ""),
        storage);
    assert_null(source_stored(world.source));
    collect(&world);
    collect(&world);
    int64_t read_at = feed(&world, 0, FEED_NSG)->last_success_ms;
    int64_t now = world.arm.http.now_ms;
    world_close(&world);

    fake_arm_init(&world.arm);
    world.arm.http.now_ms = now + 300000;
    world_open(
        &world,
        load_config(*state, SUBSCRIPTION(SUB_A, "a"), FLOW("f", "nic-1"), ""),
        storage);
    world.collection = source_stored(world.source);

    assert_non_null(world.collection);
    assert_true(world.collection->complete);
    assert_string_equal(judge(&world, 0), "allow ");
    assert_int_equal(feed(&world, 0, FEED_NSG)->last_success_ms, read_at);
    world_close(&world);
}

static bool
refuse_tokens(struct fake_arm *arm, const struct http_request *request,
              struct http_response *response, int64_t *latency_ms)
{
    (void) arm;
    (void) latency_ms;
    if (!strstr(request->url, "login.example")) {
        return false;
    }
    fake_reply(response, 401, "{\"error_codes\":[7000222]}");
    return true;
}

static void
test_without_a_token_nothing_is_complete(void **state)
{
    struct world world;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    world.arm.fault = refuse_tokens;
    world_open(
        &world,
        load_config(*state, SUBSCRIPTION(SUB_A, "a"), FLOW("f", "nic-1"), ""),
        NULL);

    collect(&world);

    assert_false(world.collection->complete);
    assert_int_equal(world.arm.n_arm, 0);
    assert_non_null(strstr(feed(&world, 0, FEED_NIC)->error,
                           "the client secret has expired"));
    assert_false(feed(&world, 0, FEED_VNET)->up);
    world_close(&world);
}

static void
test_an_interrupt_ends_one_collection(void **state)
{
    struct world world;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    world_open(
        &world,
        load_config(*state, SUBSCRIPTION(SUB_A, "a"), FLOW("f", "nic-1"), ""),
        NULL);

    source_interrupt(world.source);
    collect(&world);
    assert_int_equal(world.arm.n_arm, 0);
    assert_false(world.collection->complete);

    collect(&world);
    assert_true(world.collection->complete);
    world_close(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_few_flows_read_single_resources),
        FOLDER_TEST(test_an_unchanged_answer_keeps_its_parts),
        FOLDER_TEST(test_a_subscription_that_fails_leaves_the_other_alone),
        FOLDER_TEST(test_a_refusal_is_missing_data_and_not_none),
        FOLDER_TEST(test_refused_admin_rules_are_unavailable_unless_off),
        FOLDER_TEST(test_what_does_not_exist_any_more_is_gone),
        FOLDER_TEST(test_a_restart_serves_what_was_read_before),
        FOLDER_TEST(test_without_a_token_nothing_is_complete),
        FOLDER_TEST(test_an_interrupt_ends_one_collection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
