/* What was read from Azure, as the engine sees it: NICs, virtual networks,
 * groups and rules, with links by ARM id.
 *
 * A *part* is what one document gave; it is immutable once parsed and lives in
 * its own arena, so that an unchanged document is never parsed again.  A
 * *network* is the whole: it is put together from parts in every cycle that
 * changed one, points into them and keeps their arenas.
 *
 * Links are ids, not pointers: an id that leads nowhere is a fact (missing
 * data, spec verdict 8), not a parsing error.  Ids compare without case.
 *
 * Threads: all of it is immutable after it was made. */

#ifndef ENGINE_MODEL_NETWORK_H
#define ENGINE_MODEL_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/hash.h"
#include "engine/model/address.h"
#include "engine/model/rule.h"

struct arena;

/* What all resources have.  No member is NULL; strings may be "". */
struct resource {
    const char *id;   /* ARM id as the API spells it. */
    const char *name; /* Last segment of the id, in the API's spelling. */
    const char *resource_group;
    const char *location; /* Lower case without blanks; "" if unknown. */
    /* Where it came from: an index that the caller gave the part.  Verdicts
     * report the origins they rest on. */
    uint16_t origin;
};

struct ip_configuration {
    const char *name;
    bool has_address; /* False: dynamic and not allocated yet. */
    struct address address;
    bool primary;
    const char *subnet_id; /* "" if none. */
    const char *const *asg_ids;
    size_t n_asg_ids;
};

struct nic {
    struct resource resource;
    const char *vm_id;     /* "" if none. */
    const char *nsg_id;    /* "" if none. */
    bool primary;          /* Of its virtual machine. */
    bool private_endpoint; /* Belongs to a private endpoint. */
    const struct ip_configuration *ip_configurations;
    size_t n_ip_configurations;
};

struct subnet {
    const char *id;
    const char *name;
    const char *nsg_id;         /* "" if none. */
    const char *route_table_id; /* "" if none. */
    const char *const *prefixes;
    size_t n_prefixes;
    /* privateEndpointNetworkPolicies is Enabled or
     * NetworkSecurityGroupEnabled (spec verdict 7). */
    bool filters_private_endpoints;
    bool has_ip_configurations; /* Anything lives in it. */
};

struct peering {
    const char *name;
    const char *remote_network_id;
    bool connected; /* peeringState is Connected. */
    bool allow_virtual_network_access;
    bool use_remote_gateways;
    bool has_remote_address_space;
    struct address_set remote_address_space;
};

struct virtual_network {
    struct resource resource;
    struct address_set address_space;
    const struct subnet *subnets;
    size_t n_subnets;
    const struct peering *peerings;
    size_t n_peerings;
};

struct security_group {
    struct resource resource;
    /* Custom and default rules of both directions, in the order of the API,
     * which is no order.  Where the API listed no default rules, the six of
     * default_rules() stand here. */
    const struct rule *rules;
    size_t n_rules;
    struct hash hash; /* Of the rules' content. */
};

struct asg {
    struct resource resource;
};

enum next_hop {
    NEXT_HOP_VIRTUAL_APPLIANCE,
    NEXT_HOP_VIRTUAL_NETWORK_GATEWAY,
    NEXT_HOP_OTHER
};

struct route {
    const char *name;
    const char *prefix; /* A CIDR, or a service tag. */
    enum next_hop next_hop;
    bool has_next_hop_address;
    struct address next_hop_address;
};

struct route_table {
    struct resource resource;
    const struct route *routes;
    size_t n_routes;
};

/* Where a network manager's scope puts its rules (spec verdict 6). */
enum manager_tier {
    MANAGER_TIER_MANAGEMENT_GROUP, /* Scoped to a management group: first. */
    MANAGER_TIER_SUBSCRIPTION,
    MANAGER_TIER_UNKNOWN
};

struct network_manager {
    struct resource resource;
    enum manager_tier tier;
};

/* The admin rules in force on one virtual network. */
struct effective_admin_rules {
    const char *virtual_network_id;
    uint16_t origin;
    /* Set when the list could not be read: "rules" then says nothing. */
    bool unavailable;
    const struct rule *rules; /* kind RULE_ADMIN; id is the full rule id. */
    size_t n_rules;
    struct hash hash;
};

/* The priority of an admin rule, from an active list or the rule resource. */
struct admin_rule_priority {
    const char *rule_id;
    int priority;
    /* From an active list, which is what Azure has put in force; the rule
     * resource may be newer than the last deployment. */
    bool active;
    uint16_t origin;
};

/* The members of a network group, as prefixes. */
struct network_group {
    const char *id;
    struct address_set members;
    bool incomplete; /* There may be others. */
    uint16_t origin;
};

/* Lists are the cloud's, but new ones come to one region after the other: what
 * lies in a region goes by the list that it has. */
struct service_tag {
    const char *name; /* "Storage.WestEurope" */
    const char *key;  /* By service_tag_key(). */
    struct address_set addresses;
    bool has_bad_prefix; /* One could not be read: the set is not whole. */
    uint16_t origin;
};

