#include "engine/compile/virtual_network_tag.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/compile/internet.h"
#include "engine/compile/settings.h"
#include "engine/model/arm_id.h"
#include "engine/model/network.h"

/* The tag in the making. */
struct making {
    const struct network *network;
    const char *region;
    const struct engine_settings *settings;
    struct arena *arena;
    struct address_set known;
    const char *incomplete;
};

static void add_peerings(struct making *tag,
                         const struct virtual_network *virtual_network);
static void add_on_premises(struct making *tag,
                            const struct virtual_network *virtual_network);
static void add_routes(struct making *tag, const struct subnet *subnet);

static void
add_set(struct making *tag, struct address_set set)
{
    tag->known = address_set_union(tag->arena, tag->known, set);
}

/* The first reason stays: one is enough to know what to look for. */
static void
note_incomplete(struct making *tag, const char *why, const char *name)
{
    if (!tag->incomplete) {
        tag->incomplete = arena_printf(
            tag->arena, "VirtualNetwork is not known in full: %s %s", why,
            name);
    }
}

struct virtual_network_tag
virtual_network_tag(const struct network *network,
                    const struct engine_settings *settings,
                    const struct virtual_network *virtual_network,
                    const struct subnet *subnet, struct arena *arena)
{
    struct making tag = { .network = network,
                          .region = virtual_network->resource.location,
                          .settings = settings,
                          .arena = arena,
                          .known = virtual_network->address_space };
    struct address_list platform;

    address_list_init(&platform);
    address_list_add(&platform, platform_address());
    add_set(&tag, address_list_finish(&platform, arena));
    add_peerings(&tag, virtual_network);
    add_on_premises(&tag, virtual_network);
    add_routes(&tag, subnet);
    return (struct virtual_network_tag){ tag.known, tag.incomplete };
}

/* "Create, change, or delete a virtual network peering": the switch for
 * access is what puts the remote network into the tag. */
static bool
peering_counts(const struct peering *peering)
{
    return peering->connected && peering->allow_virtual_network_access;
}

static void
add_peerings(struct making *tag, const struct virtual_network *virtual_network)
{
    for (size_t i = 0; i < virtual_network->n_peerings; i++) {
        const struct peering *peering = &virtual_network->peerings[i];
        if (!peering_counts(peering)) {
            continue;
        }
        if (peering->has_remote_address_space) {
            add_set(tag, peering->remote_address_space);
        } else {
            note_incomplete(tag, "there is no remote address space in peering",
                            peering->name);
        }
    }
}

/* Returns true if 'reference' (id, "resource-group/name" or name) means the
 * network with the id.  A network that is not in the data, such as a hub in
 * a subscription that is not read, is known by its id alone. */
static bool
reference_means(const struct making *tag, const char *reference,
                const char *id)
{
    size_t n;
    const struct virtual_network *found =
        network_resolve_virtual_network(tag->network, reference, &n);

    if (found) {
        return ascii_equal(found->resource.id, id);
    }
    if (n > 1) {
        return false;
    }
    if (*reference == '/') {
        return ascii_equal(reference, id);
    }
    const char *slash = strchr(reference, '/');
    if (!slash) {
        return ascii_equal(reference, arm_id_name(id));
    }
    const char *group = arm_id_segment(tag->arena, id, "resourceGroups");
    return strlen(group) == (size_t) (slash - reference)
           && ascii_equal_n(group, reference, strlen(group))
           && ascii_equal(slash + 1, arm_id_name(id));
}

/* Adds what the configuration says is behind the gateway of one network.
 * Returns false if it says nothing. */
static bool
add_behind_gateway(struct making *tag, const char *id)
{
    const struct engine_settings *settings = tag->settings;
    bool said = false;

    for (size_t i = 0; i < settings->n_on_premises; i++) {
        const struct on_premises *entry = &settings->on_premises[i];
        if (reference_means(tag, entry->virtual_network, id)) {
            add_set(tag, entry->prefixes);
            said = true;
        }
    }
    return said;
}

static bool
has_gateway(const struct virtual_network *virtual_network)
{
    for (size_t i = 0; i < virtual_network->n_subnets; i++) {
        const struct subnet *subnet = &virtual_network->subnets[i];
        if (ascii_equal(subnet->name, "GatewaySubnet")
            && subnet->has_ip_configurations) {
            return true;
        }
    }
    return false;
}

static void
add_on_premises(struct making *tag,
                const struct virtual_network *virtual_network)
{
    bool own = add_behind_gateway(tag, virtual_network->resource.id);

    for (size_t i = 0; i < virtual_network->n_peerings; i++) {
        const struct peering *peering = &virtual_network->peerings[i];
        if (peering_counts(peering) && peering->use_remote_gateways
            && !add_behind_gateway(tag, peering->remote_network_id) && !own) {
            note_incomplete(tag,
                            "the configuration names no on-premises prefixes "
                            "behind the gateway of",
                            peering->remote_network_id);
        }
    }
    if (!own && has_gateway(virtual_network)) {
        note_incomplete(tag,
                        "the configuration names no on-premises prefixes "
                        "behind the gateway of",
                        virtual_network->resource.name);
    }
}

/* Returns true if the route brings its prefix into the tag, as it is now. */
static bool
route_counts(const struct making *tag, const struct route *route)
{
    switch (route->next_hop) {
    case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY: return true;
    case NEXT_HOP_VIRTUAL_APPLIANCE:
        return route->has_next_hop_address
               && address_set_contains(tag->known, route->next_hop_address);
    case NEXT_HOP_OTHER: break;
    }
    return false;
}

static void
add_route(struct making *tag, const struct route *route)
{
    struct address_range range;
    struct address_list list;

    if (prefix_parse(route->prefix, &range)) {
        address_list_init(&list);
        address_list_add(&list, range);
        add_set(tag, address_list_finish(&list, tag->arena));
        return;
    }
    const struct service_tag *named =
        network_find_service_tag(tag->network, tag->region, route->prefix);
    if (named) {
        add_set(tag, named->addresses);
    } else {
        note_incomplete(tag, "the prefix cannot be read of route",
                        route->name);
    }
}

/* One route may bring in the appliance of another, so the routes are tried
 * until none adds anything: their order does not matter. */
static void
add_routes(struct making *tag, const struct subnet *subnet)
{
    bool added = true;

    if (!*subnet->route_table_id) {
        return;
    }
    const struct route_table *table =
        network_find_route_table(tag->network, subnet->route_table_id);
    if (!table) {
        note_incomplete(tag, "the data does not hold the route table",
                        subnet->route_table_id);
        return;
    }
    bool *used = arena_alloc_array(tag->arena, table->n_routes, sizeof *used);
    while (added) {
        added = false;
        for (size_t i = 0; i < table->n_routes; i++) {
            if (!used[i] && route_counts(tag, &table->routes[i])) {
                add_route(tag, &table->routes[i]);
                used[i] = true;
                added = true;
            }
        }
    }
}
