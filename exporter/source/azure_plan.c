#include "exporter/source/azure_plan.h"

#include <string.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/model/arm_id.h"
#include "engine/model/network.h"
#include "exporter/source/azure_needs.h"
#include "exporter/source/azure_rules.h"

/* A virtual network that flows lie in. */
struct used_network {
    const char *id;
    const struct virtual_network *network; /* NULL: not read yet. */
    bool asgs; /* Rules that apply in it name application groups. */
};

struct planner {
    const struct azure_facts *facts;
    struct arena *arena;
    struct needs needs;
    struct map *networks; /* Id to struct used_network. */
    struct map *scanned;  /* Groups and tables that were seen. */
    struct rule_names names;
};

static void plan_flow_end(struct planner *planner, const struct flow_end *end);
static void plan_nic_reference(struct planner *planner, const char *reference);
static void plan_vm_reference(struct planner *planner, const char *reference);
static void plan_nic(struct planner *planner, const struct nic *nic);
static void plan_networks(struct planner *planner);
static void plan_tags(struct planner *planner);

struct azure_plan
azure_plan_make(const struct azure_facts *facts, struct arena *arena)
{
    const struct config *config = facts->config;
    struct planner planner = { .facts = facts,
                               .arena = arena,
                               .networks = map_create(arena),
                               .scanned = map_create(arena) };

    needs_init(&planner.needs, facts, arena);
    rule_names_init(&planner.names, arena);
    for (size_t i = 0; i < config->n_flows; i++) {
        plan_flow_end(&planner, &config->flows[i].flow.source);
        plan_flow_end(&planner, &config->flows[i].flow.destination);
    }
    if (facts->flow) {
        plan_flow_end(&planner, &facts->flow->source);
        plan_flow_end(&planner, &facts->flow->destination);
    }
    plan_networks(&planner);
    plan_tags(&planner);
    return needs_finish(&planner.needs);
}

static void
plan_flow_end(struct planner *planner, const struct flow_end *end)
{
    const struct network *network = planner->facts->network;
    size_t n = 0;

    for (size_t i = 0; i < end->n_tags; i++) {
        rule_names_add_tag(&planner->names, end->tags[i]);
    }
    if (end->nic) {
        plan_nic_reference(planner, end->nic);
        const struct nic *nic =
            network ? network_resolve_nic(network, end->nic, &n) : NULL;
        if (nic) {
            plan_nic(planner, nic);
        }
    } else if (end->vm) {
        bool ambiguous;
        plan_vm_reference(planner, end->vm);
        const struct nic *const *nics =
            network ? network_resolve_vm(network, end->vm, &n, &ambiguous)
                    : NULL;
        for (size_t i = 0; i < n; i++) {
            plan_nic(planner, nics[i]);
        }
    }
}

static bool
plan_scale_set(struct planner *planner, const char *id)
{
    const char *set =
        arm_id_up_to(planner->arena, id, "virtualMachineScaleSets");

    if (set[0]) {
        needs_other(&planner->needs, WANT_SCALE_SET_NICS, FEED_NIC, set, set,
                    "");
    }
    return set[0] != '\0';
}

static void
plan_nic_reference(struct planner *planner, const char *reference)
{
    const struct config_source *source = &planner->facts->config->source;
    const char *slash = strchr(reference, '/');

    if (reference[0] == '/') {
        if (!plan_scale_set(planner, reference)) {
            needs_id(&planner->needs, FEED_NIC, reference);
        }
    } else if (slash && source->n_subscriptions == 1) {
        needs_id(
            &planner->needs, FEED_NIC,
            arena_printf(planner->arena,
                         "/subscriptions/%s/resourceGroups/%.*s/providers/"
                         "Microsoft.Network/networkInterfaces/%s",
                         source->subscriptions[0].id,
                         (int) (slash - reference), reference, slash + 1));
    } else {
        needs_all_lists(&planner->needs, FEED_NIC);
    }
}

/* NICs say which machine they belong to, so the machine need not be read. */
static void
plan_vm_reference(struct planner *planner, const char *reference)
{
    size_t n = planner->facts->config->source.n_subscriptions;

    if (reference[0] != '/') {
        needs_all_lists(&planner->needs, FEED_NIC);
        return;
    }
    size_t subscription = needs_subscription(&planner->needs, reference);
    if (subscription < n && !plan_scale_set(planner, reference)) {
        needs_list(&planner->needs, FEED_NIC, subscription);
    }
}

static struct used_network *
use_network(struct planner *planner, const char *subnet_id)
{
    const char *id =
        arm_id_up_to(planner->arena, subnet_id, "virtualNetworks");
    struct used_network *used = id[0] ? map_get(planner->networks, id) : NULL;

    if (id[0] && !used) {
        const struct network *network = planner->facts->network;
        used = arena_alloc(planner->arena, sizeof *used);
        used->id = id;
        used->network =
            network ? network_find_virtual_network(network, id) : NULL;
        map_put(planner->networks, id, used);
        needs_id(&planner->needs, FEED_VNET, id);
    }
    return used;
}

/* Returns whether the rules of the group name application groups. */
static bool
plan_group(struct planner *planner, const char *id)
{
    const struct network *network = planner->facts->network;
    const struct security_group *group =
        id[0] ? network_find_security_group(network, id) : NULL;
    static bool yes = true;

    if (id[0]) {
        needs_id(&planner->needs, FEED_NSG, id);
    }
    if (!group) {
        return false;
    }
    bool asgs = rule_names_asgs(group->rules, group->n_rules);
    if (!map_put(planner->scanned, group->resource.id, &yes)) {
        rule_names_add(&planner->names, group->rules, group->n_rules);
    }
    return asgs;
}

