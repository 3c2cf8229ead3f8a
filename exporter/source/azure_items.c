/* Items: which are wanted, which are due, and what their answers do. */

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/base/memory.h"
#include "exporter/clock.h"
#include "exporter/log.h"
#include "exporter/source/arm.h"
#include "exporter/source/arm_page.h"
#include "exporter/source/azure_source.h"

static const struct arm_handler item_handler;

static size_t list_pages(const void *aux, enum feed feed, size_t subscription);
static size_t scale_sets(const void *aux, const char *virtual_network_id,
                         const char *const **ids);
static size_t group_members(const void *aux, const char *group_id,
                            const char *const **ids);
static size_t manager_scopes(const void *aux, const char *manager_id,
                             const char *const **ids);
static uint16_t origin_of(const struct azure_item *item);

/* What the plan asks about earlier answers, with room for the replies. */
struct plan_facts {
    const struct azure *azure;
    struct arena *arena;
};

void
azure_plan_apply(struct azure *azure)
{
    if (azure->stale) {
        azure_network_update(azure);
    }
    struct arena *arena = arena_create();
    struct plan_facts aux = { .azure = azure, .arena = arena };
    struct azure_facts facts = { .config = azure->config,
                                 .flow = azure->flow,
                                 .network = azure->network,
                                 .list_pages = list_pages,
                                 .scale_sets = scale_sets,
                                 .group_members = group_members,
                                 .manager_scopes = manager_scopes,
                                 .aux = &aux,
                                 .tag_attempt = azure->tag_attempt };
    struct azure_plan plan = azure_plan_make(&facts, arena);
    struct text words;

    for (size_t i = 0; i < azure->n_items; i++) {
        azure->items[i]->wanted = false;
    }
    for (size_t i = 0; i < plan.n_wants; i++) {
        azure_item_of(azure, &plan.wants[i])->wanted = true;
    }
    text_init(&words);
    azure_plan_describe(&plan, &words);
    log_debug("plan", "requests", words.data, NULL);
    text_clear(&words);
    arena_unref(arena);
}

/* The tags of a region stay, refused or not, until another subscription has
 * told them. */
static void
keep_tags(struct azure *azure)
{
    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_item *wanted = azure->items[i];
        bool missing = wanted->wanted && !wanted->has_data
                       && wanted->want.kind == WANT_SERVICE_TAGS;
        for (size_t k = 0; missing && k < azure->n_items; k++) {
            struct azure_item *old = azure->items[k];
            old->wanted |= old->has_data && old->want.kind == WANT_SERVICE_TAGS
                           && !strcmp(old->want.region, wanted->want.region);
        }
    }
}

void
azure_plan_trim(struct azure *azure)
{
    size_t n = 0;

    keep_tags(azure);
    for (size_t i = 0; i < azure->n_items; i++) {
        struct azure_item *item = azure->items[i];
        if (item->wanted) {
            azure->items[n++] = item;
            continue;
        }
        azure->stale |= item->last.n > 0;
        azure_state_forget(azure, item);
        azure_item_destroy(item);
    }
    if (n == azure->n_items) {
        return;
    }
    azure->n_items = n;
    /* The map's keys lived in the items. */
    struct arena *arena = arena_create();
    azure->items_by_key = map_create(arena);
    for (size_t i = 0; i < n; i++) {
        map_put(azure->items_by_key, azure->items[i]->key, azure->items[i]);
    }
    if (azure->storage) {
        azure->storage = arena_strdup(arena, azure->storage);
    }
    arena_unref(azure->arena);
    azure->arena = arena;
}

