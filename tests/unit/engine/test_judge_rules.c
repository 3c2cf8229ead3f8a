/* The rules of judging that no worked case shows, each by its name: which
 * address, which NIC, what is uncertain, and what the answer carries. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/judge/judge.h"
#include "tests/support/builder.h"

/* A flow and what verdict_words() says of it. */
struct asked {
    const char *flow;
    const char *words;
};

static struct builder *
basic(void)
{
    struct builder *b = builder_create();

    build_network(b, "vnet", "10.0.0.0/16,fd00::/64");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", "nsg");
    build_nsg(b, "nsg");
    return b;
}

static void
expect(struct builder *b, const struct asked asked[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *words = verdict_words(b, builder_judge(b, asked[i].flow));
        if (strcmp(words, asked[i].words) != 0) {
            print_message("%s\n", asked[i].flow);
        }
        assert_string_equal(words, asked[i].words);
    }
    builder_destroy(b);
}

#define EXPECT(b, ...)                                                        \
    do {                                                                      \
        const struct asked asked[] = { __VA_ARGS__ };                         \
        expect(b, asked, COUNT_OF(asked));                                    \
    } while (0)

/* --- Which addresses, which NIC ------------------------------------------ */

static void
test_local_address_must_be_on_the_nic(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_ip(b, "vm", "vnet/sub", "10.0.0.5");
    EXPECT(b,
           { "Outbound vm Tcp 10.0.0.9 * 8.8.8.8 1",
             "unknown address_not_on_nic" },
           { "Outbound vm Tcp 10.0.0.5,10.0.0.9 * 8.8.8.8 1",
             "unknown address_not_on_nic" },
           { "Outbound vm Tcp 10.0.0.5,10.0.0.4 * 8.8.8.8 1",
             "allow nsg/AllowInternetOutBound" });
}

static void
test_missing_or_ambiguous_nic_is_not_found(void **state)
{
    (void) state;
    EXPECT(basic(),
           { "Outbound lost Tcp - * 8.8.8.8 1", "unknown nic_not_found" },
           { "Outbound rg/vm Tcp - * 8.8.8.8 1",
             "allow nsg/AllowInternetOutBound" },
           { "Outbound RG/VM Tcp - * 8.8.8.8 1",
             "allow nsg/AllowInternetOutBound" });
}

static const struct verdict *
judge_vm(struct builder *b, const char *address)
{
    struct flow *flow = arena_memdup(
        builder_arena(b), build_flow(b, "Inbound x Tcp 8.8.8.8 * - 80"),
        sizeof *flow);

    flow->destination.nic = NULL;
    flow->destination.vm = "machine";
    if (address) {
        struct address_range *range =
            arena_alloc(builder_arena(b), sizeof *range);
        assert_true(address_range_parse(address, range));
        flow->destination.addresses = range;
        flow->destination.n_addresses = 1;
    }
    return builder_judge_flow(b, flow);
}

static void
test_machine_stands_for_its_nic(void **state)
{
    struct builder *b = basic();
    struct nic *second = build_nic(b, "vm2", "vnet/sub", "10.0.0.6", NULL);

    (void) state;
    second->vm_id = "/subscriptions/s/resourceGroups/rg/providers/"
                    "Microsoft.Compute/virtualMachines/machine";
    assert_string_equal(verdict_words(b, judge_vm(b, NULL)), "allow none");

    struct nic *first = build_nic(b, "vm3", "vnet/sub", "10.0.0.7", "nsg");
    first->vm_id = second->vm_id;
    assert_string_equal(verdict_words(b, judge_vm(b, NULL)),
                        "unknown nic_not_found");
    assert_string_equal(verdict_words(b, judge_vm(b, "10.0.0.6")),
                        "allow none");
    first->primary = true;
    build_nic(b, "other", "vnet/sub", "10.0.0.8", NULL);
    assert_string_equal(verdict_words(b, judge_vm(b, NULL)),
                        "deny nsg/DenyAllInBound");
    assert_string_equal(verdict_words(b, judge_vm(b, "10.0.0.99")),
                        "unknown address_not_on_nic");
    builder_destroy(b);
}

