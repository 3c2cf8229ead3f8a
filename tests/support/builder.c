#include "tests/support/builder.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/judge/judge.h"
#include "engine/model/arm_id.h"
#include "tests/support/builder_parts.h"

struct builder *
builder_create(void)
{
    struct builder *b = memory_calloc(1, sizeof *b);

    b->arena = arena_create();
    b->policies = policies_create();
    b->settings.on_premises = b->on_premises;
    b->part.arena = b->arena;
    b->part.label = "test";
    return b;
}

void
builder_changed(struct builder *b)
{
    estate_destroy(b->estate);
    network_unref(b->built);
    b->estate = NULL;
    b->built = NULL;
}

void
builder_destroy(struct builder *b)
{
    if (!b) {
        return;
    }
    builder_changed(b);
    for (size_t i = 0; i < b->n_verdicts; i++) {
        verdict_unref(b->verdicts[i]);
    }
    policies_destroy(b->policies);
    arena_unref(b->arena);
    free(b);
}

struct arena *
builder_arena(struct builder *b)
{
    return b->arena;
}

struct engine_settings *
builder_settings(struct builder *b)
{
    builder_changed(b);
    return &b->settings;
}

const struct engine_settings *
builder_settings_const(const struct builder *b)
{
    return &b->settings;
}

const char *
id_of(struct builder *b, const char *type, const char *name)
{
    return arena_printf(b->arena,
                        "/subscriptions/s/resourceGroups/rg/providers/"
                        "Microsoft.Network/%s/%s",
                        type, name);
}

const char *
id_of_subnet(struct builder *b, const char *subnet)
{
    const char *slash = strchr(subnet, '/');

    assert(slash);
    return arena_printf(
        b->arena, "%s/subnets/%s",
        id_of(b, "virtualNetworks",
              arena_strndup(b->arena, subnet, (size_t) (slash - subnet))),
        slash + 1);
}

const char *
id_of_admin_rule(struct builder *b, const char *rule)
{
    char manager[64];
    char collection[64];
    char name[64];
    int n = sscanf(rule, "%63[^/]/%63[^/]/%63[^/]", manager, collection, name);

    assert(n == 3);
    (void) n;
    return arena_printf(b->arena,
                        "%s/securityAdminConfigurations/config/"
                        "ruleCollections/%s/rules/%s",
                        id_of(b, "networkManagers", manager), collection,
                        name);
}

size_t
builder_more(struct builder *b, size_t *n, size_t max)
{
    assert(*n < max);
    (void) max;
    builder_changed(b);
    return (*n)++;
}

struct network *
builder_network(struct builder *b)
{
    const struct network_part *const parts[] = { &b->part };

    if (!b->built) {
        b->part.virtual_networks = b->networks;
        b->part.nics = b->nics;
        b->part.security_groups = b->groups;
        b->part.route_tables = b->tables;
        b->part.managers = b->managers;
        b->part.effective_admin_rules = b->admin;
        b->part.priorities = b->priorities;
        b->part.network_groups = b->network_groups;
        b->part.service_tags = b->tags;
        b->built = network_create(parts, 1, b->absent, NULL, NULL);
    }
    return b->built;
}

struct estate *
builder_estate(struct builder *b)
{
    if (!b->estate) {
        b->estate =
            estate_create(builder_network(b), &b->settings, b->policies);
    }
    return b->estate;
}

const struct verdict *
builder_judge_flow(struct builder *b, const struct flow *flow)
{
    struct verdict *verdict = estate_judge(builder_estate(b), flow, NULL);

    assert(b->n_verdicts < VERDICTS_MAX);
    b->verdicts[b->n_verdicts++] = verdict;
    return verdict;
}

const struct verdict *
builder_judge(struct builder *b, const char *words)
{
    return builder_judge_flow(b, build_flow(b, words));
}

const char *
verdict_words(struct builder *b, const struct verdict *verdict)
{
    const struct policy_rule *rule = verdict->decision.rule;
    const char *certain =
        verdict->certain || verdict->kind == VERDICT_UNKNOWN ? "" : " ?";

    if (verdict->kind == VERDICT_UNKNOWN) {
        return arena_printf(b->arena, "unknown %s",
                            reason_name(verdict->reason));
    }
    if (!rule) {
        return arena_printf(b->arena, "%s none%s", verdict_name(verdict->kind),
                            certain);
    }
    if (rule->kind == RULE_ADMIN) {
        return arena_printf(b->arena, "%s admin:%s/%s%s",
                            verdict_name(verdict->kind), rule->ruleset,
                            rule->name, certain);
    }
    return arena_printf(b->arena, "%s %s/%s%s", verdict_name(verdict->kind),
                        arm_id_name(rule->ruleset_id), rule->name, certain);
}
