/* Parts -> indexes: of two resources with one id the first counts. */

#include "engine/model/network_index.h"

#include <stdio.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/base/text.h"
#include "engine/model/arm_id.h"

/* A folder that was copied into itself must not fill the status page. */
enum { REPORTS_MAX = 100 };

struct builder {
    struct network *network;
    const struct network_part *const *parts;
    size_t n_parts;
    network_finding *finding;
    void *aux;
    size_t n_reports;
};

static void add_nics(struct builder *builder);
static void add_virtual_networks(struct builder *builder);
static void add_security_groups(struct builder *builder);
static void add_asgs(struct builder *builder);
static void add_route_tables(struct builder *builder);
static void add_managers(struct builder *builder);
static void add_effective_admin_rules(struct builder *builder);
static void add_network_groups(struct builder *builder);
static void add_service_tags(struct builder *builder);
static void add_priorities(struct builder *builder);
static void add_subnets(struct network *network);

void
network_index_parts(struct network *network,
                    const struct network_part *const parts[], size_t n,
                    network_finding *finding, void *aux)
{
    struct builder builder = { network, parts, n, finding, aux, 0 };

    add_nics(&builder);
    add_virtual_networks(&builder);
    add_security_groups(&builder);
    add_asgs(&builder);
    add_route_tables(&builder);
    add_managers(&builder);
    add_effective_admin_rules(&builder);
    add_network_groups(&builder);
    add_service_tags(&builder);
    add_priorities(&builder);
    add_subnets(network);
    if (finding && builder.n_reports > REPORTS_MAX) {
        char line[80];
        snprintf(line, sizeof line,
                 "%zu more resources are there more than once",
                 builder.n_reports - REPORTS_MAX);
        finding(aux, line);
    }
}

/* Tells about a resource of 'later' that 'earlier' holds already. */
static void
report(struct builder *builder, const struct network_part *later,
       const struct network_part *earlier, const char *kind, const char *id,
       const char *cause)
{
    struct text line;

    if (!builder->finding || ++builder->n_reports > REPORTS_MAX) {
        return;
    }
    text_init(&line);
    text_printf(&line, "%s: %s/%s: %s in %s", later->label, kind,
                arm_id_name(id), cause, earlier->label);
    builder->finding(builder->aux, line.data);
    text_clear(&line);
}

static bool
is_same_tag(const struct service_tag *a, const struct service_tag *b)
{
    return a->has_bad_prefix == b->has_bad_prefix
           && address_set_equal(a->addresses, b->addresses);
}

/* Two lists for one network may be two pages of one: whichever counted, a
 * Deny in the other could be lost, so neither does. */
static bool
is_same_list(const struct builder *builder,
             const struct effective_admin_rules *item,
             const struct effective_admin_rules **first)
{
    if (hash_equal(item->hash, (*first)->hash) || (*first)->unavailable) {
        return true;
    }
    struct effective_admin_rules *none =
        arena_memdup(builder->network->arena, *first, sizeof **first);
    none->unavailable = true;
    *first = none;
    return false;
}

/* Whether two resources with one id agree, which is no finding: Azure lists
 * the same service tags for every region. */
#define NEVER_SAME(builder, item, first) false
#define SAME_TAG(builder, item, first) is_same_tag(item, *first)
#define SAME_GROUP(builder, item, first)                                      \
    ((item)->incomplete == (*first)->incomplete                               \
     && address_set_equal((item)->members, (*first)->members))
#define SAME_RULES(builder, item, first)                                      \
    hash_equal((item)->hash, (*first)->hash)
#define SAME_LIST(builder, item, first) is_same_list(builder, item, first)

/* Defines the function that adds all resources of one kind: 'list' of the
 * parts goes into 'member' of the network, by the member 'key'. */
#define DEFINE_ADD(type, list, member, key, same, kind)                       \
    static const struct network_part *part_of_##list(                         \
        const struct builder *builder, const struct type *item)               \
    {                                                                         \
        for (size_t p = 0; p < builder->n_parts; p++) {                       \
            const struct network_part *part = builder->parts[p];              \
            for (size_t i = 0; i < part->n_##list; i++) {                     \
                if (&part->list[i] == item) {                                 \
                    return part;                                              \
                }                                                             \
            }                                                                 \
        }                                                                     \
        return NULL;                                                          \
    }                                                                         \
                                                                              \
    static void add_##list(struct builder *builder)                           \
    {                                                                         \
        struct network *network = builder->network;                           \
        size_t n = 0;                                                         \
                                                                              \
        for (size_t p = 0; p < builder->n_parts; p++) {                       \
            n += builder->parts[p]->n_##list;                                 \
        }                                                                     \
        network->member.by_id = map_create(network->arena);                   \
        map_reserve(network->member.by_id, n);                                \
        network->member.items = arena_alloc_array(                            \
            network->arena, n, sizeof *network->member.items);                \
        for (size_t p = 0; p < builder->n_parts; p++) {                       \
            const struct network_part *part = builder->parts[p];              \
            for (size_t i = 0; i < part->n_##list; i++) {                     \
                const struct type *item = &part->list[i];                     \
                const struct type **first =                                   \
                    map_get(network->member.by_id, item->key);                \
                if (!first) {                                                 \
                    const struct type **slot =                                \
                        &network->member.items[network->member.n++];          \
                    *slot = item;                                             \
                    map_put(network->member.by_id, item->key, slot);          \
                    continue;                                                 \
                }                                                             \
                const struct type *before = *first;                           \
                if (!same(builder, item, first)) {                            \
                    report(builder, part, part_of_##list(builder, before),    \
                           kind, item->key,                                   \
                           before == *first                                   \
                               ? "left out, the first one counts, which is"   \
                               : "neither this list counts nor the one");     \
                }                                                             \
            }                                                                 \
        }                                                                     \
    }

