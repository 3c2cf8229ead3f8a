/* Virtual networks, subnets, peerings; route tables. */

#include "tests/unit/parse/parsing.h"

#define ID NETWORK("virtualNetworks", "vnet-hub")
#define SPACE "'addressSpace':{'addressPrefixes':['10.0.0.0/16','fd00::/48']}"

static void
assert_hub(const struct virtual_network *vnet)
{
    struct address inside = { FAMILY_IPV4, 0x0a00ffff };

    assert_string_equal(vnet->resource.id, ID);
    assert_true(address_set_contains(vnet->address_space, inside));
    assert_int_equal(vnet->address_space.families[FAMILY_IPV6].n, 1);
    assert_int_equal(vnet->n_subnets, 2);
    const struct subnet *web = &vnet->subnets[0];
    assert_string_equal(web->id, ID "/subnets/web");
    assert_string_equal(web->nsg_id, "/nsg/web");
    assert_string_equal(web->route_table_id, "/rt/web");
    assert_int_equal(web->n_prefixes, 1);
    assert_true(web->filters_private_endpoints);
    assert_true(web->has_ip_configurations);
    const struct subnet *gateway = &vnet->subnets[1];
    assert_string_equal(gateway->name, "GatewaySubnet");
    assert_string_equal(gateway->nsg_id, "");
    assert_int_equal(gateway->n_prefixes, 2);
    assert_false(gateway->filters_private_endpoints);
    assert_false(gateway->has_ip_configurations);
    assert_int_equal(vnet->n_peerings, 1);
    const struct peering *peering = &vnet->peerings[0];
    assert_string_equal(peering->remote_network_id, "/vnet/spoke");
    assert_true(peering->connected);
    assert_true(peering->allow_virtual_network_access);
    assert_true(peering->use_remote_gateways);
    assert_true(peering->has_remote_address_space);
}

static void
test_both_shapes_are_one_network(void **state)
{
    (void) state;
    struct parsed arm = parse(
        "{'id':'" ID "','name':'vnet-hub','type':"
        "'Microsoft.Network/virtualNetworks','properties':{" SPACE ","
        "'subnets':[{'id':'" ID "/subnets/web','name':'web','properties':{"
        "'addressPrefix':'10.0.1.0/24','networkSecurityGroup':{'id':"
        "'/nsg/web'},'routeTable':{'id':'/rt/web'},'ipConfigurations':"
        "[{'id':'x'}],'privateEndpointNetworkPolicies':"
        "'networksecuritygroupenabled'}},{'id':'" ID "/subnets/GatewaySubnet',"
        "'name':'GatewaySubnet','properties':{'addressPrefixes':"
        "['10.0.2.0/27','fd00::/64'],'privateEndpointNetworkPolicies':"
        "'Disabled','ipConfigurations':[]}}],'virtualNetworkPeerings':[{"
        "'name':'to-spoke','properties':{'peeringState':'Connected',"
        "'allowVirtualNetworkAccess':true,'useRemoteGateways':true,"
        "'remoteVirtualNetwork':{'id':'/vnet/spoke'},'remoteAddressSpace':"
        "{'addressPrefixes':['10.1.0.0/16']}}}]}}");
    struct parsed flattened = parse(
        "{'id':'" ID "','name':'vnet-hub','type':"
        "'Microsoft.Network/virtualNetworks'," SPACE ","
        "'subnets':[{'id':'" ID "/subnets/web','name':'web',"
        "'addressPrefix':'10.0.1.0/24','networkSecurityGroup':{'id':"
        "'/nsg/web'},'routeTable':{'id':'/rt/web'},'ipConfigurations':"
        "[{'id':'x'}],'privateEndpointNetworkPolicies':'Enabled'},{'id':'" ID
        "/subnets/GatewaySubnet','name':'GatewaySubnet','addressPrefixes':"
        "['10.0.2.0/27','fd00::/64'],'routeTable':null}],"
        "'virtualNetworkPeerings':[{'name':'to-spoke',"
        "'peeringState':'connected','allowVirtualNetworkAccess':true,"
        "'useRemoteGateways':true,'remoteVirtualNetwork':{'id':'/vnet/spoke'},"
        "'remoteAddressSpace':{'addressPrefixes':['10.1.0.0/16']}}]}");

    assert_true(arm.ok);
    assert_true(flattened.ok);
    assert_hub(&arm.part->virtual_networks[0]);
    assert_hub(&flattened.part->virtual_networks[0]);
    parsed_clear(&arm);
    parsed_clear(&flattened);
}

