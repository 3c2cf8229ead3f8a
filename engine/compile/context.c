#include "engine/compile/context.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/compile/internet.h"
#include "engine/compile/neighbourhood.h"
#include "engine/compile/settings.h"
#include "engine/compile/virtual_network_tag.h"
#include "engine/model/arm_id.h"
#include "engine/model/network.h"

struct context {
    struct contexts *owner;
    struct neighbourhood *neighbourhood;
    const struct virtual_network *network;
    const struct subnet *subnet;
    struct meaning *virtual_network_tag; /* NULL until it is asked for. */
};

struct contexts {
    const struct network *network;
    const struct engine_settings *settings;
    struct arena *arena;
    struct map *contexts; /* Subnet id to struct context. */
    struct neighbourhoods *neighbourhoods;
    struct map *tags;  /* In a list, by key. */
    struct map *words; /* In none. */
    struct map *network_groups;
    struct meaning *internet;
};

static const struct meaning *asg_meaning(struct context *context,
                                         const char *id);
static const struct meaning *local_asg_meaning(const struct place *place,
                                               const char *id);
static const struct meaning *group_meaning(struct contexts *contexts,
                                           const char *id);
static const struct meaning *virtual_network_meaning(struct context *context);
static const struct meaning *internet_meaning(struct contexts *contexts);
static const struct meaning *shared_tag(struct contexts *contexts,
                                        const char *region, const char *name);

struct contexts *
contexts_create(const struct network *network,
                const struct engine_settings *settings, struct arena *arena)
{
    struct contexts *contexts = arena_alloc(arena, sizeof *contexts);

    *contexts = (struct contexts){ .network = network,
                                   .settings = settings,
                                   .arena = arena,
                                   .contexts = map_create(arena),
                                   .tags = map_create(arena),
                                   .words = map_create(arena),
                                   .network_groups = map_create(arena) };
    contexts->neighbourhoods = neighbourhoods_create(network, arena);
    return contexts;
}

const struct engine_settings *
contexts_settings(const struct contexts *contexts)
{
    return contexts->settings;
}

const struct network *
contexts_network(const struct contexts *contexts)
{
    return contexts->network;
}

struct context *
contexts_get(struct contexts *contexts,
             const struct virtual_network *virtual_network,
             const struct subnet *subnet)
{
    struct context *context = map_get(contexts->contexts, subnet->id);

    if (!context) {
        context = arena_alloc(contexts->arena, sizeof *context);
        context->owner = contexts;
        context->neighbourhood = neighbourhood_of(
            contexts->neighbourhoods, virtual_network->resource.id);
        context->network = virtual_network;
        context->subnet = subnet;
        map_put(contexts->contexts, subnet->id, context);
    }
    return context;
}

struct contexts *
context_owner(const struct context *context)
{
    return context->owner;
}

const struct meaning *
place_meaning(const struct place *place, const struct term *term, bool local)
{
    switch (term->kind) {
    case TERM_ASG:
        return local && place->local ? local_asg_meaning(place, term->text)
                                     : asg_meaning(place->context, term->text);
    case TERM_NETWORK_GROUP:
        return group_meaning(place->context->owner, term->text);
    case TERM_ADDRESS: break;
    }
    return context_tag(place->context, term->text);
}

const struct meaning *
context_tag(struct context *context, const char *name)
{
    if (ascii_equal(name, "VirtualNetwork")
        || ascii_equal(name, "VIRTUAL_NETWORK")) {
        return virtual_network_meaning(context);
    }
    if (ascii_equal(name, "Internet")) {
        return internet_meaning(context->owner);
    }
    return shared_tag(context->owner, context->network->resource.location,
                      name);
}

bool
context_is_duplicate(const struct context *context, struct address address)
{
    return address_set_contains(context->neighbourhood->duplicates, address);
}

static struct meaning *
new_meaning(struct arena *arena, struct address_set certain,
            struct address_set possible)
{
    struct meaning *meaning = arena_alloc(arena, sizeof *meaning);

    *meaning = (struct meaning){ .certain = certain,
                                 .possible = possible,
                                 .detail = "" };
    return meaning;
}