struct azure_item *
azure_item_of(struct azure *azure, const struct azure_want *want)
{
    const struct config_subscription *subscription =
        &azure->config->source.subscriptions[want->subscription];
    struct text key;
    struct text label;

    text_init(&key);
    text_init(&label);
    text_printf(&key, "%s %s ", subscription->id, feed_name(want->feed));
    azure_want_path(want, azure->config, &key);
    /* Two POSTs to one path may ask for different things. */
    text_append_char(&key, ' ');
    azure_want_members(want, &key);
    struct azure_item *item = map_get(azure->items_by_key, key.data);
    if (!item) {
        text_printf(&label, "%s of %s", feed_name(want->feed),
                    subscription->alias);
        item = azure_item_create(want, key.data, label.data);
        map_put(azure->items_by_key, item->key, item);
        azure->items =
            memory_grow(azure->items, azure->n_items, &azure->items_capacity,
                        sizeof *azure->items);
        azure->items[azure->n_items++] = item;
    }
    item->want.subscription = want->subscription;
    text_clear(&key);
    text_clear(&label);
    return item;
}

static enum api
api_of(const struct azure_want *want)
{
    static const enum api by_feed[N_FEEDS] = {
        [FEED_NSG] = API_NSG,
        [FEED_NIC] = API_NIC,
        [FEED_VNET] = API_VNET,
        [FEED_ASG] = API_ASG,
        [FEED_ROUTE_TABLE] = API_ROUTE_TABLE,
        [FEED_SERVICE_TAGS] = API_SERVICE_TAGS,
        [FEED_ADMIN_RULES] = API_EFFECTIVE_ADMIN_RULES,
        [FEED_NETWORK_MANAGER] = API_NETWORK_MANAGER,
    };

    switch (want->kind) {
    case WANT_SCALE_SET_NICS: return API_VMSS_NIC;
    case WANT_ACTIVE_RULES: return API_ACTIVE_ADMIN_RULES;
    case WANT_GROUP_MEMBERS: return API_NETWORK_GROUP;
    case WANT_MEMBERSHIPS: return API_RESOURCE_GRAPH;
    case WANT_SUBSCRIPTIONS:
    case WANT_DESCENDANTS: return API_SUBSCRIPTION;
    case WANT_LIST:
    case WANT_POINT:
    case WANT_EFFECTIVE_RULES:
    case WANT_SERVICE_TAGS:
    case N_WANT_KINDS: break;
    }
    return by_feed[want->feed];
}

static enum arm_kind
arm_kind_of(enum want_kind kind)
{
    switch (kind) {
    case WANT_EFFECTIVE_RULES:
    case WANT_ACTIVE_RULES: return ARM_POST_LIST;
    case WANT_POINT: return ARM_POINT;
    case WANT_MEMBERSHIPS: return ARM_GRAPH;
    case WANT_GROUP_MEMBERS:
    case WANT_SUBSCRIPTIONS:
    case WANT_DESCENDANTS:
    case WANT_LIST:
    case WANT_SCALE_SET_NICS:
    case WANT_SERVICE_TAGS:
    case N_WANT_KINDS: break;
    }
    return ARM_LIST;
}

/* A feed with a refresh of its own rests in between; after a failure it is
 * tried in every cycle.  Cycles do not come to the millisecond, so that half an
 * interval early is in time. */
static bool
is_due(const struct azure *azure, const struct azure_item *item)
{
    int64_t refresh_ms = azure_refresh_ms(azure, item->want.feed)
                         - azure->config->interval_ms / 2;
    int64_t age_ms =
        azure->clock->wall_ms(azure->clock) - item->last_success_ms;

    return !item->up || age_ms >= refresh_ms || age_ms < 0;
}

bool
azure_item_submit(struct azure *azure, struct azure_item *item)
{
    if (!item->wanted || item->attempted || !is_due(azure, item)) {
        return false;
    }
    const struct config *config = azure->config;
    struct text path;
    struct text members;

    text_init(&path);
    text_init(&members);
    azure_want_path(&item->want, config, &path);
    azure_want_members(&item->want, &members);
    struct arm_request request = {
        .api = api_of(&item->want),
        .kind = arm_kind_of(item->want.kind),
        .scope = item->want.subscription,
        .scope_name =
            config->source.subscriptions[item->want.subscription].alias,
        .path = path.data,
        .array = item->want.kind == WANT_SERVICE_TAGS  ? "values"
                 : item->want.kind == WANT_MEMBERSHIPS ? "data"
                                                       : "value",
        .members = members.data,
        .may_be_gone = item->want.kind == WANT_POINT
                       || item->want.kind == WANT_SCALE_SET_NICS,
    };
    item->owner = azure;
    item->attempted = true;
    item->keeps = azure->keeps || azure->storage;
    item->last_attempt_ms = azure->clock->wall_ms(azure->clock);
    arm_submit(azure->arm, &request, &item_handler, item);
    text_clear(&path);
    text_clear(&members);
    return true;
}

