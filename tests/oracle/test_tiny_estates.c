/* Random small estates and flows: the engine's verdict against one that tries
 * every packet with tests/oracle/linear. */

#include "tests/support/test.h"

#include <math.h>

#include "engine/base/ascii.h"
#include "engine/judge/judge.h"
#include "tests/oracle/tiny_estate.h"
#include "tests/oracle/tiny_expected.h"
#include "tests/oracle/world.h"

enum { ESTATES = 2500, FLOWS = 44 };

/* Default rules have no ids of their own: the group tells them apart. */
static bool
is_of_ruleset(struct builder *b, const struct rule *rule, const char *id)
{
    const struct security_group *group =
        network_find_security_group(builder_network(b), id);

    return rule->kind == RULE_ADMIN
           || (group && rule >= group->rules
               && rule < group->rules + group->n_rules);
}

static bool
same_rule(struct builder *b, const struct policy_rule *a,
          const struct rule *rule)
{
    return a ? rule && ascii_equal(a->name, rule->name)
                   && ascii_equal(a->id, rule->id)
                   && is_of_ruleset(b, rule, a->ruleset_id)
             : !rule;
}

static int
place_of(const struct verdict *verdict, const struct decision *decision)
{
    for (size_t i = 0; i < verdict->n_layers; i++) {
        if (verdict->layers[i].side == decision->side
            && verdict->layers[i].layer == decision->layer) {
            return (int) i;
        }
    }
    return -1;
}

static const struct expected_region *
find_region(struct builder *b, const struct expected *expected,
            const struct verdict *verdict, enum verdict_kind kind,
            const struct decision *decision)
{
    for (size_t i = 0; i < expected->n_regions; i++) {
        const struct expected_region *region = &expected->regions[i];
        if (region->kind == kind && same_rule(b, decision->rule, region->rule)
            && region->place == place_of(verdict, decision)) {
            return region;
        }
    }
    return NULL;
}

/* No rule at all comes behind every layer. */
static int
layer_rank(int place)
{
    return place < 0 ? LINEAR_LAYERS : place;
}

/* The deciding rule has the largest share; ties go by layer order, then by
 * priority. */
static bool
is_best(const struct expected *expected, const struct expected_region *chosen)
{
    for (size_t i = 0; i < expected->n_regions; i++) {
        const struct expected_region *other = &expected->regions[i];
        int shares = wide_compare(other->packets, chosen->packets);
        if (other->kind != chosen->kind || shares < 0) {
            continue;
        }
        if (shares > 0 || layer_rank(other->place) < layer_rank(chosen->place)
            || (other->place == chosen->place && other->rule && chosen->rule
                && other->rule->priority > 0 && chosen->rule->priority > 0
                && other->rule->priority < chosen->rule->priority)) {
            return false;
        }
    }
    return true;
}

static const char *
compare_layers(const struct expected *expected, const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->n_layers; i++) {
        const struct layer_result *layer = &verdict->layers[i];
        unsigned int outcomes = expected->layers[i].outcomes;
        if (!expected->layers[i].exists) {
            if (layer->outcome != OUTCOME_NO_RULESET
                && layer->outcome != OUTCOME_NOT_APPLICABLE) {
                return "a layer that does not exist";
            }
            continue;
        }
        enum layer_outcome outcome =
            !expected->layers[i].reached             ? OUTCOME_NOT_CONSULTED
            : expected->layers[i].uncertain          ? OUTCOME_UNCERTAIN
            : outcomes & (outcomes - 1)              ? OUTCOME_MIXED
            : outcomes == 1U << OUTCOME_ALLOW        ? OUTCOME_ALLOW
            : outcomes == 1U << OUTCOME_DENY         ? OUTCOME_DENY
            : outcomes == 1U << OUTCOME_ALWAYS_ALLOW ? OUTCOME_ALWAYS_ALLOW
                                                     : OUTCOME_NO_MATCH;
        if (layer->outcome != outcome) {
            return "outcome of a layer";
        }
        if (layer->denies != expected->layers[i].denies) {
            return "denies of a layer";
        }
    }
    return NULL;
}

static const char *
compare_regions(struct builder *b, const struct expected *expected,
                const struct verdict *verdict)
{
    struct wide sum = wide_from(0);

    for (size_t i = 0; i < verdict->n_regions; i++) {
        const struct region *region = &verdict->regions[i];
        sum = wide_add(sum, region->count);
        if (region->kind == VERDICT_UNKNOWN) {
            continue;
        }
        const struct expected_region *known =
            find_region(b, expected, verdict, region->kind, &region->decision);
        if (!known || wide_compare(known->packets, region->count) != 0) {
            return "packets of a region";
        }
    }
    if (!verdict->n_more_regions && wide_compare(sum, verdict->packets) != 0) {
        return "sum of the regions";
    }
    return NULL;
}

