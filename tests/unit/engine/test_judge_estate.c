/* What an answer carries, and what estates share. */

#include "tests/support/test.h"

#include <stdio.h>

#include "engine/base/arena.h"
#include "engine/judge/judge.h"
#include "tests/support/builder.h"
#include "tests/unit/engine/judge_case.h"

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
        cmocka_unit_test(test_spent_budget_is_said_and_never_guessed),
        cmocka_unit_test(test_layers_tell_their_outcomes),
        cmocka_unit_test(test_unchanged_basis_gives_the_same_verdict_back),
        cmocka_unit_test(test_verdict_outlives_its_network_and_policies),
        cmocka_unit_test(test_policies_are_shared_and_dropped),
        cmocka_unit_test(test_origins_name_what_the_verdict_rests_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