static bool
item_page(void *aux, struct text *body, const struct arm_page *page,
          struct error *error)
{
    struct azure_item *item = aux;

    return azure_item_page(item, body, page, origin_of(item), error);
}

static void
item_failed(struct azure *azure, struct azure_item *item,
            const struct arm_result *result)
{
    azure_item_abandon(item);
    log_debug(
        "reading failed", "feed", feed_name(item->want.feed), "scope",
        azure->config->source.subscriptions[item->want.subscription].alias,
        "resource", item->want.id[0] ? item->want.id : NULL, "error",
        result->error.message, NULL);
    item->up = false;
    item->refused = result->refused;
    snprintf(item->error, sizeof item->error, "%.255s", result->error.message);
    /* Another subscription may be asked for the same; an outage is no reason
     * to. */
    size_t n = azure->config->source.n_subscriptions;
    if (item->want.kind == WANT_SERVICE_TAGS && result->refused
        && azure->tag_attempt % n == item->want.subscription) {
        azure->tag_attempt++;
    }
}

static void
item_done(void *aux, const struct arm_result *result)
{
    struct azure_item *item = aux;
    struct azure *azure = item->owner;
    struct arm_result final = *result;

    item->duration_ms = result->duration_ms;
    if (result->interrupted) {
        azure_item_abandon(item);
        return;
    }
    if (result->ok && result->gone) {
        azure_item_gone(item);
    } else if (result->ok
               && !azure_item_finish(item, origin_of(item), &final.error)) {
        final.ok = false;
        final.failure = FETCH_PARSE;
        counters_fetch_failure(api_of(&item->want), FETCH_PARSE);
    }
    if (!final.ok) {
        item_failed(azure, item, &final);
        return;
    }
    item->up = true;
    item->refused = false;
    item->error[0] = '\0';
    item->last_success_ms = azure->clock->wall_ms(azure->clock);
    azure->stale |= item->changed;
    if (azure->storage && item->unsaved) {
        azure_state_save_item(azure, item);
    }
    if (!azure->keeps) {
        azure_item_forget_documents(item);
    }
}

static const struct arm_handler item_handler = { .page = item_page,
                                                 .done = item_done };

static uint16_t
origin_of(const struct azure_item *item)
{
    return (uint16_t) (item->want.subscription * N_FEEDS);
}

static size_t
list_pages(const void *aux, enum feed feed, size_t subscription)
{
    const struct azure *azure = ((const struct plan_facts *) aux)->azure;

    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_item *item = azure->items[i];
        if (item->want.kind == WANT_LIST && item->want.feed == feed
            && item->want.subscription == subscription) {
            return item->last.n;
        }
    }
    return 0;
}

static size_t
find_links(const void *aux, enum azure_link_kind kind, const char *from,
           const char *const **ids)
{
    const struct plan_facts *facts = aux;

    return azure_links_from(facts->azure, kind, from, facts->arena, ids);
}

static size_t
scale_sets(const void *aux, const char *virtual_network_id,
           const char *const **ids)
{
    return find_links(aux, LINK_SCALE_SETS, virtual_network_id, ids);
}

static size_t
group_members(const void *aux, const char *group_id, const char *const **ids)
{
    return find_links(aux, LINK_MEMBERS, group_id, ids);
}

static size_t
manager_scopes(const void *aux, const char *manager_id,
               const char *const **ids)
{
    return find_links(aux, LINK_SCOPES, manager_id, ids);
}