/* A meaning that is known in part, or not at all. */
static struct meaning *
doubtful_meaning(struct arena *arena, struct address_set certain,
                 struct address_set possible, enum reason reason,
                 const char *detail)
{
    struct meaning *meaning = new_meaning(arena, certain, possible);

    meaning->reason = reason;
    meaning->detail = detail;
    return meaning;
}

static void
set_origins(struct arena *arena, struct meaning *meaning,
            const uint16_t *origins, size_t n)
{
    meaning->origins = arena_memdup(arena, origins, n * sizeof *origins);
    meaning->n_origins = n;
}

static struct hash
hash_of_set(struct address_set set)
{
    struct hasher hasher;

    hasher_init(&hasher);
    address_set_hash(set, &hasher);
    return hasher_finish(&hasher);
}

/* Ends the making of a meaning. */
static struct meaning *
seal(struct meaning *meaning)
{
    struct hasher hasher;

    meaning->certain_hash = hash_of_set(meaning->certain);
    meaning->possible_hash = meaning->reason == REASON_NONE
                                 ? meaning->certain_hash
                                 : hash_of_set(meaning->possible);
    hasher_init(&hasher);
    hasher_add(&hasher, &meaning->certain_hash, sizeof meaning->certain_hash);
    hasher_add(&hasher, &meaning->possible_hash,
               sizeof meaning->possible_hash);
    hasher_add_u64(&hasher, meaning->reason);
    hasher_add_u64(&hasher, meaning->empty_asg);
    hasher_add_string(&hasher, meaning->detail);
    meaning->hash = hasher_finish(&hasher);
    return meaning;
}

static const struct meaning *
virtual_network_meaning(struct context *context)
{
    struct contexts *owner = context->owner;
    struct arena *arena = owner->arena;
    const struct virtual_network *vnet = context->network;
    uint16_t origins[2] = { vnet->resource.origin };
    size_t n_origins = 1;

    if (context->virtual_network_tag) {
        return context->virtual_network_tag;
    }
    struct virtual_network_tag tag = virtual_network_tag(
        owner->network, owner->settings, vnet, context->subnet, arena);
    struct meaning *meaning = new_meaning(arena, tag.known, tag.known);
    if (tag.incomplete) {
        /* What is in Internet stays outside: [decided] in spec verdict 4. */
        struct address_set private = address_set_subtract(
            arena, address_set_all(), internet_meaning(owner)->certain);
        meaning = doubtful_meaning(
            arena, tag.known, address_set_union(arena, tag.known, private),
            REASON_VIRTUAL_NETWORK_INCOMPLETE, tag.incomplete);
    }
    const struct route_table *table = network_find_route_table(
        owner->network, context->subnet->route_table_id);
    if (table) {
        origins[n_origins++] = table->resource.origin;
    }
    set_origins(arena, meaning, origins, n_origins);
    context->virtual_network_tag = seal(meaning);
    return meaning;
}

static const struct meaning *
internet_meaning(struct contexts *contexts)
{
    const struct engine_settings *settings = contexts->settings;

    if (!contexts->internet) {
        struct address_set set = internet_addresses(
            settings->has_internet_excludes ? &settings->internet_excludes
                                            : NULL,
            contexts->arena);
        contexts->internet = seal(new_meaning(contexts->arena, set, set));
    }
    return contexts->internet;
}

/* A tag's name begins with a letter; what does not, and is no address either,
 * is a mistake, such as the "789" that Azure once stored. */
static bool
could_be_tag(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] = "0123456789._-";

    if (!*name || !strchr(letters, *name)) {
        return false;
    }
    for (; *name; name++) {
        if (!strchr(letters, *name) && !strchr(others, *name)) {
            return false;
        }
    }
    return true;
}

static struct meaning *
listed_tag(struct arena *arena, const struct service_tag *tag)
{
    struct meaning *meaning =
        new_meaning(arena, tag->addresses, tag->addresses);

    if (tag->has_bad_prefix) {
        meaning = doubtful_meaning(
            arena, tag->addresses, address_set_all(), REASON_UNKNOWN_TAG,
            arena_printf(arena,
                         "service tag %s holds a prefix that cannot be read",
                         tag->name));
    }
    set_origins(arena, meaning, &tag->origin, 1);
    return meaning;
}

