#include "engine/compile/policies.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/compile/classifier.h"
#include "engine/compile/context.h"
#include "engine/compile/intern.h"
#include "engine/compile/needs.h"
#include "engine/compile/origins.h"
#include "engine/compile/policy_making.h"
#include "engine/compile/settings.h"

struct shared_set {
    struct arena *arena;
    struct address_set set;
};

struct compiled {
    struct classifier *classifier;
    bool used;
};

/* A policy with what the table must know of it. */
struct made_policy {
    struct policy policy;
    struct compiled **compiled; /* One a chain. */
};

struct policies {
    struct intern
        policies; /* struct made_policy, by what they are made from. */
    struct intern classifiers; /* struct compiled, by what they do. */
    struct intern needs;       /* By rules and direction. */
    struct intern sets;        /* struct shared_set, by content. */
    size_t n_compiled;
};

/* A set of so many spans is cheaper to copy than to share. */
enum { COPIED_MAX = 16 };

static const struct needs *needs_get(struct policies *policies,
                                     const struct ruleset *ruleset,
                                     enum direction direction);
static struct hash making_key(const struct policy_making *making,
                              struct origins *origins, struct arena *arena);
static struct made_policy *make_policy(const struct policy_making *making);

struct policies *
policies_create(void)
{
    return memory_calloc(1, sizeof(struct policies));
}

static bool
keep_shared_policy(void *value, void *aux)
{
    struct made_policy *made = value;

    (void) aux;
    if (!arena_is_shared(made->policy.arena)) {
        policy_unref(&made->policy);
        return false;
    }
    for (size_t i = 0; i < made->policy.n_chains; i++) {
        made->compiled[i]->used = true;
    }
    return true;
}

static bool
drop_policy(void *value, void *aux)
{
    struct made_policy *made = value;

    (void) aux;
    policy_unref(&made->policy);
    return false;
}

static bool
keep_used_classifier(void *value, void *aux)
{
    struct compiled *compiled = value;
    bool used = compiled->used;

    (void) aux;
    compiled->used = false;
    if (!used) {
        classifier_unref(compiled->classifier);
        free(compiled);
    }
    return used;
}

static bool
keep_used_needs(void *value, void *aux)
{
    struct needs *needs = value;
    bool used = needs->used;

    (void) aux;
    needs->used = false;
    if (!used) {
        arena_unref(needs->arena);
    }
    return used;
}

static bool
keep_shared_set(void *value, void *aux)
{
    struct shared_set *shared = value;

    (void) aux;
    if (arena_is_shared(shared->arena)) {
        return true;
    }
    arena_unref(shared->arena);
    return false;
}

void
policies_sweep(struct policies *policies)
{
    intern_filter(&policies->policies, keep_shared_policy, NULL);
    intern_filter(&policies->classifiers, keep_used_classifier, NULL);
    intern_filter(&policies->needs, keep_used_needs, NULL);
    intern_filter(&policies->sets, keep_shared_set, NULL);
}

static bool
forget_needs(void *value, void *aux)
{
    struct needs *needs = value;

    needs->used = false;
    return keep_used_needs(needs, aux);
}

static bool
forget_set(void *value, void *aux)
{
    struct shared_set *shared = value;

    (void) aux;
    arena_unref(shared->arena);
    return false;
}

void
policies_destroy(struct policies *policies)
{
    if (!policies) {
        return;
    }
    /* Policies that verdicts hold live on without the table. */
    intern_filter(&policies->policies, drop_policy, NULL);
    intern_filter(&policies->classifiers, keep_used_classifier, NULL);
    intern_filter(&policies->needs, forget_needs, NULL);
    intern_filter(&policies->sets, forget_set, NULL);
    intern_clear(&policies->policies);
    intern_clear(&policies->classifiers);
    intern_clear(&policies->needs);
    intern_clear(&policies->sets);
    free(policies);
}

struct policies_stats
policies_stats(const struct policies *policies)
{
    struct policies_stats stats = { .policies = policies->policies.n,
                                    .classifiers = policies->classifiers.n,
                                    .compiled = policies->n_compiled };

    for (size_t i = 0; i < policies->policies.n_slots; i++) {
        const struct made_policy *made = policies->policies.entries[i].value;
        stats.bytes += made ? arena_size(made->policy.arena) : 0;
    }
    for (size_t i = 0; i < policies->classifiers.n_slots; i++) {
        const struct compiled *c = policies->classifiers.entries[i].value;
        stats.bytes += c ? classifier_size(c->classifier) : 0;
    }
    for (size_t i = 0; i < policies->sets.n_slots; i++) {
        const struct shared_set *set = policies->sets.entries[i].value;
        stats.bytes += set ? arena_size(set->arena) : 0;
    }
    return stats;
}

const struct policy *
policies_get(struct policies *policies, const struct ruleset *ruleset,
             enum direction direction, const struct place *place,
             struct origins *origins, struct arena *arena)
{
    struct arena *scratch = arena_create();
    struct policy_making making = { .policies = policies,
                                    .ruleset = ruleset,
                                    .direction = direction,
                                    .place = place };

    if (ruleset->admin) {
        struct origins found = { .items = NULL };
        making.order = order_admin_rules(
            contexts_network(context_owner(place->context)), ruleset->rules,
            ruleset->n_rules, direction, &found, scratch);
        origins_add_all(origins, found.items, found.n, arena);
    }
    making.key = making_key(&making, origins, arena);
    struct made_policy *made = intern_get(&policies->policies, making.key);
    if (!made) {
        if (!ruleset->admin) {
            making.order = order_security_rules(
                ruleset->rules, ruleset->n_rules, direction, scratch);
        }
        made = make_policy(&making);
        intern_put(&policies->policies, making.key, made);
    }
    arena_unref(scratch);
    return policy_ref(&made->policy);
}

