/* Networks put together from parts. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "engine/model/network.h"

#define GROUP(rg) "/subscriptions/s1/resourceGroups/" rg "/providers/"
#define NIC_ID(rg, name) GROUP(rg) "Microsoft.Network/networkInterfaces/" name
#define VM_ID(rg, name) GROUP(rg) "Microsoft.Compute/virtualMachines/" name
#define VNET_ID(rg, name) GROUP(rg) "Microsoft.Network/virtualNetworks/" name

#define RESOURCE(rg, full_id, own_name)                                       \
    {                                                                         \
        .id = full_id, .name = own_name, .resource_group = rg, .location = "" \
    }
#define NIC(rg, own_name, vm)                                                 \
    {                                                                         \
        .resource = RESOURCE(rg, NIC_ID(rg, own_name), own_name),             \
        .vm_id = vm, .nsg_id = ""                                             \
    }

static struct network_part
new_part(const char *label)
{
    return (struct network_part){ .arena = arena_create(), .label = label };
}

/* Collects findings as lines. */
static void
collect_finding(void *aux, const char *line)
{
    struct text *lines = aux;

    text_append(lines, line);
    text_append_char(lines, '\n');
}

static struct network *
create(const struct network_part *part)
{
    struct network *network =
        network_create(&part, 1, ADMIN_RULES_ABSENT_IS_NONE, NULL, NULL);

    /* The network keeps it. */
    arena_unref(part->arena);
    return network;
}

static void
test_ids_compare_without_case(void **state)
{
    (void) state;
    static const struct nic nics[] = { NIC("rg", "nic1", "") };
    struct network_part part = new_part("p");
    part.nics = nics;
    part.n_nics = 1;
    struct network *network = create(&part);

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
    struct network *network = create(&part);
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
    struct network *network = create(&part);

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
    struct network *network = create(&part);
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
    struct network *network = create(&part);
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
    struct network *network = create(&part);
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
test_of_two_with_one_id_the_first_counts_and_it_is_told(void **state)
{
    (void) state;
    static const struct nic first[] = { NIC("rg", "web", "") };
    static const struct nic second[] = { NIC("RG", "WEB", "") };
    struct network_part parts[] = { new_part("a.json"), new_part("b.json") };
    const struct network_part *const pointers[] = { &parts[0], &parts[1] };
    struct text lines;

    parts[0].nics = first;
    parts[0].n_nics = 1;
    parts[1].nics = second;
    parts[1].n_nics = 1;
    text_init(&lines);
    struct network *network = network_create(
        pointers, 2, ADMIN_RULES_ABSENT_IS_NONE, collect_finding, &lines);
    const struct nic *const *nics;
    size_t n;

    assert_ptr_equal(network_find_nic(network, second[0].resource.id), first);
    assert_int_equal(network_nics(network, &nics), 1);
    assert_ptr_equal(network_resolve_nic(network, "rg/web", &n), first);
    assert_string_equal(lines.data,
                        "b.json: networkInterfaces/WEB: left out, the first "
                        "one counts, which is in a.json\n");
    network_unref(network);
    arena_unref(parts[0].arena);
    arena_unref(parts[1].arena);
    text_clear(&lines);
}

static void
test_tags_that_agree_are_no_finding(void **state)
{
    (void) state;
    struct network_part parts[] = { new_part("a"), new_part("b") };
    const struct network_part *const pointers[] = { &parts[0], &parts[1] };
    struct service_tag tags[] = { { .name = "Storage", .key = "Storage" },
                                  { .name = "storage", .key = "storage" } };
    struct text lines;

    text_init(&lines);
    for (int disagree = 0; disagree <= 1; disagree++) {
        tags[1].has_bad_prefix = disagree;
        for (size_t i = 0; i < 2; i++) {
            parts[i].service_tags = &tags[i];
            parts[i].n_service_tags = 1;
        }
        network_unref(network_create(pointers, 2, ADMIN_RULES_OFF,
                                     collect_finding, &lines));
        assert_int_equal(lines.length > 0, disagree);
    }
    arena_unref(parts[0].arena);
    arena_unref(parts[1].arena);
    text_clear(&lines);
}

static void
test_reports_of_twins_have_a_limit(void **state)
{
    (void) state;
    static struct asg asgs[151];
    struct network_part part = new_part("p");
    const struct network_part *const pointer = &part;
    struct text lines;
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(asgs); i++) {
        asgs[i].resource.id = "/asg";
    }
    part.asgs = asgs;
    part.n_asgs = COUNT_OF(asgs);
    text_init(&lines);
    network_unref(
        network_create(&pointer, 1, ADMIN_RULES_OFF, collect_finding, &lines));

    for (const char *c = lines.data; *c; c++) {
        n += *c == '\n';
    }
    assert_int_equal(n, 101);
    assert_non_null(strstr(lines.data, "\n50 more resources are there more "
                                       "than once\n"));
    arena_unref(part.arena);
    text_clear(&lines);
}

