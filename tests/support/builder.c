#include "tests/support/builder.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/memory.h"
#include "engine/judge/judge.h"
#include "engine/model/arm_id.h"
#include "tests/support/builder_words.h"

/* More than any test needs; what is past it aborts. */
enum { ITEMS_MAX = 128, PARTS_MAX = 64, VERDICTS_MAX = 4096 };

struct builder {
    struct arena *arena;
    struct engine_settings settings;
    struct on_premises on_premises[PARTS_MAX];
    struct network_part part;
    enum admin_rules_absent absent;
    struct virtual_network networks[ITEMS_MAX];
    struct nic nics[ITEMS_MAX];
    struct security_group groups[ITEMS_MAX];
    struct route_table tables[ITEMS_MAX];
    struct network_manager managers[ITEMS_MAX];
    struct effective_admin_rules admin[ITEMS_MAX];
    struct admin_rule_priority priorities[ITEMS_MAX];
    struct network_group network_groups[ITEMS_MAX];
    struct service_tag tags[ITEMS_MAX];
    struct policies *policies;
    struct network *built; /* NULL after a change. */
    struct estate *estate;
    struct verdict *verdicts[VERDICTS_MAX];
    size_t n_verdicts;
};

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

/* Forgets the network that was put together. */
static void
changed(struct builder *b)
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
    changed(b);
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
    changed(b);
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

static struct resource
resource_of(struct builder *b, const char *type, const char *name)
{
    return (struct resource){ .id = id_of(b, type, name),
                              .name = arena_strdup(b->arena, name),
                              .resource_group = "rg",
                              .location = "westeurope" };
}

/* Makes room for one more of 'n' things in an array of 'max'. */
static size_t
more(struct builder *b, size_t *n, size_t max)
{
    assert(*n < max);
    (void) max;
    changed(b);
    return (*n)++;
}

void
build_network(struct builder *b, const char *name, const char *prefixes)
{
    struct virtual_network *network =
        &b->networks[more(b, &b->part.n_virtual_networks, ITEMS_MAX)];

    network->resource = resource_of(b, "virtualNetworks", name);
    network->address_space = words_to_addresses(prefixes, b->arena);
    network->subnets =
        arena_alloc_array(b->arena, PARTS_MAX, sizeof(struct subnet));
    network->peerings =
        arena_alloc_array(b->arena, PARTS_MAX, sizeof(struct peering));
}

static struct virtual_network *
find_network(struct builder *b, const char *name)
{
    for (size_t i = 0; i < b->part.n_virtual_networks; i++) {
        if (ascii_equal(b->networks[i].resource.name, name)) {
            return &b->networks[i];
        }
    }
    assert(0 && "no such network");
    return NULL;
}

struct subnet *
build_subnet(struct builder *b, const char *network, const char *name,
             const char *nsg)
{
    struct virtual_network *in = find_network(b, network);
    struct subnet *subnets = words_unconst(in->subnets);
    struct subnet *subnet = &subnets[more(b, &in->n_subnets, PARTS_MAX)];

    *subnet = (struct subnet){
        .id = arena_printf(b->arena, "%s/subnets/%s", in->resource.id, name),
        .name = arena_strdup(b->arena, name),
        .nsg_id = nsg ? id_of(b, "networkSecurityGroups", nsg) : "",
        .route_table_id = "",
    };
    return subnet;
}

void
build_peering(struct builder *b, const char *network, const char *remote,
              const char *flags, const char *remote_space)
{
    struct virtual_network *in = find_network(b, network);
    struct peering *peerings = words_unconst(in->peerings);
    struct peering *peering = &peerings[more(b, &in->n_peerings, PARTS_MAX)];

    *peering = (struct peering){
        .name = arena_printf(b->arena, "to-%s", remote),
        .remote_network_id = id_of(b, "virtualNetworks", remote),
        .connected = strstr(flags, "connected"),
        .allow_virtual_network_access = strstr(flags, "access"),
        .use_remote_gateways = strstr(flags, "gateways"),
        .has_remote_address_space = remote_space,
    };
    if (remote_space) {
        peering->remote_address_space =
            words_to_addresses(remote_space, b->arena);
    }
}

