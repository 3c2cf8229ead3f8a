#include "engine/judge/diff.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/judge/align.h"
#include "engine/judge/region.h"
#include "engine/judge/sweep.h"
#include "engine/model/port.h"

enum {
    /* An analysis may take longer than a flow: some seconds. */
    BUDGET = 2000 * 1000 * 1000,
    PIECES_MAX = 32, /* Of a region while rules are taken from it. */
    /* Changes, the largest first, whose regions are worked out. */
    SHOWN_MAX = 20
};

/* Packets of one family with equal matches, so far. */
struct group {
    enum family family;
    struct match matches[2];
    enum effect effects[2];
    struct wide count;
    struct packet example;
};

struct comparison {
    const struct diff_side *sides[2];
    enum family family;
    struct group *groups;
    size_t n;
    size_t capacity;
};

const char *
effect_name(enum effect effect)
{
    switch (effect) {
    case EFFECT_ALLOW: return "Allow";
    case EFFECT_DENY: return "Deny";
    case EFFECT_ALWAYS_ALLOW: return "AlwaysAllow";
    case EFFECT_NO_MATCH: return "no match";
    case EFFECT_UNCERTAIN: break;
    }
    return "uncertain";
}

/* What a match comes to: rules that might match do not count if they do the
 * same as the rule that decides. */
static enum effect
match_effect(const struct diff_side *side, const struct match *match)
{
    enum access access;

    if (match->rule == SWEEP_NO_RULE) {
        return match->maybe ? EFFECT_UNCERTAIN : EFFECT_NO_MATCH;
    }
    access = side->rules[match->rule].access;
    if (match->maybe & ~(1u << access)) {
        return EFFECT_UNCERTAIN;
    }
    switch (access) {
    case ACCESS_ALLOW: return EFFECT_ALLOW;
    case ACCESS_DENY: return EFFECT_DENY;
    case ACCESS_ALWAYS_ALLOW: return EFFECT_ALWAYS_ALLOW;
    case ACCESS_UNKNOWN: break;
    }
    return EFFECT_UNCERTAIN;
}

/* The rule that a person would name. */
static uint32_t
match_name(const struct match *match, enum effect effect)
{
    return effect == EFFECT_UNCERTAIN ? match->first_maybe : match->rule;
}

static struct group *
find_group(struct comparison *comparison, const struct match matches[2],
           const enum effect effects[2])
{
    for (size_t i = 0; i < comparison->n; i++) {
        struct group *group = &comparison->groups[i];
        bool equal = group->family == comparison->family;
        for (int j = 0; j < 2 && equal; j++) {
            equal = group->effects[j] == effects[j]
                    && match_name(&group->matches[j], effects[j])
                           == match_name(&matches[j], effects[j]);
        }
        if (equal) {
            return group;
        }
    }
    comparison->groups =
        memory_grow(comparison->groups, comparison->n, &comparison->capacity,
                    sizeof *comparison->groups);
    return &comparison->groups[comparison->n++];
}

static void
compare_group(void *aux, const struct match matches[], struct wide count,
              const struct packet *example)
{
    struct comparison *comparison = aux;
    enum effect effects[2] = { match_effect(comparison->sides[0], &matches[0]),
                               match_effect(comparison->sides[1],
                                            &matches[1]) };

    if (effects[0] == effects[1]) {
        return;
    }
    size_t before = comparison->n;
    struct group *group = find_group(comparison, matches, effects);
    if (comparison->n > before) {
        *group = (struct group){ .family = comparison->family,
                                 .matches = { matches[0], matches[1] },
                                 .effects = { effects[0], effects[1] },
                                 .count = count,
                                 .example = *example };
        return;
    }
    group->count = wide_add(group->count, count);
}

/* Returns a box around all packets that edits can reach. */
static struct box
find_reach(const struct diff_side *sides[2], uint64_t *const marks[2],
           struct arena *arena)
{
    struct box reach = { .protocols = 0 };

    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < sides[side]->n; i++) {
            if (marks[side][i / 64] >> (i % 64) & 1) {
                reach =
                    box_around(arena, &reach, &sides[side]->rules[i].possible);
            }
        }
    }
    return reach;
}

/* Makes the query of one family and kind of protocol inside 'reach'. */
static struct query
reach_query(const struct box *reach, enum family family, bool has_ports,
            struct arena *arena)
{
    uint32_t first = has_ports ? 0 : PORT_NONE;
    uint32_t last = has_ports ? PORT_MAX : PORT_NONE;
    struct span_set ports = span_set_of(arena, first, last);
    unsigned int kind = has_ports ? PROTOCOLS_WITH_PORTS
                                  : PROTOCOLS_ALL & ~PROTOCOLS_WITH_PORTS;

    return (struct query){
        .family = family,
        .protocols = (protocol_set) (reach->protocols & kind),
        .source = reach->source.families[family],
        .source_ports = span_set_intersect(arena, reach->source_ports, ports),
        .destination = reach->destination.families[family],
        .destination_ports =
            span_set_intersect(arena, reach->destination_ports, ports),
    };
}

/* Takes away what rule 'i', which comes before the one that decides, would
 * change about the effect. */
