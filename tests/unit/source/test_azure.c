/* Collections from a small fake Azure, with simulated time. */

#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "engine/judge/judge.h"
#include "engine/judge/verdict.h"
#include "engine/model/network.h"
#include "exporter/source/azure.h"
#include "exporter/source/source.h"
#include "tests/unit/source/estate.h"

struct world {
    struct fake_arm arm;
    const struct config *config;
    struct source *source;
    const struct collection *collection;
};

static void
world_open(struct world *world, const struct config *config,
           const char *storage)
{
    struct error error;

    world->config = config;
    world->source = azure_create_with(config, storage, &world->arm.http.clock,
                                      &world->arm.http.up, &error);
    if (!world->source) {
        fail_msg("%s", error.message);
    }
}

static void
collect(struct world *world)
{
    world->arm.http.now_ms += 60000;
    text_reset(&world->arm.asked);
    world->arm.n_arm = 0;
    world->collection = source_collect(world->source, world->config);
}

static void
world_close(struct world *world)
{
    source_destroy(world->source);
    config_unref(world->config);
    fake_arm_clear(&world->arm);
}

static const struct feed_state *
feed(const struct world *world, size_t subscription, enum feed feed)
{
    return &world->collection->feeds[subscription * N_FEEDS + feed];
}

/* The verdict of a flow over what was collected. */
static const char *
judge(const struct world *world, size_t flow)
{
    static char words[128];
    const struct collection *collection = world->collection;
    struct network *network =
        network_create(collection->parts, collection->n_parts,
                       collection->absent, NULL, NULL);
    struct policies *policies = policies_create();
    struct estate *estate =
        estate_create(network, &world->config->engine, policies);
    struct verdict *verdict =
        estate_judge(estate, &world->config->flows[flow].flow, NULL);

    snprintf(words, sizeof words, "%s %s", verdict_name(verdict->kind),
             reason_name(verdict->reason));
    verdict_unref(verdict);
    estate_destroy(estate);
    policies_destroy(policies);
    network_unref(network);
    return words;
}

static bool
asked(const struct world *world, const char *path)
{
    return strstr(world->arm.asked.data, path) != NULL;
}

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

#define ASG ID(SUB_A, "applicationSecurityGroups", "asg")
#define SET                                                                   \
    "/subscriptions/" SUB_A "/resourceGroups/rg/providers/"                   \
    "Microsoft.Compute/virtualMachineScaleSets/set"
#define ASG_RULE                                                              \
    ",{\"name\":\"asg\",\"properties\":{\"priority\":100,\"direction\":"      \
    "\"Inbound\",\"access\":\"Deny\",\"protocol\":\"Tcp\","                   \
    "\"sourceAddressPrefix\":\"*\",\"sourcePortRange\":\"*\","                \
    "\"destinationApplicationSecurityGroups\":[{\"id\":\"" ASG                \
    "\"}],\"destinationPortRange\":\"80\"}}"

static bool
refuse_scale_sets(struct fake_arm *arm, const struct http_request *request,
                  struct http_response *response, int64_t *latency_ms)
{
    (void) arm;
    (void) latency_ms;
    if (!strstr(request->url, "virtualMachineScaleSets")) {
        return false;
    }
    fake_reply(response, 403, "");
    return true;
}

