#include "engine/judge/hide.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/judge/lookup.h"
#include "engine/judge/region.h"

enum {
    CORNERS = 12,
    PIECES_MAX = 4096 /* Of a rule while others are taken from it. */
};

/* A rule before the hidden one, and how many of its packets it matches. */
struct blocker {
    const struct policy_rule *rule;
    struct wide share;
    size_t place;
    bool used;
};

/* Returns value number 'i' of a set, from its ends inwards. */
static uint128
corner(struct span_set set, unsigned int i)
{
    struct span span = set.spans[(i / 2 * 7) % set.n];

    if (i % 3 == 2) {
        return span.first + (span.last - span.first) / 2;
    }
    return i % 2 ? span.last : span.first;
}

void
mark_corners(const struct classifier *chain, const struct query *query,
             uint64_t *deciding)
{
    if (!query->protocols || !query->source.n || !query->source_ports.n
        || !query->destination.n || !query->destination_ports.n) {
        return;
    }
    for (unsigned int i = 0; i < CORNERS; i++) {
        struct packet packet = {
            .protocol = (enum protocol) __builtin_ctz(query->protocols),
            .source = { query->family, corner(query->source, i) },
            .destination = { query->family,
                             corner(query->destination, i + i / 4) },
            .source_port = (uint32_t) corner(query->source_ports, i / 2),
            .destination_port =
                (uint32_t) corner(query->destination_ports, i + i / 3),
        };
        struct match match = classifier_lookup(chain, &packet);
        uint32_t rules[] = { match.rule, match.first_maybe };
        for (size_t j = 0; j < 2; j++) {
            if (rules[j] != SWEEP_NO_RULE) {
                deciding[rules[j] / 64] |= UINT64_C(1) << (rules[j] % 64);
            }
        }
    }
}

static int
compare_blockers(const void *a_, const void *b_)
{
    const struct blocker *a = a_;
    const struct blocker *b = b_;
    int order = wide_compare(b->share, a->share);

    return order ? order : a->place < b->place ? -1 : 1;
}

/* Returns the packets of both families that two boxes share. */
static struct wide
common_packets(const struct box *a, const struct box *b, struct arena *arena)
{
    struct box both = box_intersect(arena, a, b);

    return wide_add(box_count(&both, FAMILY_IPV4),
                    box_count(&both, FAMILY_IPV6));
}

/* Returns the rules before the hidden one that share packets with it, those
 * that share the most first. */
static struct blocker *
collect_blockers(const struct policy_rule rules[], size_t hidden, size_t *n)
{
    struct blocker *blockers = memory_calloc(hidden + 1, sizeof *blockers);

    *n = 0;
    for (size_t i = 0; i < hidden; i++) {
        struct arena *scratch = arena_create();
        struct wide share = common_packets(&rules[hidden].possible,
                                           &rules[i].certain, scratch);
        if (!wide_is_zero(share)) {
            blockers[(*n)++] = (struct blocker){ &rules[i], share, i, false };
        }
        arena_unref(scratch);
    }
    if (*n) {
        qsort(blockers, *n, sizeof *blockers, compare_blockers);
    }
    return blockers;
}

/* Returns true if the used blockers, or all, cover the hidden rule. */
static bool
is_covered(const struct policy_rule *hidden, const struct blocker blockers[],
           size_t n)
{
    bool covered = true;

    for (int i = 0; i < N_FAMILIES && covered; i++) {
        struct arena *scratch = arena_create();
        struct region_list left;
        region_list_init(&left, scratch, (enum family) i, &hidden->possible);
        for (size_t j = 0; j < n && left.n; j++) {
            if (blockers[j].used) {
                region_list_subtract(&left, &blockers[j].rule->certain,
                                     PIECES_MAX);
            }
        }
        covered = !left.n && !left.lossy;
        arena_unref(scratch);
    }
    return covered;
}

/* Uses blockers, biggest first, until the rule is covered. */
static bool
choose_blockers(const struct policy_rule *hidden, struct blocker blockers[],
                size_t n)
{
    struct arena *scratch = arena_create();
    size_t left = 0;
    bool lossy = false;

    for (int i = 0; i < N_FAMILIES; i++) {
        struct region_list list;
        region_list_init(&list, scratch, (enum family) i, &hidden->possible);
        for (size_t j = 0; j < n && list.n; j++) {
            const struct box *before = list.boxes;
            region_list_subtract(&list, &blockers[j].rule->certain,
                                 PIECES_MAX);
            blockers[j].used |= list.boxes != before;
        }
        left += list.n;
        lossy |= list.lossy;
    }
    arena_unref(scratch);
    return !left && !lossy;
}

const struct policy_rule *const *
hide_find(const struct policy_rule rules[], size_t hidden, struct arena *arena,
          size_t *n)
{
    const struct policy_rule *rule = &rules[hidden];
    const struct policy_rule **found = NULL;
    size_t n_blockers;
    struct blocker *blockers = collect_blockers(rules, hidden, &n_blockers);

    *n = 0;
    if (choose_blockers(rule, blockers, n_blockers)) {
        found = arena_alloc_array(arena, n_blockers,
                                  sizeof(const struct policy_rule *));
        /* The small ones go first. */
        for (size_t i = n_blockers; i-- > 0;) {
            if (blockers[i].used) {
                blockers[i].used = false;
                blockers[i].used = !is_covered(rule, blockers, n_blockers);
            }
        }
        for (size_t i = 0; i < n_blockers; i++) {
            if (blockers[i].used) {
                found[(*n)++] = blockers[i].rule;
            }
        }
    }
    free(blockers);
    return found;
}
