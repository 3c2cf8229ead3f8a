#include "engine/judge/judge.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/memory.h"
#include "engine/compile/intern.h"
#include "engine/judge/site.h"
#include "engine/model/arm_id.h"
#include "engine/model/network.h"

/* A rule set as it reads from one place. */
struct reading {
    const struct policy *policy;
    struct origins origins;
};

struct estate {
    struct arena *arena;
    struct network *network;
    const struct engine_settings *settings;
    struct policies *policies;
    struct contexts *contexts;
    struct intern sites;    /* struct site, by IP configuration, direction. */
    struct intern readings; /* By rule set, place and direction. */
};

static struct site *make_site(struct estate *estate, const struct nic *nic,
                              const struct ip_configuration *ip,
                              enum direction direction);
static void add_admin_layer(struct estate *estate, struct site *site,
                            const struct virtual_network *virtual_network,
                            struct site_layer *layer);
static void add_group_layer(struct estate *estate, struct site *site,
                            const char *id, struct site_layer *layer);

struct estate *
estate_create(struct network *network, const struct engine_settings *settings,
              struct policies *policies)
{
    struct estate *estate = memory_calloc(1, sizeof *estate);

    estate->arena = arena_create();
    estate->network = network_ref(network);
    estate->settings = settings;
    estate->policies = policies;
    estate->contexts = contexts_create(network, settings, estate->arena);
    return estate;
}

void
estate_destroy(struct estate *estate)
{
    if (!estate) {
        return;
    }
    for (size_t i = 0; i < estate->readings.n_slots; i++) {
        const struct reading *reading = estate->readings.entries[i].value;
        if (reading) {
            policy_unref(reading->policy);
        }
    }
    intern_clear(&estate->readings);
    intern_clear(&estate->sites);
    arena_unref(estate->arena);
    network_unref(estate->network);
    free(estate);
}

const struct network *
estate_network(const struct estate *estate)
{
    return estate->network;
}

const struct engine_settings *
estate_settings(const struct estate *estate)
{
    return estate->settings;
}

/* Pointers as a key: what they point to lives as long as the estate. */
static struct hash
pointer_key(const void *a, const void *b, const void *c,
            enum direction direction)
{
    struct hasher hasher;

    hasher_init(&hasher);
    hasher_add_u64(&hasher, (uintptr_t) a);
    hasher_add_u64(&hasher, (uintptr_t) b);
    hasher_add_u64(&hasher, (uintptr_t) c);
    hasher_add_u64(&hasher, direction);
    return hasher_finish(&hasher);
}

const struct site *
estate_site(struct estate *estate, const struct nic *nic,
            const struct ip_configuration *ip, enum direction direction)
{
    struct hash key = pointer_key(ip, NULL, NULL, direction);
    struct site *site = intern_get(&estate->sites, key);

    if (!site) {
        site = make_site(estate, nic, ip, direction);
        if (site) {
            intern_put(&estate->sites, key, site);
        }
    }
    return site;
}

/* The addresses of one NIC in one subnet read all rules alike, unless another
 * NIC carries the same address. */
static struct site *
find_sibling(const struct estate *estate, const struct nic *nic,
             const struct ip_configuration *ip, enum direction direction)
{
    for (size_t i = 0; i < nic->n_ip_configurations; i++) {
        const struct ip_configuration *other = &nic->ip_configurations[i];
        if (other == ip || !ascii_equal(other->subnet_id, ip->subnet_id)) {
            continue;
        }
        struct site *site = intern_get(
            &estate->sites, pointer_key(other, NULL, NULL, direction));
        if (site && !site->place.local) {
            return site;
        }
    }
    return NULL;
}

static void
seal_site(struct site *site)
{
    struct hasher hasher;

    hasher_init(&hasher);
    hasher_add_string(&hasher, site->nic->resource.id);
    hasher_add_u64(&hasher, site->direction);
    for (int i = 0; i < SITE_LAYERS; i++) {
        const struct site_layer *layer = &site->layers[i];
        hasher_add_u64(&hasher, layer->layer);
        hasher_add_u64(&hasher, layer->absent);
        if (layer->policy) {
            hasher_add(&hasher, &layer->policy->key,
                       sizeof layer->policy->key);
        }
    }
    hasher_add(&hasher, site->origins.items,
               site->origins.n * sizeof *site->origins.items);
    site->key = hasher_finish(&hasher);
}