/* Judges the examples again, each as the packet that it is. */
static const char *
compare_examples(struct builder *b, const struct tiny_end ends[2],
                 const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->n_regions; i++) {
        const struct region *region = &verdict->regions[i];
        struct linear_end pair[2] = { { NULL, NULL }, { NULL, NULL } };
        for (int side = 0; side < 2; side++) {
            struct address address =
                side ? region->example.destination : region->example.source;
            for (size_t j = 0; j < ends[side].n_ips; j++) {
                if (address_equal(ends[side].ips[j]->address, address)) {
                    pair[side] = (struct linear_end){ ends[side].nic,
                                                      ends[side].ips[j] };
                }
            }
            if (ends[side].nic && !pair[side].nic) {
                return "address of an example";
            }
        }
        struct linear_answer answer =
            linear_judge(builder_network(b), builder_settings_const(b),
                         &pair[0], &pair[1], &region->example);
        bool known = answer.can_allow != answer.can_deny;
        if (known != (region->kind != VERDICT_UNKNOWN)
            || (known && answer.can_allow != (region->kind == VERDICT_ALLOW))
            || (known && !same_rule(b, region->decision.rule, answer.rule))) {
            return "fate of an example";
        }
    }
    return NULL;
}

/* Returns what differs, or NULL. */
static const char *
compare(struct builder *b, const struct tiny_end ends[2],
        const struct expected *expected, const struct verdict *verdict)
{
    bool allowed = !wide_is_zero(expected->totals[VERDICT_ALLOW]);
    bool denied = !wide_is_zero(expected->totals[VERDICT_DENY]);
    bool unknown = !wide_is_zero(expected->totals[VERDICT_UNKNOWN]);
    enum verdict_kind kind = allowed && denied ? VERDICT_PARTIAL
                             : unknown         ? VERDICT_UNKNOWN
                             : denied          ? VERDICT_DENY
                                               : VERDICT_ALLOW;

    if (verdict->kind != kind) {
        return "verdict";
    }
    if (wide_compare(verdict->packets, expected->packets) != 0
        || wide_compare(verdict->allowed, expected->totals[VERDICT_ALLOW])
               != 0) {
        return "packets";
    }
    if (fabs(verdict->allowed_ratio
             - wide_to_double(expected->totals[VERDICT_ALLOW])
                   / wide_to_double(expected->packets))
        > 1e-12) {
        return "allowed_ratio";
    }
    if (verdict->certain != expected->certain) {
        return "certain";
    }
    if (kind == VERDICT_UNKNOWN) {
        if (!(expected->reasons >> verdict->reason & 1)
            || !*verdict->reason_detail) {
            return "reason";
        }
    } else {
        const struct expected_region *region =
            find_region(b, expected, verdict,
                        kind == VERDICT_ALLOW ? VERDICT_ALLOW : VERDICT_DENY,
                        &verdict->decision);
        if (!region || !is_best(expected, region)) {
            return "deciding rule";
        }
    }
    const char *what = compare_layers(expected, verdict);
    what = what ? what : compare_regions(b, expected, verdict);
    return what ? what : compare_examples(b, ends, verdict);
}

/* The reason for which the flow cannot be judged at all, or NONE. */
static enum reason
hopeless(const struct flow *flow, const struct tiny_end ends[2],
         const struct expected *expected)
{
    const struct flow_end *remote =
        ends[0].nic ? &flow->destination : &flow->source;

    for (int i = 0; i < 2; i++) {
        if (ends[i].reason != REASON_NONE) {
            return ends[i].reason;
        }
    }
    for (size_t i = 0; i < remote->n_tags; i++) {
        if (ascii_equal(remote->tags[i], "NoSuchTag")) {
            return REASON_UNKNOWN_TAG;
        }
    }
    return wide_is_zero(expected->packets) ? REASON_EMPTY_FLOW : REASON_NONE;
}

static void
check_flow(struct builder *b, const struct flow *flow, size_t round)
{
    static struct expected expected;
    const struct tiny_end ends[2] = { tiny_find_end(b, &flow->source),
                                      tiny_find_end(b, &flow->destination) };
    struct verdict *verdict = estate_judge(builder_estate(b), flow, NULL);
    const char *what = NULL;

    tiny_expect(b, flow, ends, &expected);
    enum reason reason = hopeless(flow, ends, &expected);
    if (reason != REASON_NONE) {
        what = verdict->kind == VERDICT_UNKNOWN && verdict->reason == reason
                   ? NULL
                   : "reason of a hopeless flow";
    } else {
        what = compare(b, ends, &expected, verdict);
    }
    if (what) {
        print_message("estate %zu, flow %s: %s differs (%s; reasons %x)\n",
                      round, flow->name, what, verdict_words(b, verdict),
                      expected.reasons);
    }
    assert_null(what);
    verdict_unref(verdict);
}

static void
test_engine_agrees_with_linear_evaluator(void **state)
{
    size_t n = random_rounds(ESTATES);

    (void) state;
    for (size_t i = 0; i < n; i++) {
        struct random random = random_start(1000 + i);
        struct builder *b = tiny_estate(&random);
        for (size_t j = 0; j < FLOWS; j++) {
            check_flow(b, tiny_flow(b, &random), i);
        }
        builder_destroy(b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_agrees_with_linear_evaluator),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
