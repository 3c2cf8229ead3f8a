/* Networks put together from parts. */

#include "tests/support/test.h"

#include "engine/base/arena.h"
#include "engine/model/network.h"
#include "tests/unit/engine/network_case.h"

static void
test_ids_compare_without_case(void **state)
{
    (void) state;
    static const struct nic nics[] = { NIC("rg", "nic1", "") };
    struct network_part part = new_part("p");
    part.nics = nics;
    part.n_nics = 1;
    struct network *network = new_network(&part);

    assert_ptr_equal(network_find_nic(network,
                                      "/SUBSCRIPTIONS/S1/resourcegroups/RG/"
                                      "providers/microsoft.network/"
                                      "networkinterfaces/NIC1"),
                     &nics[0]);
    assert_null(network_find_nic(network, NIC_ID("rg", "nic2")));
    assert_null(network_find_nic(network, ""));
    network_unref(network);
}

static void
test_a_subnet_leads_to_its_network(void **state)
{
    (void) state;
    static const struct subnet subnets[] = {
        { .id = VNET_ID("rg", "v") "/subnets/a", .name = "a" }
    };
    static const struct virtual_network vnets[] = {
        { .resource = RESOURCE("rg", VNET_ID("rg", "v"), "v"),
          .subnets = subnets,
          .n_subnets = 1 }
    };
    struct network_part part = new_part("p");
    part.virtual_networks = vnets;
    part.n_virtual_networks = 1;
    struct network *network = new_network(&part);
    const struct virtual_network *vnet = NULL;

    assert_ptr_equal(
        network_find_subnet(network, VNET_ID("RG", "V") "/subnets/A", &vnet),
        &subnets[0]);
    assert_ptr_equal(vnet, &vnets[0]);
    assert_null(network_find_subnet(network, VNET_ID("rg", "v"), &vnet));
    assert_null(vnet);
    network_unref(network);
}

static void
test_names_resolve_if_they_are_unique(void **state)
{
    (void) state;
    static const struct nic nics[] = { NIC("rg-a", "web", ""),
                                       NIC("rg-b", "web", ""),
                                       NIC("rg-b", "db", "") };
    static const struct {
        const char *reference;
        const struct nic *nic;
        size_t n;
    } cases[] = {
        { NIC_ID("rg-a", "web"), &nics[0], 1 },
        { NIC_ID("RG-A", "WEB"), &nics[0], 1 },
        { NIC_ID("rg-c", "web"), NULL, 0 },
        { "rg-a/web", &nics[0], 1 },
        { "RG-B/Web", &nics[1], 1 },
        { "rg-c/web", NULL, 0 },
        { "db", &nics[2], 1 },
        { "DB", &nics[2], 1 },
        { "web", NULL, 2 },
        { "other", NULL, 0 },
        { "", NULL, 0 },
        { "/", NULL, 0 },
        { "rg-a/", NULL, 0 },
    };
    struct network_part part = new_part("p");
    part.nics = nics;
    part.n_nics = COUNT_OF(nics);
    struct network *network = new_network(&part);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t n = 99;
        const struct nic *nic =
            network_resolve_nic(network, cases[i].reference, &n);
        if (nic != cases[i].nic || n != cases[i].n) {
            fail_msg("\"%s\" gave %zu", cases[i].reference, n);
        }
    }
    network_unref(network);
}

static void
test_two_subscriptions_may_share_a_path(void **state)
{
    (void) state;
    static const struct virtual_network vnets[] = {
        { .resource = RESOURCE("rg", VNET_ID("rg", "hub"), "hub") },
        { .resource = RESOURCE("RG",
                               "/subscriptions/s2/resourceGroups/RG/providers/"
                               "Microsoft.Network/virtualNetworks/hub",
                               "hub") },
    };
    struct network_part part = new_part("p");
    part.virtual_networks = vnets;
    part.n_virtual_networks = 2;
    struct network *network = new_network(&part);
    size_t n;

    assert_null(network_resolve_virtual_network(network, "rg/hub", &n));
    assert_int_equal(n, 2);
    assert_ptr_equal(
        network_resolve_virtual_network(network, VNET_ID("rg", "hub"), &n),
        &vnets[0]);
    network_unref(network);
}

