/* The compiled engine against the plainest evaluator: random rules, random
 * sets of packets, every packet of tiny worlds. */

#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/judge/lookup.h"
#include "engine/model/port.h"
#include "tests/oracle/world.h"

/* Chains side by side, and what the sweep said about them. */
struct trial {
    struct arena *arena;
    struct random random;
    struct policy_rule *rules[SWEEP_CHAINS_MAX];
    size_t n_rules[SWEEP_CHAINS_MAX];
    struct classifier *chains[SWEEP_CHAINS_MAX];
    size_t n;
    struct query query;
    struct wide total; /* Of all groups. */
    size_t n_groups;
    /* Groups with equal matches, joined; for tiny worlds. */
    struct match *matches;
    uint64_t *counts;
    size_t n_kinds;
};

static void
trial_init(struct trial *trial, const struct world *world, uint64_t salt,
           size_t n)
{
    *trial = (struct trial){ .arena = arena_create(),
                             .random = random_start(salt),
                             .n = n };
    for (size_t i = 0; i < n; i++) {
        struct world own = *world;
        own.n_rules = random_below(&trial->random, world->n_rules + 1);
        trial->n_rules[i] = own.n_rules;
        trial->rules[i] = world_rules(&own, &trial->random, trial->arena);
        trial->chains[i] = classifier_compile(trial->rules[i], own.n_rules);
    }
    trial->query = world_query(world, &trial->random, trial->arena);
}

static void
trial_clear(struct trial *trial)
{
    for (size_t i = 0; i < trial->n; i++) {
        classifier_unref(trial->chains[i]);
    }
    free(trial->matches);
    free(trial->counts);
    arena_unref(trial->arena);
}

/* Returns the number of a combination of matches, adding it if it is new. */
static size_t
find_kind(struct trial *trial, const struct match matches[])
{
    for (size_t i = 0; i < trial->n_kinds; i++) {
        bool equal = true;
        for (size_t j = 0; j < trial->n && equal; j++) {
            equal =
                match_equal(&trial->matches[i * trial->n + j], &matches[j]);
        }
        if (equal) {
            return i;
        }
    }
    size_t kind = trial->n_kinds++;
    trial->matches = memory_resize(trial->matches, trial->n_kinds * trial->n,
                                   sizeof *trial->matches);
    trial->counts =
        memory_resize(trial->counts, trial->n_kinds, sizeof *trial->counts);
    memcpy(&trial->matches[kind * trial->n], matches,
           trial->n * sizeof *matches);
    trial->counts[kind] = 0;
    return kind;
}

static bool
query_contains(const struct query *query, const struct packet *packet)
{
    return (query->protocols >> packet->protocol & 1)
           && packet->source.family == query->family
           && span_set_contains(query->source, packet->source.value)
           && span_set_contains(query->destination, packet->destination.value)
           && span_set_contains(query->source_ports, packet->source_port)
           && span_set_contains(query->destination_ports,
                                packet->destination_port);
}

/* The example of every group is inside the query and is judged alike by the
 * plain evaluator. */
static void
check_group(void *aux, const struct match matches[], struct wide count,
            const struct packet *example)
{
    struct trial *trial = aux;

    assert_true(query_contains(&trial->query, example));
    assert_false(wide_is_zero(count));
    for (size_t i = 0; i < trial->n; i++) {
        struct match plain =
            plain_match(trial->rules[i], trial->n_rules[i], example);
        assert_true(match_equal(&plain, &matches[i]));
    }
    trial->total = wide_add(trial->total, count);
    trial->n_groups++;
}

static void
count_group(void *aux, const struct match matches[], struct wide count,
            const struct packet *example)
{
    struct trial *trial = aux;

    check_group(aux, matches, count, example);
    size_t kind = find_kind(trial, matches);
    trial->counts[kind] += count.words[0];
}

static struct wide
query_packets(const struct query *query)
{
    struct wide count =
        wide_from((unsigned int) __builtin_popcount(query->protocols));

    count = wide_multiply(count, span_set_count(query->source));
    count = wide_multiply(count, span_set_count(query->destination));
    count = wide_multiply(count, span_set_count(query->source_ports));
    return wide_multiply(count, span_set_count(query->destination_ports));
}

