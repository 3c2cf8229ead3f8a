#include "tests/support/builder_parts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/model/arm_id.h"
#include "tests/support/builder_words.h"

static struct resource
resource_of(struct builder *b, const char *type, const char *name)
{
    return (struct resource){ .id = id_of(b, type, name),
                              .name = arena_strdup(b->arena, name),
                              .resource_group = "rg",
                              .location = "westeurope" };
}

void
build_network(struct builder *b, const char *name, const char *prefixes)
{
    struct virtual_network *network =
        &b->networks[builder_more(b, &b->part.n_virtual_networks, ITEMS_MAX)];

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
    struct subnet *subnet =
        &subnets[builder_more(b, &in->n_subnets, PARTS_MAX)];

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
    struct peering *peering =
        &peerings[builder_more(b, &in->n_peerings, PARTS_MAX)];

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
    struct nic *nic = &b->nics[builder_more(b, &b->part.n_nics, ITEMS_MAX)];

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
        &ips[builder_more(b, &nic->n_ip_configurations, PARTS_MAX)];

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
            ids[builder_more(b, &ips[i].n_asg_ids, PARTS_MAX)] =
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
        &b->groups[builder_more(b, &b->part.n_security_groups, ITEMS_MAX)];

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
    struct rule *rule = &rules[builder_more(b, &group->n_rules, ITEMS_MAX)];
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
    struct effective_admin_rules *list = &b->admin[builder_more(
        b, &b->part.n_effective_admin_rules, ITEMS_MAX)];
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
    struct rule *rule = &rules[builder_more(b, &list->n_rules, ITEMS_MAX)];

    *rule = words_to_rule(b, words, RULE_ADMIN);
    rule->id = id_of_admin_rule(b, rule->name);
    rule->name = arm_id_name(rule->id);
    list->hash = words_hash_rules(list->rules, list->n_rules);
}

void
build_admin_unavailable(struct builder *b, const char *network)
{
    admin_of(b, network)->unavailable = true;
    builder_changed(b);
}

void
build_admin_absent(struct builder *b, enum admin_rules_absent absent)
{
    b->absent = absent;
    builder_changed(b);
}

void
build_manager(struct builder *b, const char *name, enum manager_tier tier)
{
    b->managers[builder_more(b, &b->part.n_managers, ITEMS_MAX)] =
        (struct network_manager){ resource_of(b, "networkManagers", name),
                                  tier };
}

void
build_priority(struct builder *b, const char *rule, int priority)
{
    b->priorities[builder_more(b, &b->part.n_priorities, ITEMS_MAX)] =
        (struct admin_rule_priority){ .rule_id = id_of_admin_rule(b, rule),
                                      .priority = priority };
}

struct network_group *
build_network_group(struct builder *b, const char *name, const char *prefixes)
{
    struct network_group *group = &b->network_groups[builder_more(
        b, &b->part.n_network_groups, ITEMS_MAX)];

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
        &b->tags[builder_more(b, &b->part.n_service_tags, ITEMS_MAX)];

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
        table =
            &b->tables[builder_more(b, &b->part.n_route_tables, ITEMS_MAX)];
        table->resource = resource_of(b, "routeTables", name);
        table->routes =
            arena_alloc_array(b->arena, PARTS_MAX, sizeof(struct route));
    }
    struct route *routes = words_unconst(table->routes);
    struct route *route =
        &routes[builder_more(b, &table->n_routes, PARTS_MAX)];
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
    b->on_premises[builder_more(b, &b->settings.n_on_premises, PARTS_MAX)] =
        (struct on_premises){
            .virtual_network = arena_strdup(b->arena, reference),
            .prefixes = words_to_addresses(prefixes, b->arena),
        };
}