static struct site *
make_site(struct estate *estate, const struct nic *nic,
          const struct ip_configuration *ip, enum direction direction)
{
    const struct virtual_network *virtual_network;
    const struct subnet *subnet =
        network_find_subnet(estate->network, ip->subnet_id, &virtual_network);

    if (!subnet) {
        return NULL;
    }
    struct context *context =
        contexts_get(estate->contexts, virtual_network, subnet);
    bool duplicate =
        ip->has_address && context_is_duplicate(context, ip->address);
    struct site *site =
        duplicate ? NULL : find_sibling(estate, nic, ip, direction);
    if (site) {
        return site;
    }
    site = arena_alloc(estate->arena, sizeof *site);
    site->nic = nic;
    site->direction = direction;
    site->place = (struct place){ context, duplicate ? ip : NULL };
    origins_add(&site->origins, nic->resource.origin, estate->arena);
    origins_add(&site->origins, virtual_network->resource.origin,
                estate->arena);

    struct site_layer *subnet_layer =
        &site->layers[direction == DIRECTION_INBOUND ? 1 : 2];
    struct site_layer *nic_layer =
        &site->layers[direction == DIRECTION_INBOUND ? 2 : 1];
    site->layers[0].layer = LAYER_ADMIN;
    subnet_layer->layer = LAYER_SUBNET_NSG;
    nic_layer->layer = LAYER_NIC_NSG;
    add_admin_layer(estate, site, virtual_network, &site->layers[0]);
    /* "Manage network policies for private endpoints": the subnet's group
     * counts only where the policy says so. */
    if (nic->private_endpoint && !subnet->filters_private_endpoints) {
        subnet_layer->absent = OUTCOME_NOT_APPLICABLE;
    } else {
        add_group_layer(estate, site, subnet->nsg_id, subnet_layer);
    }
    add_group_layer(estate, site, nic->nsg_id, nic_layer);
    seal_site(site);
    return site;
}

/* Returns how the rule set reads from the site; 'identity' tells it from
 * others in this estate. */
static const struct policy *
read_ruleset(struct estate *estate, struct site *site,
             const struct ruleset *ruleset, const void *identity)
{
    struct hash key = pointer_key(identity, site->place.context,
                                  site->place.local, site->direction);
    struct reading *reading = intern_get(&estate->readings, key);

    if (!reading) {
        reading = arena_alloc(estate->arena, sizeof *reading);
        reading->policy =
            policies_get(estate->policies, ruleset, site->direction,
                         &site->place, &reading->origins, estate->arena);
        intern_put(&estate->readings, key, reading);
    }
    origins_add_all(&site->origins, reading->origins.items, reading->origins.n,
                    estate->arena);
    return reading->policy;
}

static void
add_admin_layer(struct estate *estate, struct site *site,
                const struct virtual_network *virtual_network,
                struct site_layer *layer)
{
    enum admin_rules_absent absent = network_absent(estate->network);
    const struct effective_admin_rules *list = network_find_admin_rules(
        estate->network, virtual_network->resource.id);
    struct ruleset ruleset = {
        .name = "", .id = "", .admin = true, .missing_detail = ""
    };

    /* "Security admin rules" do not apply to private endpoints. */
    if (absent == ADMIN_RULES_OFF || site->nic->private_endpoint) {
        layer->absent = OUTCOME_NOT_APPLICABLE;
        return;
    }
    if (list) {
        origins_add(&site->origins, list->origin, estate->arena);
    }
    if (list && !list->unavailable) {
        ruleset.rules = list->rules;
        ruleset.n_rules = list->n_rules;
        ruleset.hash = list->hash;
    } else if (list || absent == ADMIN_RULES_ABSENT_IS_UNAVAILABLE) {
        ruleset.missing = REASON_ADMIN_RULES_UNAVAILABLE;
        ruleset.missing_detail =
            arena_printf(estate->arena,
                         "the admin rules of virtual network %s could not "
                         "be read",
                         virtual_network->resource.name);
    }
    if (!ruleset.n_rules && ruleset.missing == REASON_NONE) {
        layer->absent = OUTCOME_NO_RULESET;
        return;
    }
    layer->policy = read_ruleset(estate, site, &ruleset, virtual_network);
}

static void
add_group_layer(struct estate *estate, struct site *site, const char *id,
                struct site_layer *layer)
{
    if (!*id) {
        layer->absent = OUTCOME_NO_RULESET;
        return;
    }
    const struct security_group *group =
        network_find_security_group(estate->network, id);
    struct ruleset ruleset = { .id = id, .missing_detail = "" };
    if (group) {
        ruleset.name =
            arena_printf(estate->arena, "%s/%s",
                         group->resource.resource_group, group->resource.name);
        ruleset.id = group->resource.id;
        ruleset.rules = group->rules;
        ruleset.n_rules = group->n_rules;
        ruleset.hash = group->hash;
        origins_add(&site->origins, group->resource.origin, estate->arena);
    } else {
        ruleset.name =
            arena_printf(estate->arena, "%s/%s",
                         arm_id_segment(estate->arena, id, "resourceGroups"),
                         arm_id_name(id));
        ruleset.missing = REASON_RULESET_MISSING;
        ruleset.missing_detail = arena_printf(
            estate->arena, "the data does not hold network security group %s",
            id);
    }
    layer->policy = read_ruleset(estate, site, &ruleset,
                                 group ? (const void *) group : id);
}