static struct address_set
copy_set(struct address_set set, struct arena *arena)
{
    for (int i = 0; i < N_FAMILIES; i++) {
        struct span_set *spans = &set.families[i];
        spans->spans =
            arena_memdup(arena, spans->spans, spans->n * sizeof(struct span));
    }
    return set;
}

struct address_set
policies_share_set(struct policies *policies, struct address_set set,
                   struct hash key, struct arena *arena)
{
    if (set.families[FAMILY_IPV4].n + set.families[FAMILY_IPV6].n
        <= COPIED_MAX) {
        return copy_set(set, arena);
    }
    struct shared_set *shared = intern_get(&policies->sets, key);
    if (!shared) {
        struct arena *own = arena_create();
        shared = arena_alloc(own, sizeof *shared);
        shared->arena = own;
        shared->set = copy_set(set, own);
        intern_put(&policies->sets, key, shared);
    }
    arena_keep(arena, shared->arena);
    return shared->set;
}

static const struct needs *
needs_get(struct policies *policies, const struct ruleset *ruleset,
          enum direction direction)
{
    struct hasher hasher;

    hasher_init(&hasher);
    hasher_add(&hasher, &ruleset->hash, sizeof ruleset->hash);
    hasher_add_u64(&hasher, direction);
    hasher_add_u64(&hasher, ruleset->n_rules);
    struct hash key = hasher_finish(&hasher);
    struct needs *needs = intern_get(&policies->needs, key);
    if (!needs) {
        needs = needs_create(ruleset, direction);
        intern_put(&policies->needs, key, needs);
    }
    needs->used = true;
    return needs;
}

/* Adds what the rules' order was worked out to be: it rests on more than the
 * rules themselves. */
static void
hash_order(struct hasher *hasher, const struct rule_order *order)
{
    hasher_add_u64(hasher, order->n_chains);
    for (size_t i = 0; i < order->n_chains; i++) {
        const struct policy_chain *chain = &order->chains[i];
        hasher_add_u64(hasher, (uint64_t) chain->tier + 1);
        hasher_add_u64(hasher, chain->n);
        hasher_add_u64(hasher, (uint64_t) chain->loose << 1 | chain->echo);
    }
    for (size_t i = 0; i < order->n; i++) {
        hasher_add_string(hasher, order->rules[i].rule->id);
        hasher_add_u64(hasher, (uint64_t) order->rules[i].priority);
        hasher_add_string(hasher, order->rules[i].order_doubt);
    }
}

/* Everything that the policy's contents follow from. */
static struct hash
making_key(const struct policy_making *making, struct origins *origins,
           struct arena *arena)
{
    const struct ruleset *ruleset = making->ruleset;
    const struct contexts *contexts = context_owner(making->place->context);
    struct hasher hasher;

    hasher_init(&hasher);
    hasher_add_u64(&hasher, making->direction);
    hasher_add_u64(&hasher, ruleset->admin);
    hasher_add_u64(&hasher, ruleset->missing);
    hasher_add_string(&hasher, ruleset->missing_detail);
    hasher_add_string(&hasher, ruleset->name);
    hasher_add_string(&hasher, ruleset->id);
    hasher_add(&hasher, &ruleset->hash, sizeof ruleset->hash);
    hasher_add_u64(&hasher, ruleset->n_rules);
    hasher_add_u64(&hasher, contexts_settings(contexts)->empty_asg_no_match);
    hash_order(&hasher, &making->order);
    const struct needs *needs =
        needs_get(making->policies, ruleset, making->direction);
    for (size_t i = 0; i < needs->n; i++) {
        const struct meaning *meaning = place_meaning(
            making->place, &needs->items[i].term, needs->items[i].local);
        hasher_add(&hasher, &meaning->hash, sizeof meaning->hash);
        origins_add_all(origins, meaning->origins, meaning->n_origins, arena);
    }
    return hasher_finish(&hasher);
}

static struct compiled *
compile(struct policies *policies, const struct policy_rule rules[], size_t n)
{
    struct hash key = classifier_key(rules, n);
    struct compiled *compiled = intern_get(&policies->classifiers, key);

    if (!compiled) {
        compiled = memory_calloc(1, sizeof *compiled);
        compiled->classifier = classifier_compile(rules, n);
        policies->n_compiled++;
        intern_put(&policies->classifiers, key, compiled);
    }
    return compiled;
}

static void
release_classifiers(void *aux)
{
    struct policy *policy = aux;

    for (size_t i = 0; i < policy->n_chains; i++) {
        classifier_unref(policy->classifiers[i]);
    }
}

static struct made_policy *
make_policy(const struct policy_making *making)
{
    struct arena *arena = arena_create();
    struct made_policy *made = arena_alloc(arena, sizeof *made);
    struct policy *policy = &made->policy;

    policy->arena = arena;
    policy->key = making->key;
    policy->direction = making->direction;
    policy->ruleset = arena_strlower(arena, making->ruleset->name);
    policy->ruleset_id = arena_strdup(arena, making->ruleset->id);
    policy_make_rules(making, policy);

    const struct classifier **classifiers =
        arena_alloc_array(arena, policy->n_chains, sizeof *classifiers);
    made->compiled =
        arena_alloc_array(arena, policy->n_chains, sizeof(struct compiled *));
    for (size_t i = 0; i < policy->n_chains; i++) {
        const struct policy_chain *chain = &policy->chains[i];
        made->compiled[i] =
            compile(making->policies, policy->rules + chain->first, chain->n);
        classifiers[i] = classifier_ref(made->compiled[i]->classifier);
    }
    policy->classifiers = classifiers;
    arena_at_end(arena, release_classifiers, policy);
    return made;
}