static void
sweep_trial(struct trial *trial, sweep_emit *emit)
{
    const struct classifier *chains[SWEEP_CHAINS_MAX];
    struct wide undecided;

    for (size_t i = 0; i < trial->n; i++) {
        chains[i] = trial->chains[i];
    }
    assert_true(sweep(chains, trial->n, &trial->query, UINT64_C(1) << 40, emit,
                      trial, &undecided));
    assert_true(wide_is_zero(undecided));
    /* Closure: the groups make up the query. */
    assert_int_equal(wide_compare(trial->total, query_packets(&trial->query)),
                     0);
}

static void
test_groups_make_up_the_query_and_examples_hold(void **state)
{
    static const struct world world = { .uncertain_percent = 20,
                                        .any_percent = 40,
                                        .spans_max = 3,
                                        .n_rules = 40 };
    (void) state;

    for (size_t round = 0; round < random_rounds(400); round++) {
        struct trial trial;
        trial_init(&trial, &world, round, 1 + round % 4);

        sweep_trial(&trial, check_group);

        trial_clear(&trial);
    }
}

static void
uncount_packet(void *aux, const struct packet *packet)
{
    struct trial *trial = aux;
    struct match matches[SWEEP_CHAINS_MAX];

    for (size_t i = 0; i < trial->n; i++) {
        matches[i] = plain_match(trial->rules[i], trial->n_rules[i], packet);
    }
    size_t kind = find_kind(trial, matches);
    trial->counts[kind]--;
}

static void
test_counts_are_exact_in_tiny_worlds(void **state)
{
    static const struct world world = { .tiny = 6,
                                        .uncertain_percent = 20,
                                        .any_percent = 25,
                                        .spans_max = 2,
                                        .n_rules = 12 };
    (void) state;

    for (size_t round = 0; round < random_rounds(300); round++) {
        struct trial trial;
        trial_init(&trial, &world, round + 100000, 1 + round % 3);

        sweep_trial(&trial, count_group);
        world_each_packet(&trial.query, uncount_packet, &trial);

        for (size_t i = 0; i < trial.n_kinds; i++) {
            assert_int_equal(trial.counts[i], 0);
        }
        trial_clear(&trial);
    }
}

static void
test_all_chains_fit_side_by_side(void **state)
{
    static const struct world world = { .tiny = 4,
                                        .uncertain_percent = 10,
                                        .any_percent = 60,
                                        .spans_max = 2,
                                        .n_rules = 4 };
    (void) state;

    for (size_t round = 0; round < random_rounds(10); round++) {
        struct trial trial;
        trial_init(&trial, &world, round + 200000, SWEEP_CHAINS_MAX);

        sweep_trial(&trial, check_group);

        trial_clear(&trial);
    }
}

/* Packets that are swept one by one are judged as the evaluator does. */
static void
test_single_packets_are_judged_alike(void **state)
{
    static const struct world world = { .uncertain_percent = 20,
                                        .any_percent = 40,
                                        .spans_max = 3,
                                        .n_rules = 200 };
    (void) state;

    for (size_t round = 0; round < random_rounds(40); round++) {
        struct trial trial;
        trial_init(&trial, &world, round + 300000, 1);

        for (size_t i = 0; i < 200; i++) {
            struct packet packet = world_packet(&trial.query, &trial.random);
            struct match plain =
                plain_match(trial.rules[0], trial.n_rules[0], &packet);
            struct match fast = classifier_lookup(trial.chains[0], &packet);
            assert_true(match_equal(&plain, &fast));
        }
        trial_clear(&trial);
    }
}

/* Every way to run out of the budget leaves exact answers for what was
 * decided, and the right count of what was not. */
static void
test_small_budgets_count_what_is_undecided(void **state)
{
    static const struct world world = { .uncertain_percent = 10,
                                        .any_percent = 20,
                                        .spans_max = 4,
                                        .n_rules = 60 };
    size_t n_undecided = 0;
    (void) state;

    for (size_t round = 0; round < random_rounds(100); round++) {
        struct trial trial;
        const struct classifier *chain;
        struct wide undecided;
        trial_init(&trial, &world, round + 400000, 1);
        chain = trial.chains[0];

        bool done = sweep(&chain, 1, &trial.query, UINT64_C(20) << round % 16,
                          check_group, &trial, &undecided);

        assert_int_equal(done, wide_is_zero(undecided));
        n_undecided += !done;
        trial.total = wide_add(trial.total, undecided);
        assert_int_equal(
            wide_compare(trial.total, query_packets(&trial.query)), 0);
        trial_clear(&trial);
    }
    assert_true(n_undecided > 0);
}

