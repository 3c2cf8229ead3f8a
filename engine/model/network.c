#include "engine/model/network.h"

#include <stdio.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/model/network_index.h"

/* Names of regions and tags are of less than a hundred letters. */
enum { KEY_SIZE = 256 };

struct network *
network_create(const struct network_part *const parts[], size_t n,
               enum admin_rules_absent absent, network_finding *finding,
               void *aux)
{
    struct arena *arena = arena_create();
    struct network *network = arena_alloc(arena, sizeof *network);

    network->arena = arena;
    network->absent = absent;
    for (size_t i = 0; i < n; i++) {
        arena_keep(arena, parts[i]->arena);
    }
    network_index_parts(network, parts, n, finding, aux);
    network_index_names(network);
    network_index_members(network);
    return network;
}

struct network *
network_ref(struct network *network)
{
    if (network) {
        arena_ref(network->arena);
    }
    return network;
}

void
network_unref(struct network *network)
{
    if (network) {
        arena_unref(network->arena);
    }
}

/* Defines the function that looks one kind of resource up by its id. */
#define DEFINE_FIND(function, type, member)                                   \
    const struct type *function(const struct network *network,                \
                                const char *id)                               \
    {                                                                         \
        const struct type *const *item = map_get(network->member.by_id, id);  \
        return item ? *item : NULL;                                           \
    }

DEFINE_FIND(network_find_nic, nic, nics)
DEFINE_FIND(network_find_virtual_network, virtual_network, virtual_networks)

const struct subnet *
network_find_subnet(const struct network *network, const char *id,
                    const struct virtual_network **virtual_network)
{
    const struct subnet_place *place = map_get(network->subnets, id);

    if (virtual_network) {
        *virtual_network = place ? place->virtual_network : NULL;
    }
    return place ? place->subnet : NULL;
}

DEFINE_FIND(network_find_security_group, security_group, security_groups)
DEFINE_FIND(network_find_route_table, route_table, route_tables)
DEFINE_FIND(network_find_manager, network_manager, managers)
DEFINE_FIND(network_find_group, network_group, network_groups)
DEFINE_FIND(network_find_priority, admin_rule_priority, priorities)
DEFINE_FIND(network_find_admin_rules, effective_admin_rules, admin_rules)

const char *
service_tag_key(struct arena *arena, const char *region, const char *name)
{
    return region && region[0] ? arena_printf(arena, "%s %s", region, name)
                               : arena_strdup(arena, name);
}

const struct service_tag *
network_find_service_tag(const struct network *network, const char *region,
                         const char *name)
{
    const struct map *tags = network->service_tags.by_id;
    const struct service_tag *const *found = NULL;
    char key[KEY_SIZE];

    if (region && region[0]
        && snprintf(key, sizeof key, "%s %s", region, name) < KEY_SIZE) {
        found = map_get(tags, key);
    }
    if (!found) {
        found = map_get(tags, name);
    }
    /* A word with a blank in it must not pass for the key of a tag. */
    return found && ascii_equal((*found)->name, name) ? *found : NULL;
}

enum admin_rules_absent
network_absent(const struct network *network)
{
    return network->absent;
}

/* Defines the function that lists all resources of one kind. */
#define DEFINE_LIST(function, type, member)                                   \
    size_t function(const struct network *network,                            \
                    const struct type *const **items)                         \
    {                                                                         \
        *items = network->member.items;                                       \
        return network->member.n;                                             \
    }

DEFINE_LIST(network_nics, nic, nics)
DEFINE_LIST(network_virtual_networks, virtual_network, virtual_networks)
DEFINE_LIST(network_security_groups, security_group, security_groups)
DEFINE_LIST(network_asgs, asg, asgs)
DEFINE_LIST(network_admin_rules, effective_admin_rules, admin_rules)
