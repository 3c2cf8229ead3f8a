/* Where documents come from: Azure or a folder.
 *
 * A source keeps what it last read.  source_collect() tries to bring it up to
 * date and always leaves a usable collection: a feed that failed keeps its
 * last good parts and says so in its state.
 *
 * Threads: one at a time (the scheduler's). */

#ifndef EXPORTER_SOURCE_SOURCE_H
#define EXPORTER_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/model/network.h"
#include "exporter/source/feed.h"

struct clock;
struct config;
struct flow;
struct source;

/* What a source has, valid until the next source_collect(). */
struct collection {
    const struct network_part *const *parts;
    size_t n_parts;
    /* Feed number i is origin i of the resources in the parts. */
    const struct feed_state *feeds;
    size_t n_feeds;
    /* The parts are not the same as after the last call: put the network
     * together again. */
    bool changed;
    /* Every feed has data: the estate is known as a whole. */
    bool complete;
    /* Every feed succeeded in this call. */
    bool succeeded;
    enum admin_rules_absent absent;
    /* One line for each file or resource that was refused or is odd. */
    const char *const *findings;
    size_t n_findings;
};

struct source_class {
    const struct collection *(*collect)(struct source *,
                                        const struct config *);
    /* Returns what the state folder kept of an earlier run, without asking
     * anybody, or NULL.  May be NULL: nothing is ever kept. */
    const struct collection *(*stored)(struct source *);
    /* Returns the feeds as they are before the first collect(). */
    const struct feed_state *(*feeds)(const struct source *, size_t *n);
    /* Asks a collect() that runs on another thread to end soon.  May be NULL:
     * it never waits for anybody. */
    void (*interrupt)(struct source *);
    /* See source_add_flow().  May be NULL: everything is read anyway. */
    void (*add_flow)(struct source *, const struct flow *);
    void (*destroy)(struct source *);
};

struct source {
    const struct source_class *class;
};

/* Makes the source that the configuration asks for.  'storage' is the state
 * folder or NULL.  Returns NULL and fills 'error' if it cannot be. */
struct error;
struct source *source_create(const struct config *config, const char *storage,
                             struct clock *clock, struct error *error);
/* What is left of an earlier run; NULL if nothing is. */
const struct collection *source_stored(struct source *source);
/* The feeds that will be read, for what is shown before they are. */
const struct feed_state *source_feeds(const struct source *source, size_t *n);
const struct collection *source_collect(struct source *source,
                                        const struct config *config);
void source_interrupt(struct source *source);
/* Asks that what 'flow' needs is read beside what the configured flows need;
 * 'flow' must outlive the source. */
void source_add_flow(struct source *source, const struct flow *flow);
void source_destroy(struct source *source);
/* Returns true if both configurations ask for the same source, so that what
 * it has read may stay. */
bool source_settings_equal(const struct config *left,
                           const struct config *right);

/* The directory source: reads all *.json below config->source.path. */
struct source *directory_create(const struct config *config,
                                struct clock *clock);

/* The Azure source (exporter/source/azure.c). */
struct source *azure_create(const struct config *config, const char *storage,
                            struct clock *clock, struct error *error);

#endif
