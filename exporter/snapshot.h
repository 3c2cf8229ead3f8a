/* The immutable result of one cycle, and its publisher.
 *
 * A cycle always ends in a snapshot; web and tool only ever read one.  A
 * snapshot holds references to its configuration, verdicts and rendered
 * bytes.
 *
 * Threads: a published snapshot is immutable.  publisher_acquire() may be
 * called from any thread; references count under the publisher's lock or
 * atomically. */

#ifndef EXPORTER_SNAPSHOT_H
#define EXPORTER_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "engine/judge/verdict.h"
#include "exporter/source/feed.h"

struct ages;
struct exposition;
struct network;

/* One flow in one snapshot. */
struct flow_result {
    const struct config_flow *flow;
    const struct verdict *verdict;
    bool violated;
    int64_t data_timestamp_ms; /* Oldest feed it rests on; 0: none yet. */
    int64_t last_change_ms;    /* 0: never judged. */
    uint64_t verdict_changes;
    uint64_t decision_changes;
    uint64_t evaluation_failures;
};

enum cycle_phase {
    PHASE_FETCH,
    PHASE_COMPILE,
    PHASE_EVALUATE,
    PHASE_RENDER,
    N_PHASES
};

/* Counts of rules and rule sets, for metrics. */
struct rule_counts {
    size_t nsgs, nsg_rules[2]; /* By enum direction. */
    size_t admin_sets, admin_rules[2];
};

struct snapshot {
    const struct config *config;
    struct network *network;     /* NULL before the first collection. */
    struct flow_result *results; /* One a flow of the configuration. */
    size_t n_results;
    const struct feed_state *feeds;
    size_t n_feeds;
    const struct ages *ages;     /* Of the feeds; see cycle_age.h. */
    const char *const *findings; /* Of the source, for the status page. */
    size_t n_findings;
    int64_t evaluated_at_ms; /* Wall clock at the end of the cycle. */
    bool ready;              /* A complete cycle ended, or state was loaded
                                * that is younger than max_age. */
    struct rule_counts rules;
    uint64_t cycles; /* Since the start, this one included. */
    uint64_t cycle_failures;
    int64_t cycle_last_success_ms;
    double cycle_seconds;
    double phase_seconds[N_PHASES];
    uint64_t failures_by_reason[N_REASONS]; /* Counter. */
    struct exposition *exposition;          /* /metrics, rendered once. */
    /* How the reference to it is given back. */
    void (*exposition_unref)(const struct exposition *);
};

struct snapshot *snapshot_create(const struct config *config);
struct snapshot *snapshot_ref(const struct snapshot *snapshot);
void snapshot_unref(const struct snapshot *snapshot);
/* The arena for what lives as long as the snapshot. */
struct arena *snapshot_arena(struct snapshot *snapshot);
const struct flow_result *snapshot_find(const struct snapshot *snapshot,
                                        const char *flow_name);

struct publisher;
struct publisher *publisher_create(void);
void publisher_destroy(struct publisher *publisher);
/* Takes over the caller's reference. */
void publisher_publish(struct publisher *publisher, struct snapshot *snapshot);
/* Returns the newest snapshot with a reference for the caller; NULL before
 * the first. */
const struct snapshot *publisher_acquire(struct publisher *publisher);

#endif
