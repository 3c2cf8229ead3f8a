#include "exporter/source/azure_needs.h"

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/model/arm_id.h"

static void add_need(struct needs *needs, enum feed feed, size_t subscription,
                     struct azure_plan *plan, struct azure_want *wants);

void
needs_init(struct needs *needs, const struct azure_facts *facts,
           struct arena *arena)
{
    size_t n = facts->config->source.n_subscriptions;

    *needs = (struct needs){
        .facts = facts,
        .arena = arena,
        .by_subscription =
            arena_alloc_array(arena, n, sizeof *needs->by_subscription),
        .others = map_create(arena),
    };
    for (size_t i = 0; i < n; i++) {
        for (size_t feed = 0; feed < N_FEEDS; feed++) {
            needs->by_subscription[i][feed].ids = map_create(arena);
        }
    }
}

size_t
needs_subscription(const struct needs *needs, const char *id)
{
    const struct config_source *source = &needs->facts->config->source;
    const char *value = arm_id_segment(needs->arena, id, "subscriptions");

    for (size_t i = 0; i < source->n_subscriptions; i++) {
        if (ascii_equal(source->subscriptions[i].id, value)) {
            return i;
        }
    }
    return source->n_subscriptions;
}

void
needs_list(struct needs *needs, enum feed feed, size_t subscription)
{
    needs->by_subscription[subscription][feed].list = true;
}

void
needs_all_lists(struct needs *needs, enum feed feed)
{
    size_t n = needs->facts->config->source.n_subscriptions;

    for (size_t i = 0; i < n; i++) {
        needs->by_subscription[i][feed].list = true;
    }
}

void
needs_id(struct needs *needs, enum feed feed, const char *id)
{
    static bool yes = true;
    size_t subscription = needs_subscription(needs, id);

    if (subscription < needs->facts->config->source.n_subscriptions) {
        map_put(needs->by_subscription[subscription][feed].ids, id, &yes);
    }
}

void
needs_other(struct needs *needs, enum want_kind kind, enum feed feed,
            const char *of, const char *id, const char *region)
{
    size_t subscription = needs_subscription(needs, of);
    const char *key =
        arena_printf(needs->arena, "%d %s %s", (int) kind, region, id);

    if (subscription < needs->facts->config->source.n_subscriptions
        && !map_get(needs->others, key)) {
        struct azure_want *want = arena_alloc(needs->arena, sizeof *want);
        *want = (struct azure_want){ .kind = kind,
                                     .feed = feed,
                                     .subscription = subscription,
                                     .id = id,
                                     .region = region };
        map_put(needs->others, key, want);
    }
}

struct azure_plan
needs_finish(struct needs *needs)
{
    size_t n_subscriptions = needs->facts->config->source.n_subscriptions;
    size_t n = map_count(needs->others);

    for (size_t i = 0; i < n_subscriptions; i++) {
        for (size_t feed = 0; feed < N_FEEDS; feed++) {
            n += map_count(needs->by_subscription[i][feed].ids) + 1;
        }
    }
    struct azure_want *wants =
        arena_alloc_array(needs->arena, n, sizeof *wants);
    struct azure_plan plan = { .wants = wants };
    /* Feed by feed, so that at first each subscription is asked once. */
    for (enum feed feed = FEED_NSG; feed < N_FEEDS; feed++) {
        for (size_t i = 0; i < n_subscriptions; i++) {
            add_need(needs, feed, i, &plan, wants);
        }
    }
    for (size_t i = 0; i < map_count(needs->others); i++) {
        const char *key;
        void *want;
        map_entry(needs->others, i, &key, &want);
        wants[plan.n_wants++] = *(const struct azure_want *) want;
    }
    return plan;
}

static size_t
list_cost(const struct needs *needs, enum feed feed, size_t subscription)
{
    const struct azure_facts *facts = needs->facts;
    size_t pages = facts->list_pages(facts->aux, feed, subscription);

    return pages ? pages : AZURE_LIST_PAGES_ASSUMED;
}

static void
add_need(struct needs *needs, enum feed feed, size_t subscription,
         struct azure_plan *plan, struct azure_want *wants)
{
    struct need *need = &needs->by_subscription[subscription][feed];
    size_t n = map_count(need->ids);

    if (need->list || n > list_cost(needs, feed, subscription)) {
        wants[plan->n_wants++] = (struct azure_want){
            .kind = WANT_LIST,
            .feed = feed,
            .subscription = subscription,
            .id = "",
            .region = "",
        };
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const char *id;
        void *unused;
        map_entry(need->ids, i, &id, &unused);
        wants[plan->n_wants++] = (struct azure_want){
            .kind = WANT_POINT,
            .feed = feed,
            .subscription = subscription,
            .id = id,
            .region = "",
        };
    }
}
