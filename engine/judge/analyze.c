#include "engine/judge/analyze.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/judge/hide.h"
#include "engine/judge/region.h"
#include "engine/judge/sweep.h"
#include "engine/model/port.h"

enum {
    BUDGET = 2000 * 1000 * 1000,
    QUERIES = 2 * N_FAMILIES /* Both families, with ports and without. */
};

/* A look at one chain. */
struct look {
    const struct policy_rule *rules;
    size_t n;
    const struct classifier *classifier;
    uint64_t budget;
    uint64_t *deciding;
    /* Of the rule at hand. */
    uint32_t rule;
    bool seen;
};

const char *
rule_finding_name(enum rule_finding finding)
{
    switch (finding) {
    case RULE_DECIDES: return "decides";
    case RULE_EMPTY: return "empty";
    case RULE_NEVER: return "never decides";
    case RULE_REDUNDANT: return "redundant";
    case RULE_NOT_DECIDED: break;
    }
    return "undecided";
}

static bool
bit_is_set(const uint64_t *bits, size_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

static void
set_bit(uint64_t *bits, size_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* Returns query number 'i' of the packets of a box; it may be empty. */
static struct query
box_query(const struct box *box, int i, struct arena *arena)
{
    enum family family = (enum family)(i / 2);
    bool has_ports = i % 2 == 0;
    struct span_set ports = span_set_of(arena, has_ports ? 0 : PORT_NONE,
                                        has_ports ? PORT_MAX : PORT_NONE);
    unsigned int kind = has_ports ? PROTOCOLS_WITH_PORTS
                                  : PROTOCOLS_ALL & ~PROTOCOLS_WITH_PORTS;

    return (struct query){
        .family = family,
        .protocols = (protocol_set) (box->protocols & kind),
        .source = box->source.families[family],
        .source_ports = span_set_intersect(arena, box->source_ports, ports),
        .destination = box->destination.families[family],
        .destination_ports =
            span_set_intersect(arena, box->destination_ports, ports),
    };
}

static void
note_decider(void *aux, const struct match matches[], struct wide count,
             const struct packet *example)
{
    struct look *look = aux;

    (void) count;
    (void) example;
    if (matches[0].rule != SWEEP_NO_RULE) {
        set_bit(look->deciding, matches[0].rule);
    }
    if (matches[0].first_maybe != SWEEP_NO_RULE) {
        set_bit(look->deciding, matches[0].first_maybe);
    }
}

/* Most rules decide the corners of their own boxes: a single packet tells. */
static void
try_corners(const struct look *look)
{
    const struct classifier *chain = look->classifier;

    for (size_t i = 0; i < look->n; i++) {
        struct arena *arena = arena_create();
        for (int j = 0; j < QUERIES && !bit_is_set(look->deciding, i); j++) {
            struct query query = box_query(&look->rules[i].possible, j, arena);
            mark_corners(chain, &query, look->deciding);
        }
        arena_unref(arena);
    }
}

/* Sweeps all packets, but only where a rule is alive that was not seen to
 * decide. */
static bool
sweep_unseen(struct look *look)
{
    struct arena *arena = arena_create();
    size_t words = look->n / 64 + 1;
    uint64_t *unseen = arena_alloc_array(arena, words, sizeof *unseen);
    const uint64_t *const marks[] = { unseen };
    struct sweep_options options = { look->budget, marks, NULL };
    struct box reach = { .protocols = 0 };
    bool whole = true;

    for (size_t i = 0; i < look->n; i++) {
        if (!bit_is_set(look->deciding, i)) {
            set_bit(unseen, i);
            reach = box_around(arena, &reach, &look->rules[i].possible);
        }
    }
    for (int i = 0; i < QUERIES; i++) {
        struct query query = box_query(&reach, i, arena);
        struct wide undecided;
        whole &= sweep_with(&look->classifier, 1, &query, &options,
                            note_decider, look, &undecided);
    }
    arena_unref(arena);
    return whole;
}

/* The match of a group names only the first rule that might match: one behind
 * it is looked for on its own. */
static void
note_maybe(void *aux, const struct match matches[], struct wide count,
           const struct packet *example)
{
    struct look *look = aux;

    (void) count;
    (void) example;
    look->seen |= matches[0].rule >= look->rule;
}

static bool
sweep_uncertain(struct look *look)
{
    bool whole = true;

    for (size_t i = 0; i < look->n; i++) {
        struct arena *arena;
        if (!look->rules[i].uncertain || bit_is_set(look->deciding, i)) {
            continue;
        }
        arena = arena_create();
        look->rule = (uint32_t) i;
        look->seen = false;
        for (int j = 0; j < QUERIES; j++) {
            struct query query = box_query(&look->rules[i].possible, j, arena);
            struct wide undecided;
            whole &= sweep(&look->classifier, 1, &query, look->budget,
                           note_maybe, look, &undecided);
        }
        if (look->seen) {
            set_bit(look->deciding, i);
        }
        arena_unref(arena);
    }
    return whole;
}

bool
find_deciding(const struct policy_rule rules[], size_t n,
              const struct classifier *classifier, uint64_t budget,
              uint64_t *deciding)
{
    struct look look = { .rules = rules,
                         .n = n,
                         .classifier = classifier,
                         .budget = budget ? budget : BUDGET,
                         .deciding = deciding };

    try_corners(&look);
    bool whole = sweep_unseen(&look);
    return sweep_uncertain(&look) && whole;
}

/* Compares what happens with the rule and without. */
static void
note_difference(void *aux, const struct match matches[], struct wide count,
                const struct packet *example)
{
    struct look *look = aux;
    const struct policy_rule *rules = look->rules;
    uint32_t with = matches[0].rule;
    uint32_t without = matches[1].rule;
    access_set a = with == SWEEP_NO_RULE ? 0 : rules[with].accesses;
    access_set b = without == SWEEP_NO_RULE ? 0 : rules[without].accesses;

    (void) count;
    (void) example;
    look->seen |= a != b || matches[0].maybe != matches[1].maybe;
}

/* Returns true if no packet would be treated otherwise without the rule. */
static bool
is_redundant(struct look *look, uint32_t rule)
{
    struct arena *arena = arena_create();
    const struct classifier *const chains[] = { look->classifier,
                                                look->classifier };
    uint32_t hidden[] = { SWEEP_NO_RULE, rule };
    struct sweep_options options = { look->budget, NULL, hidden };
    bool whole = true;

    look->seen = false;
    for (int i = 0; i < QUERIES && whole && !look->seen; i++) {
        struct query query = box_query(&look->rules[rule].possible, i, arena);
        struct wide undecided;
        whole = sweep_with(chains, 2, &query, &options, note_difference, look,
                           &undecided);
    }
    arena_unref(arena);
    return whole && !look->seen;
}

/* Says which side of a rule is empty. */
static const char *
why_empty(const struct box *box)
{
    if (!box->protocols) {
        return "its protocol matches nothing";
    }
    if (address_set_is_empty(box->source)) {
        return "its source holds no address";
    }
    if (address_set_is_empty(box->destination)) {
        return "its destination holds no address";
    }
    if (!box->source_ports.n || !box->destination_ports.n) {
        return "it has no ports";
    }
    if (box_is_empty_in(box, FAMILY_IPV4)
        && box_is_empty_in(box, FAMILY_IPV6)) {
        return "its source and its destination have no address family in "
               "common";
    }
    return NULL;
}

static void
analyze_rule(struct look *look, size_t i, bool whole,
             struct analyzed_rule *result, struct arena *arena)
{
    const struct policy_rule *rule = &look->rules[i];

    *result = (struct analyzed_rule){ .rule = rule };
    result->why = why_empty(&rule->possible);
    if (result->why) {
        result->finding = RULE_EMPTY;
    } else if (bit_is_set(look->deciding, i)) {
        result->finding =
            is_redundant(look, (uint32_t) i) ? RULE_REDUNDANT : RULE_DECIDES;
    } else if (!whole) {
        result->finding = RULE_NOT_DECIDED;
    } else {
        result->finding = RULE_NEVER;
        result->hidden_by =
            hide_find(look->rules, i, arena, &result->n_hidden_by);
    }
    for (size_t j = 0; j < result->n_hidden_by; j++) {
        result->other_access |=
            result->hidden_by[j]->accesses != rule->accesses;
    }
}

struct analysis
analyze_rules(const struct policy_rule rules[], size_t n,
              const struct classifier *classifier, uint64_t budget,
              struct arena *arena)
{
    struct look look = { .rules = rules,
                         .n = n,
                         .classifier = classifier,
                         .budget = budget ? budget : BUDGET };
    struct analyzed_rule *results =
        arena_alloc_array(arena, n, sizeof *results);
    struct analysis analysis = { .rules = results, .n_rules = n };

    look.deciding = memory_calloc(n / 64 + 1, sizeof *look.deciding);
    bool whole =
        find_deciding(rules, n, classifier, look.budget, look.deciding);
    for (size_t i = 0; i < n; i++) {
        analyze_rule(&look, i, whole, &results[i], arena);
        analysis.n_findings += results[i].finding != RULE_DECIDES;
    }
    free(look.deciding);
    return analysis;
}