static void
test_a_machine_has_its_nics_in_order_of_their_ids(void **state)
{
    (void) state;
    static const struct nic nics[] = {
        NIC("rg", "c", VM_ID("rg", "vm1")),
        NIC("rg", "x", ""),
        NIC("rg", "a", VM_ID("RG", "VM1")),
        NIC("rg", "B", VM_ID("rg", "vm1")),
        NIC("rg", "d", VM_ID("rg2", "vm2")),
        NIC("rg", "e", VM_ID("rg", "vm2")),
    };
    static const char *const references[] = { VM_ID("rg", "vm1"),
                                              VM_ID("rg", "Vm1"), "rg/vm1",
                                              "VM1" };
    struct network_part part = new_part("p");
    part.nics = nics;
    part.n_nics = COUNT_OF(nics);
    struct network *network = new_network(&part);
    bool ambiguous = true;
    size_t n;

    for (size_t i = 0; i < COUNT_OF(references); i++) {
        const struct nic *const *found =
            network_resolve_vm(network, references[i], &n, &ambiguous);
        assert_int_equal(n, 3);
        assert_false(ambiguous);
        assert_ptr_equal(found[0], &nics[2]);
        assert_ptr_equal(found[1], &nics[3]);
        assert_ptr_equal(found[2], &nics[0]);
    }
    network_resolve_vm(network, "vm2", &n, &ambiguous);
    assert_int_equal(n, 0);
    assert_true(ambiguous);
    network_resolve_vm(network, "vm3", &n, &ambiguous);
    assert_int_equal(n, 0);
    assert_false(ambiguous);
    network_unref(network);
}

#define IP(last, subnet, asgs)                                                \
    {                                                                         \
        .name = "ip", .has_address = (last) != 0,                             \
        .address = { FAMILY_IPV4, 0x0a000000 + (last) }, .subnet_id = subnet, \
        .asg_ids = asgs, .n_asg_ids = COUNT_OF(asgs)                          \
    }

static void
test_members_are_those_with_an_address_in_the_network(void **state)
{
    (void) state;
    static const char *const web[] = { "/asg/web" };
    static const char *const both[] = { "/ASG/WEB", "/asg/db" };
    static const struct ip_configuration ips[] = {
        IP(1, VNET_ID("rg", "v1") "/subnets/a", web),
        IP(2, VNET_ID("RG", "V1") "/subnets/b", both),
        IP(0, VNET_ID("rg", "v1") "/subnets/a", web), /* No address. */
        IP(4, VNET_ID("rg", "v2") "/subnets/a", web),
        IP(5, "", web), /* No subnet. */
        IP(6, VNET_ID("rg", "v10") "/subnets/a", web),
    };
    static const struct nic nics[] = {
        { .resource = RESOURCE("rg", NIC_ID("rg", "n"), "n"),
          .vm_id = "",
          .nsg_id = "",
          .ip_configurations = ips,
          .n_ip_configurations = COUNT_OF(ips) }
    };
    struct network_part part = new_part("p");
    part.nics = nics;
    part.n_nics = 1;
    struct network *network = new_network(&part);
    size_t n;

    const struct asg_member *members =
        network_asg_members(network, "/asg/Web", VNET_ID("rg", "V1"), &n);
    assert_int_equal(n, 2);
    assert_ptr_equal(members[0].ip_configuration, &ips[0]);
    assert_ptr_equal(members[1].ip_configuration, &ips[1]);
    assert_ptr_equal(members[0].nic, &nics[0]);

    members =
        network_asg_members(network, "/asg/web", VNET_ID("rg", "v2"), &n);
    assert_int_equal(n, 1);
    assert_ptr_equal(members[0].ip_configuration, &ips[3]);

    network_asg_members(network, "/asg/db", VNET_ID("rg", "v2"), &n);
    assert_int_equal(n, 0);
    network_asg_members(network, "/asg/none", VNET_ID("rg", "v1"), &n);
    assert_int_equal(n, 0);
    network_unref(network);
}

