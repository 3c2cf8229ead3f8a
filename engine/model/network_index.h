/* The insides of a network: shared by network.c and the indexes beside it,
 * for nobody else. */

#ifndef ENGINE_MODEL_NETWORK_INDEX_H
#define ENGINE_MODEL_NETWORK_INDEX_H

#include "engine/model/network.h"

struct map;

/* All resources of one kind, in the order of the parts, and by id: the map
 * leads to elements of 'items'. */
#define INDEX_OF(type)                                                        \
    struct {                                                                  \
        struct map *by_id;                                                    \
        const struct type **items;                                            \
        size_t n;                                                             \
    }

/* Resources by their own name and by "resource-group/name". */
struct name_index {
    struct map *entries;
};

/* The network interfaces of one virtual machine. */
struct machine {
    const char *id;
    const struct nic **nics; /* In the order of their ids. */
    size_t n_nics;
};

struct network {
    struct arena *arena;
    enum admin_rules_absent absent;
    INDEX_OF(nic) nics;
    INDEX_OF(virtual_network) virtual_networks;
    INDEX_OF(security_group) security_groups;
    INDEX_OF(asg) asgs;
    INDEX_OF(route_table) route_tables;
    INDEX_OF(network_manager) managers;
    INDEX_OF(network_group) network_groups;
    INDEX_OF(service_tag) service_tags;
    INDEX_OF(admin_rule_priority) priorities;
    INDEX_OF(effective_admin_rules) admin_rules;
    struct map *subnets;  /* Id -> struct subnet_place. */
    struct map *machines; /* Id -> struct machine. */
    struct map *members;  /* Id of an asg -> struct membership. */
    struct name_index nic_names;
    struct name_index virtual_network_names;
    struct name_index machine_names;
};

/* Where a subnet is. */
struct subnet_place {
    const struct subnet *subnet;
    const struct virtual_network *virtual_network;
};

/* Puts the resources of all parts into the indexes. */
void network_index_parts(struct network *network,
                         const struct network_part *const parts[], size_t n,
                         network_finding *finding, void *aux);

/* Builds the names of NICs, virtual networks and virtual machines. */
void network_index_names(struct network *network);

/* Builds the members of application security groups. */
void network_index_members(struct network *network);

#endif
