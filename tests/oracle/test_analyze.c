/* Rules that do nothing, found by sweeping and by trying every packet of tiny
 * worlds. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/compile/classifier.h"
#include "engine/judge/analyze.h"
#include "engine/judge/region.h"
#include "engine/model/port.h"
#include "tests/oracle/world.h"

enum { N_RULES = 10, SIDE = 3 };

/* What every packet of a tiny world says about its rules. */
struct census {
    struct policy_rule *rules;
    struct policy_rule without[N_RULES];
    bool matters[N_RULES]; /* Decides or might match a packet first. */
    bool differs[N_RULES]; /* Its removal changes a packet. */
};

static access_set
accesses_of(const struct policy_rule rules[], const struct match *match)
{
    return match->rule == SWEEP_NO_RULE ? 0 : rules[match->rule].accesses;
}

static void
take_census(void *aux, const struct packet *packet)
{
    struct census *census = aux;
    struct match match = plain_match(census->rules, N_RULES, packet);

    for (size_t i = 0; i < N_RULES; i++) {
        struct match other;
        if (match.rule >= i
            && box_contains(&census->rules[i].possible, packet)) {
            census->matters[i] = true;
        }
        memcpy(census->without, census->rules, sizeof census->without);
        census->without[i].certain = (struct box){ .protocols = 0 };
        census->without[i].possible = census->without[i].certain;
        other = plain_match(census->without, N_RULES, packet);
        census->differs[i] |= accesses_of(census->rules, &match)
                                  != accesses_of(census->rules, &other)
                              || match.maybe != other.maybe;
    }
}

static struct policy_rule *
caged_rules(struct random *random, unsigned int uncertain, struct arena *arena)
{
    struct world world = { .tiny = SIDE,
                           .uncertain_percent = uncertain,
                           .any_percent = 30,
                           .spans_max = 1,
                           .n_rules = N_RULES };
    struct policy_rule *rules = world_rules(&world, random, arena);
    struct span_set all = span_set_of(arena, 0, SIDE - 1);
    struct box cage = { .protocols = PROTOCOLS_WITH_PORTS,
                        .source = { { all, all } },
                        .destination = { { all, all } },
                        .source_ports = all,
                        .destination_ports = all };

    for (size_t i = 0; i < N_RULES; i++) {
        rules[i].certain = box_intersect(arena, &rules[i].certain, &cage);
        rules[i].possible = box_intersect(arena, &rules[i].possible, &cage);
    }
    return rules;
}

static void
count_packets(struct census *census, struct arena *arena)
{
    struct span_set all = span_set_of(arena, 0, SIDE - 1);

    for (int i = 0; i < N_FAMILIES; i++) {
        struct query query = {
            (enum family) i, PROTOCOLS_WITH_PORTS, all, all, all, all
        };
        world_each_packet(&query, take_census, census);
    }
}

/* Blockers hide the rule together, and not without any one of them. */
static void
check_blockers(const struct analyzed_rule *result, struct arena *arena)
{
    for (size_t skip = 0; skip <= result->n_hidden_by; skip++) {
        size_t left = 0;
        for (int i = 0; i < N_FAMILIES; i++) {
            struct region_list list;
            region_list_init(&list, arena, (enum family) i,
                             &result->rule->possible);
            for (size_t j = 0; j < result->n_hidden_by; j++) {
                if (j != skip) {
                    region_list_subtract(&list, &result->hidden_by[j]->certain,
                                         100000);
                }
            }
            left += list.n;
        }
        if (skip == result->n_hidden_by) {
            assert_int_equal(left, 0);
        } else {
            assert_true(left > 0);
        }
    }
}

static void
test_findings_are_those_of_every_packet(void **state)
{
    size_t counts[RULE_NOT_DECIDED + 1] = { 0 };
    (void) state;

    for (size_t round = 0; round < random_rounds(300); round++) {
        struct arena *arena = arena_create();
        struct random random = random_start(round + 7000);
        struct census census = { .rules = caged_rules(
                                     &random, round % 2 ? 20 : 0, arena) };
        struct classifier *classifier =
            classifier_compile(census.rules, N_RULES);
        count_packets(&census, arena);

        struct analysis analysis =
            analyze_rules(census.rules, N_RULES, classifier, 0, arena);

        for (size_t i = 0; i < N_RULES; i++) {
            const struct analyzed_rule *result = &analysis.rules[i];
            bool never =
                result->finding == RULE_NEVER || result->finding == RULE_EMPTY;
            counts[result->finding]++;
            assert_int_equal(never, !census.matters[i]);
            if (!never) {
                assert_int_equal(result->finding == RULE_REDUNDANT,
                                 !census.differs[i]);
            }
            if (result->finding == RULE_NEVER) {
                assert_true(result->n_hidden_by > 0);
                check_blockers(result, arena);
            }
        }
        classifier_unref(classifier);
        arena_unref(arena);
    }
    for (int i = 0; i < RULE_NOT_DECIDED; i++) {
        assert_true(counts[i] > 0);
    }
}

static void
test_one_rule_that_covers_all_is_named_alone(void **state)
{
    struct arena *arena = arena_create();
    struct policy_rule rules[3] = { { .name = "narrow" } };
    (void) state;
    rules[0].certain = box_all(arena);
    rules[0].certain.destination_ports = span_set_of(arena, 443, 443);
    rules[0].possible = rules[0].certain;
    rules[0].accesses = 1 << ACCESS_ALLOW;
    rules[1] = rules[0];
    rules[1].name = "all";
    rules[1].certain = box_all(arena);
    rules[1].possible = rules[1].certain;
    rules[1].accesses = 1 << ACCESS_DENY;
    rules[2] = rules[0];
    rules[2].name = "late";
    rules[2].certain.destination_ports = span_set_of(arena, 400, 500);
    rules[2].possible = rules[2].certain;
    struct classifier *classifier = classifier_compile(rules, 3);

    struct analysis analysis = analyze_rules(rules, 3, classifier, 0, arena);

    assert_int_equal(analysis.rules[2].finding, RULE_NEVER);
    assert_int_equal(analysis.rules[2].n_hidden_by, 1);
    assert_string_equal(analysis.rules[2].hidden_by[0]->name, "all");
    assert_true(analysis.rules[2].other_access);
    assert_int_equal(analysis.n_findings, 1);
    classifier_unref(classifier);
    arena_unref(arena);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_findings_are_those_of_every_packet),
        cmocka_unit_test(test_one_rule_that_covers_all_is_named_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