static struct meaning *
missing_tag(struct arena *arena, const char *name)
{
    struct address_set nothing = { 0 };

    if (could_be_tag(name)) {
        return doubtful_meaning(
            arena, nothing, address_set_all(), REASON_UNKNOWN_TAG,
            arena_printf(arena, "service tag %s is in no list", name));
    }
    return doubtful_meaning(
        arena, nothing, address_set_all(), REASON_INVALID_RULE,
        arena_printf(arena, "'%s' is neither an address nor a service tag",
                     name));
}

static const struct meaning *
shared_tag(struct contexts *contexts, const char *region, const char *name)
{
    struct arena *arena = contexts->arena;
    const struct service_tag *tag =
        network_find_service_tag(contexts->network, region, name);
    struct map *meanings = tag ? contexts->tags : contexts->words;
    const char *key = tag ? tag->key : name;
    struct meaning *meaning = map_get(meanings, key);
    struct address_set addresses;

    if (meaning) {
        return meaning;
    }
    if (platform_tag(name, arena, &addresses)) {
        meaning = new_meaning(arena, addresses, addresses);
    } else if (tag) {
        meaning = listed_tag(arena, tag);
    } else {
        meaning = missing_tag(arena, name);
    }
    map_put(meanings, arena_strdup(arena, key), seal(meaning));
    return meaning;
}

static const struct meaning *
group_meaning(struct contexts *contexts, const char *id)
{
    struct arena *arena = contexts->arena;
    struct meaning *meaning = map_get(contexts->network_groups, id);
    struct address_set known = { 0 };

    if (meaning) {
        return meaning;
    }
    const struct network_group *group =
        network_find_group(contexts->network, id);
    if (group) {
        known = group->members;
    }
    if (group && !group->incomplete) {
        meaning = new_meaning(arena, known, known);
    } else {
        meaning = doubtful_meaning(
            arena, known, address_set_all(), REASON_NETWORK_GROUP_UNRESOLVED,
            arena_printf(arena,
                         group
                             ? "not all members of network group %s are known"
                             : "the members of network group %s are not "
                               "known",
                         arm_id_name(id)));
    }
    if (group) {
        set_origins(arena, meaning, &group->origin, 1);
    }
    map_put(contexts->network_groups, arena_strdup(arena, id), seal(meaning));
    return meaning;
}

static const struct meaning *
asg_meaning(struct context *context, const char *id)
{
    struct neighbourhood *here = context->neighbourhood;
    struct arena *arena = context->owner->arena;
    struct meaning *meaning = map_get(here->asgs, id);
    struct address_list list;
    size_t n;

    if (meaning) {
        return meaning;
    }
    const struct asg_member *members =
        network_asg_members(context->owner->network, id, here->id, &n);
    address_list_init(&list);
    for (size_t i = 0; i < n; i++) {
        if (members[i].ip_configuration->has_address) {
            address_list_add_address(&list,
                                     members[i].ip_configuration->address);
        }
    }
    struct address_set set = address_list_finish(&list, arena);
    meaning = new_meaning(arena, set, set);
    meaning->empty_asg = address_set_is_empty(set);
    meaning->origins = here->origins.items;
    meaning->n_origins = here->origins.n;
    map_put(here->asgs, arena_strdup(arena, id), seal(meaning));
    return meaning;
}

/* The group on the side of one IP configuration: its address if it is a
 * member itself, whatever other configurations carry the same address. */
static const struct meaning *
local_asg_meaning(const struct place *place, const char *id)
{
    const struct meaning *everybody = asg_meaning(place->context, id);
    struct arena *arena = place->context->owner->arena;
    struct address_list list;

    address_list_init(&list);
    for (size_t i = 0; i < place->local->n_asg_ids; i++) {
        if (ascii_equal(place->local->asg_ids[i], id)) {
            address_list_add_address(&list, place->local->address);
        }
    }
    struct address_set set = address_list_finish(&list, arena);
    struct meaning *meaning = new_meaning(arena, set, set);
    meaning->empty_asg = everybody->empty_asg;
    meaning->origins = everybody->origins;
    meaning->n_origins = everybody->n_origins;
    return seal(meaning);
}
