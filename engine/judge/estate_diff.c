#include "engine/judge/estate_diff.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/base/memory.h"
#include "engine/compile/classifier.h"
#include "engine/judge/region.h"
#include "engine/judge/site.h"
#include "engine/model/network.h"

/* A comparison under way. */
struct comparer {
    struct estate *estates[2];
    struct arena *arena;
    struct map *seen; /* Pairs of policies, by their keys. */
    struct map *used; /* Ids of groups that filter some NIC. */
    struct ruleset_diff **diffs;
    size_t n;
    size_t capacity;
    struct diff_side none; /* "No group": everything goes through. */
};

/* Two policies in one place. */
struct place_pair {
    const struct policy *policies[2];
    enum direction direction;
    enum layer layer;
    const struct nic *nic;
};

static void compare_nic(struct comparer *comparer, const struct nic *before,
                        const struct nic *after);

const char *
ruleset_change_name(enum ruleset_change change)
{
    switch (change) {
    case RULESET_CHANGED: return "changed";
    case RULESET_ATTACHED: return "attached";
    case RULESET_DETACHED: return "detached";
    case RULESET_REPLACED: break;
    }
    return "replaced";
}

/* A chain of one rule that lets everything through. */
static struct diff_side
make_none(struct arena *arena)
{
    struct policy_rule *rule = arena_alloc(arena, sizeof *rule);

    rule->name = "(no security group)";
    rule->id = "";
    rule->description = "";
    rule->ruleset = "";
    rule->ruleset_id = "";
    rule->kind = RULE_NONE;
    rule->access = ACCESS_ALLOW;
    rule->accesses = 1 << ACCESS_ALLOW;
    rule->certain = box_all(arena);
    rule->possible = rule->certain;
    return (struct diff_side){ rule, 1, classifier_compile(rule, 1) };
}

static void
find_unused(struct estate_diff *result, struct comparer *comparer)
{
    const struct network *before = estate_network(comparer->estates[0]);
    const struct security_group *const *groups;
    size_t n =
        network_security_groups(estate_network(comparer->estates[1]), &groups);
    const char **unused =
        arena_alloc_array(comparer->arena, n, sizeof(const char *));

    for (size_t i = 0; i < n; i++) {
        const struct security_group *old =
            network_find_security_group(before, groups[i]->resource.id);
        if (!map_get(comparer->used, groups[i]->resource.id)
            && !(old && hash_equal(old->hash, groups[i]->hash))) {
            unused[result->n_unused++] = groups[i]->resource.id;
        }
    }
    result->unused = unused;
}

struct estate_diff
estate_compare(struct estate *before, struct estate *after,
               struct arena *arena)
{
    struct comparer comparer = { .estates = { before, after },
                                 .arena = arena,
                                 .seen = map_create(arena),
                                 .used = map_create(arena),
                                 .none = make_none(arena) };
    struct estate_diff result = { .n_rulesets = 0 };
    const struct nic *const *nics;
    size_t n = network_nics(estate_network(before), &nics);

    for (size_t i = 0; i < n; i++) {
        const struct nic *now =
            network_find_nic(estate_network(after), nics[i]->resource.id);
        result.n_nics_removed += !now;
        if (now) {
            compare_nic(&comparer, nics[i], now);
        }
    }
    n = network_nics(estate_network(after), &nics);
    for (size_t i = 0; i < n; i++) {
        result.n_nics_added +=
            !network_find_nic(estate_network(before), nics[i]->resource.id);
    }
    /* Names and descriptions may differ where no rule does otherwise. */
    size_t n_kept = 0;
    struct ruleset_diff *diffs =
        arena_alloc_array(arena, comparer.n, sizeof *diffs);
    for (size_t i = 0; i < comparer.n; i++) {
        if (comparer.diffs[i]->not_comparable
            || comparer.diffs[i]->diff.n_edits) {
            diffs[n_kept++] = *comparer.diffs[i];
        }
    }
    result.rulesets = diffs;
    result.n_rulesets = n_kept;
    find_unused(&result, &comparer);
    free(comparer.diffs);
    classifier_unref(comparer.none.classifier);
    return result;
}

static const char *
policy_name(const struct policy *policy)
{
    return policy ? policy->ruleset : "";
}

static enum ruleset_change
find_change(const struct place_pair *pair)
{
    if (!pair->policies[0]) {
        return RULESET_ATTACHED;
    }
    if (!pair->policies[1]) {
        return RULESET_DETACHED;
    }
    return ascii_equal(pair->policies[0]->ruleset_id,
                       pair->policies[1]->ruleset_id)
               ? RULESET_CHANGED
               : RULESET_REPLACED;
}

/* Returns one version as a chain.  Admin rules without a list match nothing;
 * a missing group lets everything through. */
static struct diff_side
pair_side(const struct comparer *comparer, const struct place_pair *pair,
          int which, const struct classifier **owned)
{
    const struct policy *policy = pair->policies[which];

    if (policy && policy->n_chains == 1) {
        return (struct diff_side){ policy->rules, policy->n_rules,
                                   policy->classifiers[0] };
    }
    if (!policy && pair->layer != LAYER_ADMIN) {
        return comparer->none;
    }
    *owned = classifier_compile(NULL, 0);
    return (struct diff_side){ NULL, 0, *owned };
}

