/* Rule sets that are hostile or huge. */

#include <stdio.h>

#include "engine/base/arena.h"
#include "engine/compile/classes.h"
#include "engine/compile/classifier.h"
#include "engine/judge/lookup.h"
#include "engine/judge/sweep.h"
#include "engine/model/port.h"
#include "tests/bench/bench.h"
#include "tests/bench/generate.h"
#include "tests/oracle/world.h"

static void
ignore_group(void *aux, const struct match matches[], struct wide count,
             const struct packet *example)
{
    (void) aux;
    (void) matches;
    (void) count;
    (void) example;
}

/* Wide random ranges in all five fields: the worst case of the design. */
static void
measure_adversarial(const struct tags *tags, struct arena *arena)
{
    static const struct shape shape = { "X1k", 1000, 1, 0, 1, 7 };
    struct rule_set set = rule_set_make(&shape, tags, arena);
    struct classifier *chain = classifier_compile(set.rules, set.n);
    const struct classifier *const chains[] = { chain };
    struct span all = { 0, UINT32_MAX };
    struct span ports = { 0, PORT_MAX };
    struct query query = {
        FAMILY_IPV4,   PROTOCOLS_WITH_PORTS, { &all, 1 },
        { &ports, 1 }, { &all, 1 },          { &ports, 1 }
    };
    struct wide undecided;
    /* Two protocols, two addresses, two ports. */
    struct wide packets = wide_multiply(wide_from((uint128) 2 << 64),
                                        wide_from((uint128) 1 << 32));

    double start = bench_now();
    (void) sweep(chains, 1, &query, 0, ignore_group, NULL, &undecided);
    bench_row("adversarial: all packets, 1,000 wide random rules",
              (bench_now() - start) * 1e3, "ms", GOAL_AT_MOST, 2000);
    bench_row("adversarial: share decided within the default budget",
              100 * (1 - wide_ratio(undecided, packets)), "%", GOAL_AT_LEAST,
              100);
    classifier_unref(chain);
}

/* One rule with 4,000 prefixes, among 1,000 that overlap. */
static void
measure_prefixes(struct arena *arena)
{
    struct random random = random_start(4000);
    struct world world = { .any_percent = 10, .spans_max = 2, .n_rules = 999 };
    struct policy_rule *rules = world_rules(&world, &random, arena);
    struct address_list list;

    address_list_init(&list);
    for (size_t i = 0; i < 4000; i++) {
        uint32_t first = (uint32_t) random_next(&random) & ~UINT32_C(0xff);
        address_list_add(&list, (struct address_range){
                                    FAMILY_IPV4, { first, first | 0xff } });
    }
    rules[500].certain.source = address_list_finish(&list, arena);
    rules[500].possible = rules[500].certain;
    double start = bench_now();
    struct classifier *chain = classifier_compile(rules, 1000 - 1);
    bench_row("compile, 4,000 prefixes in one of 1,000 overlapping rules",
              (bench_now() - start) * 1e3, "ms", GOAL_NONE, 0);
    bench_row("memory of it", (double) classifier_size(chain) / 1e6, "MB",
              GOAL_NONE, 0);
    classifier_unref(chain);
}

/* Every tag of the list as one rule. */
static void
measure_all_tags(const struct tags *tags, struct arena *arena)
{
    struct span_set ports = span_set_of(arena, 0, PORT_NONE);
    struct policy_rule *rules =
        arena_alloc_array(arena, tags->n, sizeof *rules);

    for (size_t i = 0; i < tags->n; i++) {
        rules[i].accesses = 1 << ACCESS_ALLOW;
        rules[i].certain = (struct box){ PROTOCOLS_ALL, tags->sets[i], ports,
                                         address_set_all(), ports };
        rules[i].possible = rules[i].certain;
    }
    double start = bench_now();
    struct classifier *chain = classifier_compile(rules, tags->n);
    double taken = (bench_now() - start) * 1e3;
    char name[128];
    (void) snprintf(name, sizeof name,
                    "compile, %zu tags with %zu prefixes as rules", tags->n,
                    tags->n_prefixes);
    bench_row(name, taken, "ms", GOAL_NONE, 0);
    (void) snprintf(
        name, sizeof name, "memory of it (%u + %u classes of sources)",
        chain->fields[CLASS_SOURCE].n_classes, chain->wide_source.n_classes);
    bench_row(name, (double) classifier_size(chain) / 1e6, "MB", GOAL_NONE, 0);
    classifier_unref(chain);
}

/* A policy as most groups have it: a dozen rules. */
static void
measure_small(const struct tags *tags, struct arena *arena)
{
    static const struct shape shape = { "small", 10, 20, 30, 0, 9 };
    enum { N = 1000 };
    struct rule_set set = rule_set_make(&shape, tags, arena);
    size_t size = 0;

    double start = bench_now();
    for (int i = 0; i < N; i++) {
        struct classifier *chain = classifier_compile(set.rules, set.n);
        size = classifier_size(chain);
        classifier_unref(chain);
    }
    bench_row("compile, 10 rules", (bench_now() - start) * 1e6 / N, "us",
              GOAL_NONE, 0);
    bench_row("memory of it", (double) size / 1e3, "KB", GOAL_NONE, 0);
}

void
bench_stress(const char *tags_file)
{
    struct arena *arena = arena_create();
    struct tags tags = tags_make(arena, tags_file);

    measure_small(&tags, arena);
    measure_adversarial(&tags, arena);
    measure_prefixes(arena);
    measure_all_tags(&tags, arena);
    arena_unref(arena);
}