static void
cut_rule(struct region_list *list, const struct policy_rule *rule,
         access_set decided)
{
    bool agrees = decided && !(rule->accesses & ~decided);

    region_list_subtract(list, agrees ? &rule->certain : &rule->possible,
                         PIECES_MAX);
}

/* Keeps of 'list' what a chain treats as 'match' says, or less. */
static void
cut_to_match(struct region_list *list, const struct diff_side *side,
             const struct match *match, enum effect effect)
{
    bool decides = match->rule != SWEEP_NO_RULE;
    size_t end = decides ? match->rule : side->n;
    access_set decided = decides ? side->rules[end].accesses : 0;
    size_t maybe = SWEEP_NO_RULE;

    if (decides) {
        region_list_intersect(list, &side->rules[end].certain);
    }
    if (effect == EFFECT_UNCERTAIN) {
        const struct policy_rule *rule = &side->rules[match->first_maybe];
        maybe = match->first_maybe;
        region_list_intersect(list, &rule->possible);
        region_list_subtract(list, &rule->certain, PIECES_MAX);
        if (decides && !(rule->accesses & ~decided)) {
            /* It agrees; some later rule does not. */
            list->n = 0;
        }
        decided = UINT8_MAX;
    }
    for (size_t i = 0; i < end && list->n; i++) {
        if (i < maybe && maybe != SWEEP_NO_RULE) {
            region_list_subtract(list, &side->rules[i].possible, PIECES_MAX);
        } else if (i != maybe) {
            cut_rule(list, &side->rules[i], decided);
        }
    }
}

static void
add_regions(struct diff_change *change, const struct comparison *comparison,
            const struct group *group, struct arena *arena)
{
    struct arena *scratch = arena_create();
    struct box all = box_all(scratch);
    struct region_list list;
    struct wide sum = wide_from(0);

    region_list_init(&list, scratch, group->family, &all);
    for (int i = 0; i < 2; i++) {
        cut_to_match(&list, comparison->sides[i], &group->matches[i],
                     group->effects[i]);
    }
    region_list_sort(&list);
    change->n_regions = list.n < DIFF_REGIONS_MAX ? list.n : DIFF_REGIONS_MAX;
    change->regions = arena_memdup(
        arena, list.boxes, change->n_regions * sizeof *change->regions);
    for (size_t i = 0; i < change->n_regions; i++) {
        sum = wide_add(sum, box_count(&change->regions[i], group->family));
    }
    change->has_more_regions = wide_compare(sum, group->count) < 0;
    /* The boxes point into the scratch memory. */
    arena_keep(arena, scratch);
    arena_unref(scratch);
}

static const struct policy_rule *
named_rule(const struct diff_side *side, const struct match *match,
           enum effect effect)
{
    uint32_t rule = match_name(match, effect);

    return rule == SWEEP_NO_RULE ? NULL : &side->rules[rule];
}

static int
compare_changes(const void *a_, const void *b_)
{
    const struct group *a = a_;
    const struct group *b = b_;

    if (a->family != b->family) {
        return a->family < b->family ? -1 : 1;
    }
    return wide_compare(b->count, a->count);
}

static void
keep_changes(struct diff *diff, struct comparison *comparison,
             struct arena *arena)
{
    size_t n = comparison->n;
    struct diff_change *changes = arena_alloc_array(arena, n, sizeof *changes);

    if (n) {
        qsort(comparison->groups, n, sizeof *comparison->groups,
              compare_changes);
    }
    for (size_t i = 0; i < n; i++) {
        const struct group *group = &comparison->groups[i];
        changes[i] = (struct diff_change){
            .family = group->family,
            .before_effect = group->effects[0],
            .after_effect = group->effects[1],
            .before = named_rule(comparison->sides[0], &group->matches[0],
                                 group->effects[0]),
            .after = named_rule(comparison->sides[1], &group->matches[1],
                                group->effects[1]),
            .count = group->count,
            .example = group->example,
        };
        changes[i].has_more_regions = true;
        if (i < SHOWN_MAX
            || changes[i].family != changes[i - SHOWN_MAX].family) {
            add_regions(&changes[i], comparison, group, arena);
        }
    }
    diff->changes = changes;
    diff->n_changes = n;
}

struct diff
diff_rules(const struct diff_side *before, const struct diff_side *after,
           uint64_t budget, struct arena *arena)
{
    struct comparison comparison = { .sides = { before, after } };
    const struct classifier *const chains[2] = { before->classifier,
                                                 after->classifier };
    struct diff diff = { .complete = true };
    struct arena *scratch = arena_create();
    uint64_t *marks[2];

    diff.n_edits = align_rules(before, after, marks, scratch);
    if (diff.n_edits) {
        const uint64_t *const edited[2] = { marks[0], marks[1] };
        struct sweep_options options = { .marks = edited };
        struct box reach = find_reach(comparison.sides, marks, scratch);
        options.budget = budget ? budget : BUDGET;
        for (int i = 0; i < 2 * N_FAMILIES; i++) {
            struct wide undecided;
            comparison.family = (enum family)(i / 2);
            struct query query =
                reach_query(&reach, comparison.family, !(i % 2), scratch);
            diff.complete &=
                sweep_with(chains, 2, &query, &options, compare_group,
                           &comparison, &undecided);
        }
    }
    keep_changes(&diff, &comparison, arena);
    free(comparison.groups);
    arena_unref(scratch);
    return diff;
}
