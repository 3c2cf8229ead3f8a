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
        FOLDER_TEST(test_hidden_priorities_are_looked_up_in_the_active_list),
        FOLDER_TEST(test_several_managers_are_read_for_their_rank),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
