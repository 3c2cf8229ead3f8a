/* Two states of a small network: what differs, which change alone flips a
 * flow, and what does nothing. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/compile/policies.h"
#include "engine/judge/cause.h"
#include "engine/judge/estate_analyze.h"
#include "engine/judge/estate_diff.h"
#include "engine/judge/judge.h"
#include "tests/support/builder.h"

/* What both states have in common; 'edit' does the rest. */
static struct builder *
make_state(void (*edit)(struct builder *b))
{
    struct builder *b = builder_create();

    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "web", "nsg-web");
    build_nic(b, "nic-web", "vnet/web", "10.0.0.4", NULL);
    build_nic(b, "nic-app", "vnet/web", "10.0.0.5", NULL);
    build_tag(b, "Partner", "20.0.0.0/24");
    edit(b);
    build_rule(b, "nsg-web", "partner Inbound 200 Allow Tcp Partner * * 8443");
    build_rule(b, "nsg-web", "deny Inbound 4000 Deny * * * * *");
    build_tag(b, "Other", "30.0.0.0/24");
    return b;
}

static void
old_state(struct builder *b)
{
    build_rule(b, "nsg-web", "web Inbound 100 Allow Tcp Internet * * 443");
    build_rule(b, "nsg-web", "asg Inbound 110 Allow Tcp asg=apps * * 22");
}

static void
port_edited(struct builder *b)
{
    build_rule(b, "nsg-web", "web Inbound 100 Allow Tcp Internet * * 444");
    build_rule(b, "nsg-web", "asg Inbound 110 Allow Tcp asg=apps * * 22");
}

static void
access_and_name_edited(struct builder *b)
{
    build_rule(b, "nsg-web", "web Inbound 100 Deny Tcp Internet * * 443");
    build_rule(b, "nsg-web", "asg Inbound 110 Allow Tcp asg=apps * * 22");
    build_rule(b, "nsg-web", "idle Inbound 120 Allow Tcp 9.9.9.9 * * 1");
}

static void
rule_removed(struct builder *b)
{
    build_rule(b, "nsg-web", "asg Inbound 110 Allow Tcp asg=apps * * 22");
}

static void
rule_added(struct builder *b)
{
    old_state(b);
    build_rule(b, "nsg-web", "block Inbound 90 Deny Tcp 8.8.8.0/24 * * *");
}

static void
group_attached(struct builder *b)
{
    old_state(b);
    build_nic(b, "nic-db", "vnet/web", "10.0.0.6", "nsg-db");
    build_rule(b, "nsg-db", "none Inbound 100 Deny * * * * *");
}

static void
group_not_attached(struct builder *b)
{
    old_state(b);
    build_nic(b, "nic-db", "vnet/web", "10.0.0.6", NULL);
}

static void
member_joined(struct builder *b)
{
    old_state(b);
    build_member(b, "nic-app", "10.0.0.5", "apps");
}

static void
admin_rule_added(struct builder *b)
{
    old_state(b);
    build_admin_rule(b, "vnet",
                     "m/c/stop Inbound 10 Deny Tcp Internet * * 443");
}

struct flip {
    const char *what;
    void (*before)(struct builder *b);
    void (*after)(struct builder *b);
    const char *flow;
    const char *cause; /* "what rule field" of the only one alone. */
};

static const struct flip flips[] = {
    { "an edited port", old_state, port_edited,
      "Inbound nic-web Tcp 8.8.8.8 * - 443", "changed web destination port" },
    { "an edited access, next to a rule that does not matter", old_state,
      access_and_name_edited, "Inbound nic-web Tcp 8.8.8.8 * - 443",
      "changed web access" },
    { "a rule that was removed", old_state, rule_removed,
      "Inbound nic-web Tcp 8.8.8.8 * - 443", "removed web " },
    { "a rule that was added", old_state, rule_added,
      "Inbound nic-web Tcp 8.8.8.8 * - 443", "added block " },
    { "a group put on the network interface", group_not_attached,
      group_attached, "Inbound nic-db Tcp 8.8.8.8 * - 443",
      "attached nic-db " },
    { "a member that joined an application group", old_state, member_joined,
      "Inbound nic-web Tcp 10.0.0.5 * - 22", "members_changed apps " },
    { "an admin rule", old_state, admin_rule_added,
      "Inbound nic-web Tcp 8.8.8.8 * - 443", "added stop " },
};

