/* Admin rules and private endpoints (spec verdict 6 and 7). */

#include "tests/support/test.h"

#include <stdio.h>

#include "engine/base/arena.h"
#include "tests/support/builder.h"
#include "tests/unit/engine/judge_case.h"

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

static void
test_network_group_whose_members_are_known_in_part(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_admin_rule(b, "vnet", "m/c/r Inbound 1 Deny Tcp group=half * * 80");
    build_network_group(b, "half", "8.8.8.0/24")->incomplete = true;
    build_rule(b, "nsg", "web Inbound 100 Allow Tcp * * * *");
    EXPECT(b, { "Inbound vm Tcp 8.8.8.8 * - 80", "deny admin:m/c/r" },
           { "Inbound vm Tcp 8.8.9.8 * - 80",
             "unknown network_group_unresolved" },
           { "Inbound vm Tcp 8.8.9.8 * - 81", "allow nsg/web" });
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(test_network_group_whose_members_are_known_in_part),
        cmocka_unit_test(
            test_private_endpoints_are_filtered_where_the_policy_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
