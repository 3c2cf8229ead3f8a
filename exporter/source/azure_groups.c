/* Network groups: the prefixes of the networks and subnets in them.
 *
 * Azure works the prefixes out when a configuration is deployed and does not
 * tell them; those that today's members have come closest (spec verdict 6).
 *
 * Members are chosen one by one, or by a policy.  The latter only Resource
 * Graph tells, and it leaves out without a word what the identity may not
 * read.  So a group counts as known only if every subscription that its
 * manager rules is configured and can be seen; otherwise its known members
 * count, and everything else may belong to it, too. */

#include <stdarg.h>
#include <stdio.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/base/text.h"
#include "engine/model/arm_id.h"
#include "engine/model/network.h"
#include "exporter/clock.h"
#include "exporter/log.h"
#include "exporter/source/azure_source.h"

/* A group in the making. */
struct group {
    const struct azure *azure;
    const char *id;
    struct arena *arena;
    struct map *visible; /* Subscriptions that the identity may see. */
    struct text prefixes[N_FAMILIES]; /* Quoted, with commas between. */
    char doubt[256];                  /* Why there may be more; "": no. */
};

static void group_init(struct group *group, const struct azure *azure,
                       const char *id);
static void group_clear(struct group *group);
static void group_format(const struct group *group, struct text *text);
static void doubt(struct group *group, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void check_scopes(struct group *group);
static void add_members(struct group *group);

void
azure_groups_resolve(struct azure *azure)
{
    for (size_t i = 0; i < azure->n_items; i++) {
        struct azure_item *item = azure->items[i];
        struct error error;
        struct group group;
        struct text document;
        struct text finding;

        if (item->want.kind != WANT_GROUP_MEMBERS || item->last.n != 1) {
            continue;
        }
        text_init(&document);
        text_init(&finding);
        group_init(&group, azure, item->want.id);
        group_format(&group, &document);
        if (group.doubt[0]) {
            text_printf(&finding,
                        "network group %s: it may have more members: %s",
                        arm_id_name(item->want.id), group.doubt);
        }
        struct hasher hasher;
        hasher_init(&hasher);
        hasher_add_string(&hasher, document.data);
        hasher_add_string(&hasher, finding.data);
        struct hash hash = hasher_finish(&hasher);
        if (!item->last.pages[0].part || !hash_equal(hash, item->derived)) {
            uint16_t origin = (uint16_t) (item->want.subscription * N_FEEDS);
            item->derived = hash;
            azure->stale = true;
            if (!azure_item_derive(item, &document, finding.data, origin,
                                   &error)) {
                log_warn("network group left out", "error", error.message,
                         NULL);
            }
        }
        group_clear(&group);
        text_clear(&document);
        text_clear(&finding);
    }
}

void
azure_group_document(const struct azure *azure, const struct azure_item *item,
                     struct text *text)
{
    struct group group;

    group_init(&group, azure, item->want.id);
    group_format(&group, text);
    group_clear(&group);
}

static void
group_init(struct group *group, const struct azure *azure, const char *id)
{
    *group =
        (struct group){ .azure = azure, .id = id, .arena = arena_create() };
    for (enum family family = FAMILY_IPV4; family < N_FAMILIES; family++) {
        text_init(&group->prefixes[family]);
    }
    check_scopes(group);
    add_members(group);
}

static void
group_clear(struct group *group)
{
    for (enum family family = FAMILY_IPV4; family < N_FAMILIES; family++) {
        text_clear(&group->prefixes[family]);
    }
    arena_unref(group->arena);
}

/* "Using network groups with security admin rules": where a group has prefixes
 * of both families, only those of IPv4 are used. */
static void
group_format(const struct group *group, struct text *text)
{
    const struct text *four = &group->prefixes[FAMILY_IPV4];
    const struct text *six = &group->prefixes[FAMILY_IPV6];

    text_append(text, "{\"networkGroup\":{\"id\":\"");
    for (const char *c = group->id; *c; c++) {
        if (*c == '"' || *c == '\\') {
            text_append_char(text, '\\');
        }
        text_append_char(text, *c);
    }
    text_append(text, "\"},");
    if (group->doubt[0]) {
        text_append(text, "\"incomplete\":true,");
    }
    text_append(text, "\"addressPrefixes\":[");
    if (four->length) {
        text_append(text, four->data);
    } else if (!group->doubt[0]) {
        text_append(text, six->data);
    }
    text_append(text, "]}");
}

/* The first doubt is enough. */
static void
doubt(struct group *group, const char *format, ...)
{
    va_list args;

    if (!group->doubt[0]) {
        va_start(args, format);
        vsnprintf(group->doubt, sizeof group->doubt, format, args);
        va_end(args);
    }
}

/* Returns whether there is an answer of the kind; 'id' is "" or whose. */
static bool
has_answer(const struct group *group, enum want_kind kind, const char *id)
{
    const struct azure *azure = group->azure;

    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_item *item = azure->items[i];
        if (item->want.kind == kind && ascii_equal(item->want.id, id)) {
            return item->has_data;
        }
    }
    return false;
}

