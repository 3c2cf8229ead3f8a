/* What answers tell beside the network's model: where something leads to. */

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "exporter/source/arm_ids.h"
#include "exporter/source/azure_source.h"

/* Links in the making. */
struct linking {
    struct azure_links *links;
    size_t capacity;
    struct arena *scratch;
    struct map *seen;
    const char *owner; /* Where links come from that do not say so. */
};

static arm_link_read *reader_of(const struct azure_want *want);
static void keep_link(void *aux, const char *from, const char *to);

bool
azure_links_find(const struct azure_want *want, const char *bytes, size_t size,
                 struct azure_links **links, struct error *error)
{
    arm_link_read *read = reader_of(want);

    *links = NULL;
    if (!read) {
        return true;
    }
    struct arena *arena = arena_create();
    struct linking linking = { .links = arena_alloc(arena, sizeof **links),
                               .scratch = arena_create(),
                               .owner = want->id };
    *linking.links = (struct azure_links){ .arena = arena };
    linking.seen = map_create(linking.scratch);
    bool good = read(bytes, size, keep_link, &linking, error);
    arena_unref(linking.scratch);
    if (good) {
        *links = linking.links;
    } else {
        arena_unref(arena);
    }
    return good;
}

bool
azure_want_is_links(const struct azure_want *want)
{
    switch (want->kind) {
    case WANT_GROUP_MEMBERS:
    case WANT_MEMBERSHIPS:
    case WANT_SUBSCRIPTIONS:
    case WANT_DESCENDANTS: return true;
    case WANT_LIST:
    case WANT_POINT:
    case WANT_SCALE_SET_NICS:
    case WANT_EFFECTIVE_RULES:
    case WANT_ACTIVE_RULES:
    case WANT_SERVICE_TAGS:
    case N_WANT_KINDS: break;
    }
    return false;
}

static bool
is_kind(const struct azure_want *want, enum azure_link_kind kind)
{
    switch (kind) {
    case LINK_SCALE_SETS: return want->feed == FEED_VNET;
    case LINK_MEMBERS:
        return want->kind == WANT_GROUP_MEMBERS
               || want->kind == WANT_MEMBERSHIPS;
    case LINK_SCOPES:
        return want->kind == WANT_POINT && want->feed == FEED_NETWORK_MANAGER;
    case LINK_SUBSCRIPTIONS: return want->kind == WANT_SUBSCRIPTIONS;
    case LINK_DESCENDANTS: return want->kind == WANT_DESCENDANTS;
    }
    return false;
}

/* Puts at most 'max' links into 'ids'; returns how many there are. */
static size_t
take_links(const struct azure *azure, enum azure_link_kind kind,
           const char *from, const char **ids, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_item *item = azure->items[i];
        for (size_t k = 0; is_kind(&item->want, kind) && k < item->last.n;
             k++) {
            const struct azure_links *links = item->last.pages[k].links;
            for (size_t l = 0; links && l < links->n; l++) {
                if (ascii_equal(links->links[l].from, from)) {
                    if (n < max) {
                        ids[n] = links->links[l].to;
                    }
                    n++;
                }
            }
        }
    }
    return n;
}

size_t
azure_links_from(const struct azure *azure, enum azure_link_kind kind,
                 const char *from, struct arena *arena,
                 const char *const **ids)
{
    size_t n = take_links(azure, kind, from, NULL, 0);
    const char **found = arena_alloc_array(arena, n, sizeof *found);

    take_links(azure, kind, from, found, n);
    *ids = found;
    return n;
}

static arm_link_read *
reader_of(const struct azure_want *want)
{
    switch (want->kind) {
    case WANT_GROUP_MEMBERS: return arm_member_ids;
    case WANT_MEMBERSHIPS: return arm_membership_ids;
    case WANT_SUBSCRIPTIONS:
    case WANT_DESCENDANTS: return arm_subscription_ids;
    case WANT_LIST:
    case WANT_POINT:
        return want->feed == FEED_VNET              ? arm_scale_set_ids
               : want->feed == FEED_NETWORK_MANAGER ? arm_scope_ids
                                                    : NULL;
    case WANT_SCALE_SET_NICS:
    case WANT_EFFECTIVE_RULES:
    case WANT_ACTIVE_RULES:
    case WANT_SERVICE_TAGS:
    case N_WANT_KINDS: break;
    }
    return NULL;
}

static void
keep_link(void *aux, const char *from, const char *to)
{
    struct linking *linking = aux;
    struct azure_links *links = linking->links;

    from = from[0] ? from : linking->owner;
    const char *key = arena_printf(linking->scratch, "%s %s", from, to);
    if (map_put(linking->seen, key, linking)) {
        return;
    }
    if (links->n == linking->capacity) {
        linking->capacity = 2 * linking->capacity + 4;
        struct azure_link *longer =
            arena_alloc_array(links->arena, linking->capacity, sizeof *longer);
        if (links->n) {
            memcpy(longer, links->links, links->n * sizeof *longer);
        }
        links->links = longer;
    }
    links->links[links->n++] =
        (struct azure_link){ .from = arena_strdup(links->arena, from),
                             .to = arena_strdup(links->arena, to) };
}
