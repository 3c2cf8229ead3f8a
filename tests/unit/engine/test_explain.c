/* Explanations: what they list, and how they read. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/judge/explain.h"
#include "engine/judge/judge.h"
#include "tests/support/builder.h"

static struct builder *
two_layers(void)
{
    struct builder *b = builder_create();

    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "sub", "outer");
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", "inner");
    build_rule(b, "outer", "ssh Inbound 100 Allow Tcp Internet * * 22");
    build_rule(b, "outer", "web Inbound 110 Allow Tcp Internet * * 443,8443");
    build_nsg(b, "inner");
    return b;
}

static const struct explanation *
explain_flow(struct builder *b, const char *words)
{
    const struct flow *flow = build_flow(b, words);

    return explain(builder_estate(b), flow, builder_judge_flow(b, flow),
                   builder_arena(b));
}

static void
test_rules_are_listed_up_to_the_match(void **state)
{
    struct builder *b = two_layers();
    const struct explanation *e =
        explain_flow(b, "Inbound vm Tcp 8.8.8.8 * - 443");

    (void) state;
    assert_int_equal(e->n_layers, 3);
    assert_int_equal(e->layers[0].n_rules, 0);
    assert_int_equal(e->layers[1].n_rules, 2);
    assert_int_equal(e->layers[1].n_more_rules, 3);
    assert_int_equal(e->layers[1].rules[0].match, RULE_DIFFERS);
    assert_int_equal(e->layers[1].rules[0].fields[FIELD_SOURCE],
                     FIELD_MATCHES);
    assert_int_equal(e->layers[1].rules[0].fields[FIELD_DESTINATION_PORT],
                     FIELD_DIFFERS);
    assert_string_equal(e->layers[1].rules[0].why,
                        "destination port 443 is not in 22");
    assert_int_equal(e->layers[1].rules[1].match, RULE_MATCHES);
    assert_true(e->layers[1].rules[1].share == 1);
    assert_int_equal(e->layers[2].n_rules, 3);
    assert_string_equal(e->layers[2].rules[0].why,
                        "source 8.8.8.8 is not in VirtualNetwork");
    assert_string_equal(
        e->sentence,
        "Tcp from 8.8.8.8 to vm (10.0.0.4) port 443 is denied by default rule "
        "DenyAllInBound (priority 65500) of rg/inner, the security group of "
        "the NIC.");
    builder_destroy(b);
}

static void
test_layers_that_were_not_consulted_try_no_rule(void **state)
{
    struct builder *b = two_layers();
    const struct explanation *e =
        explain_flow(b, "Inbound vm Tcp 8.8.8.8 * - 80");

    (void) state;
    assert_int_equal(e->layers[2].result->outcome, OUTCOME_NOT_CONSULTED);
    assert_int_equal(e->layers[2].n_rules, 0);
    assert_int_equal(e->layers[2].n_more_rules, 3);
    builder_destroy(b);
}

static void
test_sets_are_shared_among_rules(void **state)
{
    struct builder *b = two_layers();
    const struct explanation *e =
        explain_flow(b, "Inbound vm Tcp 8.8.8.8,10.9.9.9 * - 22-25");

    (void) state;
    /* One of two addresses, one of four ports. */
    assert_int_equal(e->layers[1].rules[0].match, RULE_MATCHES_PART);
    assert_true(e->layers[1].rules[0].share == 0.125);
    assert_string_equal(e->layers[1].rules[0].why,
                        "matches 12.5 % of the flow's packets");
    assert_int_equal(e->layers[1].rules[0].fields[FIELD_SOURCE],
                     FIELD_MATCHES_PART);
    builder_destroy(b);
}

