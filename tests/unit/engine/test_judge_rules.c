/* When a rule matches and which one decides, where no worked case shows it
 * (spec verdict 1 to 3 and 8). */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/arena.h"
#include "tests/support/builder.h"
#include "tests/unit/engine/judge_case.h"

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

/* 168.63.129.16 is in the Internet, too, and treated as a group of its own. */
static void
test_an_example_is_one_of_the_most(void **state)
{
    struct builder *b = basic();
    struct address server;

    (void) state;
    build_admin_rule(b, "vnet", "m/c/r Inbound 10 Deny Tcp Internet * * 22");
    const struct verdict *v =
        builder_judge(b, "Inbound vm Tcp Internet * - 22");
    assert_int_equal(v->n_regions, 1);
    assert_true(address_parse("8.8.8.8", &server));
    assert_true(v->regions[0].example.source.value == server.value);
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
test_a_rule_is_named_before_none_that_decides_as_much(void **state)
{
    struct builder *b = builder_create();

    (void) state;
    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", NULL);
    build_admin_rule(b, "vnet", "m/c/some Inbound 5 Allow Tcp * * * 1");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 1-2", "allow admin:m/c/some" },
           { "Inbound vm Tcp 8.8.8.8 * - 1-3", "allow none" });
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

static void
test_one_priority_twice_is_no_order(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_rule(b, "nsg", "a Inbound 100 Deny Tcp 8.0.0.0/8 * * 80-90");
    build_rule(b, "nsg", "b Inbound 100 Allow Tcp * * * 80-82");
    build_rule(b, "nsg", "c Inbound 200 Deny Tcp * * * 100");
    build_rule(b, "nsg", "d Inbound 200 Allow Tcp * * * 101");
    build_rule(b, "nsg", "e Inbound 300 Allow Tcp * * * 110-111");
    build_rule(b, "nsg", "f Inbound 300 Allow Tcp * * * 111-112");
    build_rule(b, "nsg", "g Outbound 300 Deny Tcp * * * 111-112");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 80", "unknown invalid_rule" },
           { "Inbound vm Tcp 8.8.8.8 * - 90", "deny nsg/DenyAllInBound ?" },
           { "Inbound vm Tcp 9.9.9.9 * - 80", "allow nsg/b" },
           { "Inbound vm Tcp 8.8.8.8 * - 100", "deny nsg/c" },
           { "Inbound vm Tcp 8.8.8.8 * - 101", "allow nsg/d" },
           { "Inbound vm Tcp 8.8.8.8 * - 111", "allow nsg/e" });
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_of_ports_are_exact),
        cmocka_unit_test(test_an_example_is_one_of_the_most),
        cmocka_unit_test(test_star_with_star_ports_means_all_six_protocols),
        cmocka_unit_test(test_packets_without_ports_need_full_port_sides),
        cmocka_unit_test(
            test_largest_share_decides_and_layer_order_breaks_ties),
        cmocka_unit_test(
            test_a_rule_is_named_before_none_that_decides_as_much),
        cmocka_unit_test(test_two_sided_names_the_first_denying_side),
        cmocka_unit_test(test_uncertainty_is_as_narrow_as_the_data),
        cmocka_unit_test(test_parts_that_cannot_be_read),
        cmocka_unit_test(test_missing_group_is_never_no_rules),
        cmocka_unit_test(test_group_without_a_last_word_is_no_allow),
        cmocka_unit_test(test_one_priority_twice_is_no_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
