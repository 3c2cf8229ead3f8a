/* Differences between rule sets: exact in tiny worlds, empty where nothing
 * that matters changed. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/compile/classifier.h"
#include "engine/judge/diff.h"
#include "engine/judge/region.h"
#include "engine/judge/sweep.h"
#include "engine/model/port.h"
#include "tests/oracle/world.h"

static const struct world tiny_world = { .tiny = 4,
                                         .uncertain_percent = 15,
                                         .any_percent = 20,
                                         .spans_max = 2,
                                         .n_rules = 10 };

struct pair {
    struct arena *arena;
    struct random random;
    struct diff_side sides[2];
    struct policy_rule *rules[2];
};

static void
pair_compile(struct pair *pair)
{
    for (int i = 0; i < 2; i++) {
        pair->sides[i].rules = pair->rules[i];
        pair->sides[i].classifier =
            classifier_compile(pair->rules[i], pair->sides[i].n);
    }
}

/* Both sides have the same rules; the caller edits side 1. */
static void
pair_init(struct pair *pair, const struct world *world, uint64_t salt)
{
    *pair =
        (struct pair){ .arena = arena_create(), .random = random_start(salt) };
    pair->rules[0] = world_rules(world, &pair->random, pair->arena);
    pair->rules[1] = arena_alloc_array(pair->arena, world->n_rules + 1,
                                       sizeof **pair->rules);
    memcpy(pair->rules[1], pair->rules[0],
           world->n_rules * sizeof **pair->rules);
    pair->sides[0].n = world->n_rules;
    pair->sides[1].n = world->n_rules;
}

static void
pair_clear(struct pair *pair)
{
    classifier_unref(pair->sides[0].classifier);
    classifier_unref(pair->sides[1].classifier);
    arena_unref(pair->arena);
}

static void
flip(struct policy_rule *rule)
{
    rule->access = rule->access == ACCESS_ALLOW ? ACCESS_DENY : ACCESS_ALLOW;
    if (!rule->uncertain || !(rule->accesses & (rule->accesses - 1))) {
        rule->accesses = (access_set) (1u << rule->access);
    }
}

static void
swap_rules(struct policy_rule *a, struct policy_rule *b)
{
    struct policy_rule old = *a;

    *a = *b;
    *b = old;
}

/* Makes one to three random edits to side 1. */
static void
edit(struct pair *pair, const struct world *world)
{
    size_t n_edits = 1 + random_below(&pair->random, 3);
    struct policy_rule *rules = pair->rules[1];

    while (n_edits--) {
        size_t n = pair->sides[1].n;
        size_t at = random_below(&pair->random, n);
        switch (random_below(&pair->random, 4)) {
        case 0: flip(&rules[at]); break;
        case 1: {
            struct world one = *world;
            one.n_rules = 1;
            rules[at] = *world_rules(&one, &pair->random, pair->arena);
            break;
        }
        case 2: swap_rules(&rules[at], &rules[n - 1]); break;
        default:
            if (n > 2) {
                memmove(&rules[at], &rules[at + 1],
                        (n - at - 1) * sizeof *rules);
                pair->sides[1].n--;
            }
            break;
        }
    }
}

static enum effect
plain_effect(const struct diff_side *side, const struct packet *packet)
{
    static const enum effect effects[] = { [ACCESS_ALLOW] = EFFECT_ALLOW,
                                           [ACCESS_DENY] = EFFECT_DENY,
                                           [ACCESS_ALWAYS_ALLOW] =
                                               EFFECT_ALWAYS_ALLOW };
    struct match match = plain_match(side->rules, side->n, packet);

    if (match.rule == SWEEP_NO_RULE) {
        return match.maybe ? EFFECT_UNCERTAIN : EFFECT_NO_MATCH;
    }
    enum access access = side->rules[match.rule].access;
    return match.maybe & ~(1u << access) ? EFFECT_UNCERTAIN : effects[access];
}

/* Counts, packet by packet, what a diff must say in a tiny query. */
struct recount {
    const struct pair *pair;
    const struct diff *diff;
    size_t n_differ;
    size_t n_in_regions;
    size_t n_wrong;
};