static void
test_two_lists_of_admin_rules_for_one_network_are_none(void **state)
{
    (void) state;
    static const struct effective_admin_rules lists[] = {
        { .virtual_network_id = "/v", .hash = { 1, 1 } },
        { .virtual_network_id = "/V", .hash = { 1, 1 } },
        { .virtual_network_id = "/v", .hash = { 2, 2 } },
        { .virtual_network_id = "/v", .hash = { 3, 3 } },
    };

    for (size_t n = 1; n <= COUNT_OF(lists); n++) {
        struct network_part part = new_part("p");
        const struct network_part *const pointer = &part;
        struct text lines;
        part.effective_admin_rules = lists;
        part.n_effective_admin_rules = n;
        text_init(&lines);
        struct network *network = network_create(
            &pointer, 1, ADMIN_RULES_ABSENT_IS_NONE, collect_finding, &lines);

        assert_int_equal(network_find_admin_rules(network, "/v")->unavailable,
                         n > 2);
        assert_string_equal(lines.data,
                            n > 2 ? "p: effective admin rules of/v: neither "
                                    "this list counts nor the one in p\n"
                                  : "");
        network_unref(network);
        arena_unref(part.arena);
        text_clear(&lines);
    }
}

static void
test_an_active_priority_outranks_the_rule_resource(void **state)
{
    (void) state;
    static const struct {
        const char *what;
        struct admin_rule_priority entries[4];
        size_t n;
        int priority;
    } cases[] = {
        { "one", { { "/r", 7, false, 0 } }, 1, 7 },
        { "active later",
          { { "/r", 7, false, 0 }, { "/R", 9, true, 0 } },
          2,
          9 },
        { "active first",
          { { "/r", 9, true, 0 }, { "/r", 7, false, 0 } },
          2,
          9 },
        { "0 is none", { { "/r", 0, true, 0 }, { "/r", 7, false, 0 } }, 2, 7 },
        { "agreement", { { "/r", 7, true, 0 }, { "/r", 7, true, 0 } }, 2, 7 },
        { "disagreement",
          { { "/r", 7, true, 0 }, { "/r", 8, true, 0 } },
          2,
          0 },
        { "disagreement lasts",
          { { "/r", 7, true, 0 }, { "/r", 8, true, 0 }, { "/r", 7, true, 0 } },
          3,
          0 },
        { "active ends a disagreement of resources",
          { { "/r", 7, false, 0 },
            { "/r", 8, false, 0 },
            { "/r", 5, true, 0 } },
          3,
          5 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct network_part part = new_part("p");
        part.priorities = cases[i].entries;
        part.n_priorities = cases[i].n;
        struct network *network = create(&part);
        const struct admin_rule_priority *found =
            network_find_priority(network, "/r");
        if (!found || found->priority != cases[i].priority) {
            fail_msg("%s: %d", cases[i].what, found ? found->priority : -1);
        }
        network_unref(network);
    }
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
    struct network *network = create(&part);
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

    struct network *network = network_ref(create(&part));
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_compare_without_case),
        cmocka_unit_test(test_a_subnet_leads_to_its_network),
        cmocka_unit_test(test_names_resolve_if_they_are_unique),
        cmocka_unit_test(test_two_subscriptions_may_share_a_path),
        cmocka_unit_test(test_a_machine_has_its_nics_in_order_of_their_ids),
        cmocka_unit_test(
            test_members_are_those_with_an_address_in_the_network),
        cmocka_unit_test(
            test_of_two_with_one_id_the_first_counts_and_it_is_told),
        cmocka_unit_test(test_tags_that_agree_are_no_finding),
        cmocka_unit_test(test_reports_of_twins_have_a_limit),
        cmocka_unit_test(
            test_two_lists_of_admin_rules_for_one_network_are_none),
        cmocka_unit_test(test_an_active_priority_outranks_the_rule_resource),
        cmocka_unit_test(test_every_kind_is_found_and_listed),
        cmocka_unit_test(test_a_network_keeps_its_parts),
        cmocka_unit_test(
            test_an_empty_network_answers_everything_with_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