/* What one document gave: any number of resources of any kinds. */
struct network_part {
    struct arena *arena;
    const char *label; /* For messages: file name, or feed and scope. */
    const struct nic *nics;
    size_t n_nics;
    const struct virtual_network *virtual_networks;
    size_t n_virtual_networks;
    const struct security_group *security_groups;
    size_t n_security_groups;
    const struct asg *asgs;
    size_t n_asgs;
    const struct route_table *route_tables;
    size_t n_route_tables;
    const struct network_manager *managers;
    size_t n_managers;
    const struct effective_admin_rules *effective_admin_rules;
    size_t n_effective_admin_rules;
    const struct admin_rule_priority *priorities;
    size_t n_priorities;
    const struct network_group *network_groups;
    size_t n_network_groups;
    const struct service_tag *service_tags;
    size_t n_service_tags;
};

/* What a virtual network without a list of effective admin rules means. */
enum admin_rules_absent {
    ADMIN_RULES_ABSENT_IS_NONE,        /* Directory: the whole truth. */
    ADMIN_RULES_ABSENT_IS_UNAVAILABLE, /* Azure: it was not read. */
    ADMIN_RULES_OFF                    /* The configuration says "off". */
};

struct network;

/* Called for each thing that is odd in the data as a whole, with one line
 * for a person: two parts that hold the same id. */
typedef void network_finding(void *aux, const char *line);

/* Puts a network together from 'n' parts, in an arena of its own that keeps
 * the parts' arenas.  Of two resources with one id the first counts, and
 * 'finding' (if not NULL) is told.  Of two priorities of one rule that of an
 * active list counts; two that disagree are no priority (0).  Two different
 * lists of admin rules for one virtual network are an unavailable one.  The
 * caller owns one reference. */
struct network *network_create(const struct network_part *const parts[],
                               size_t n, enum admin_rules_absent absent,
                               network_finding *finding, void *aux);
/* Puts a network together in which the resources of 'overlay' stand in place
 * of those of 'base' with the same ids, and all else is as it is there.  The
 * overlay must live as long as the network. */
struct network *network_create_over(struct network *base,
                                    const struct network_part *overlay);
struct network *network_ref(struct network *network);
void network_unref(struct network *network);

/* Look-ups by ARM id; NULL if the data does not hold it. */
const struct nic *network_find_nic(const struct network *, const char *id);
const struct virtual_network *
network_find_virtual_network(const struct network *, const char *id);
/* A subnet by its id, with the network that holds it. */
const struct subnet *
network_find_subnet(const struct network *, const char *id,
                    const struct virtual_network **virtual_network);
const struct security_group *
network_find_security_group(const struct network *, const char *id);
const struct route_table *network_find_route_table(const struct network *,
                                                   const char *id);
const struct network_manager *network_find_manager(const struct network *,
                                                   const char *id);
const struct network_group *network_find_group(const struct network *,
                                               const char *id);
/* Finds the tag as the list of the region has it, or else one that is of no
 * region. */
const struct service_tag *network_find_service_tag(const struct network *,
                                                   const char *region,
                                                   const char *name);

/* Returns what tells the tag from that of other regions' lists: the name, if
 * 'region' is "".  In 'arena'. */
const char *service_tag_key(struct arena *arena, const char *region,
                            const char *name);
const struct admin_rule_priority *network_find_priority(const struct network *,
                                                        const char *rule_id);
/* NULL: no list was read for that network; see network_absent(). */
const struct effective_admin_rules *
network_find_admin_rules(const struct network *, const char *vnet_id);
enum admin_rules_absent network_absent(const struct network *);

/* How a person names a NIC, a virtual machine or a virtual network: the ARM
 * id, "resource-group/name", or a name that is unique.  Returns NULL if there
 * is none, with '*n' 0, or if several answer to it, with '*n' their number. */
const struct nic *network_resolve_nic(const struct network *,
                                      const char *reference, size_t *n);
const struct virtual_network *
network_resolve_virtual_network(const struct network *, const char *reference,
                                size_t *n);
/* Returns the NICs of a virtual machine named in one of the three ways, in
 * the order of their ids; '*n' is 0 if there are none, and '*ambiguous' says
 * whether that is because several machines answer to the name. */
const struct nic *const *network_resolve_vm(const struct network *,
                                            const char *reference, size_t *n,
                                            bool *ambiguous);

/* The ip configurations that are members of an application security group
 * within one virtual network (spec verdict 5).  Those without an address are
 * left out: a group stands for addresses. */
struct asg_member {
    const struct nic *nic;
    const struct ip_configuration *ip_configuration;
};
const struct asg_member *network_asg_members(const struct network *,
                                             const char *asg_id,
                                             const char *vnet_id, size_t *n);

/* All resources of a kind, for those who count or list them. */
size_t network_nics(const struct network *, const struct nic *const **nics);
size_t
network_virtual_networks(const struct network *,
                         const struct virtual_network *const **networks);
size_t network_security_groups(const struct network *,
                               const struct security_group *const **groups);
size_t network_asgs(const struct network *, const struct asg *const **asgs);
size_t network_admin_rules(const struct network *,
                           const struct effective_admin_rules *const **lists);

#endif