static bool
is_comparable(const struct place_pair *pair)
{
    for (int i = 0; i < 2; i++) {
        if (pair->policies[i] && pair->policies[i]->n_chains > 1) {
            return false;
        }
    }
    return true;
}

static struct ruleset_diff *
compare_pair(struct comparer *comparer, const struct place_pair *pair)
{
    struct ruleset_diff *diff = arena_alloc(comparer->arena, sizeof *diff);
    const struct policy *named =
        pair->policies[1] ? pair->policies[1] : pair->policies[0];
    const struct classifier *owned[2] = { NULL, NULL };

    diff->change = find_change(pair);
    diff->direction = pair->direction;
    diff->layer = pair->layer;
    diff->ruleset = named->ruleset;
    diff->ruleset_id = named->ruleset_id;
    diff->was =
        diff->change == RULESET_REPLACED ? policy_name(pair->policies[0]) : "";
    diff->nic = pair->nic->resource.id;
    for (int i = 0; i < 2; i++) {
        if (pair->policies[i]) {
            arena_keep(comparer->arena, pair->policies[i]->arena);
        }
    }
    diff->not_comparable = !is_comparable(pair);
    if (!diff->not_comparable) {
        struct diff_side before = pair_side(comparer, pair, 0, &owned[0]);
        struct diff_side after = pair_side(comparer, pair, 1, &owned[1]);
        diff->diff = diff_rules(&before, &after, 0, comparer->arena);
    }
    classifier_unref(owned[0]);
    classifier_unref(owned[1]);
    return diff;
}

static bool
pair_is_equal(const struct place_pair *pair)
{
    const struct policy *a = pair->policies[0];
    const struct policy *b = pair->policies[1];

    return a && b ? hash_equal(a->key, b->key) : a == b;
}

/* A word that stands for the pair; the layer counts for admin rules only. */
static const char *
pair_word(const struct place_pair *pair, struct arena *arena)
{
    struct hash keys[2] = { { 0, 0 }, { 0, 0 } };

    for (int i = 0; i < 2; i++) {
        if (pair->policies[i]) {
            keys[i] = pair->policies[i]->key;
        }
    }
    return arena_printf(
        arena, "%d %d %016lx%016lx %016lx%016lx", (int) pair->direction,
        pair->layer == LAYER_ADMIN, (unsigned long) keys[0].low,
        (unsigned long) keys[0].high, (unsigned long) keys[1].low,
        (unsigned long) keys[1].high);
}

static void
add_pair(struct comparer *comparer, const struct place_pair *pair)
{
    if (pair_is_equal(pair)) {
        return;
    }
    const char *word = pair_word(pair, comparer->arena);
    struct ruleset_diff *diff = map_get(comparer->seen, word);
    if (!diff) {
        diff = compare_pair(comparer, pair);
        (void) map_put(comparer->seen, word, diff);
        comparer->diffs =
            memory_grow(comparer->diffs, comparer->n, &comparer->capacity,
                        sizeof(struct ruleset_diff *));
        comparer->diffs[comparer->n++] = diff;
    }
    diff->n_nics++;
}

/* Compares the layers of one address of a NIC. */
static void
compare_sites(struct comparer *comparer, const struct site *before,
              const struct site *after)
{
    for (int i = 0; i < SITE_LAYERS; i++) {
        struct place_pair pair = { { before->layers[i].policy,
                                     after->layers[i].policy },
                                   after->direction,
                                   after->layers[i].layer,
                                   after->nic };
        for (int j = 0; j < 2; j++) {
            if (pair.policies[j]) {
                (void) map_put(comparer->used, pair.policies[j]->ruleset_id,
                               comparer);
            }
        }
        add_pair(comparer, &pair);
    }
}

/* Returns the IP configuration of 'nic' that answers to 'other', by name. */
static const struct ip_configuration *
find_same(const struct nic *nic, const struct ip_configuration *other)
{
    for (size_t i = 0; i < nic->n_ip_configurations; i++) {
        if (ascii_equal(nic->ip_configurations[i].name, other->name)) {
            return &nic->ip_configurations[i];
        }
    }
    return NULL;
}

/* The first IP configuration of each subnet stands for all of them. */
static bool
is_first_of_subnet(const struct nic *nic, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (ascii_equal(nic->ip_configurations[j].subnet_id,
                        nic->ip_configurations[i].subnet_id)) {
            return false;
        }
    }
    return true;
}

static void
compare_nic(struct comparer *comparer, const struct nic *before,
            const struct nic *after)
{
    for (size_t i = 0; i < after->n_ip_configurations; i++) {
        const struct ip_configuration *ip = &after->ip_configurations[i];
        const struct ip_configuration *old = find_same(before, ip);
        if (!old || !is_first_of_subnet(after, i)) {
            continue;
        }
        for (int j = 0; j < 2; j++) {
            enum direction direction =
                j ? DIRECTION_OUTBOUND : DIRECTION_INBOUND;
            const struct site *sites[2] = {
                estate_site(comparer->estates[0], before, old, direction),
                estate_site(comparer->estates[1], after, ip, direction)
            };
            if (sites[0] && sites[1]) {
                compare_sites(comparer, sites[0], sites[1]);
            }
        }
    }
}