/* Reads a network that has one peering. */
static struct parsed
parse_peering(const char *properties)
{
    char document[2048];

    snprintf(document, sizeof document,
             "{'id':'" ID "','properties':{" SPACE ","
             "'virtualNetworkPeerings':[{'name':'p','properties':{%s}}]}}",
             properties);
    return parse(document);
}

static void
test_a_remote_space_is_there_only_if_all_of_it_is(void **state)
{
    (void) state;
    static const struct {
        const char *properties;
        bool has_space;
        const char *finding;
    } cases[] = {
        { "'remoteAddressSpace':{'addressPrefixes':['10.1.0.0/16']}", true,
          "" },
        { "'remoteAddressSpace':{'addressPrefixes':['10.1.0.0/16','x']}",
          false,
          "x.json: virtualNetworks/vnet-hub: remoteAddressSpace: \"x\" is no "
          "address prefix\n" },
        { "'remoteAddressSpace':{'addressPrefixes':[]}", false, "" },
        { "'remoteAddressSpace':null", false, "" },
        { "'remoteVirtualNetworkAddressSpace':{'addressPrefixes':"
          "['10.1.0.0/16']}",
          false, "" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct parsed parsed = parse_peering(cases[i].properties);
        const struct peering *peering =
            &parsed.part->virtual_networks[0].peerings[0];

        assert_int_equal(peering->has_remote_address_space,
                         cases[i].has_space);
        assert_string_equal(parsed.findings.data, cases[i].finding);
        parsed_clear(&parsed);
    }
}

static void
test_a_peering_counts_only_if_it_says_so(void **state)
{
    (void) state;
    struct parsed parsed = parse_peering("'peeringState':'Initiated'");
    const struct peering *peering =
        &parsed.part->virtual_networks[0].peerings[0];

    assert_false(peering->connected);
    assert_false(peering->allow_virtual_network_access);
    assert_false(peering->use_remote_gateways);
    parsed_clear(&parsed);
}

static void
test_half_a_network_is_left_out(void **state)
{
    (void) state;
    static const struct {
        const char *properties;
        const char *finding;
    } cases[] = {
        { "'addressSpace':{'addressPrefixes':['10.0.0.0/16','10.0.0.0/33']}",
          "addressSpace: \"10.0.0.0/33\" is no address prefix\n" },
        { "'addressSpace':{'addressPrefixes':[]}",
          "left out: its address space is not known" },
        { "'addressSpace':'10.0.0.0/8'", "\"addressSpace\" is no object" },
        { "'subnets':[]", "its address space is not known" },
        { SPACE ",'subnets':[{'name':'a','properties':{}}]",
          "a subnet has no id" },
        { SPACE ",'subnets':[{'id':'a','properties':{"
                "'networkSecurityGroup':{}}}]",
          "\"networkSecurityGroup\" refers to something without an id" },
        { SPACE ",'subnets':[null]", "is no object" },
        { SPACE ",'virtualNetworkPeerings':{}", "is no list" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char document[1024];
        snprintf(document, sizeof document,
                 "{'value':[{'id':'" ID "','properties':{%s}},"
                 "{'id':'" ID "2','properties':{" SPACE "}}]}",
                 cases[i].properties);
        struct parsed parsed = parse(document);

        assert_true(parsed.ok);
        assert_says(parsed.findings.data, cases[i].finding);
        assert_int_equal(parsed.part->n_virtual_networks, 1);
        assert_int_equal(parsed.result.refused[FEED_VNET], 1);
        parsed_clear(&parsed);
    }
}

static void
test_a_bad_prefix_of_a_subnet_is_found(void **state)
{
    (void) state;
    struct parsed parsed =
        parse("{'id':'" ID "','properties':{" SPACE ",'subnets':[{'id':'" ID
              "/subnets/a','name':'a','properties':{'addressPrefix':"
              "'10.0.0'}}]}}");

    assert_int_equal(parsed.part->n_virtual_networks, 1);
    assert_string_equal(parsed.findings.data,
                        "x.json: virtualNetworks/vnet-hub: a: \"10.0.0\" is "
                        "no address prefix\n");
    parsed_clear(&parsed);
}

static void
test_routes_are_read_in_both_shapes(void **state)
{
    (void) state;
    static const char *const documents[] = {
        "{'id':'" NETWORK(
            "routeTables",
            "rt") "','properties':{'routes':[{"
                  "'name':'a','properties':{'addressPrefix':'0.0.0.0/"
                  "0','nextHopType':"
                  "'virtualAppliance','nextHopIpAddress':'10.0.0.4'}},{'name':"
                  "'b',"
                  "'properties':{'addressPrefix':'Storage','nextHopType':'"
                  "Internet',"
                  "'nextHopIpAddress':''}},{'name':'c','properties':{"
                  "'addressPrefix':'10.0.0.0/8','nextHopType':"
                  "'VirtualNetworkGateway'}}]}}",
        "[{'id':'" NETWORK("routeTables",
                           "rt") "','routes':[{'name':'a',"
                                 "'addressPrefix':'0.0.0.0/"
                                 "0','nextHopType':'VirtualAppliance',"
                                 "'nextHopIPAddress':'10.0.0.4'},{'name':'b','"
                                 "addressPrefix':'Storage',"
                                 "'nextHopType':'Internet'},{'name':'c','"
                                 "addressPrefix':'10.0.0.0/8',"
                                 "'nextHopType':'VirtualNetworkGateway'}]}]",
    };

    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        struct parsed parsed = parse(documents[i]);

        assert_true(parsed.ok);
        const struct route_table *table = &parsed.part->route_tables[0];
        assert_int_equal(table->n_routes, 3);
        assert_int_equal(table->routes[0].next_hop,
                         NEXT_HOP_VIRTUAL_APPLIANCE);
        assert_true(table->routes[0].has_next_hop_address);
        assert_true(table->routes[0].next_hop_address.value == 0x0a000004);
        assert_int_equal(table->routes[1].next_hop, NEXT_HOP_OTHER);
        assert_false(table->routes[1].has_next_hop_address);
        assert_string_equal(table->routes[1].prefix, "Storage");
        assert_int_equal(table->routes[2].next_hop,
                         NEXT_HOP_VIRTUAL_NETWORK_GATEWAY);
        parsed_clear(&parsed);
    }
}

static void
test_a_route_to_nowhere_costs_the_table(void **state)
{
    (void) state;
    struct parsed parsed = parse("{'id':'" NETWORK(
        "routeTables",
        "rt") "','properties':{'routes':[{"
              "'name':'a','properties':{'addressPrefix':'0.0.0.0/"
              "0','nextHopType':"
              "'VirtualAppliance','nextHopIpAddress':'10.0.0'}}]}}");

    assert_int_equal(parsed.part->n_route_tables, 0);
    assert_says(parsed.findings.data,
                "routeTables/rt: left out: route a: the next hop \"10.0.0\" "
                "is no address");
    parsed_clear(&parsed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_shapes_are_one_network),
        cmocka_unit_test(test_a_remote_space_is_there_only_if_all_of_it_is),
        cmocka_unit_test(test_a_peering_counts_only_if_it_says_so),
        cmocka_unit_test(test_half_a_network_is_left_out),
        cmocka_unit_test(test_a_bad_prefix_of_a_subnet_is_found),
        cmocka_unit_test(test_routes_are_read_in_both_shapes),
        cmocka_unit_test(test_a_route_to_nowhere_costs_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