static void
test_families_that_the_nic_lacks_are_left_out(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_nic(b, "nothing", "vnet/sub", NULL, NULL);
    build_nic(b, "six", "vnet/sub", "fd00::4", NULL);
    EXPECT(b,
           { "Outbound vm Tcp - * fd00::1,8.8.8.8 1",
             "allow nsg/AllowInternetOutBound" },
           { "Outbound vm Tcp - * fd00::1 1", "unknown empty_flow" },
           { "Outbound nothing Tcp - * 8.8.8.8 1", "unknown empty_flow" },
           { "Outbound nothing Tcp * * 8.8.8.8 1", "unknown empty_flow" },
           { "Both vm,six Tcp - * - 1", "unknown empty_flow" });
}

static void
test_subnet_that_is_not_in_the_data(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_nic(b, "adrift", "vnet/lost", "10.0.0.5", "nsg");
    EXPECT(b,
           { "Outbound adrift Tcp - * 8.8.8.8 1", "unknown network_missing" },
           { "Both adrift,lost Tcp - * - 1", "unknown nic_not_found" },
           { "Both vm,adrift Tcp - * - 1", "unknown network_missing" });
}

static void
test_unknown_tag_in_a_remote_list(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_tag(b, "Known", "8.8.8.0/24");
    build_tag(b, "Empty", "-");
    EXPECT(
        b,
        { "Outbound vm Tcp - * Known 1", "allow nsg/AllowInternetOutBound" },
        { "Outbound vm Tcp - * Known,NoSuchTag 1", "unknown unknown_tag" },
        { "Outbound vm Tcp - * Empty 1", "unknown empty_flow" },
        { "Outbound vm Tcp - * AzurePlatformLKM 1", "unknown unknown_tag" });
}

static void
test_an_address_that_is_there_twice_counts_once(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_subnet(b, "vnet", "other", "strict");
    build_nsg(b, "strict");
    build_ip(b, "vm", "vnet/other", "10.0.0.4");
    const struct verdict *v = builder_judge(b, "Inbound vm Tcp 8.8.8.8 1 * 1");
    assert_true(wide_to_double(v->packets) == 1);
    builder_destroy(b);
}

/* --- Sets ----------------------------------------------------------------- */

static void
test_ranges_of_ports_are_exact(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_rule(b, "nsg", "r Inbound 100 Allow Tcp * * * 80,443");
    const struct verdict *v =
        builder_judge(b, "Inbound vm Tcp 8.8.8.8 * - 80-83");
    assert_string_equal(verdict_words(b, v), "partial nsg/DenyAllInBound");
    assert_true(v->allowed_ratio == 0.25);
    assert_int_equal(v->n_regions, 2);
    assert_int_equal(v->regions[0].kind, VERDICT_DENY);
    assert_true(v->regions[0].share == 0.75);
    assert_int_equal(v->regions[1].example.destination_port, 80);
    builder_destroy(b);
}

static void
test_star_with_star_ports_means_all_six_protocols(void **state)
{
    struct builder *b = basic();
    const struct verdict *all = builder_judge(b, "Inbound vm * 8.8.8.8 * - *");
    const struct verdict *two =
        builder_judge(b, "Inbound vm * 8.8.8.8 * - 80");

    (void) state;
    /* Two protocols with 2^32 pairs of ports, four without. */
    assert_true(wide_to_double(all->packets) == 2.0 * 65536.0 * 65536.0 + 4.0);
    assert_true(wide_to_double(two->packets) == 2.0 * 65536.0);
    builder_destroy(b);
}

static void
test_packets_without_ports_need_full_port_sides(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_rule(b, "nsg",
               "a Inbound 100 Deny * 8.8.8.1 0-32767,32768-65535 * *");
    build_rule(b, "nsg", "b Inbound 110 Deny * 8.8.8.2 0-65534 * *");
    build_rule(b, "nsg", "c Inbound 120 Allow * * * * *");
    EXPECT(b, { "Inbound vm Icmp 8.8.8.1 * - *", "deny nsg/a" },
           { "Inbound vm Icmp 8.8.8.2 * - *", "allow nsg/c" },
           { "Inbound vm Esp,Ah,Other 8.8.8.3 * - *", "allow nsg/c" });
}