struct nic *
build_nic(struct builder *b, const char *name, const char *subnet,
          const char *address, const char *nsg)
{
    struct nic *nic = &b->nics[more(b, &b->part.n_nics, ITEMS_MAX)];

    *nic = (struct nic){
        .resource = resource_of(b, "networkInterfaces", name),
        .vm_id = "",
        .nsg_id = nsg ? id_of(b, "networkSecurityGroups", nsg) : "",
        .ip_configurations = arena_alloc_array(
            b->arena, PARTS_MAX, sizeof(struct ip_configuration)),
    };
    build_ip(b, name, subnet, address)->primary = true;
    return nic;
}

static struct nic *
find_nic(struct builder *b, const char *name)
{
    for (size_t i = 0; i < b->part.n_nics; i++) {
        if (ascii_equal(b->nics[i].resource.name, name)) {
            return &b->nics[i];
        }
    }
    assert(0 && "no such NIC");
    return NULL;
}

struct ip_configuration *
build_ip(struct builder *b, const char *name, const char *subnet,
         const char *address)
{
    struct nic *nic = find_nic(b, name);
    struct ip_configuration *ips = words_unconst(nic->ip_configurations);
    struct ip_configuration *ip =
        &ips[more(b, &nic->n_ip_configurations, PARTS_MAX)];

    *ip = (struct ip_configuration){
        .name = arena_printf(b->arena, "ip%zu", nic->n_ip_configurations),
        .has_address = address,
        .subnet_id = id_of_subnet(b, subnet),
        .asg_ids =
            arena_alloc_array(b->arena, PARTS_MAX, sizeof(const char *)),
    };
    if (address) {
        ip->address = words_to_address(address);
    }
    return ip;
}

void
build_member(struct builder *b, const char *name, const char *address,
             const char *asg)
{
    struct nic *nic = find_nic(b, name);
    struct ip_configuration *ips = words_unconst(nic->ip_configurations);

    for (size_t i = 0; i < nic->n_ip_configurations; i++) {
        if (ips[i].has_address
            && address_equal(ips[i].address, words_to_address(address))) {
            const char **ids = words_unconst(ips[i].asg_ids);
            ids[more(b, &ips[i].n_asg_ids, PARTS_MAX)] =
                id_of(b, "applicationSecurityGroups", asg);
            return;
        }
    }
    assert(0 && "no such address");
}

static void
rehash_group(struct security_group *group)
{
    group->hash = words_hash_rules(group->rules, group->n_rules);
}

struct security_group *
build_bare_nsg(struct builder *b, const char *name)
{
    struct security_group *group =
        &b->groups[more(b, &b->part.n_security_groups, ITEMS_MAX)];

    *group = (struct security_group){
        .resource = resource_of(b, "networkSecurityGroups", name),
        .rules = arena_alloc_array(b->arena, ITEMS_MAX, sizeof(struct rule)),
    };
    rehash_group(group);
    return group;
}

struct security_group *
build_nsg(struct builder *b, const char *name)
{
    struct security_group *group = build_bare_nsg(b, name);
    struct rule *rules = words_unconst(group->rules);
    const struct rule *six = default_rules(&group->n_rules);

    memcpy(rules, six, group->n_rules * sizeof *six);
    rehash_group(group);
    return group;
}

void
build_rule(struct builder *b, const char *nsg, const char *words)
{
    struct security_group *group = NULL;

    for (size_t i = 0; i < b->part.n_security_groups; i++) {
        if (ascii_equal(b->groups[i].resource.name, nsg)) {
            group = &b->groups[i];
        }
    }
    group = group ? group : build_nsg(b, nsg);
    struct rule *rules = words_unconst(group->rules);
    struct rule *rule = &rules[more(b, &group->n_rules, ITEMS_MAX)];
    *rule = words_to_rule(b, words, RULE_CUSTOM);
    rule->id = arena_printf(b->arena, "%s/securityRules/%s",
                            group->resource.id, rule->name);
    rehash_group(group);
}

static struct effective_admin_rules *
admin_of(struct builder *b, const char *network)
{
    const char *id = id_of(b, "virtualNetworks", network);

    for (size_t i = 0; i < b->part.n_effective_admin_rules; i++) {
        if (ascii_equal(b->admin[i].virtual_network_id, id)) {
            return &b->admin[i];
        }
    }
    struct effective_admin_rules *list =
        &b->admin[more(b, &b->part.n_effective_admin_rules, ITEMS_MAX)];
    *list = (struct effective_admin_rules){
        .virtual_network_id = id,
        .rules = arena_alloc_array(b->arena, ITEMS_MAX, sizeof(struct rule)),
    };
    return list;
}