static void
recount_packet(void *aux, const struct packet *packet)
{
    struct recount *recount = aux;
    enum effect before = plain_effect(&recount->pair->sides[0], packet);
    enum effect after = plain_effect(&recount->pair->sides[1], packet);

    recount->n_differ += before != after;
    for (size_t i = 0; i < recount->diff->n_changes; i++) {
        const struct diff_change *change = &recount->diff->changes[i];
        if (change->family != packet->source.family) {
            continue;
        }
        for (size_t j = 0; j < change->n_regions; j++) {
            if (box_contains(&change->regions[j], packet)) {
                recount->n_in_regions++;
                recount->n_wrong += change->before_effect != before
                                    || change->after_effect != after;
            }
        }
    }
}

/* Rules confined to a tiny range, so that a diff over all packets can be
 * checked packet by packet. */
static void
confine(struct policy_rule *rule, struct arena *arena)
{
    struct span_set all = span_set_of(arena, 0, 3);
    struct box cage = { .protocols = PROTOCOLS_ALL,
                        .source = { { all, all } },
                        .destination = { { all, all } },
                        .source_ports = all,
                        .destination_ports = all };

    rule->certain = box_intersect(arena, &rule->certain, &cage);
    rule->possible = box_intersect(arena, &rule->possible, &cage);
}

static struct query
cage_query(enum family family, struct arena *arena)
{
    struct span_set all = span_set_of(arena, 0, 3);

    return (struct query){ .family = family,
                           .protocols = PROTOCOLS_WITH_PORTS,
                           .source = all,
                           .destination = all,
                           .source_ports = all,
                           .destination_ports = all };
}

static void
test_every_differing_packet_is_counted_once(void **state)
{
    size_t n_changed = 0;
    (void) state;

    for (size_t round = 0; round < random_rounds(300); round++) {
        struct pair pair;
        pair_init(&pair, &tiny_world, round + 1000);
        edit(&pair, &tiny_world);
        for (int i = 0; i < 2; i++) {
            for (size_t j = 0; j < pair.sides[i].n; j++) {
                confine(&pair.rules[i][j], pair.arena);
            }
        }
        pair_compile(&pair);

        struct diff diff =
            diff_rules(&pair.sides[0], &pair.sides[1], 0, pair.arena);

        struct recount recount = { .pair = &pair, .diff = &diff };
        struct wide sum = wide_from(0);
        bool more = false;
        for (int i = 0; i < N_FAMILIES; i++) {
            struct query query = cage_query((enum family) i, pair.arena);
            world_each_packet(&query, recount_packet, &recount);
        }
        for (size_t i = 0; i < diff.n_changes; i++) {
            sum = wide_add(sum, diff.changes[i].count);
            more |= diff.changes[i].has_more_regions;
        }
        assert_true(diff.complete);
        assert_int_equal(sum.words[0], recount.n_differ);
        assert_int_equal(recount.n_wrong, 0);
        if (!more) {
            assert_int_equal(recount.n_in_regions, recount.n_differ);
        }
        n_changed += diff.n_changes > 0;
        pair_clear(&pair);
    }
    assert_true(n_changed > random_rounds(50));
}

static void
test_examples_are_judged_as_the_change_says(void **state)
{
    static const struct world world = { .uncertain_percent = 10,
                                        .any_percent = 40,
                                        .spans_max = 3,
                                        .n_rules = 60 };
    (void) state;

    for (size_t round = 0; round < random_rounds(100); round++) {
        struct pair pair;
        pair_init(&pair, &world, round + 2000);
        edit(&pair, &world);
        pair_compile(&pair);

        struct diff diff =
            diff_rules(&pair.sides[0], &pair.sides[1], 0, pair.arena);

        for (size_t i = 0; i < diff.n_changes; i++) {
            const struct diff_change *change = &diff.changes[i];
            assert_int_equal(plain_effect(&pair.sides[0], &change->example),
                             change->before_effect);
            assert_int_equal(plain_effect(&pair.sides[1], &change->example),
                             change->after_effect);
        }
        pair_clear(&pair);
    }
}

