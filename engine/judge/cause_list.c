#include "engine/judge/cause_list.h"

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/base/memory.h"

struct cause_change *
cause_list_add(struct cause_list *list, const char *what, const char *rule)
{
    list->items = memory_grow(list->items, list->n, &list->capacity,
                              sizeof *list->items);
    struct cause_change *change = &list->items[list->n++];
    *change = (struct cause_change){
        .cause = { what, "", "", rule, "", "", "", false },
        .overlay = { .arena = list->arena, .label = "" },
    };
    return change;
}

/* The last two segments that matter: "rg/name". */
static const char *
short_name(const struct resource *resource, struct arena *arena)
{
    return arena_strlower(arena, arena_printf(arena, "%s/%s",
                                              resource->resource_group,
                                              resource->name));
}

static void
put_group(struct cause_list *list, struct cause_change *change,
          const struct cause_rules *rules, const void *aux)
{
    struct security_group *group =
        arena_memdup(list->arena, aux, sizeof *group);

    group->rules = rules->rules;
    group->n_rules = rules->n;
    group->hash = rules->hash;
    change->overlay.security_groups = group;
    change->overlay.n_security_groups = 1;
}

static void
compare_group(struct cause_list *list, const char *id, const char *layer)
{
    const struct security_group *old =
        network_find_security_group(list->before, id);
    const struct security_group *now =
        network_find_security_group(list->after, id);

    if (!old || !now || map_put(list->seen, id, list)) {
        return;
    }
    struct cause_rules before = { old->rules, old->n_rules, old->hash };
    struct cause_rules after = { now->rules, now->n_rules, now->hash };
    cause_list_rules(list, &before, &after, put_group, old, layer,
                     short_name(&now->resource, list->arena));
}

static void
put_admin_rules(struct cause_list *list, struct cause_change *change,
                const struct cause_rules *rules, const void *aux)
{
    struct effective_admin_rules *own =
        arena_memdup(list->arena, aux, sizeof *own);

    own->rules = rules->rules;
    own->n_rules = rules->n;
    own->hash = rules->hash;
    change->overlay.effective_admin_rules = own;
    change->overlay.n_effective_admin_rules = 1;
}

static void
compare_admin_rules(struct cause_list *list, const char *vnet_id)
{
    const struct effective_admin_rules *old =
        network_find_admin_rules(list->before, vnet_id);
    const struct effective_admin_rules *now =
        network_find_admin_rules(list->after, vnet_id);
    struct effective_admin_rules none = { .virtual_network_id = vnet_id };

    if (!old && !now) {
        return;
    }
    const struct effective_admin_rules *base = old ? old : &none;
    struct cause_rules before = { base->rules, base->n_rules, base->hash };
    struct cause_rules after = { NULL, 0, { 0, 0 } };
    if (now) {
        after = (struct cause_rules){ now->rules, now->n_rules, now->hash };
    }
    cause_list_rules(list, &before, &after, put_admin_rules, base, "admin",
                     "");
}

/* Says that another group filters a place now, and lets the overlay hold the
 * group if the old data does not. */
static struct cause_change *
add_attachment(struct cause_list *list, const char *layer, const char *before,
               const char *after, const char *place)
{
    const struct security_group *now =
        network_find_security_group(list->after, after);
    struct cause_change *change =
        cause_list_add(list, *after ? "attached" : "detached", place);

    change->cause.layer = layer;
    change->cause.before = before;
    change->cause.after = after;
    if (now && !network_find_security_group(list->before, after)) {
        change->overlay.security_groups = now;
        change->overlay.n_security_groups = 1;
    }
    return change;
}

static bool
same_addresses(const struct nic *a, const struct nic *b)
{
    if (a->n_ip_configurations != b->n_ip_configurations
        || a->private_endpoint != b->private_endpoint
        || a->primary != b->primary) {
        return false;
    }
    for (size_t i = 0; i < a->n_ip_configurations; i++) {
        const struct ip_configuration *x = &a->ip_configurations[i];
        const struct ip_configuration *y = &b->ip_configurations[i];
        if (x->has_address != y->has_address || x->primary != y->primary
            || (x->has_address && !address_equal(x->address, y->address))
            || !ascii_equal(x->subnet_id, y->subnet_id)) {
            return false;
        }
    }
    return true;
}

void
cause_list_nic(struct cause_list *list, const char *id)
{
    const struct nic *old = network_find_nic(list->before, id);
    const struct nic *now = network_find_nic(list->after, id);

    if (!now || map_put(list->seen, id, list)) {
        return;
    }
    if (!old || !same_addresses(old, now)) {
        struct cause_change *change =
            cause_list_add(list, "network_changed", now->resource.name);
        struct nic *nic = arena_memdup(list->arena, now, sizeof *nic);
        nic->nsg_id = old ? old->nsg_id : now->nsg_id;
        change->cause.field = old ? "addresses" : "network interface";
        change->overlay.nics = nic;
        change->overlay.n_nics = 1;
    }
    if (!old) {
        return;
    }
    if (!ascii_equal(old->nsg_id, now->nsg_id)) {
        struct cause_change *change = add_attachment(
            list, "nic_nsg", old->nsg_id, now->nsg_id, now->resource.name);
        struct nic *nic = arena_memdup(list->arena, old, sizeof *nic);
        nic->nsg_id = now->nsg_id;
        change->overlay.nics = nic;
        change->overlay.n_nics = 1;
    }
    list->region = now->resource.location;
    compare_group(list, old->nsg_id, "nic_nsg");
    compare_group(list, now->nsg_id, "nic_nsg");
}