enum { N_WIDE = 60 };

/* What a sweep says about each rule; the last is none. */
struct shares {
    struct wide counts[N_WIDE + 1];
    size_t n_groups;
};

static void
add_share(void *aux, const struct match matches[], struct wide count,
          const struct packet *example)
{
    struct shares *shares = aux;
    uint32_t rule =
        matches[0].rule == SWEEP_NO_RULE ? N_WIDE : matches[0].rule;

    (void) example;
    shares->counts[rule] = wide_add(shares->counts[rule], count);
    shares->n_groups++;
}

static struct span_set
wide_range(struct random *random, uint64_t max, struct arena *arena)
{
    uint64_t a = random_below(random, max + 1);
    uint64_t b = random_below(random, max + 1);

    return span_set_of(arena, a < b ? a : b, a < b ? b : a);
}

/* Rules that overlap in every field: what sweeps find hardest. */
static void
set_wide_rules(struct policy_rule rules[], struct random *random,
               struct arena *arena)
{
    for (size_t i = 0; i < N_WIDE; i++) {
        struct box *box = &rules[i].certain;
        rules[i] = (struct policy_rule){ .name = "wide", .accesses = 1 };
        box->protocols = (protocol_set) (1 + random_below(random, 3));
        box->source.families[FAMILY_IPV4] =
            wide_range(random, UINT32_MAX, arena);
        box->source_ports = wide_range(random, PORT_MAX, arena);
        box->destination.families[FAMILY_IPV4] =
            wide_range(random, UINT32_MAX, arena);
        box->destination_ports = wide_range(random, PORT_MAX, arena);
        rules[i].possible = *box;
    }
}

/* A query that is too much work at once comes to the same in many pieces. */
static void
test_pieces_of_a_query_add_up_to_the_whole(void **state)
{
    struct arena *arena = arena_create();
    struct span_set ports = span_set_of(arena, 0, PORT_MAX);
    struct span_set all = span_set_of(arena, 0, UINT32_MAX);
    struct query query = { FAMILY_IPV4, PROTOCOLS_WITH_PORTS, all, ports, all,
                           ports };
    (void) state;

    for (size_t round = 0; round < random_rounds(3); round++) {
        struct random random = random_start(600000 + round);
        struct policy_rule rules[N_WIDE];
        struct shares whole = { .n_groups = 0 };
        struct shares pieces = { .n_groups = 0 };
        struct wide undecided;
        set_wide_rules(rules, &random, arena);
        const struct classifier *chain = classifier_compile(rules, N_WIDE);

        assert_true(sweep(&chain, 1, &query, UINT64_C(1) << 40, add_share,
                          &whole, &undecided));
        assert_true(
            sweep(&chain, 1, &query, 1500000, add_share, &pieces, &undecided));

        assert_int_not_equal(pieces.n_groups, whole.n_groups);
        assert_memory_equal(whole.counts, pieces.counts, sizeof whole.counts);
        classifier_unref(chain);
    }
    arena_unref(arena);
}

static void
test_empty_sets_emit_nothing(void **state)
{
    static const struct world world = { .any_percent = 50,
                                        .spans_max = 2,
                                        .n_rules = 8 };
    struct trial trial;
    struct wide undecided;
    (void) state;
    trial_init(&trial, &world, 500000, 1);
    const struct classifier *chain = trial.chains[0];
    trial.query.source = (struct span_set){ NULL, 0 };

    assert_true(
        sweep(&chain, 1, &trial.query, 0, check_group, &trial, &undecided));

    assert_int_equal(trial.n_groups, 0);
    trial_clear(&trial);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_make_up_the_query_and_examples_hold),
        cmocka_unit_test(test_counts_are_exact_in_tiny_worlds),
        cmocka_unit_test(test_all_chains_fit_side_by_side),
        cmocka_unit_test(test_single_packets_are_judged_alike),
        cmocka_unit_test(test_small_budgets_count_what_is_undecided),
        cmocka_unit_test(test_pieces_of_a_query_add_up_to_the_whole),
        cmocka_unit_test(test_empty_sets_emit_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