DEFINE_ADD(nic, nics, nics, resource.id, NEVER_SAME, "networkInterfaces")
DEFINE_ADD(virtual_network, virtual_networks, virtual_networks, resource.id,
           NEVER_SAME, "virtualNetworks")
DEFINE_ADD(security_group, security_groups, security_groups, resource.id,
           SAME_RULES, "networkSecurityGroups")
DEFINE_ADD(asg, asgs, asgs, resource.id, NEVER_SAME,
           "applicationSecurityGroups")
DEFINE_ADD(route_table, route_tables, route_tables, resource.id, NEVER_SAME,
           "routeTables")
DEFINE_ADD(network_manager, managers, managers, resource.id, NEVER_SAME,
           "networkManagers")
DEFINE_ADD(effective_admin_rules, effective_admin_rules, admin_rules,
           virtual_network_id, SAME_LIST, "effective admin rules of")
DEFINE_ADD(network_group, network_groups, network_groups, id, SAME_GROUP,
           "networkGroups")
DEFINE_ADD(service_tag, service_tags, service_tags, key, SAME_TAG,
           "serviceTags")

static void
put_priority(struct network *network, const struct admin_rule_priority *item)
{
    const struct admin_rule_priority **slot =
        &network->priorities.items[network->priorities.n++];

    *slot = item;
    map_put(network->priorities.by_id, item->rule_id, slot);
}

/* An active list says what is in force and outranks the rule resource, which
 * may be newer than the last deployment.  Equals that disagree (two regions
 * in the middle of a deployment) give no priority at all, which 0 stands for:
 * a guess could put a Deny behind an Allow. */
static void
merge_priority(struct builder *builder, const struct network_part *part,
               const struct admin_rule_priority **slot,
               const struct admin_rule_priority *item)
{
    const struct admin_rule_priority *before = *slot;

    if (item->active != before->active) {
        *slot = item->active ? item : before;
    } else if (before->priority && item->priority != before->priority) {
        struct admin_rule_priority *none =
            arena_memdup(builder->network->arena, before, sizeof *before);
        none->priority = 0;
        *slot = none;
        report(builder, part, part, "rules", item->rule_id,
               "two different priorities, so none counts; one is");
    }
}

static void
add_priorities(struct builder *builder)
{
    struct network *network = builder->network;
    size_t n = 0;

    for (size_t p = 0; p < builder->n_parts; p++) {
        n += builder->parts[p]->n_priorities;
    }
    network->priorities.by_id = map_create(network->arena);
    map_reserve(network->priorities.by_id, n);
    network->priorities.items = arena_alloc_array(
        network->arena, n, sizeof *network->priorities.items);
    for (size_t p = 0; p < builder->n_parts; p++) {
        const struct network_part *part = builder->parts[p];
        for (size_t i = 0; i < part->n_priorities; i++) {
            const struct admin_rule_priority *item = &part->priorities[i];
            const struct admin_rule_priority **slot =
                map_get(network->priorities.by_id, item->rule_id);
            if (!item->priority) {
                continue;
            }
            if (slot) {
                merge_priority(builder, part, slot, item);
            } else {
                put_priority(network, item);
            }
        }
    }
}

static void
add_subnets(struct network *network)
{
    network->subnets = map_create(network->arena);
    for (size_t i = 0; i < network->virtual_networks.n; i++) {
        const struct virtual_network *vnet =
            network->virtual_networks.items[i];
        struct subnet_place *places =
            arena_alloc_array(network->arena, vnet->n_subnets, sizeof *places);
        for (size_t k = 0; k < vnet->n_subnets; k++) {
            places[k] = (struct subnet_place){ &vnet->subnets[k], vnet };
            if (!map_get(network->subnets, vnet->subnets[k].id)) {
                map_put(network->subnets, vnet->subnets[k].id, &places[k]);
            }
        }
    }
}