static void
test_every_kind_is_found_and_listed(void **state)
{
    (void) state;
    static const struct virtual_network vnet = {
        .resource = { .id = "/v", .name = "v", .resource_group = "rg" }
    };
    static const struct security_group group = { .resource = { .id = "/g" } };
    static const struct asg asg = { .resource = { .id = "/a" } };
    static const struct route_table table = { .resource = { .id = "/t" } };
    static const struct network_manager manager = { .resource = { .id =
                                                                      "/m" } };
    static const struct network_group members = { .id = "/n" };
    static const struct service_tag tag = { .name = "Storage.WestEurope",
                                            .key = "x Storage.WestEurope" };
    static const struct effective_admin_rules rules = { .virtual_network_id =
                                                            "/v" };
    struct network_part part = new_part("p");
    part.virtual_networks = &vnet;
    part.security_groups = &group;
    part.asgs = &asg;
    part.route_tables = &table;
    part.managers = &manager;
    part.network_groups = &members;
    part.service_tags = &tag;
    part.effective_admin_rules = &rules;
    part.n_virtual_networks = part.n_security_groups = part.n_asgs = 1;
    part.n_route_tables = part.n_managers = part.n_network_groups = 1;
    part.n_service_tags = part.n_effective_admin_rules = 1;
    struct network *network = new_network(&part);
    const struct virtual_network *const *vnets;
    const struct security_group *const *groups;
    const struct asg *const *asgs;
    const struct effective_admin_rules *const *lists;

    assert_ptr_equal(network_find_virtual_network(network, "/V"), &vnet);
    assert_ptr_equal(network_find_security_group(network, "/G"), &group);
    assert_ptr_equal(network_find_route_table(network, "/T"), &table);
    assert_ptr_equal(network_find_manager(network, "/M"), &manager);
    assert_ptr_equal(network_find_group(network, "/N"), &members);
    assert_ptr_equal(
        network_find_service_tag(network, "x", "storage.westeurope"), &tag);
    assert_null(network_find_service_tag(network, "y", "storage.westeurope"));
    assert_null(network_find_service_tag(network, "", "storage.westeurope"));
    assert_null(network_find_service_tag(network, "", "x storage.westeurope"));
    assert_ptr_equal(network_find_admin_rules(network, "/V"), &rules);
    assert_int_equal(network_virtual_networks(network, &vnets), 1);
    assert_ptr_equal(vnets[0], &vnet);
    assert_int_equal(network_security_groups(network, &groups), 1);
    assert_ptr_equal(groups[0], &group);
    assert_int_equal(network_asgs(network, &asgs), 1);
    assert_ptr_equal(asgs[0], &asg);
    assert_int_equal(network_admin_rules(network, &lists), 1);
    assert_ptr_equal(lists[0], &rules);
    network_unref(network);
}

static void
test_a_network_keeps_its_parts(void **state)
{
    (void) state;
    struct network_part part = new_part("p");
    struct nic *nic = arena_alloc(part.arena, sizeof *nic);
    *nic = (struct nic){
        .resource = { arena_strdup(part.arena, NIC_ID("rg", "n")), "n", "rg",
                      "", 0 },
        .vm_id = "",
        .nsg_id = "",
    };
    part.nics = nic;
    part.n_nics = 1;

    struct network *network = network_ref(new_network(&part));
    network_unref(network);

    assert_string_equal(
        network_find_nic(network, NIC_ID("RG", "N"))->resource.name, "n");
    assert_int_equal(network_absent(network), ADMIN_RULES_ABSENT_IS_NONE);
    network_unref(network);
}

static void
test_an_empty_network_answers_everything_with_nothing(void **state)
{
    (void) state;
    struct network *network =
        network_create(NULL, 0, ADMIN_RULES_OFF, NULL, NULL);
    const struct security_group *const *groups;
    bool ambiguous;
    size_t n;

    assert_null(network_find_nic(network, "/x"));
    assert_null(network_find_admin_rules(network, "/x"));
    assert_null(network_resolve_nic(network, "x", &n));
    assert_null(network_resolve_vm(network, "x", &n, &ambiguous));
    assert_null(network_asg_members(network, "/x", "/y", &n));
    assert_int_equal(network_security_groups(network, &groups), 0);
    assert_int_equal(network_absent(network), ADMIN_RULES_OFF);
    network_unref(network);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_compare_without_case),
        cmocka_unit_test(test_a_subnet_leads_to_its_network),
        cmocka_unit_test(test_names_resolve_if_they_are_unique),
        cmocka_unit_test(test_two_subscriptions_may_share_a_path),
        cmocka_unit_test(test_a_machine_has_its_nics_in_order_of_their_ids),
        cmocka_unit_test(
            test_members_are_those_with_an_address_in_the_network),
        cmocka_unit_test(test_every_kind_is_found_and_listed),
        cmocka_unit_test(test_a_network_keeps_its_parts),
        cmocka_unit_test(
            test_an_empty_network_answers_everything_with_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
