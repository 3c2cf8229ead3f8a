/* Network interfaces. */

#include "tests/unit/parse/parsing.h"

#define ID NETWORK("networkInterfaces", "nic-web")
#define SUBNET NETWORK("virtualNetworks", "vnet") "/subnets/web"

static void
assert_web_nic(const struct nic *nic)
{
    assert_string_equal(nic->resource.id, ID);
    assert_string_equal(nic->vm_id, "/vm/web");
    assert_string_equal(nic->nsg_id, "/nsg/web");
    assert_true(nic->primary);
    assert_false(nic->private_endpoint);
    assert_int_equal(nic->n_ip_configurations, 2);
    const struct ip_configuration *first = &nic->ip_configurations[0];
    assert_string_equal(first->name, "ipconfig1");
    assert_true(first->has_address);
    assert_true(first->primary);
    assert_true(first->address.value == 0x0a000104);
    assert_string_equal(first->subnet_id, SUBNET);
    assert_int_equal(first->n_asg_ids, 1);
    assert_string_equal(first->asg_ids[0], "/asg/web");
    assert_int_equal(nic->ip_configurations[1].address.family, FAMILY_IPV6);
    assert_false(nic->ip_configurations[1].primary);
}

static void
test_both_shapes_are_one_nic(void **state)
{
    (void) state;
    struct parsed arm =
        parse("{'id':'" ID "','name':'nic-web','type':"
              "'Microsoft.Network/networkInterfaces','properties':{"
              "'virtualMachine':{'id':'/vm/web'},'primary':true,"
              "'networkSecurityGroup':{'id':'/nsg/web','properties':{}},"
              "'ipConfigurations':[{'name':'ipconfig1','properties':{"
              "'privateIPAddress':'10.0.1.4','primary':true,"
              "'subnet':{'id':'" SUBNET "'},"
              "'applicationSecurityGroups':[{'id':'/asg/web'}]}},"
              "{'name':'v6','properties':{'privateIPAddress':'fd00::4',"
              "'subnet':{'id':'" SUBNET "'}}}]}}");
    /* Older versions of the tool spell the address in their own way. */
    struct parsed flattened =
        parse("[{'id':'" ID "','name':'nic-web','type':"
              "'Microsoft.Network/networkInterfaces',"
              "'virtualMachine':{'id':'/vm/web','resourceGroup':'rg'},"
              "'primary':true,'networkSecurityGroup':{'id':'/nsg/web'},"
              "'privateEndpoint':null,"
              "'ipConfigurations':[{'name':'ipconfig1','primary':true,"
              "'privateIpAddress':'10.0.1.4','subnet':{'id':'" SUBNET "'},"
              "'applicationSecurityGroups':[{'id':'/asg/web'}]},"
              "{'name':'v6','privateIpAddress':'fd00::4','primary':false,"
              "'subnet':{'id':'" SUBNET "'}}]}]");

    assert_true(arm.ok);
    assert_true(flattened.ok);
    assert_web_nic(&arm.part->nics[0]);
    assert_web_nic(&flattened.part->nics[0]);
    parsed_clear(&arm);
    parsed_clear(&flattened);
}

static void
test_a_scale_set_nic_is_a_nic(void **state)
{
    (void) state;
    static const char id[] =
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/"
        "virtualMachineScaleSets/vmss/virtualMachines/3/networkInterfaces/"
        "nic";
    char document[1024];

    snprintf(document, sizeof document,
             "{'value':[{'id':'%s','properties':{'ipConfigurations':[]}}]}",
             id);
    struct parsed parsed = parse(document);

    assert_true(parsed.ok);
    assert_int_equal(parsed.part->n_nics, 1);
    assert_string_equal(parsed.part->nics[0].resource.name, "nic");
    parsed_clear(&parsed);
}

/* Reads a NIC that has one ip configuration. */
static struct parsed
parse_with(const char *ip_configuration)
{
    char document[2048];

    snprintf(document, sizeof document,
             "{'id':'" ID "','properties':{'ipConfigurations':[{'name':'ip',"
             "'properties':{%s}}]}}",
             ip_configuration);
    return parse(document);
}