static void
test_largest_share_decides_and_layer_order_breaks_ties(void **state)
{
    struct builder *b = builder_create();

    (void) state;
    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "sub", "outer");
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", "inner");
    build_rule(b, "outer", "a Inbound 200 Deny Tcp * * * 1");
    build_rule(b, "outer", "a2 Inbound 100 Deny Tcp * * * 4");
    build_rule(b, "outer", "rest Inbound 300 Allow * * * * *");
    build_rule(b, "inner", "b Inbound 100 Deny Tcp * * * 2-3");
    build_rule(b, "inner", "c Inbound 110 Deny Tcp * * * 5");
    build_rule(b, "inner", "rest Inbound 300 Allow * * * * *");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 1 - 1-9", "partial inner/b" },
           { "Inbound vm Tcp 8.8.8.8 1 - 1-2", "deny outer/a" },
           { "Inbound vm Tcp 8.8.8.8 1 - 1,4", "deny outer/a2" },
           { "Inbound vm Tcp 8.8.8.8 1 - 4,5", "deny outer/a2" });
}

static void
test_two_sided_names_the_first_denying_side(void **state)
{
    struct builder *b = builder_create();

    (void) state;
    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "one", "vnet/sub", "10.0.0.4", "nsg1");
    build_nic(b, "two", "vnet/sub", "10.0.0.5", "nsg2");
    build_nic(b, "bare", "vnet/sub", "10.0.0.6", NULL);
    build_rule(b, "nsg1", "out Outbound 100 Deny Tcp * * * 1");
    build_rule(b, "nsg2", "in Inbound 100 Deny Tcp * * * 1-2");
    EXPECT(b, { "Both one,two Tcp - * - 1", "deny nsg1/out" },
           { "Both one,two Tcp - * - 2", "deny nsg2/in" },
           { "Both one,two Tcp - * - 3", "allow nsg2/AllowVnetInBound" },
           { "Both one,bare Tcp - * - 3", "allow nsg1/AllowVnetOutBound" },
           { "Both bare,bare Tcp - * - 3", "allow none" });
}

/* --- Rules that cannot be told --------------------------------------------- */

static void
test_uncertainty_is_as_narrow_as_the_data(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_rule(b, "nsg", "r Inbound 100 Allow Tcp NoSuchTag,8.0.0.0/8 * * *");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 1", "allow nsg/r" },
           { "Inbound vm Tcp 9.9.9.9 * - 1", "unknown unknown_tag" },
           { "Inbound vm Udp 9.9.9.9 * - 1", "deny nsg/DenyAllInBound" },
           { "Inbound vm Tcp 10.0.0.9 * - 1", "allow nsg/AllowVnetInBound ?" },
           { "Inbound vm Tcp 8.8.8.8,9.9.9.9 * - 1", "unknown unknown_tag" },
           { "Inbound vm Tcp,Udp 8.8.8.8,9.9.9.9 * - 1",
             "partial nsg/DenyAllInBound ?" });
}

static void
test_parts_that_cannot_be_read(void **state)
{
    static const char *const rules[] = {
        "r Inbound 100 Allow Tcp 789 * * *",
        "r Inbound 100 Allow Tcp - * * *",
        "r Inbound 100 Allow Tcp * - * *",
        "r Inbound 100 Allow Tcp * 70000 * *",
        "r Inbound 100 Allow Tcp * * 1.2.3 *",
        "r Inbound 100 Allow Tcp * * 10.0.0.0/33 *",
        "r Inbound 100 Allow Tcp * * * 90-80",
        "r Inbound 100 Allow Sctp * * * *",
        "r Inbound 100 Perhaps Tcp * * * *",
        "r Sideways 100 Allow Tcp * * * *",
        "r Inbound 0 Allow Tcp * * * *",
    };

    (void) state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        struct builder *b = basic();
        build_rule(b, "nsg", rules[i]);
        const struct verdict *v =
            builder_judge(b, "Inbound vm Tcp 8.8.8.8 * - 1");
        const char *words = verdict_words(b, v);
        if (strcmp(words, "unknown invalid_rule") != 0) {
            print_message("%s\n", rules[i]);
        }
        assert_string_equal(words, "unknown invalid_rule");
        assert_non_null(strstr(v->reason_detail, "rule r"));
        builder_destroy(b);
    }
}