static void
test_doubtful_rules_say_why(void **state)
{
    struct builder *b = two_layers();

    (void) state;
    build_rule(b, "inner", "odd Inbound 100 Deny Tcp NoSuchTag * * 22");
    build_rule(b, "inner", "open Inbound 110 Allow * * * * *");
    const struct explanation *e =
        explain_flow(b, "Inbound vm Tcp 8.8.8.8 * - 22");
    const struct explained_rule *rule = &e->layers[2].rules[0];
    assert_int_equal(rule->match, RULE_UNCERTAIN);
    assert_int_equal(rule->fields[FIELD_SOURCE], FIELD_UNCERTAIN);
    assert_int_equal(rule->fields[FIELD_PROTOCOL], FIELD_MATCHES);
    assert_string_equal(rule->why,
                        "rule odd: service tag NoSuchTag is in no list");
    assert_string_equal(e->sentence,
                        "Tcp from 8.8.8.8 to vm (10.0.0.4) port 22 cannot be "
                        "decided (unknown_tag): rule odd: service tag "
                        "NoSuchTag is in no list.");
    builder_destroy(b);
}

/* Nobody is in the group, so the rule matches nothing; the tag is as unknown
 * as before. */
static void
test_a_rule_that_matches_nothing_keeps_its_doubtful_fields(void **state)
{
    struct builder *b = two_layers();

    (void) state;
    build_rule(b, "outer", "odd Inbound 90 Deny Tcp NoSuchTag * asg=none *");
    const struct explanation *e =
        explain_flow(b, "Inbound vm Tcp 8.8.8.8 * - 443");
    const struct explained_rule *rule = &e->layers[1].rules[0];

    assert_int_equal(rule->match, RULE_DIFFERS);
    assert_int_equal(rule->fields[FIELD_SOURCE], FIELD_UNCERTAIN);
    assert_int_equal(rule->fields[FIELD_DESTINATION], FIELD_DIFFERS);
    assert_string_equal(e->layers[1].rules[1].rule->name, "ssh");
    builder_destroy(b);
}

static void
test_platform_addresses_are_noted(void **state)
{
    static const struct {
        const char *flow;
        size_t n_notes;
    } cases[] = {
        { "Outbound vm Udp - * 168.63.129.16 53", 1 },
        { "Outbound vm Tcp - * 169.254.169.254 80", 1 },
        { "Outbound vm Tcp - * AzurePlatformDNS 53", 1 },
        { "Outbound vm Udp - * 8.8.8.8 53", 0 },
        { "Outbound vm Udp - * * 53", 0 },
        { "Inbound vm Tcp 168.63.129.16 * - 80", 0 },
    };

    (void) state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct builder *b = two_layers();
        const struct explanation *e = explain_flow(b, cases[i].flow);
        assert_int_equal(e->n_notes, cases[i].n_notes);
        builder_destroy(b);
    }
}

static void
test_unfiltered_nic_is_noted(void **state)
{
    struct builder *b = builder_create();

    (void) state;
    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", NULL);
    const struct explanation *e =
        explain_flow(b, "Inbound vm Tcp Internet * - 443");
    assert_int_equal(e->n_notes, 1);
    assert_non_null(strstr(e->notes[0], "Standard public IP"));
    assert_string_equal(e->sentence,
                        "Tcp from Internet to vm (10.0.0.4) port 443 is "
                        "allowed: no rule stands in its way.");
    builder_destroy(b);
}

static void
test_platform_in_the_internet_is_noted(void **state)
{
    struct builder *b = builder_create();

    (void) state;
    build_network(b, "vnet", "10.0.0.0/16");
    build_nsg(b, "nsg");
    build_subnet(b, "vnet", "sub", "nsg");
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", NULL);
    const struct explanation *e =
        explain_flow(b, "Inbound vm Tcp Internet * - 22");
    assert_int_equal(e->verdict->kind, VERDICT_PARTIAL);
    assert_int_equal(e->n_notes, 1);
    assert_non_null(strstr(e->notes[0], "168.63.129.16"));
    build_rule(b, "nsg", "no Inbound 100 Deny Tcp Internet * * 22");
    e = explain_flow(b, "Inbound vm Tcp Internet * - 22");
    assert_int_equal(e->verdict->kind, VERDICT_DENY);
    assert_int_equal(e->n_notes, 0);
    builder_destroy(b);
}