static void
test_an_address_may_be_absent(void **state)
{
    (void) state;
    static const char *const cases[] = { "", "'privateIPAddress':null",
                                         "'privateIPAddress':''" };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct parsed parsed = parse_with(cases[i]);
        const struct ip_configuration *ip =
            &parsed.part->nics[0].ip_configurations[0];

        assert_false(ip->has_address);
        assert_true(ip->primary);
        assert_string_equal(ip->subnet_id, "");
        assert_string_equal(parsed.findings.data, "");
        parsed_clear(&parsed);
    }
}

static void
test_a_bad_address_costs_the_nic(void **state)
{
    (void) state;
    static const char *const addresses[] = { "10.0.0.256",  "10.0.0",
                                             "10.0.0.0/33", "010.0.0.1",
                                             "x",           "/" };

    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        char property[64];
        snprintf(property, sizeof property, "'privateIPAddress':'%s'",
                 addresses[i]);
        struct parsed parsed = parse_with(property);

        assert_int_equal(parsed.part->n_nics, 0);
        assert_int_equal(parsed.result.refused[FEED_NIC], 1);
        assert_says(parsed.findings.data,
                    "x.json: networkInterfaces/nic-web: left out: "
                    "ipConfigurations/ip: \"");
        assert_says(parsed.findings.data, addresses[i]);
        parsed_clear(&parsed);
    }
}

static void
test_a_delegated_block_is_all_of_its_addresses(void **state)
{
    (void) state;
    struct parsed parsed = parse_with("'privateIPAddress':'10.0.0.32/28',"
                                      "'privateIPAddressPrefixLength':28");
    const struct nic *nic = &parsed.part->nics[0];

    assert_int_equal(nic->n_ip_configurations, 16);
    assert_true(nic->ip_configurations[0].address.value == 0x0a000020);
    assert_true(nic->ip_configurations[15].address.value == 0x0a00002f);
    assert_true(nic->ip_configurations[0].primary);
    assert_false(nic->ip_configurations[1].primary);
    parsed_clear(&parsed);
}

static void
test_a_huge_block_is_cut_and_found(void **state)
{
    (void) state;
    struct parsed parsed = parse_with("'privateIPAddress':'fd00::/64'");

    assert_int_equal(parsed.part->nics[0].n_ip_configurations, 256);
    assert_says(parsed.findings.data, "only the first 256 addresses");
    parsed_clear(&parsed);
}

static void
test_a_private_endpoint_says_so(void **state)
{
    (void) state;
    struct parsed parsed =
        parse("{'id':'" ID "','properties':{'ipConfigurations':[],"
              "'privateEndpoint':{'id':'/pe'}}}");

    assert_true(parsed.part->nics[0].private_endpoint);
    parsed_clear(&parsed);
}

static void
test_half_a_nic_is_left_out(void **state)
{
    (void) state;
    static const char *const cases[] = {
        "'ipConfigurations':[7]",
        "'ipConfigurations':{}",
        "'networkSecurityGroup':{}",
        "'networkSecurityGroup':[]",
        "'ipConfigurations':[{'properties':{'subnet':{'name':'x'}}}]",
        ("'ipConfigurations':[{'properties':{"
         "'applicationSecurityGroups':[null]}}]"),
        "'primary':'perhaps'",
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char document[512];
        snprintf(document, sizeof document,
                 "{'id':'" ID "','properties':{%s}}", cases[i]);
        struct parsed parsed = parse(document);

        if (!parsed.ok || parsed.part->n_nics
            || parsed.result.refused[FEED_NIC] != 1) {
            fail_msg("%s was read", cases[i]);
        }
        parsed_clear(&parsed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_shapes_are_one_nic),
        cmocka_unit_test(test_a_scale_set_nic_is_a_nic),
        cmocka_unit_test(test_an_address_may_be_absent),
        cmocka_unit_test(test_a_bad_address_costs_the_nic),
        cmocka_unit_test(test_a_delegated_block_is_all_of_its_addresses),
        cmocka_unit_test(test_a_huge_block_is_cut_and_found),
        cmocka_unit_test(test_a_private_endpoint_says_so),
        cmocka_unit_test(test_half_a_nic_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
