/* One pass: collect, compile, judge, render -> snapshot.
 *
 * Threads: one at a time, the scheduler's; only cycle_collect() may run on
 * another while cycle_age() is called. */

#ifndef EXPORTER_CYCLE_H
#define EXPORTER_CYCLE_H

#include <stdbool.h>

struct changes;
struct clock;
struct config;
struct cycle;
struct snapshot;
struct source;

struct cycle_options {
    const struct config *config;
    struct source *source; /* Must outlive the cycle, like all below. */
    const char *storage;   /* The state folder or NULL. */
    struct clock *clock;
    struct changes *changes; /* Where changes are noted, or NULL. */
    bool renders;            /* Snapshots get an exposition. */
};

struct cycle *cycle_create(const struct cycle_options *options);
void cycle_destroy(struct cycle *cycle);

/* What is known before the first collection: every flow unknown, or what
 * the state folder kept.  To be called once, before any other pass. */
struct snapshot *cycle_first(struct cycle *cycle);

/* Makes one pass and returns its snapshot, which the caller owns.  It always
 * returns one: if a feed failed, the snapshot keeps what was last known and
 * says so. */
struct snapshot *cycle_run(struct cycle *cycle);

/* The two halves of cycle_run(): what may wait for others, and the rest. */
void cycle_collect(struct cycle *cycle);
struct snapshot *cycle_finish(struct cycle *cycle);

/* A snapshot without a new collection: the age of the data counts while a
 * collection hangs, so verdicts turn unknown on time.  Returns NULL if nothing
 * would differ from the last snapshot. */
struct snapshot *cycle_age(struct cycle *cycle);

/* From the next pass on, 'config' and 'source' count.  Flows that stay keep
 * their counters. */
void cycle_reconfigure(struct cycle *cycle, const struct config *config,
                       struct source *source);

#endif