/* The last part of a name or an ARM id. */
static const char *
last_part(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

static const struct cause *
find_causes(struct builder *before, struct builder *after,
            struct policies *policies, const char *words, size_t *n)
{
    const struct flow *flow = build_flow(before, words);
    struct cause_states states = { builder_network(before),
                                   builder_network(after),
                                   builder_settings_const(before), policies };

    return causes_find(&states, flow, builder_judge_flow(before, flow),
                       builder_judge_flow(after, flow), builder_arena(before),
                       n);
}

static void
test_the_change_that_alone_flips_a_flow_is_named(void **state)
{
    (void) state;

    for (size_t i = 0; i < COUNT_OF(flips); i++) {
        struct policies *policies = policies_create();
        struct builder *before = make_state(flips[i].before);
        struct builder *after = make_state(flips[i].after);
        size_t n;
        size_t n_alone = 0;

        const struct cause *causes =
            find_causes(before, after, policies, flips[i].flow, &n);

        print_message("%s\n", flips[i].what);
        assert_true(n > 0);
        assert_string_equal(
            arena_printf(builder_arena(before), "%s %s %s", causes[0].what,
                         last_part(causes[0].rule), causes[0].field),
            flips[i].cause);
        for (size_t j = 0; j < n; j++) {
            n_alone += causes[j].alone;
        }
        assert_int_equal(n_alone, 1);
        builder_destroy(after);
        builder_destroy(before);
        policies_destroy(policies);
    }
}

static struct builder *
make_upper_case_group(const char *rule)
{
    struct builder *b = builder_create();

    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "web", "NSG-Web");
    build_nic(b, "nic-web", "vnet/web", "10.0.0.4", NULL);
    build_rule(b, "NSG-Web", rule);
    return b;
}

static void
test_a_cause_names_its_group_as_a_decision_does(void **state)
{
    struct policies *policies = policies_create();
    struct builder *before =
        make_upper_case_group("web Inbound 100 Allow Tcp * * * 443");
    struct builder *after =
        make_upper_case_group("web Inbound 100 Deny Tcp * * * 443");
    size_t n;

    (void) state;
    const struct cause *causes = find_causes(
        before, after, policies, "Inbound nic-web Tcp 8.8.8.8 * - 443", &n);

    assert_int_equal(n, 1);
    assert_string_equal(causes[0].ruleset, "rg/nsg-web");
    builder_destroy(after);
    builder_destroy(before);
    policies_destroy(policies);
}

static void
test_a_cause_names_the_collection_of_an_admin_rule(void **state)
{
    struct policies *policies = policies_create();
    struct builder *before = make_state(old_state);
    struct builder *after = make_state(admin_rule_added);
    size_t n;

    (void) state;
    const struct cause *causes = find_causes(
        before, after, policies, "Inbound nic-web Tcp 8.8.8.8 * - 443", &n);

    assert_int_equal(n, 1);
    assert_string_equal(causes[0].layer, "admin");
    assert_string_equal(causes[0].ruleset, "m/c");
    builder_destroy(after);
    builder_destroy(before);
    policies_destroy(policies);
}

static void
tag_grown(struct builder *b)
{
    old_state(b);
    build_tag(b, "Fresh", "40.0.0.0/24,50.0.0.0/24");
    build_rule(b, "nsg-web", "fresh Inbound 300 Allow Tcp Fresh * * 9443");
}

static void
tag_small(struct builder *b)
{
    old_state(b);
    build_tag(b, "Fresh", "40.0.0.0/24");
    build_rule(b, "nsg-web", "fresh Inbound 300 Allow Tcp Fresh * * 9443");
}

static void
test_a_tag_that_grew_is_a_cause_although_no_rule_changed(void **state)
{
    struct policies *policies = policies_create();
    struct builder *before = make_state(tag_small);
    struct builder *after = make_state(tag_grown);
    size_t n;
    (void) state;

    const struct cause *causes = find_causes(
        before, after, policies, "Inbound nic-web Tcp 50.0.0.1 * - 9443", &n);

    assert_int_equal(n, 1);
    assert_true(causes[0].alone);
    assert_string_equal(causes[0].what, "tag_changed");
    assert_string_equal(causes[0].rule, "Fresh");
    assert_string_equal(causes[0].after, "50.0.0.0/24");
    builder_destroy(after);
    builder_destroy(before);
    policies_destroy(policies);
}