static void
test_missing_group_is_never_no_rules(void **state)
{
    struct builder *b = builder_create();

    (void) state;
    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "sub", "lost");
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", "nsg");
    build_rule(b, "nsg", "no Inbound 100 Deny Tcp * * * 1");
    build_rule(b, "nsg", "yes Inbound 110 Allow * * * * *");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 2", "unknown ruleset_missing" },
           /* Whatever the missing group says, the NIC's denies. */
           { "Inbound vm Tcp 8.8.8.8 * - 1", "deny nsg/no ?" },
           { "Outbound vm Tcp - * 1.2.3.4 1", "unknown ruleset_missing" },
           { "Outbound vm Tcp - * 100.64.0.1 1", "deny nsg/DenyAllOutBound" });
}

static void
test_group_without_a_last_word_is_no_allow(void **state)
{
    struct builder *b = builder_create();

    (void) state;
    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", "odd");
    build_bare_nsg(b, "odd");
    build_rule(b, "odd", "yes Inbound 110 Allow Tcp * * * 80");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 80", "allow odd/yes" },
           { "Inbound vm Tcp 8.8.8.8 * - 81", "unknown invalid_rule" });
}

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

/* --- Admin rules ------------------------------------------------------------ */

static void
test_blank_sides_of_admin_rules_are_any(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_admin_rule(b, "vnet", "m/c/r Inbound 1 Deny Any - - - -");
    EXPECT(b, { "Inbound vm Icmp 8.8.8.8 * - *", "deny admin:m/c/r" });
}

static void
test_management_groups_come_before_subscriptions(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_manager(b, "top", MANAGER_TIER_MANAGEMENT_GROUP);
    build_manager(b, "low", MANAGER_TIER_SUBSCRIPTION);
    build_admin_rule(b, "vnet", "low/c/no Inbound 1 Deny Tcp * * * *");
    build_admin_rule(b, "vnet", "top/c/yes Inbound 90 Allow Tcp * * * 80");
    build_rule(b, "nsg", "web Inbound 100 Allow Tcp * * * *");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 80", "allow nsg/web" },
           { "Inbound vm Tcp 8.8.8.8 * - 81", "deny admin:low/c/no" });
}

static void
test_unknown_order_of_managers_matters_only_if_it_does(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_manager(b, "a", MANAGER_TIER_MANAGEMENT_GROUP);
    build_manager(b, "b", MANAGER_TIER_MANAGEMENT_GROUP);
    build_admin_rule(b, "vnet", "a/c/no Inbound 1 Deny Tcp * * * 1-2");
    build_admin_rule(b, "vnet", "b/c/yes Inbound 1 AlwaysAllow Tcp * * * 1");
    build_admin_rule(b, "vnet", "b/c/no Inbound 2 Deny Tcp * * * 2");
    EXPECT(
        b,
        { "Inbound vm Tcp 8.8.8.8 * - 1", "unknown admin_priority_unknown" },
        { "Inbound vm Tcp 8.8.8.8 * - 2", "deny admin:a/c/no ?" },
        { "Inbound vm Tcp 8.8.8.8 * - 3", "deny nsg/DenyAllInBound" });
}

static void
test_one_manager_alone_needs_no_scope(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_admin_rule(b, "vnet", "lost/c/no Inbound 2 Deny Tcp * * * 1");
    build_admin_rule(b, "vnet",
                     "lost/c/yes Inbound 1 AlwaysAllow Tcp * * * 1");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 1", "allow admin:lost/c/yes" });
}

static void
test_priority_zero_is_looked_up(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_admin_rule(b, "vnet", "m/c/a Inbound 0 Deny Tcp * * * 1");
    build_admin_rule(b, "vnet", "m/c/b Inbound 5 AlwaysAllow Tcp * * * 1");
    build_admin_rule(b, "vnet", "m/c/c Inbound 0 Deny Tcp * * * 2");
    build_admin_rule(b, "vnet", "m/c/d Inbound 0 AlwaysAllow Tcp * * * 2");
    build_admin_rule(b, "vnet", "m/c/e Inbound 0 Deny Tcp * * * 3");
    build_priority(b, "m/c/a", 4);
    EXPECT(
        b, { "Inbound vm Tcp 8.8.8.8 * - 1", "deny admin:m/c/a" },
        { "Inbound vm Tcp 8.8.8.8 * - 2", "unknown admin_priority_unknown" },
        { "Inbound vm Tcp 8.8.8.8 * - 3", "deny admin:m/c/e" });
}

