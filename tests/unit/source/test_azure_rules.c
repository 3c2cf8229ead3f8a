/* What rules make the Azure source read beyond NICs, networks and groups. */

#include "tests/support/test.h"

#include <string.h>
#include <unistd.h>

#include "engine/model/network.h"
#include "exporter/source/source.h"
#include "tests/unit/source/azure_world.h"
#include "tests/unit/source/estate.h"

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

#define TAGS(sub, region)                                                     \
    "/subscriptions/" sub "/providers/Microsoft.Network/locations/" region    \
    "/serviceTags"
#define PUT_TAGS(arm, sub, region, prefix)                                    \
    fake_arm_put(arm, TAGS(sub, region),                                      \
                 "{\"changeNumber\":\"1\",\"values\":[{\"name\":\"Storage\"," \
                 "\"properties\":{\"addressPrefixes\":[\"%s\"]}}]}",          \
                 prefix)
#define TAG_RULE                                                              \
    ",{\"name\":\"tag\",\"properties\":{\"priority\":100,"                    \
    "\"direction\":\"Inbound\",\"access\":\"Deny\",\"protocol\":\"*\","       \
    "\"sourceAddressPrefix\":\"Storage\",\"sourcePortRange\":\"*\","          \
    "\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"*\"}}"

enum { DAY_MS = 24 * 3600 * 1000 };

/* Two subscriptions with rules for Storage, each in a region of its own. */
static void
open_two_regions(struct world *world, const char *folder, const char *storage)
{
    fake_arm_init(&world->arm);
    PUT_SUBSCRIPTION(&world->arm, SUB_A);
    PUT_SUBSCRIPTION(&world->arm, SUB_B);
    PUT_NSG(&world->arm, SUB_A, "Allow", TAG_RULE);
    PUT_NSG(&world->arm, SUB_B, "Allow", TAG_RULE);
    fake_arm_put(&world->arm, ID(SUB_B, "virtualNetworks", "vnet"),
                 "{\"id\":\"%s\",\"name\":\"vnet\",\"location\":"
                 "\"North Europe\",\"properties\":{\"addressSpace\":{"
                 "\"addressPrefixes\":[\"10.1.0.0/16\"]},\"subnets\":[{"
                 "\"id\":\"%s/subnets/s\",\"properties\":{"
                 "\"addressPrefix\":\"10.1.0.0/24\"}}]}}",
                 ID(SUB_B, "virtualNetworks", "vnet"),
                 ID(SUB_B, "virtualNetworks", "vnet"));
    PUT_TAGS(&world->arm, SUB_A, "westeurope", "10.9.0.0/24");
    PUT_TAGS(&world->arm, SUB_A, "northeurope", "10.9.9.0/24");
    world_open(
        world,
        load_config(folder,
                    SUBSCRIPTION(SUB_A, "a") ", " SUBSCRIPTION(SUB_B, "b"),
                    FLOW("a", ID(SUB_A, "networkInterfaces",
                                 "nic-1")) ", " FLOW("b", ID(SUB_B,
                                                             "networkInterf"
                                                             "aces",
                                                             "nic-1")),
                    ""),
        storage);
}

static void
test_each_region_goes_by_its_own_tags(void **state)
{
    struct world world;
    open_two_regions(&world, *state, NULL);

    collect(&world);

    assert_true(asked(&world, TAGS(SUB_A, "westeurope") "\n"));
    assert_true(asked(&world, TAGS(SUB_A, "northeurope") "\n"));
    assert_string_equal(judge(&world, 0), "deny ");
    assert_string_equal(judge(&world, 1), "allow ");
    assert_int_equal(world.collection->n_findings, 0);
    world_close(&world);
}

static bool
fail_tags(struct fake_arm *arm, const struct http_request *request,
          struct http_response *response, int64_t *latency_ms)
{
    (void) latency_ms;
    if (!strstr(request->url, "serviceTags") || !strstr(request->url, SUB_A)) {
        return false;
    }
    fake_reply(response, arm->aux ? 403 : 503, "");
    return true;
}

static void
test_an_outage_leaves_the_tags_where_they_are(void **state)
{
    struct world world;
    open_two_regions(&world, *state, NULL);
    collect(&world);

    world.arm.fault = fail_tags;
    world.arm.http.now_ms += DAY_MS;
    for (int i = 0; i < 3; i++) {
        collect(&world);
    }

    assert_false(asked(&world, TAGS(SUB_B, "westeurope")));
    assert_false(feed(&world, 0, FEED_SERVICE_TAGS)->up);
    assert_string_equal(judge(&world, 0), "deny ");
    world_close(&world);
}

static void
test_a_refusal_asks_another_subscription_for_the_tags(void **state)
{
    struct world world;
    open_two_regions(&world, *state, NULL);
    collect(&world);

    world.arm.fault = fail_tags;
    world.arm.aux = &world;
    world.arm.http.now_ms += DAY_MS;
    collect(&world);
    /* The other subscription has no such list, so the old one stays. */
    assert_true(asked(&world, TAGS(SUB_B, "westeurope") "\n"));
    assert_string_equal(judge(&world, 0), "deny ");

    PUT_TAGS(&world.arm, SUB_B, "westeurope", "10.9.0.0/16");
    PUT_TAGS(&world.arm, SUB_B, "northeurope", "10.9.0.0/16");
    for (int i = 0; i < 3; i++) {
        collect(&world);
    }

    assert_true(feed(&world, 1, FEED_SERVICE_TAGS)->up);
    assert_string_equal(judge(&world, 1), "deny ");
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

static bool
answer_active(struct fake_arm *arm, const struct http_request *request,
              struct http_response *response, int64_t *latency_ms)
{
    (void) latency_ms;
    if (!strstr(request->url, "/listActiveSecurityAdminRules")) {
        return false;
    }
    if (strstr(request->body, "\"regions\":[\"northeurope\"]")) {
        *(bool *) arm->aux = true;
    }
    fake_reply(response, 200, "{\"value\":[],\"skipToken\":\"\"}");
    return true;
}

static void
test_active_lists_are_read_for_each_region(void **state)
{
    struct world world;
    bool north = false;
    open_two_regions(&world, *state, NULL);
    fake_arm_put(&world.arm, EFFECTIVE, "{\"value\":[%s],\"skipToken\":\"\"}",
                 ADMIN_RULE("m", "Deny", "0", ""));
    fake_arm_put(&world.arm,
                 ID(SUB_B, "virtualNetworks",
                    "vnet/listNetworkManagerEffectiveSecurityAdminRules"),
                 "{\"value\":[%s],\"skipToken\":\"\"}",
                 ADMIN_RULE("m", "Deny", "0", ""));
    world.arm.fault = answer_active;
    world.arm.aux = &north;

    collect(&world);

    assert_true(north);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(
            test_members_of_application_groups_are_read_scale_sets_too),
        FOLDER_TEST(test_tags_are_read_only_where_rules_name_them),
        FOLDER_TEST(test_each_region_goes_by_its_own_tags),
        FOLDER_TEST(test_an_outage_leaves_the_tags_where_they_are),
        FOLDER_TEST(test_a_refusal_asks_another_subscription_for_the_tags),
        FOLDER_TEST(test_hidden_priorities_are_looked_up_in_the_active_list),
        FOLDER_TEST(test_active_lists_are_read_for_each_region),
        FOLDER_TEST(test_several_managers_are_read_for_their_rank),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
