/* The Azure source: plans, reads, keeps, reports. */

#include "exporter/source/azure.h"

#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/base/memory.h"
#include "engine/model/network.h"
#include "exporter/clock.h"
#include "exporter/source/arm.h"
#include "exporter/source/azure_source.h"
#include "exporter/source/http.h"
#include "exporter/source/http_curl.h"
#include "exporter/source/token.h"
#include "exporter/state.h"

/* New things come up in few rounds: NICs, networks, groups, members. */
enum { ROUNDS_MAX = 10, COLLECTION_MIN_MS = 60000 };

static const struct source_class azure_class;

static bool open_storage(struct azure *azure, const char *storage,
                         struct error *error);
static bool read_round(struct azure *azure, int64_t started_ms);

struct source *
azure_create(const struct config *config, const char *storage,
             struct clock *clock, struct error *error)
{
    struct http *http = http_curl_create(config->source.ca_file, error);

    return http ? azure_create_with(config, storage, clock, http, error)
                : NULL;
}

struct source *
azure_create_with(const struct config *config, const char *storage,
                  struct clock *clock, struct http *http, struct error *error)
{
    struct azure *azure = memory_calloc(1, sizeof *azure);

    azure->source.class = &azure_class;
    azure->config = config_ref(config);
    azure->clock = clock;
    azure->http = http;
    azure->arena = arena_create();
    azure->items_by_key = map_create(azure->arena);
    azure->token = token_create(&config->source, http, clock, error);
    struct arm_options options = {
        .http = http,
        .clock = clock,
        .token = azure->token,
        .endpoint = token_arm_endpoint(&config->source),
        .request_timeout_ms = config->source.request_timeout_ms,
        .seed = (uint32_t) clock->wall_ms(clock) ^ (uint32_t) getpid(),
    };
    azure->arm = azure->token ? arm_create(&options, error) : NULL;
    if (!azure->arm || !open_storage(azure, storage, error)) {
        source_destroy(&azure->source);
        return NULL;
    }
    azure_feeds_init(azure);
    if (azure->storage) {
        azure_state_load(azure);
    }
    return &azure->source;
}

void
azure_keep_documents(struct source *source)
{
    struct azure *azure = (struct azure *) source;

    azure->keeps = true;
}

static bool
open_storage(struct azure *azure, const char *storage, struct error *error)
{
    if (!storage) {
        return true;
    }
    if (!state_open(storage, error)) {
        return false;
    }
    azure->storage = arena_strdup(azure->arena, storage);
    return true;
}

static const struct collection *
azure_collect(struct source *source, const struct config *config)
{
    struct azure *azure = (struct azure *) source;
    int64_t started_ms = azure->clock->monotonic_ms(azure->clock);

    if (config != azure->config) {
        config_unref(azure->config);
        azure->config = config_ref(config);
    }
    azure->changed = false;
    for (size_t i = 0; i < azure->n_items; i++) {
        azure->items[i]->attempted = false;
    }
    for (unsigned int i = 0; i < ROUNDS_MAX; i++) {
        azure_plan_apply(azure);
        if (!read_round(azure, started_ms)) {
            break;
        }
    }
    azure_plan_trim(azure);
    azure_groups_resolve(azure);
    azure_network_update(azure);
    azure_feeds_update(azure);
    if (azure->storage) {
        azure_state_save_times(azure);
    }
    http_resume(azure->http);
    azure->collected = true;
    return azure_collection(azure);
}

static const struct collection *
azure_stored(struct source *source)
{
    struct azure *azure = (struct azure *) source;

    if (!azure->restored) {
        return NULL;
    }
    azure_plan_apply(azure);
    azure_groups_resolve(azure);
    azure_network_update(azure);
    azure_feeds_update(azure);
    return azure_collection(azure);
}

static const struct feed_state *
azure_feeds(const struct source *source, size_t *n)
{
    const struct azure *azure = (const struct azure *) source;

    *n = azure->n_feeds;
    return azure->feeds;
}

static void
azure_interrupt(struct source *source)
{
    http_interrupt(((struct azure *) source)->http);
}

static void
azure_add_flow(struct source *source, const struct flow *flow)
{
    struct azure *azure = (struct azure *) source;

    azure->flow = flow;
}

static void
azure_destroy(struct source *source)
{
    struct azure *azure = (struct azure *) source;

    arm_destroy(azure->arm);
    token_destroy(azure->token);
    http_destroy(azure->http);
    for (size_t i = 0; i < azure->n_items; i++) {
        azure_item_destroy(azure->items[i]);
    }
    free(azure->items);
    azure_feeds_clear(azure);
    network_unref(azure->network);
    config_unref(azure->config);
    arena_unref(azure->arena);
    free(azure);
}

static const struct source_class azure_class = {
    .collect = azure_collect,
    .stored = azure_stored,
    .feeds = azure_feeds,
    .interrupt = azure_interrupt,
    .add_flow = azure_add_flow,
    .destroy = azure_destroy,
};

/* Reads what is wanted, due, and was not tried in this collection.  Returns
 * false if there was nothing of the kind, or no time is left. */
static bool
read_round(struct azure *azure, int64_t started_ms)
{
    const struct config *config = azure->config;
    int64_t length_ms = 3 * config->interval_ms;
    size_t n = 0;

    for (size_t i = 0; i < azure->n_items; i++) {
        n += azure_item_submit(azure, azure->items[i]);
    }
    if (!n) {
        return false;
    }
    arm_run(
        azure->arm, started_ms + config->interval_ms,
        started_ms
            + (length_ms > COLLECTION_MIN_MS ? length_ms : COLLECTION_MIN_MS));
    azure_network_update(azure);
    return !http_interrupted(azure->http);
}