static void
test_equal_priorities_deny_first(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_admin_rule(b, "vnet", "m/c/a Inbound 5 Allow Tcp * * * *");
    build_admin_rule(b, "vnet", "m/c/b Inbound 5 AlwaysAllow Tcp * * * 1-2");
    build_admin_rule(b, "vnet", "m/c/d Inbound 5 Deny Tcp * * * 1");
    build_admin_rule(b, "vnet", "m/c/c Inbound 5 Deny Tcp * * * 1");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 1", "deny admin:m/c/c" },
           { "Inbound vm Tcp 8.8.8.8 * - 2", "allow admin:m/c/b" });
}

static void
test_many_rules_without_priority_stay_exact(void **state)
{
    struct builder *b = basic();
    char words[96];

    (void) state;
    for (int i = 0; i < 40; i++) {
        snprintf(words, sizeof words, "m/c/r%02d Inbound 0 %s Tcp * * * %d", i,
                 i % 2 ? "Deny" : "AlwaysAllow", i / 2);
        build_admin_rule(b, "vnet", words);
    }
    build_admin_rule(b, "vnet", "m/c/z Inbound 0 Deny Tcp * * * 100-101");
    build_admin_rule(b, "vnet", "m/c/y Inbound 0 Deny Tcp * * * 101");
    EXPECT(
        b,
        { "Inbound vm Tcp 8.8.8.8 * - 7", "unknown admin_priority_unknown" },
        { "Inbound vm Tcp 8.8.8.8 * - 100", "deny admin:m/c/z" },
        { "Inbound vm Tcp 8.8.8.8 * - 101", "deny admin:m/c/y ?" },
        { "Inbound vm Tcp 8.8.8.8 * - 50", "deny nsg/DenyAllInBound" });
}

static void
test_admin_list_that_was_not_read(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_admin_absent(b, ADMIN_RULES_ABSENT_IS_UNAVAILABLE);
    assert_string_equal(
        verdict_words(b, builder_judge(b, "Inbound vm Tcp 8.8.8.8 * - 1")),
        "unknown admin_rules_unavailable");
    build_admin_absent(b, ADMIN_RULES_OFF);
    const struct verdict *v = builder_judge(b, "Inbound vm Tcp 8.8.8.8 * - 1");
    assert_int_equal(v->layers[0].outcome, OUTCOME_NOT_APPLICABLE);
    build_admin_absent(b, ADMIN_RULES_ABSENT_IS_NONE);
    build_admin_unavailable(b, "vnet");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 1",
                "unknown admin_rules_unavailable" });
}

static void
test_network_group_whose_members_are_not_known(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_admin_rule(b, "vnet", "m/c/r Inbound 1 Deny Tcp group=lost * * 80");
    build_rule(b, "nsg", "web Inbound 100 Allow Tcp * * * *");
    EXPECT(b,
           { "Inbound vm Tcp 8.8.8.8 * - 80",
             "unknown network_group_unresolved" },
           { "Inbound vm Tcp 8.8.8.8 * - 81", "allow nsg/web" });
}

/* --- Private endpoints ------------------------------------------------------ */

static void
test_private_endpoints_are_filtered_where_the_policy_says(void **state)
{
    struct builder *b = builder_create();

    (void) state;
    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "open", "nsg");
    build_subnet(b, "vnet", "filtered", "nsg")->filters_private_endpoints =
        true;
    build_nic(b, "pe1", "vnet/open", "10.0.0.4", NULL)->private_endpoint =
        true;
    build_nic(b, "pe2", "vnet/filtered", "10.0.1.4", NULL)->private_endpoint =
        true;
    build_nsg(b, "nsg");
    build_admin_rule(b, "vnet", "m/c/no Inbound 1 Deny * * * * *");
    const struct verdict *v =
        builder_judge(b, "Inbound pe1 Tcp 8.8.8.8 * - 1");
    assert_int_equal(v->layers[0].outcome, OUTCOME_NOT_APPLICABLE);
    assert_int_equal(v->layers[1].outcome, OUTCOME_NOT_APPLICABLE);
    EXPECT(b, { "Inbound pe1 Tcp 8.8.8.8 * - 1", "allow none" },
           { "Inbound pe2 Tcp 8.8.8.8 * - 1", "deny nsg/DenyAllInBound" });
}