static void
test_members_of_application_groups_are_read_scale_sets_too(void **state)
{
    struct world world;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    PUT_NSG(&world.arm, SUB_A, "Allow", ASG_RULE);
    PUT_VNET(&world.arm, SUB_A,
             "{\"id\":\"" SET "/virtualMachines/0/networkInterfaces/n/"
             "ipConfigurations/c\"}");
    fake_arm_put(&world.arm, SET "/virtualMachines/0/networkInterfaces/n",
                 "{\"id\":\"" SET
                 "/virtualMachines/0/networkInterfaces/n\",\"name\":\"n\","
                 "\"properties\":{\"ipConfigurations\":[{\"name\":\"c\","
                 "\"properties\":{\"privateIPAddress\":\"10.1.0.9\","
                 "\"subnet\":{\"id\":\"%s\"},"
                 "\"applicationSecurityGroups\":[{\"id\":\"" ASG "\"}]}}]}}",
                 ID(SUB_A, "virtualNetworks", "vnet/subnets/s"));
    world.arm.fault = refuse_scale_sets;
    world_open(&world,
               load_config(*state, SUBSCRIPTION(SUB_A, "a"),
                           FLOW("f", "rg/nic-1"), ""),
               NULL);

    collect(&world);

    /* Without the members, nobody can tell. */
    assert_true(asked(&world, SET "/networkInterfaces"));
    assert_true(asked(&world, "/providers/Microsoft.Network/"
                              "networkInterfaces\n"));
    assert_string_equal(judge(&world, 0), "unknown network_missing");

    world.arm.fault = NULL;
    collect(&world);

    assert_string_equal(judge(&world, 0), "allow ");
    assert_int_equal(feed(&world, 0, FEED_NIC)->objects, 3);
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

static void
test_tags_are_read_only_where_rules_name_them(void **state)
{
    struct world world;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    world_open(&world,
               load_config(*state, SUBSCRIPTION(SUB_A, "a"),
                           FLOW("f", "rg/nic-1"), ""),
               NULL);
    collect(&world);
    assert_false(asked(&world, "serviceTags"));

    PUT_NSG(&world.arm, SUB_A, "Allow",
            ",{\"name\":\"tag\",\"properties\":{\"priority\":100,"
            "\"direction\":\"Inbound\",\"access\":\"Deny\","
            "\"protocol\":\"*\",\"sourceAddressPrefix\":\"Storage\","
            "\"sourcePortRange\":\"*\",\"destinationAddressPrefix\":\"*\","
            "\"destinationPortRange\":\"*\"}}");
    fake_arm_put(&world.arm,
                 "/subscriptions/" SUB_A
                 "/providers/Microsoft.Network/locations/westeurope/"
                 "serviceTags",
                 "{\"changeNumber\":\"1\",\"values\":[{\"name\":\"Storage\","
                 "\"properties\":{\"addressPrefixes\":[\"%s\"]}}]}",
                 "10.9.0.0/24");
    collect(&world);

    assert_true(asked(&world, "locations/westeurope/serviceTags"));
    assert_string_equal(judge(&world, 0), "deny ");
    collect(&world);
    assert_false(asked(&world, "serviceTags"));
    world_close(&world);
}

#define MANAGER(name) ID(SUB_A, "networkManagers", name)
#define ADMIN_RULE(manager, access, priority, source)                         \
    "{\"id\":\"" MANAGER(manager) "/securityAdminConfigurations/c/"           \
                                  "ruleCollections/r/rules/x\","              \
                                  "\"kind\":\"Custom\",\"properties\":{"      \
                                  "\"access\":\"" access                      \
                                  "\",\"direction\":\"Inbound\","             \
                                  "\"protocol\":\"Any\","                     \
                                  "\"priority\":" priority                    \
                                  ",\"sources\":[" source                     \
                                  "],\"destinations\":[],"                    \
                                  "\"sourcePortRanges\":[],"                  \
                                  "\"destinationPortRanges\":[]}}"
#define EFFECTIVE                                                             \
    ID(SUB_A, "virtualNetworks",                                              \
       "vnet/listNetworkManagerEffectiveSecurityAdminRules")
#define GROUP MANAGER("m") "/networkGroups/g"

static void
test_members_of_network_groups_are_read(void **state)
{
    struct world world;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    fake_arm_put(&world.arm, EFFECTIVE, "{\"value\":[%s],\"skipToken\":\"\"}",
                 ADMIN_RULE("m", "Deny", "5",
                            "{\"addressPrefixType\":\"NetworkGroup\","
                            "\"addressPrefix\":\"" GROUP "\"}"));
    world_open(
        &world,
        load_config(*state, SUBSCRIPTION(SUB_A, "a"), FLOW("f", "nic-1"), ""),
        NULL);

    /* A policy may choose the members, so an empty list tells nothing. */
    fake_arm_put(&world.arm, GROUP "/staticMembers", "{\"value\":[%s]}", "");
    collect(&world);
    assert_true(asked(&world, GROUP "/staticMembers"));
    assert_string_equal(judge(&world, 0), "unknown network_group_unresolved");

    fake_arm_put(&world.arm, GROUP "/staticMembers",
                 "{\"value\":[{\"properties\":{\"resourceId\":\"%s\"}}]}",
                 ID(SUB_A, "virtualNetworks", "vnet"));
    world.arm.http.now_ms += 300000;
    collect(&world);
    /* 10.9.0.1 is not in the network, so the rule does not apply. */
    assert_string_equal(judge(&world, 0), "allow ");
    world_close(&world);
}

static void
test_hidden_priorities_are_looked_up_in_the_active_list(void **state)
{
    struct world world;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    fake_arm_put(&world.arm, EFFECTIVE, "{\"value\":[%s],\"skipToken\":\"\"}",
                 ADMIN_RULE("m", "Deny", "0", ""));
    fake_arm_put(&world.arm, MANAGER("m") "/listActiveSecurityAdminRules",
                 "{\"value\":[%s],\"skipToken\":\"\"}",
                 ADMIN_RULE("m", "Deny", "7", ""));
    world_open(
        &world,
        load_config(*state, SUBSCRIPTION(SUB_A, "a"), FLOW("f", "nic-1"), ""),
        NULL);

    collect(&world);

    assert_true(asked(&world, MANAGER("m") "/listActiveSecurityAdminRules"));
    assert_false(asked(&world, MANAGER("m") "\n"));
    assert_string_equal(judge(&world, 0), "deny ");
    world_close(&world);
}

static void
test_several_managers_are_read_for_their_rank(void **state)
{
    struct world world;
    fake_arm_init(&world.arm);
    PUT_SUBSCRIPTION(&world.arm, SUB_A);
    fake_arm_put(&world.arm, EFFECTIVE, "{\"value\":[%s],\"skipToken\":\"\"}",
                 ADMIN_RULE("m", "AlwaysAllow", "9",
                            "") "," ADMIN_RULE("n", "Deny", "1", ""));
    fake_arm_put(&world.arm, MANAGER("m"),
                 "{\"id\":\"%s\",\"name\":\"m\",\"properties\":{"
                 "\"networkManagerScopes\":{\"managementGroups\":[\"x\"],"
                 "\"subscriptions\":[]}}}",
                 MANAGER("m"));
    fake_arm_put(&world.arm, MANAGER("n"),
                 "{\"id\":\"%s\",\"name\":\"n\",\"properties\":{"
                 "\"networkManagerScopes\":{\"managementGroups\":[],"
                 "\"subscriptions\":[\"y\"]}}}",
                 MANAGER("n"));
    world_open(
        &world,
        load_config(*state, SUBSCRIPTION(SUB_A, "a"), FLOW("f", "nic-1"), ""),
        NULL);

    collect(&world);

    /* The manager of the management group comes first. */
    assert_true(asked(&world, MANAGER("m") "\n"));
    assert_string_equal(judge(&world, 0), "allow ");
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
#define IN_FOLDER(test)                                                       \
    cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_few_flows_read_single_resources),
        IN_FOLDER(test_an_unchanged_answer_keeps_its_parts),
        IN_FOLDER(test_a_subscription_that_fails_leaves_the_other_alone),
        IN_FOLDER(test_a_refusal_is_missing_data_and_not_none),
        IN_FOLDER(test_refused_admin_rules_are_unavailable_unless_off),
        IN_FOLDER(test_what_does_not_exist_any_more_is_gone),
        IN_FOLDER(test_members_of_application_groups_are_read_scale_sets_too),
        IN_FOLDER(test_a_restart_serves_what_was_read_before),
        IN_FOLDER(test_tags_are_read_only_where_rules_name_them),
        IN_FOLDER(test_members_of_network_groups_are_read),
        IN_FOLDER(test_hidden_priorities_are_looked_up_in_the_active_list),
        IN_FOLDER(test_several_managers_are_read_for_their_rank),
        IN_FOLDER(test_without_a_token_nothing_is_complete),
        IN_FOLDER(test_an_interrupt_ends_one_collection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