static struct estate_diff
compare(struct builder *before, struct builder *after)
{
    return estate_compare(builder_estate(before), builder_estate(after),
                          builder_arena(before));
}

static void
test_equal_states_do_not_differ(void **state)
{
    struct builder *before = make_state(old_state);
    struct builder *after = make_state(old_state);
    (void) state;

    struct estate_diff diff = compare(before, after);

    assert_int_equal(diff.n_rulesets, 0);
    assert_int_equal(diff.n_unused, 0);
    builder_destroy(before);
    builder_destroy(after);
}

static void
test_an_edit_is_told_once_for_all_nics(void **state)
{
    struct builder *before = make_state(old_state);
    struct builder *after = make_state(port_edited);
    (void) state;

    struct estate_diff diff = compare(before, after);

    assert_int_equal(diff.n_rulesets, 1);
    assert_int_equal(diff.rulesets[0].change, RULESET_CHANGED);
    assert_int_equal(diff.rulesets[0].direction, DIRECTION_INBOUND);
    assert_int_equal(diff.rulesets[0].n_nics, 2);
    assert_int_equal(diff.rulesets[0].diff.n_edits, 1);
    /* Port 443 is lost and 444 is gained, for IPv4 and IPv6. */
    assert_int_equal(diff.rulesets[0].diff.n_changes, 4);
    builder_destroy(before);
    builder_destroy(after);
}

static void
test_an_attached_group_is_compared_with_none(void **state)
{
    struct builder *before = make_state(group_not_attached);
    struct builder *after = make_state(group_attached);
    size_t n_attached = 0;
    (void) state;

    struct estate_diff diff = compare(before, after);

    for (size_t i = 0; i < diff.n_rulesets; i++) {
        n_attached += diff.rulesets[i].change == RULESET_ATTACHED;
    }
    assert_int_equal(n_attached, diff.n_rulesets);
    assert_true(n_attached > 0);
    builder_destroy(before);
    builder_destroy(after);
}

static void
idle_rules(struct builder *b)
{
    old_state(b);
    build_rule(b, "nsg-web", "late Inbound 4001 Allow Tcp * * * 443");
    build_rule(b, "nsg-web", "same Inbound 150 Deny Tcp 9.9.9.9 * * 7");
}

static void
test_rules_that_do_nothing_are_found_in_their_place(void **state)
{
    struct builder *b = make_state(idle_rules);
    (void) state;

    struct estate_analysis analysis =
        estate_analyze(builder_estate(b), "nsg-web", builder_arena(b));

    assert_int_equal(analysis.n_rulesets, 1);
    const struct analysis *rules = &analysis.rulesets[0].analysis;
    for (size_t i = 0; i < rules->n_rules; i++) {
        const struct analyzed_rule *rule = &rules->rules[i];
        if (ascii_equal(rule->rule->name, "late")) {
            assert_int_equal(rule->finding, RULE_NEVER);
            assert_int_equal(rule->n_hidden_by, 1);
            assert_string_equal(rule->hidden_by[0]->name, "deny");
            assert_true(rule->other_access);
        } else if (ascii_equal(rule->rule->name, "same")) {
            assert_int_equal(rule->finding, RULE_REDUNDANT);
        } else if (ascii_equal(rule->rule->name, "asg")) {
            /* The group has no members. */
            assert_int_equal(rule->finding, RULE_EMPTY);
        }
    }
    assert_int_equal(rules->n_findings, 3);
    builder_destroy(b);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_change_that_alone_flips_a_flow_is_named),
        cmocka_unit_test(test_a_cause_names_its_group_as_a_decision_does),
        cmocka_unit_test(test_a_cause_names_the_collection_of_an_admin_rule),
        cmocka_unit_test(
            test_a_tag_that_grew_is_a_cause_although_no_rule_changed),
        cmocka_unit_test(test_equal_states_do_not_differ),
        cmocka_unit_test(test_an_edit_is_told_once_for_all_nics),
        cmocka_unit_test(test_an_attached_group_is_compared_with_none),
        cmocka_unit_test(test_rules_that_do_nothing_are_found_in_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