/* --- The budget --------------------------------------------------------- */

static void
test_spent_budget_is_said_and_never_guessed(void **state)
{
    struct builder *b = basic();
    char words[128];

    (void) state;
    for (int i = 0; i < 60; i++) {
        snprintf(words, sizeof words,
                 "r%02d Inbound %d %s Tcp %d.0.0.0/7 %d-%d * %d-%d", i,
                 100 + i, i % 2 ? "Allow" : "Deny", i * 4, i * 100,
                 i * 700 + 9, i * 50, i * 900 + 70);
        build_rule(b, "nsg", words);
    }
    builder_settings(b)->budget = 1;
    const struct verdict *v = builder_judge(b, "Inbound vm * * * - *");
    assert_true(v->decided_ratio < 1);
    assert_true(v->kind == VERDICT_PARTIAL || v->kind == VERDICT_UNKNOWN);
    assert_false(v->certain);
    if (v->kind == VERDICT_UNKNOWN) {
        assert_int_equal(v->reason, REASON_UNDECIDED);
        assert_true(*v->reason_detail);
    }
    builder_settings(b)->budget = 0;
    v = builder_judge(b, "Inbound vm * * * - *");
    assert_true(v->decided_ratio == 1);
    assert_int_equal(v->kind, VERDICT_PARTIAL);
    builder_destroy(b);
}

/* --- What a verdict carries ------------------------------------------------- */

static void
test_layers_tell_their_outcomes(void **state)
{
    struct builder *b = builder_create();

    (void) state;
    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "sub", "outer");
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", "inner");
    build_nsg(b, "inner");
    build_rule(b, "outer", "yes Inbound 100 Allow Tcp * * * 80");
    const struct verdict *v =
        builder_judge(b, "Inbound vm Tcp 8.8.8.8 * - 81");
    assert_int_equal(v->n_layers, 3);
    assert_int_equal(v->layers[0].outcome, OUTCOME_NO_RULESET);
    assert_int_equal(v->layers[1].outcome, OUTCOME_DENY);
    assert_string_equal(v->layers[1].ruleset, "rg/outer");
    assert_string_equal(v->layers[1].rule->name, "DenyAllInBound");
    assert_int_equal(v->layers[2].outcome, OUTCOME_NOT_CONSULTED);
    /* It would deny, too, if it were asked. */
    assert_true(v->layers[2].denies);
    v = builder_judge(b, "Inbound vm Tcp 8.8.8.8 * - 80-81");
    assert_int_equal(v->layers[1].outcome, OUTCOME_MIXED);
    assert_int_equal(v->layers[2].outcome, OUTCOME_DENY);
    builder_destroy(b);
}

static void
test_unchanged_basis_gives_the_same_verdict_back(void **state)
{
    struct builder *b = basic();
    const struct flow *flow = build_flow(b, "Inbound vm Tcp Internet * - 80");
    const struct verdict *first = builder_judge_flow(b, flow);

    (void) state;
    /* Something else changes. */
    build_nsg(b, "unrelated");
    struct verdict *second = estate_judge(builder_estate(b), flow, first);
    assert_ptr_equal(second, first);
    verdict_unref(second);

    build_rule(b, "nsg", "web Inbound 100 Allow Tcp * * * 80");
    struct verdict *third = estate_judge(builder_estate(b), flow, first);
    assert_ptr_not_equal(third, first);
    assert_string_equal(verdict_words(b, third), "allow nsg/web");
    verdict_unref(third);
    builder_destroy(b);
}

static void
test_verdict_outlives_its_network_and_policies(void **state)
{
    struct builder *b = basic();
    struct verdict *v =
        estate_judge(builder_estate(b),
                     build_flow(b, "Inbound vm Tcp 8.8.8.8 * - 80"), NULL);

    (void) state;
    builder_destroy(b);
    assert_string_equal(v->decision.rule->name, "DenyAllInBound");
    assert_string_equal(v->layers[2].ruleset, "rg/nsg");
    verdict_unref(v);
}