static bool
is_configured(const struct azure *azure, const char *subscription)
{
    const struct config_source *source = &azure->config->source;

    for (size_t i = 0; i < source->n_subscriptions; i++) {
        if (ascii_equal(source->subscriptions[i].id, subscription)) {
            return true;
        }
    }
    return false;
}

static void
find_visible(struct group *group)
{
    const char *const *ids;
    size_t n = azure_links_from(group->azure, LINK_SUBSCRIPTIONS, "",
                                group->arena, &ids);

    group->visible = map_create(group->arena);
    for (size_t i = 0; i < n; i++) {
        map_put(group->visible,
                arm_id_segment(group->arena, ids[i], "subscriptions"), group);
    }
}

static void
check_subscription(struct group *group, const char *id)
{
    const char *subscription =
        arm_id_segment(group->arena, id, "subscriptions");

    if (!is_configured(group->azure, subscription)) {
        doubt(group, "its manager rules %.120s, which is not configured", id);
    } else if (!map_get(group->visible, subscription)) {
        doubt(group, "its manager rules %.120s, which cannot be read", id);
    }
}

static void
check_scope(struct group *group, const char *scope)
{
    const char *const *ids;

    if (*arm_id_segment(group->arena, scope, "subscriptions")) {
        check_subscription(group, scope);
        return;
    }
    if (!has_answer(group, WANT_DESCENDANTS, scope)) {
        doubt(group, "the subscriptions of %.120s were not read", scope);
        return;
    }
    size_t n = azure_links_from(group->azure, LINK_DESCENDANTS, scope,
                                group->arena, &ids);
    for (size_t i = 0; i < n; i++) {
        check_subscription(group, ids[i]);
    }
}

/* Doubts that the members that are known are all. */
static void
check_scopes(struct group *group)
{
    const char *manager =
        arm_id_up_to(group->arena, group->id, "networkManagers");
    const char *const *scopes;

    if (!has_answer(group, WANT_MEMBERSHIPS, "")) {
        doubt(group, "Resource Graph was not read");
    }
    if (!has_answer(group, WANT_SUBSCRIPTIONS, "")) {
        doubt(group, "the subscriptions that can be seen were not read");
    }
    size_t n = azure_links_from(group->azure, LINK_SCOPES, manager,
                                group->arena, &scopes);
    if (!n) {
        doubt(group, "what its manager rules is not known");
    }
    find_visible(group);
    for (size_t i = 0; i < n; i++) {
        check_scope(group, scopes[i]);
    }
}

static void
add_prefix(struct group *group, enum family family, const char *prefixes)
{
    struct text *text = &group->prefixes[family];

    text_printf(text, "%s\"", text->length ? "," : "");
    text_append(text, prefixes);
    text_append_char(text, '"');
}

static bool
add_network(struct group *group, const struct virtual_network *network)
{
    bool any = false;

    for (enum family family = FAMILY_IPV4; family < N_FAMILIES; family++) {
        struct span_set spans = network->address_space.families[family];
        struct text prefixes;
        text_init(&prefixes);
        address_spans_format(family, spans, "\",\"", SIZE_MAX, &prefixes);
        if (prefixes.length) {
            add_prefix(group, family, prefixes.data);
            any = true;
        }
        text_clear(&prefixes);
    }
    return any;
}

static bool
add_subnet(struct group *group, const struct subnet *subnet)
{
    struct address_range range;
    bool all = subnet->n_prefixes > 0;

    for (size_t i = 0; i < subnet->n_prefixes; i++) {
        if (address_range_parse(subnet->prefixes[i], &range)) {
            add_prefix(group, range.family, subnet->prefixes[i]);
        } else {
            all = false;
        }
    }
    return all;
}

/* A member is a virtual network or a subnet.  Prefixes that are too old to be
 * judged by do not count. */
static bool
add_member(struct group *group, const char *id)
{
    const struct azure *azure = group->azure;
    const struct virtual_network *network;

    if (!azure->network) {
        return false;
    }
    const struct subnet *subnet =
        network_find_subnet(azure->network, id, &network);
    if (!subnet) {
        network = network_find_virtual_network(azure->network, id);
    }
    if (!network) {
        return false;
    }
    const struct feed_state *feed = &azure->feeds[network->resource.origin];
    if (feed->last_success_ms
        && azure->clock->wall_ms(azure->clock)
               >= feed_expires_ms(feed, azure->config->max_age_ms)) {
        return false;
    }
    return subnet ? add_subnet(group, subnet) : add_network(group, network);
}

static void
add_members(struct group *group)
{
    const char *const *ids;
    size_t n = azure_links_from(group->azure, LINK_MEMBERS, group->id,
                                group->arena, &ids);

    struct map *seen = map_create(group->arena);
    for (size_t i = 0; i < n; i++) {
        if (!map_put(seen, ids[i], group) && !add_member(group, ids[i])) {
            doubt(group, "the prefixes of its member %.120s are not known",
                  ids[i]);
        }
    }
}