void
build_admin_rule(struct builder *b, const char *network, const char *words)
{
    struct effective_admin_rules *list = admin_of(b, network);
    struct rule *rules = words_unconst(list->rules);
    struct rule *rule = &rules[more(b, &list->n_rules, ITEMS_MAX)];

    *rule = words_to_rule(b, words, RULE_ADMIN);
    rule->id = id_of_admin_rule(b, rule->name);
    rule->name = arm_id_name(rule->id);
    list->hash = words_hash_rules(list->rules, list->n_rules);
}

void
build_admin_unavailable(struct builder *b, const char *network)
{
    admin_of(b, network)->unavailable = true;
    changed(b);
}

void
build_admin_absent(struct builder *b, enum admin_rules_absent absent)
{
    b->absent = absent;
    changed(b);
}

void
build_manager(struct builder *b, const char *name, enum manager_tier tier)
{
    b->managers[more(b, &b->part.n_managers, ITEMS_MAX)] =
        (struct network_manager){ resource_of(b, "networkManagers", name),
                                  tier };
}

void
build_priority(struct builder *b, const char *rule, int priority)
{
    b->priorities[more(b, &b->part.n_priorities, ITEMS_MAX)] =
        (struct admin_rule_priority){ .rule_id = id_of_admin_rule(b, rule),
                                      .priority = priority };
}

struct network_group *
build_network_group(struct builder *b, const char *name, const char *prefixes)
{
    struct network_group *group =
        &b->network_groups[more(b, &b->part.n_network_groups, ITEMS_MAX)];

    *group = (struct network_group){
        .id = id_of(b, "networkGroups", name),
        .members = words_to_addresses(prefixes, b->arena),
    };
    return group;
}

struct service_tag *
build_tag(struct builder *b, const char *name, const char *prefixes)
{
    struct service_tag *tag =
        &b->tags[more(b, &b->part.n_service_tags, ITEMS_MAX)];

    *tag = (struct service_tag){
        .name = arena_strdup(b->arena, name),
        .key = arena_strdup(b->arena, name),
        .addresses = words_to_addresses(prefixes, b->arena),
    };
    return tag;
}

void
build_route(struct builder *b, const char *name, const char *words)
{
    struct route_table *table = NULL;
    char prefix[64];
    char hop[16];
    char address[64];
    int n = sscanf(words, "%63s %15s %63s", prefix, hop, address);

    for (size_t i = 0; i < b->part.n_route_tables; i++) {
        if (ascii_equal(b->tables[i].resource.name, name)) {
            table = &b->tables[i];
        }
    }
    if (!table) {
        table = &b->tables[more(b, &b->part.n_route_tables, ITEMS_MAX)];
        table->resource = resource_of(b, "routeTables", name);
        table->routes =
            arena_alloc_array(b->arena, PARTS_MAX, sizeof(struct route));
    }
    struct route *routes = words_unconst(table->routes);
    struct route *route = &routes[more(b, &table->n_routes, PARTS_MAX)];
    *route = (struct route){
        .name = arena_printf(b->arena, "route%zu", table->n_routes),
        .prefix = arena_strdup(b->arena, prefix),
        .next_hop = !strcmp(hop, "appliance") ? NEXT_HOP_VIRTUAL_APPLIANCE
                    : !strcmp(hop, "gateway")
                        ? NEXT_HOP_VIRTUAL_NETWORK_GATEWAY
                        : NEXT_HOP_OTHER,
        .has_next_hop_address = n == 3,
    };
    if (n == 3) {
        route->next_hop_address = words_to_address(address);
    }
}

void
build_on_premises(struct builder *b, const char *reference,
                  const char *prefixes)
{
    b->on_premises[more(b, &b->settings.n_on_premises, PARTS_MAX)] =
        (struct on_premises){
            .virtual_network = arena_strdup(b->arena, reference),
            .prefixes = words_to_addresses(prefixes, b->arena),
        };
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
