/* Questions about whole rule sets. */

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/compile/classifier.h"
#include "engine/judge/analyze.h"
#include "engine/judge/diff.h"
#include "tests/bench/bench.h"
#include "tests/bench/generate.h"
#include "tests/oracle/world.h"

static void
measure_deciding(const struct shape *shape, const struct rule_set *set,
                 const struct classifier *chain)
{
    uint64_t *deciding = memory_calloc(set->n / 64 + 1, sizeof *deciding);
    char name[128];
    size_t never = 0;

    double start = bench_now();
    bool whole = find_deciding(set->rules, set->n, chain, 0, deciding);
    double taken = (bench_now() - start) * 1e3;
    for (size_t i = 0; i < set->n; i++) {
        never += !(deciding[i / 64] >> (i % 64) & 1);
    }
    (void) snprintf(name, sizeof name,
                    "never-deciding rules of 1,000, set %s (%zu found%s)",
                    shape->name, never, whole ? "" : ", budget ran out");
    bench_row(name, taken, "ms", GOAL_AT_MOST, 200);
    free(deciding);
}

/* Edits one rule, compiles the new version and compares. */
static double
measure_edit(const struct rule_set *set, const struct classifier *before,
             size_t at, size_t *n_changes)
{
    struct arena *arena = arena_create();
    struct policy_rule *rules =
        arena_memdup(arena, set->rules, set->n * sizeof *rules);
    struct policy_rule *rule = &rules[at];

    rule->access = rule->access == ACCESS_ALLOW ? ACCESS_DENY : ACCESS_ALLOW;
    rule->accesses = (access_set) (1u << rule->access);
    if (at % 2) {
        /* Or another port. */
        *rule = set->rules[at];
        rule->certain.destination_ports = span_set_of(arena, 8443, 8450);
        rule->possible = rule->certain;
    }
    double start = bench_now();
    struct classifier *after = classifier_compile(rules, set->n);
    struct diff_side sides[2] = { { set->rules, set->n, before },
                                  { rules, set->n, after } };
    struct diff diff = diff_rules(&sides[0], &sides[1], 0, arena);
    double taken = (bench_now() - start) * 1e3;
    *n_changes += diff.n_changes > 0;
    classifier_unref(after);
    arena_unref(arena);
    return taken;
}

static void
measure_edits(const struct shape *shape, const struct rule_set *set,
              const struct classifier *chain)
{
    enum { EDITS = 40 };
    struct random random = random_start(77);
    double sum = 0;
    double most = 0;
    size_t changed = 0;
    char name[128];

    for (int i = 0; i < EDITS; i++) {
        double taken = measure_edit(
            set, chain, random_below(&random, set->n - 3), &changed);
        sum += taken;
        most = taken > most ? taken : most;
    }
    (void) snprintf(name, sizeof name,
                    "diff after one edit, set %s, mean (%zu of %d matter)",
                    shape->name, changed, EDITS);
    bench_row(name, sum / EDITS, "ms", GOAL_AT_MOST, 50);
    (void) snprintf(name, sizeof name, "diff after one edit, set %s, most",
                    shape->name);
    bench_row(name, most, "ms", GOAL_NONE, 0);
}

void
bench_analyses(const char *tags_file)
{
    static const struct shape shapes[] = {
        { "M", 1000, 9800, 15, 0, 3 },
        { "L", 1000, 51000, 15, 0, 4 },
        { "H", 1000, 10000, 0, 0, 5 },
        { "T", 1000, 5800, 15, 0, 8 },
    };
    struct arena *arena = arena_create();
    struct tags tags = tags_make(arena, tags_file);

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct rule_set set = rule_set_make(&shapes[i], &tags, arena);
        struct classifier *chain = classifier_compile(set.rules, set.n);
        measure_deciding(&shapes[i], &set, chain);
        measure_edits(&shapes[i], &set, chain);
        classifier_unref(chain);
    }
    arena_unref(arena);
}