static void
test_policies_are_shared_and_dropped(void **state)
{
    struct builder *b = basic();
    struct policies *policies = policies_create();
    struct estate *estate =
        estate_create(builder_network(b), builder_settings_const(b), policies);

    (void) state;
    const struct flow *flow = build_flow(b, "Inbound vm Tcp Internet * - 80");
    struct verdict *first = estate_judge(estate, flow, NULL);
    size_t compiled = policies_stats(policies).compiled;
    estate_destroy(estate);
    policies_sweep(policies);
    /* The verdict keeps its policy, which the next estate finds again. */
    estate =
        estate_create(builder_network(b), builder_settings_const(b), policies);
    struct verdict *second = estate_judge(estate, flow, NULL);
    assert_int_equal(policies_stats(policies).compiled, compiled);
    assert_ptr_equal(second->decision.rule, first->decision.rule);
    verdict_unref(first);
    verdict_unref(second);
    estate_destroy(estate);
    policies_sweep(policies);
    policies_sweep(policies);
    assert_int_equal(policies_stats(policies).policies, 0);
    assert_int_equal(policies_stats(policies).classifiers, 0);
    policies_destroy(policies);
    builder_destroy(b);
}

static void
test_origins_name_what_the_verdict_rests_on(void **state)
{
    struct builder *b = basic();
    struct security_group *group = build_nsg(b, "other");
    struct nic *nic = build_nic(b, "vm2", "vnet/sub", "10.0.0.9", "other");

    (void) state;
    nic->resource.origin = 7;
    group->resource.origin = 9;
    const struct verdict *v =
        builder_judge(b, "Inbound vm2 Tcp 8.8.8.8 * - 1");
    assert_int_equal(v->n_origins, 3);
    assert_int_equal(v->origins[0], 0);
    assert_int_equal(v->origins[1], 7);
    assert_int_equal(v->origins[2], 9);
    builder_destroy(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_local_address_must_be_on_the_nic),
        cmocka_unit_test(test_missing_or_ambiguous_nic_is_not_found),
        cmocka_unit_test(test_machine_stands_for_its_nic),
        cmocka_unit_test(test_families_that_the_nic_lacks_are_left_out),
        cmocka_unit_test(test_subnet_that_is_not_in_the_data),
        cmocka_unit_test(test_unknown_tag_in_a_remote_list),
        cmocka_unit_test(test_an_address_that_is_there_twice_counts_once),
        cmocka_unit_test(test_ranges_of_ports_are_exact),
        cmocka_unit_test(test_star_with_star_ports_means_all_six_protocols),
        cmocka_unit_test(test_packets_without_ports_need_full_port_sides),
        cmocka_unit_test(
            test_largest_share_decides_and_layer_order_breaks_ties),
        cmocka_unit_test(test_two_sided_names_the_first_denying_side),
        cmocka_unit_test(test_uncertainty_is_as_narrow_as_the_data),
        cmocka_unit_test(test_parts_that_cannot_be_read),
        cmocka_unit_test(test_missing_group_is_never_no_rules),
        cmocka_unit_test(test_group_without_a_last_word_is_no_allow),
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
        cmocka_unit_test(test_spent_budget_is_said_and_never_guessed),
        cmocka_unit_test(test_local_membership_is_of_the_configuration),
        cmocka_unit_test(test_members_of_other_networks_do_not_count),
        cmocka_unit_test(test_blank_sides_of_admin_rules_are_any),
        cmocka_unit_test(test_management_groups_come_before_subscriptions),
        cmocka_unit_test(
            test_unknown_order_of_managers_matters_only_if_it_does),
        cmocka_unit_test(test_one_manager_alone_needs_no_scope),
        cmocka_unit_test(test_priority_zero_is_looked_up),
        cmocka_unit_test(test_equal_priorities_deny_first),
        cmocka_unit_test(test_many_rules_without_priority_stay_exact),
        cmocka_unit_test(test_admin_list_that_was_not_read),
        cmocka_unit_test(test_network_group_whose_members_are_not_known),
        cmocka_unit_test(
            test_private_endpoints_are_filtered_where_the_policy_says),
        cmocka_unit_test(test_layers_tell_their_outcomes),
        cmocka_unit_test(test_unchanged_basis_gives_the_same_verdict_back),
        cmocka_unit_test(test_verdict_outlives_its_network_and_policies),
        cmocka_unit_test(test_policies_are_shared_and_dropped),
        cmocka_unit_test(test_origins_name_what_the_verdict_rests_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