static void
test_the_same_rules_do_not_differ(void **state)
{
    struct pair pair;
    (void) state;
    pair_init(&pair, &tiny_world, 1);
    pair_compile(&pair);

    struct diff diff =
        diff_rules(&pair.sides[0], &pair.sides[1], 0, pair.arena);

    assert_int_equal(diff.n_edits, 0);
    assert_int_equal(diff.n_changes, 0);
    pair_clear(&pair);
}

static void
catch_all(struct policy_rule *rule, enum access access, struct arena *arena)
{
    *rule = (struct policy_rule){ .name = "all", .id = "" };
    rule->certain = box_all(arena);
    rule->possible = rule->certain;
    rule->access = access;
    rule->accesses = (access_set) (1u << access);
}

static void
test_a_rule_below_a_catch_all_changes_nothing(void **state)
{
    (void) state;

    for (size_t round = 0; round < random_rounds(50); round++) {
        struct pair pair;
        pair_init(&pair, &tiny_world, round + 3000);
        catch_all(&pair.rules[0][5], ACCESS_DENY, pair.arena);
        catch_all(&pair.rules[1][5], ACCESS_DENY, pair.arena);
        flip(&pair.rules[1][8]);
        pair_compile(&pair);

        struct diff diff =
            diff_rules(&pair.sides[0], &pair.sides[1], 0, pair.arena);

        assert_int_equal(diff.n_changes, 0);
        pair_clear(&pair);
    }
}

static void
test_splitting_a_prefix_changes_nothing(void **state)
{
    struct pair pair;
    (void) state;
    pair_init(&pair, &tiny_world, 4000);
    struct policy_rule *rules = pair.rules[1];
    catch_all(&rules[9], ACCESS_DENY, pair.arena);
    pair.rules[0][9] = rules[9];
    /* 0.0.0.0/0 becomes two halves in two rules. */
    memmove(&rules[2], &rules[1], 8 * sizeof *rules);
    catch_all(&rules[1], ACCESS_ALLOW, pair.arena);
    pair.rules[0][1] = rules[1];
    rules[2] = rules[1];
    rules[1].certain.source.families[FAMILY_IPV4] =
        span_set_of(pair.arena, 0, 0x7fffffff);
    rules[2].certain.source.families[FAMILY_IPV4] =
        span_set_of(pair.arena, 0x80000000, UINT32_MAX);
    rules[1].possible = rules[1].certain;
    rules[2].possible = rules[2].certain;
    pair_compile(&pair);

    struct diff diff =
        diff_rules(&pair.sides[0], &pair.sides[1], 0, pair.arena);

    assert_true(diff.n_edits > 0);
    assert_int_equal(diff.n_changes, 0);
    pair_clear(&pair);
}

static void
test_the_way_back_mirrors_the_way_there(void **state)
{
    (void) state;

    for (size_t round = 0; round < random_rounds(50); round++) {
        struct pair pair;
        struct wide there = wide_from(0);
        struct wide back = wide_from(0);
        pair_init(&pair, &tiny_world, round + 5000);
        edit(&pair, &tiny_world);
        pair_compile(&pair);

        struct diff a =
            diff_rules(&pair.sides[0], &pair.sides[1], 0, pair.arena);
        struct diff b =
            diff_rules(&pair.sides[1], &pair.sides[0], 0, pair.arena);

        for (size_t i = 0; i < a.n_changes; i++) {
            there = wide_add(there, a.changes[i].count);
        }
        for (size_t i = 0; i < b.n_changes; i++) {
            back = wide_add(back, b.changes[i].count);
        }
        assert_int_equal(a.n_changes, b.n_changes);
        assert_int_equal(wide_compare(there, back), 0);
        pair_clear(&pair);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_differing_packet_is_counted_once),
        cmocka_unit_test(test_examples_are_judged_as_the_change_says),
        cmocka_unit_test(test_the_same_rules_do_not_differ),
        cmocka_unit_test(test_a_rule_below_a_catch_all_changes_nothing),
        cmocka_unit_test(test_splitting_a_prefix_changes_nothing),
        cmocka_unit_test(test_the_way_back_mirrors_the_way_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