static void
test_long_list_of_a_rule_is_cut(void **state)
{
    struct builder *b = builder_create();

    (void) state;
    build_network(b, "vnet", "10.0.0.0/16");
    build_nsg(b, "nsg");
    build_subnet(b, "vnet", "sub", "nsg");
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", NULL);
    build_rule(b, "nsg",
               "r Inbound 100 Allow Tcp * * * "
               "1,3,5,7,9,11,13,15,17,19");
    build_rule(b, "nsg",
               "s Inbound 110 Allow Tcp * * * 1,3,5,7,9,11,13,15,17");
    const struct explanation *e =
        explain_flow(b, "Inbound vm Tcp 8.8.8.8 * - 22");
    const struct explained_layer *layer = &e->layers[1];
    assert_string_equal(layer->rules[0].why,
                        "destination port 22 is not in 1, 3, 5, 7, 9, 11, 13, "
                        "15 and 2 more");
    assert_string_equal(layer->rules[1].why,
                        "destination port 22 is not in 1, 3, 5, 7, 9, 11, 13, "
                        "15, 17");
    builder_destroy(b);
}

static void
test_flow_that_cannot_be_judged_is_explained(void **state)
{
    struct builder *b = two_layers();
    const struct explanation *e =
        explain_flow(b, "Inbound lost Tcp 8.8.8.8 * - 443");

    (void) state;
    assert_int_equal(e->n_layers, 0);
    assert_string_equal(e->sentence,
                        "Tcp from 8.8.8.8 to lost port 443 cannot be decided "
                        "(nic_not_found): the data does not hold NIC lost.");
    builder_destroy(b);
}

static void
test_two_sided_flow_shows_both_sides(void **state)
{
    struct builder *b = two_layers();

    (void) state;
    build_nic(b, "vm2", "vnet/sub", "10.0.0.5", NULL);
    const struct explanation *e = explain_flow(b, "Both vm2,vm Tcp - * - 443");
    assert_int_equal(e->n_layers, 6);
    assert_int_equal(e->layers[2].result->side, SIDE_SOURCE);
    assert_int_equal(e->layers[2].result->layer, LAYER_SUBNET_NSG);
    assert_int_equal(e->layers[4].result->side, SIDE_DESTINATION);
    assert_non_null(strstr(e->sentence, " at the destination."));
    builder_destroy(b);
}

static void
test_rules_without_known_order_are_listed_once(void **state)
{
    struct builder *b = two_layers();

    (void) state;
    for (int i = 0; i < 12; i++) {
        build_admin_rule(b, "vnet",
                         arena_printf(builder_arena(b),
                                      "m/c/r%02d Inbound 0 Deny Tcp * * * 22",
                                      i));
    }
    const struct explanation *e =
        explain_flow(b, "Inbound vm Tcp 8.8.8.8 * - 22");
    assert_int_equal(e->layers[0].n_rules + e->layers[0].n_more_rules, 12);
    builder_destroy(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_are_listed_up_to_the_match),
        cmocka_unit_test(test_layers_that_were_not_consulted_try_no_rule),
        cmocka_unit_test(test_sets_are_shared_among_rules),
        cmocka_unit_test(test_doubtful_rules_say_why),
        cmocka_unit_test(
            test_a_rule_that_matches_nothing_keeps_its_doubtful_fields),
        cmocka_unit_test(test_platform_addresses_are_noted),
        cmocka_unit_test(test_unfiltered_nic_is_noted),
        cmocka_unit_test(test_platform_in_the_internet_is_noted),
        cmocka_unit_test(test_long_list_of_a_rule_is_cut),
        cmocka_unit_test(test_flow_that_cannot_be_judged_is_explained),
        cmocka_unit_test(test_two_sided_flow_shows_both_sides),
        cmocka_unit_test(test_rules_without_known_order_are_listed_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