static void
plan_route_table(struct planner *planner, const char *id)
{
    const struct network *network = planner->facts->network;

    if (id[0]) {
        needs_id(&planner->needs, FEED_ROUTE_TABLE, id);
        const struct route_table *table =
            network_find_route_table(network, id);
        for (size_t i = 0; table && i < table->n_routes; i++) {
            rule_names_add_tag(&planner->names, table->routes[i].prefix);
        }
    }
}

static void
plan_nic(struct planner *planner, const struct nic *nic)
{
    const struct network *network = planner->facts->network;
    static bool yes = true;

    if (map_put(planner->scanned, nic->resource.id, &yes)) {
        return;
    }
    bool nic_asgs = plan_group(planner, nic->nsg_id);
    for (size_t i = 0; i < nic->n_ip_configurations; i++) {
        const char *subnet_id = nic->ip_configurations[i].subnet_id;
        const struct virtual_network *holder;
        struct used_network *used = use_network(planner, subnet_id);
        const struct subnet *subnet =
            network_find_subnet(network, subnet_id, &holder);
        if (used) {
            used->asgs |= nic_asgs;
        }
        if (used && subnet) {
            used->asgs |= plan_group(planner, subnet->nsg_id);
            plan_route_table(planner, subnet->route_table_id);
        }
    }
}

/* The members of an application group lie in the NIC's own network, and only
 * the NICs themselves say that they are members. */
static void
plan_members(struct planner *planner, const struct used_network *used)
{
    const struct azure_facts *facts = planner->facts;
    size_t subscription = needs_subscription(&planner->needs, used->id);
    const char *const *sets;

    if (subscription < facts->config->source.n_subscriptions) {
        needs_list(&planner->needs, FEED_NIC, subscription);
        size_t n = facts->scale_sets(facts->aux, used->id, &sets);
        for (size_t i = 0; i < n; i++) {
            plan_scale_set(planner, sets[i]);
        }
    }
}

/* Returns the rules that are in force in the network, or NULL. */
static const struct effective_admin_rules *
rules_of(const struct planner *planner, const struct used_network *used)
{
    const struct network *network = planner->facts->network;
    const struct effective_admin_rules *rules =
        network ? network_find_admin_rules(network, used->id) : NULL;

    return rules && !rules->unavailable ? rules : NULL;
}

static void
plan_admin_rules(struct planner *planner, const struct used_network *used)
{
    struct rule_managers managers;
    const struct effective_admin_rules *rules = rules_of(planner, used);

    needs_other(&planner->needs, WANT_EFFECTIVE_RULES, FEED_ADMIN_RULES,
                used->id, used->id, "");
    if (!rules) {
        return;
    }
    rule_managers_find(&managers, rules->rules, rules->n_rules,
                       planner->arena);
    for (size_t i = 0; i < managers.n; i++) {
        /* The order of managers matters only where there are several. */
        if (managers.n > 1) {
            needs_other(&planner->needs, WANT_POINT, FEED_NETWORK_MANAGER,
                        used->id, managers.ids[i], "");
        }
        if (managers.priority_missing[i] && used->network) {
            needs_other(&planner->needs, WANT_ACTIVE_RULES,
                        FEED_NETWORK_MANAGER, used->id, managers.ids[i],
                        used->network->resource.location);
        }
    }
}

static const struct used_network *
network_at(const struct planner *planner, size_t i)
{
    const char *id;
    void *value = NULL;

    map_entry(planner->networks, i, &id, &value);
    return value;
}

static void
plan_networks(struct planner *planner)
{
    bool admin_rules = planner->facts->config->source.admin_rules;
    size_t n = map_count(planner->networks);

    for (size_t i = 0; i < n; i++) {
        const struct used_network *used = network_at(planner, i);
        const struct effective_admin_rules *rules = rules_of(planner, used);
        if (used->asgs) {
            plan_members(planner, used);
        }
        if (admin_rules && rules) {
            rule_names_add(&planner->names, rules->rules, rules->n_rules);
        }
    }
    needs_network_groups(&planner->needs, planner->names.groups);
    for (size_t i = 0; admin_rules && i < n; i++) {
        plan_admin_rules(planner, network_at(planner, i));
    }
    for (size_t i = 0; i < map_count(planner->names.asgs); i++) {
        const char *id;
        void *unused;
        map_entry(planner->names.asgs, i, &id, &unused);
        needs_id(&planner->needs, FEED_ASG, id);
    }
}

/* Each region goes by the list that it has ("Virtual network service tags":
 * new lists come to one region after the other). */
static void
plan_tags(struct planner *planner)
{
    const struct config_source *source = &planner->facts->config->source;
    size_t n = source->n_subscriptions;

    if (!planner->names.tags || !n) {
        return;
    }
    const char *of = arena_printf(
        planner->arena, "/subscriptions/%s/",
        source->subscriptions[planner->facts->tag_attempt % n].id);
    for (size_t i = 0; i < map_count(planner->networks); i++) {
        const struct virtual_network *network =
            network_at(planner, i)->network;
        if (network && network->resource.location[0]) {
            needs_other(&planner->needs, WANT_SERVICE_TAGS, FEED_SERVICE_TAGS,
                        of, "", network->resource.location);
        }
    }
}
