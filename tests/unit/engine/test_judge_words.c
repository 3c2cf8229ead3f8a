/* What tags and application security groups stand for (spec verdict 4 and 5). */

#include "tests/support/test.h"

#include "engine/base/arena.h"
#include "tests/support/builder.h"
#include "tests/unit/engine/judge_case.h"

/* --- Tags ------------------------------------------------------------------ */

static void
test_gateway_without_prefixes_leaves_the_tag_incomplete(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_subnet(b, "vnet", "gatewaysubnet", NULL)->has_ip_configurations =
        true;
    EXPECT(b,
           { "Inbound vm Tcp 192.168.1.1 * - 1",
             "unknown virtual_network_incomplete" },
           { "Inbound vm Tcp 8.8.8.8 * - 1", "deny nsg/DenyAllInBound" },
           { "Inbound vm Tcp 10.0.0.9 * - 1", "allow nsg/AllowVnetInBound" });
}

static void
test_hub_prefixes_come_with_its_gateway(void **state)
{
    static const char hub_id[] =
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/"
        "virtualNetworks/HUB";
    static const char *const references[] = { "hub", "rg/hub", "RG/Hub",
                                              hub_id };

    (void) state;
    for (size_t i = 0; i < COUNT_OF(references); i++) {
        /* The hub itself is not in the data. */
        struct builder *b = basic();
        build_peering(b, "vnet", "hub", "connected access gateways",
                      "10.9.0.0/16");
        build_on_premises(b, references[i], "192.168.0.0/16");
        EXPECT(
            b,
            { "Inbound vm Tcp 192.168.1.1 * - 1",
              "allow nsg/AllowVnetInBound" },
            { "Inbound vm Tcp 172.16.1.1 * - 1", "deny nsg/DenyAllInBound" });
    }
}

static void
test_peerings_that_do_not_count(void **state)
{
    static const char *const flags[] = { "access gateways",
                                         "connected gateways" };

    (void) state;
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        struct builder *b = basic();
        build_peering(b, "vnet", "hub", flags[i], NULL);
        build_on_premises(b, "hub", "192.168.0.0/16");
        EXPECT(b, { "Inbound vm Tcp 192.168.1.1 * - 1",
                    "deny nsg/DenyAllInBound" });
    }
}

static void
test_order_of_routes_does_not_matter(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_subnet(b, "vnet", "routed", NULL)->route_table_id =
        id_of(b, "routeTables", "rt");
    build_nic(b, "vmr", "vnet/routed", "10.0.7.4", "nsg");
    build_route(b, "rt", "172.18.0.0/16 appliance 172.17.0.4");
    build_route(b, "rt", "172.19.0.0/16 appliance 172.20.0.4");
    build_route(b, "rt", "172.17.0.0/16 appliance 10.0.7.9");
    build_route(b, "rt", "172.21.0.0/16 gateway");
    build_route(b, "rt", "172.22.0.0/16 other");
    EXPECT(
        b,
        { "Inbound vmr Tcp 172.18.0.1 * - 1", "allow nsg/AllowVnetInBound" },
        { "Inbound vmr Tcp 172.19.0.1 * - 1", "deny nsg/DenyAllInBound" },
        { "Inbound vmr Tcp 172.21.0.1 * - 1", "allow nsg/AllowVnetInBound" },
        { "Inbound vmr Tcp 172.22.0.1 * - 1", "deny nsg/DenyAllInBound" },
        { "Inbound vm Tcp 172.18.0.1 * - 1", "deny nsg/DenyAllInBound" });
}

static void
test_classic_spellings_of_tags(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_rule(b, "nsg", "v Inbound 100 Deny Tcp VIRTUAL_NETWORK * * 1");
    build_rule(b, "nsg", "i Inbound 110 Allow Tcp INTERNET * * 2");
    build_rule(b, "nsg", "l Inbound 120 Deny Tcp AZURE_LOADBALANCER * * 3");
    EXPECT(b, { "Inbound vm Tcp 10.0.0.9 * - 1", "deny nsg/v" },
           { "Inbound vm Tcp 8.8.8.8 * - 2", "allow nsg/i" },
           { "Inbound vm Tcp 168.63.129.16 * - 3", "deny nsg/l" });
}