/* Returns a copy of the old network with one subnet for the reader to
 * change. */
static struct subnet *
copy_network(struct cause_list *list, struct cause_change *change,
             const struct virtual_network *network,
             const struct subnet *subnet)
{
    struct virtual_network *copy =
        arena_memdup(list->arena, network, sizeof *copy);
    struct subnet *subnets = arena_memdup(
        list->arena, network->subnets, network->n_subnets * sizeof *subnets);

    copy->subnets = subnets;
    change->overlay.virtual_networks = copy;
    change->overlay.n_virtual_networks = 1;
    return subnets + (subnet - network->subnets);
}

static bool
same_peerings(const struct virtual_network *a, const struct virtual_network *b)
{
    if (a->n_peerings != b->n_peerings) {
        return false;
    }
    for (size_t i = 0; i < a->n_peerings; i++) {
        const struct peering *x = &a->peerings[i];
        const struct peering *y = &b->peerings[i];
        if (x->connected != y->connected
            || x->allow_virtual_network_access
                   != y->allow_virtual_network_access
            || x->use_remote_gateways != y->use_remote_gateways
            || !ascii_equal(x->remote_network_id, y->remote_network_id)
            || !address_set_equal(x->remote_address_space,
                                  y->remote_address_space)) {
            return false;
        }
    }
    return true;
}

static bool
same_routes(const struct route_table *a, const struct route_table *b)
{
    if (!a || !b || a->n_routes != b->n_routes) {
        return a == b;
    }
    for (size_t i = 0; i < a->n_routes; i++) {
        const struct route *x = &a->routes[i];
        const struct route *y = &b->routes[i];
        if (!ascii_equal(x->prefix, y->prefix) || x->next_hop != y->next_hop
            || x->has_next_hop_address != y->has_next_hop_address
            || (x->has_next_hop_address
                && !address_equal(x->next_hop_address, y->next_hop_address))) {
            return false;
        }
    }
    return true;
}

/* Compares what "VirtualNetwork" is made of. */
static void
compare_spaces(struct cause_list *list, const struct virtual_network *old,
               const struct virtual_network *now)
{
    if (!address_set_equal(old->address_space, now->address_space)) {
        struct cause_change *change =
            cause_list_add(list, "network_changed", now->resource.name);
        (void) copy_network(list, change, old, old->subnets);
        struct virtual_network *copy = arena_memdup(
            list->arena, change->overlay.virtual_networks, sizeof *copy);
        copy->address_space = now->address_space;
        change->overlay.virtual_networks = copy;
        change->cause.field = "address space";
    }
    if (!same_peerings(old, now)) {
        struct cause_change *change =
            cause_list_add(list, "network_changed", now->resource.name);
        struct virtual_network *copy =
            arena_memdup(list->arena, old, sizeof *copy);
        copy->peerings = now->peerings;
        copy->n_peerings = now->n_peerings;
        change->overlay.virtual_networks = copy;
        change->overlay.n_virtual_networks = 1;
        change->cause.field = "peerings";
    }
}

static void
compare_routes(struct cause_list *list, const struct virtual_network *network,
               const struct subnet *old, const struct subnet *now)
{
    const struct route_table *before =
        network_find_route_table(list->before, old->route_table_id);
    const struct route_table *after =
        network_find_route_table(list->after, now->route_table_id);

    if (ascii_equal(old->route_table_id, now->route_table_id)
        && same_routes(before, after)) {
        return;
    }
    struct cause_change *change =
        cause_list_add(list, "network_changed", now->name);
    change->cause.field = "routes";
    copy_network(list, change, network, old)->route_table_id =
        now->route_table_id;
    change->overlay.route_tables = after;
    change->overlay.n_route_tables = after ? 1 : 0;
}

void
cause_list_network(struct cause_list *list, const char *subnet_id)
{
    const struct virtual_network *old_network;
    const struct virtual_network *now_network;
    const struct subnet *old =
        network_find_subnet(list->before, subnet_id, &old_network);
    const struct subnet *now =
        network_find_subnet(list->after, subnet_id, &now_network);

    if (!old || !now || map_put(list->seen, subnet_id, list)) {
        return;
    }
    list->region = now_network->resource.location;
    if (!ascii_equal(old->nsg_id, now->nsg_id)) {
        struct cause_change *change = add_attachment(
            list, "subnet_nsg", old->nsg_id, now->nsg_id, now->name);
        copy_network(list, change, old_network, old)->nsg_id = now->nsg_id;
    }
    compare_group(list, old->nsg_id, "subnet_nsg");
    compare_group(list, now->nsg_id, "subnet_nsg");
    compare_routes(list, old_network, old, now);
    if (!map_put(list->seen, now_network->resource.id, list)) {
        compare_spaces(list, old_network, now_network);
        compare_admin_rules(list, now_network->resource.id);
    }
}
