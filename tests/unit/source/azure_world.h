/* An Azure source over a small fake Azure and a simulated clock. */

#ifndef TESTS_UNIT_SOURCE_AZURE_WORLD_H
#define TESTS_UNIT_SOURCE_AZURE_WORLD_H

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/error.h"
#include "engine/judge/judge.h"
#include "engine/judge/verdict.h"
#include "engine/model/network.h"
#include "exporter/source/azure.h"
#include "exporter/source/source.h"
#include "tests/unit/source/estate.h"

struct world {
    struct fake_arm arm;
    const struct config *config;
    struct source *source;
    const struct collection *collection;
};

static inline void
world_open(struct world *world, const struct config *config,
           const char *storage)
{
    struct error error;

    world->config = config;
    world->source = azure_create_with(config, storage, &world->arm.http.clock,
                                      &world->arm.http.up, &error);
    if (!world->source) {
        fail_msg("%s", error.message);
    }
}

static inline void
collect(struct world *world)
{
    world->arm.http.now_ms += 60000;
    text_reset(&world->arm.asked);
    world->arm.n_arm = 0;
    world->collection = source_collect(world->source, world->config);
}

static inline void
world_close(struct world *world)
{
    source_destroy(world->source);
    config_unref(world->config);
    fake_arm_clear(&world->arm);
}

static const struct feed_state *
feed(const struct world *world, size_t subscription, enum feed feed)
{
    return &world->collection->feeds[subscription * N_FEEDS + feed];
}

/* The verdict of a flow over what was collected. */
static const char *
judge(const struct world *world, size_t flow)
{
    static char words[128];
    const struct collection *collection = world->collection;
    struct network *network =
        network_create(collection->parts, collection->n_parts,
                       collection->absent, NULL, NULL);
    struct policies *policies = policies_create();
    struct estate *estate =
        estate_create(network, &world->config->engine, policies);
    struct verdict *verdict =
        estate_judge(estate, &world->config->flows[flow].flow, NULL);

    snprintf(words, sizeof words, "%s %s", verdict_name(verdict->kind),
             reason_name(verdict->reason));
    verdict_unref(verdict);
    estate_destroy(estate);
    policies_destroy(policies);
    network_unref(network);
    return words;
}

static inline bool
asked(const struct world *world, const char *path)
{
    return strstr(world->arm.asked.data, path) != NULL;
}

#endif
