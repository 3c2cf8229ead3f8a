#include "engine/judge/estate_analyze.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/base/memory.h"
#include "engine/judge/site.h"
#include "engine/model/network.h"

struct analyzer {
    struct estate *estate;
    const char *only;
    struct arena *arena;
    struct map *seen; /* Policies, by their keys. */
    struct ruleset_analysis **found;
    size_t n;
    size_t capacity;
};

static void look_at_nic(struct analyzer *analyzer, const struct nic *nic);
static void find_asgs(struct estate_analysis *result,
                      const struct network *network, struct arena *arena);
static void find_unattached(struct estate_analysis *result,
                            const struct network *network,
                            struct arena *arena);

struct estate_analysis
estate_analyze(struct estate *estate, const char *only, struct arena *arena)
{
    const struct network *network = estate_network(estate);
    struct analyzer analyzer = { .estate = estate,
                                 .only = only,
                                 .arena = arena,
                                 .seen = map_create(arena) };
    struct estate_analysis result = { .n_rulesets = 0 };
    const struct nic *const *nics;
    size_t n = network_nics(network, &nics);

    for (size_t i = 0; i < n; i++) {
        look_at_nic(&analyzer, nics[i]);
    }
    struct ruleset_analysis *rulesets =
        arena_alloc_array(arena, analyzer.n, sizeof *rulesets);
    for (size_t i = 0; i < analyzer.n; i++) {
        if (analyzer.found[i]->analysis.n_findings) {
            rulesets[result.n_rulesets++] = *analyzer.found[i];
        }
    }
    result.rulesets = rulesets;
    result.n_looked_at = analyzer.n;
    free(analyzer.found);
    if (!only) {
        find_asgs(&result, network, arena);
        find_unattached(&result, network, arena);
    }
    return result;
}

/* Returns true if the policy is of the group that was asked for. */
static bool
is_wanted(const struct analyzer *analyzer, const struct policy *policy)
{
    const char *only = analyzer->only;
    const char *slash = strrchr(policy->ruleset, '/');

    return !only || ascii_equal(only, policy->ruleset_id)
           || ascii_equal(only, policy->ruleset)
           || (slash && ascii_equal(only, slash + 1));
}

/* Keeps the findings that somebody can act on: default rules stay. */
static void
drop_defaults(struct analysis *analysis)
{
    size_t n = 0;

    for (size_t i = 0; i < analysis->n_rules; i++) {
        const struct analyzed_rule *rule = &analysis->rules[i];
        n += rule->finding != RULE_DECIDES && rule->rule->kind != RULE_DEFAULT;
    }
    analysis->n_findings = n;
}

static void
look_at_policy(struct analyzer *analyzer, const struct policy *policy,
               enum layer layer, const struct nic *nic)
{
    /* Admin rules whose order is not known in full cannot be compared. */
    if (!policy || policy->n_chains != 1 || !is_wanted(analyzer, policy)) {
        return;
    }
    const char *word = arena_printf(analyzer->arena, "%016lx%016lx",
                                    (unsigned long) policy->key.high,
                                    (unsigned long) policy->key.low);
    struct ruleset_analysis *found = map_get(analyzer->seen, word);
    if (!found) {
        found = arena_alloc(analyzer->arena, sizeof *found);
        found->direction = policy->direction;
        found->layer = layer;
        found->policy = policy;
        found->nic = nic->resource.id;
        found->analysis =
            analyze_rules(policy->rules, policy->n_rules,
                          policy->classifiers[0], 0, analyzer->arena);
        drop_defaults(&found->analysis);
        arena_keep(analyzer->arena, policy->arena);
        (void) map_put(analyzer->seen, word, found);
        analyzer->found =
            memory_grow(analyzer->found, analyzer->n, &analyzer->capacity,
                        sizeof(struct ruleset_analysis *));
        analyzer->found[analyzer->n++] = found;
    }
    found->n_nics++;
}

static void
look_at_nic(struct analyzer *analyzer, const struct nic *nic)
{
    const struct site *before[2] = { NULL, NULL };

    for (size_t i = 0; i < nic->n_ip_configurations; i++) {
        for (int j = 0; j < 2; j++) {
            const struct site *site =
                estate_site(analyzer->estate, nic, &nic->ip_configurations[i],
                            j ? DIRECTION_OUTBOUND : DIRECTION_INBOUND);
            for (int k = 0; site && site != before[j] && k < SITE_LAYERS;
                 k++) {
                look_at_policy(analyzer, site->layers[k].policy,
                               site->layers[k].layer, nic);
            }
            before[j] = site;
        }
    }
}

/* Notes the application groups that the rules name. */
static void
name_asgs(struct map *named, const struct rule rules[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct rule_side *sides[] = { &rules[i].source,
                                            &rules[i].destination };
        for (size_t j = 0; j < 2; j++) {
            for (size_t k = 0; k < sides[j]->n_terms; k++) {
                const struct term *term = &sides[j]->terms[k];
                if (term->kind == TERM_ASG) {
                    (void) map_put(named, term->text, named);
                }
            }
        }
    }
}

static void
find_asgs(struct estate_analysis *result, const struct network *network,
          struct arena *arena)
{
    struct map *named = map_create(arena);
    struct map *filled = map_create(arena);
    const struct security_group *const *groups;
    const struct nic *const *nics;
    const struct asg *const *asgs;

    for (size_t i = network_security_groups(network, &groups); i-- > 0;) {
        name_asgs(named, groups[i]->rules, groups[i]->n_rules);
    }
    for (size_t i = network_nics(network, &nics); i-- > 0;) {
        for (size_t j = 0; j < nics[i]->n_ip_configurations; j++) {
            const struct ip_configuration *ip = &nics[i]->ip_configurations[j];
            for (size_t k = 0; k < ip->n_asg_ids; k++) {
                (void) map_put(filled, ip->asg_ids[k], filled);
            }
        }
    }
    size_t n = network_asgs(network, &asgs);
    const char **without_members =
        arena_alloc_array(arena, n, sizeof(const char *));
    const char **without_rules =
        arena_alloc_array(arena, n, sizeof(const char *));
    for (size_t i = 0; i < n; i++) {
        const char *id = asgs[i]->resource.id;
        if (!map_get(filled, id)) {
            without_members[result->n_asgs_without_members++] = id;
        }
        if (!map_get(named, id)) {
            without_rules[result->n_asgs_without_rules++] = id;
        }
    }
    result->asgs_without_members = without_members;
    result->asgs_without_rules = without_rules;
}

static void
find_unattached(struct estate_analysis *result, const struct network *network,
                struct arena *arena)
{
    struct map *attached = map_create(arena);
    const struct virtual_network *const *networks;
    const struct security_group *const *groups;
    const struct nic *const *nics;

    for (size_t i = network_nics(network, &nics); i-- > 0;) {
        (void) map_put(attached, nics[i]->nsg_id, attached);
    }
    for (size_t i = network_virtual_networks(network, &networks); i-- > 0;) {
        for (size_t j = 0; j < networks[i]->n_subnets; j++) {
            (void) map_put(attached, networks[i]->subnets[j].nsg_id, attached);
        }
    }
    size_t n = network_security_groups(network, &groups);
    const char **unattached =
        arena_alloc_array(arena, n, sizeof(const char *));
    for (size_t i = 0; i < n; i++) {
        if (!map_get(attached, groups[i]->resource.id)) {
            unattached[result->n_unattached++] = groups[i]->resource.id;
        }
    }
    result->unattached = unattached;
}