static void
test_internet_of_ipv6_is_global_unicast(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_ip(b, "vm", "vnet/sub", "fd00::4");
    EXPECT(b,
           { "Outbound vm Tcp fd00::4 * 2606:4700::1111 443",
             "allow nsg/AllowInternetOutBound" },
           { "Outbound vm Tcp fd00::4 * fd01::1 443",
             "deny nsg/DenyAllOutBound" });
}

static void
test_platform_tags(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_rule(b, "nsg", "d Outbound 100 Deny * * * AzurePlatformDNS *");
    build_rule(b, "nsg", "i Outbound 110 Allow * * * azureplatformimds *");
    build_rule(b, "nsg", "l Outbound 120 Deny Tcp * * AzurePlatformLKM 1688");
    EXPECT(b, { "Outbound vm Udp - * 168.63.129.16 53", "deny nsg/d" },
           { "Outbound vm Tcp - * 169.254.169.254 80", "allow nsg/i" },
           { "Outbound vm Tcp - * 8.8.8.8 1688", "unknown unknown_tag" },
           { "Outbound vm Tcp - * 8.8.8.8 1689",
             "allow nsg/AllowInternetOutBound" });
}

static void
test_internet_can_be_replaced(void **state)
{
    struct builder *b = basic();

    (void) state;
    builder_settings(b)->has_internet_excludes = true;
    EXPECT(b, { "Outbound vm Tcp - * 192.168.0.1 80",
                "allow nsg/AllowInternetOutBound" });
}

static void
test_tag_with_an_unreadable_prefix_is_known_in_part(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_tag(b, "Half", "8.8.8.0/24")->has_bad_prefix = true;
    build_rule(b, "nsg", "r Inbound 100 Allow Tcp Half * * *");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 1", "allow nsg/r" },
           { "Inbound vm Tcp 9.9.9.9 * - 1", "unknown unknown_tag" },
           { "Inbound vm Tcp Half * - 1", "allow nsg/r" });
}

/* --- Application security groups ------------------------------------------- */

static void
test_local_membership_is_of_the_configuration(void **state)
{
    struct builder *b = basic();

    (void) state;
    /* A second NIC carries the same address and is a member; ours is not. */
    build_nic(b, "twin", "vnet/sub", "10.0.0.4", "nsg");
    build_member(b, "twin", "10.0.0.4", "web");
    build_rule(b, "nsg", "in Inbound 100 Allow Tcp * * asg=web 80");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 80", "deny nsg/DenyAllInBound" },
           { "Inbound twin Tcp 8.8.8.8 * - 80", "allow nsg/in" });
}

static void
test_members_of_other_networks_do_not_count(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_network(b, "far", "10.7.0.0/16");
    build_subnet(b, "far", "sub", NULL);
    build_nic(b, "away", "far/sub", "10.7.0.4", NULL);
    build_member(b, "away", "10.7.0.4", "web");
    build_rule(b, "nsg", "in Inbound 100 Allow Tcp asg=web * * 80");
    EXPECT(b, { "Inbound vm Tcp 10.7.0.4 * - 80", "deny nsg/DenyAllInBound" });
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_gateway_without_prefixes_leaves_the_tag_incomplete),
        cmocka_unit_test(test_hub_prefixes_come_with_its_gateway),
        cmocka_unit_test(test_peerings_that_do_not_count),
        cmocka_unit_test(test_order_of_routes_does_not_matter),
        cmocka_unit_test(test_classic_spellings_of_tags),
        cmocka_unit_test(test_internet_of_ipv6_is_global_unicast),
        cmocka_unit_test(test_platform_tags),
        cmocka_unit_test(test_internet_can_be_replaced),
        cmocka_unit_test(test_tag_with_an_unreadable_prefix_is_known_in_part),
        cmocka_unit_test(test_local_membership_is_of_the_configuration),
        cmocka_unit_test(test_members_of_other_networks_do_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
