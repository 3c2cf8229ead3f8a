#include "exporter/snapshot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/model/network.h"

/* A snapshot with what only this file looks into. */
struct counted {
    struct snapshot snapshot; /* First, so that one leads to the other. */
    atomic_uint references;
    struct arena *arena;
};

struct publisher {
    pthread_mutex_t lock;
    const struct snapshot *newest; /* Guarded by 'lock'; may be NULL. */
};

/* A reader holds a const snapshot and may still end it. */
static struct counted *
counted_of(const struct snapshot *snapshot)
{
    union {
        const struct snapshot *shared;
        struct counted *counted;
    } pointer = { .shared = snapshot };

    return pointer.counted;
}

struct snapshot *
snapshot_create(const struct config *config)
{
    struct counted *counted = memory_calloc(1, sizeof *counted);
    struct snapshot *snapshot = &counted->snapshot;

    atomic_init(&counted->references, 1);
    counted->arena = arena_create();
    snapshot->config = config_ref(config);
    snapshot->n_results = config->n_flows;
    snapshot->results = arena_alloc_array(counted->arena, config->n_flows,
                                          sizeof *snapshot->results);
    for (size_t i = 0; i < config->n_flows; i++) {
        snapshot->results[i].flow = &config->flows[i];
    }
    return snapshot;
}

struct snapshot *
snapshot_ref(const struct snapshot *snapshot)
{
    if (!snapshot) {
        return NULL;
    }
    struct counted *counted = counted_of(snapshot);
    atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);
    return &counted->snapshot;
}

void
snapshot_unref(const struct snapshot *snapshot)
{
    if (!snapshot) {
        return;
    }
    struct counted *counted = counted_of(snapshot);
    if (atomic_fetch_sub_explicit(&counted->references, 1,
                                  memory_order_acq_rel)
        > 1) {
        return;
    }
    for (size_t i = 0; i < snapshot->n_results; i++) {
        verdict_unref(snapshot->results[i].verdict);
    }
    if (snapshot->exposition) {
        snapshot->exposition_unref(snapshot->exposition);
    }
    network_unref(snapshot->network);
    config_unref(snapshot->config);
    arena_unref(counted->arena);
    free(counted);
}

struct arena *
snapshot_arena(struct snapshot *snapshot)
{
    return counted_of(snapshot)->arena;
}

const struct flow_result *
snapshot_find(const struct snapshot *snapshot, const char *flow_name)
{
    for (size_t i = 0; i < snapshot->n_results; i++) {
        const struct flow_result *result = &snapshot->results[i];
        if (strcmp(result->flow->flow.name, flow_name) == 0) {
            return result;
        }
    }
    return NULL;
}

struct publisher *
publisher_create(void)
{
    struct publisher *publisher = memory_calloc(1, sizeof *publisher);

    pthread_mutex_init(&publisher->lock, NULL);
    return publisher;
}

void
publisher_destroy(struct publisher *publisher)
{
    if (publisher) {
        snapshot_unref(publisher->newest);
        pthread_mutex_destroy(&publisher->lock);
        free(publisher);
    }
}

void
publisher_publish(struct publisher *publisher, struct snapshot *snapshot)
{
    pthread_mutex_lock(&publisher->lock);
    const struct snapshot *old = publisher->newest;
    publisher->newest = snapshot;
    pthread_mutex_unlock(&publisher->lock);
    /* Ending a large snapshot takes a while; nobody waits for it. */
    snapshot_unref(old);
}

const struct snapshot *
publisher_acquire(struct publisher *publisher)
{
    /* Loading the pointer and counting the reader must be one step: between
     * the two, a writer could publish and free what was loaded. */
    pthread_mutex_lock(&publisher->lock);
    const struct snapshot *newest = snapshot_ref(publisher->newest);
    pthread_mutex_unlock(&publisher->lock);
    return newest;
}
