#include "exporter/cycle_world.h"

#include <stdlib.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/judge/cause.h"
#include "engine/judge/judge.h"
#include "engine/model/network.h"
#include "exporter/cycle_flow.h"
#include "exporter/source/source.h"

struct world {
    struct policies *policies;
    struct network *network;
    /* The network before this pass, as long as the pass lasts, if both are of
     * one configuration. */
    struct network *before;
    bool must_build; /* Whatever the source says. */
    bool must_judge;
    bool must_judge_anew; /* Origins have other numbers. */
    struct rule_counts counts;
    struct arena *arena; /* Of the findings. */
    const char **findings;
    size_t n_findings;
    size_t findings_capacity;
};

static void build_network(struct world *world,
                          const struct collection *collection);
static struct rule_counts count_rules(const struct network *network);

struct world *
world_create(void)
{
    struct world *world = memory_calloc(1, sizeof *world);

    world->policies = policies_create();
    world->must_build = true;
    return world;
}

void
world_destroy(struct world *world)
{
    if (world) {
        network_unref(world->before);
        network_unref(world->network);
        policies_destroy(world->policies);
        arena_unref(world->arena);
        free(world->findings);
        free(world);
    }
}

void
world_take(struct world *world, const struct collection *collection)
{
    if (collection->changed || world->must_build) {
        bool comparable = !world->must_build;
        struct network *before = world->network;

        world_settle(world);
        build_network(world, collection);
        if (comparable) {
            world->before = before;
        } else {
            network_unref(before);
        }
        world->must_build = false;
        world->must_judge = true;
    }
}

void
world_judge(struct world *world, const struct config *config,
            struct cycle_flow *flows)
{
    if (!world->must_judge) {
        return;
    }
    struct estate *estate =
        estate_create(world->network, &config->engine, world->policies);
    for (size_t i = 0; i < config->n_flows; i++) {
        const struct verdict *before =
            world->must_judge_anew ? NULL : flows[i].judged;
        cycle_flow_set_judged(
            &flows[i], estate_judge(estate, &config->flows[i].flow, before));
    }
    estate_destroy(estate);
    world->must_judge = false;
    world->must_judge_anew = false;
}

void
world_settle(struct world *world)
{
    network_unref(world->before);
    world->before = NULL;
    policies_sweep(world->policies);
}

void
world_forget(struct world *world, bool other_source)
{
    world->must_build = true;
    world->must_judge = true;
    world->must_judge_anew |= other_source;
}

struct network *
world_network(const struct world *world)
{
    return world->network;
}

struct rule_counts
world_rule_counts(const struct world *world)
{
    return world->counts;
}

size_t
world_findings(const struct world *world, const char *const **findings)
{
    *findings = world->findings;
    return world->n_findings;
}

const struct cause *
world_causes(struct world *world, const struct config *config, size_t flow,
             const struct verdict *before, const struct verdict *after,
             struct arena *arena, size_t *n)
{
    *n = 0;
    if (!world->before) {
        return NULL;
    }
    return causes_find(
        &(struct cause_states){
            .before = world->before,
            .after = world->network,
            .settings = &config->engine,
            .policies = world->policies,
        },
        &config->flows[flow].flow, before, after, arena, n);
}

static void
add_finding(void *aux, const char *line)
{
    struct world *world = aux;

    world->findings =
        memory_grow(world->findings, world->n_findings,
                    &world->findings_capacity, sizeof *world->findings);
    world->findings[world->n_findings++] = arena_strdup(world->arena, line);
}

static void
build_network(struct world *world, const struct collection *collection)
{
    arena_unref(world->arena);
    world->arena = arena_create();
    world->n_findings = 0;
    world->network = network_create(collection->parts, collection->n_parts,
                                    collection->absent, add_finding, world);
    world->counts = count_rules(world->network);
}

static void
count_directions(const struct rule *rules, size_t n, size_t counts[2])
{
    for (size_t i = 0; i < n; i++) {
        if (rules[i].direction != DIRECTION_UNKNOWN) {
            counts[rules[i].direction]++;
        }
    }
}

static struct rule_counts
count_rules(const struct network *network)
{
    struct rule_counts counts = { 0 };
    const struct security_group *const *groups;
    const struct effective_admin_rules *const *lists;

    counts.nsgs = network_security_groups(network, &groups);
    for (size_t i = 0; i < counts.nsgs; i++) {
        count_directions(groups[i]->rules, groups[i]->n_rules,
                         counts.nsg_rules);
    }
    counts.admin_sets = network_admin_rules(network, &lists);
    for (size_t i = 0; i < counts.admin_sets; i++) {
        count_directions(lists[i]->rules, lists[i]->n_rules,
                         counts.admin_rules);
    }
    return counts;
}
