/* The thread that repeats the cycle: interval, jitter, no overlap, reload,
 * stop.
 *
 * Collection waits for others, so it has a thread of its own; meanwhile the
 * scheduler's thread lets the data age, so that verdicts turn unknown on time
 * even while a request hangs. */

#ifndef EXPORTER_SCHEDULER_H
#define EXPORTER_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

struct changes;
struct clock;
struct config;
struct error;
struct publisher;
struct scheduler;
struct snapshot;
struct source;
struct text;

struct scheduler_options {
    /* Reads the configuration; NULL, with lines in 'errors', if it is bad. */
    struct config *(*load)(void *aux, struct text *errors);
    /* Makes the source of a configuration: source_create(). */
    struct source *(*open)(const struct config *config, const char *storage,
                           struct clock *clock, struct error *error);
    const char *storage; /* Or NULL. */
    struct clock *clock;
    struct publisher *publisher;
    struct changes *changes;
    uint64_t seed; /* Of the jitter: equal seeds, equal times. */
    /* Called on the scheduler's thread, after a cycle with its snapshot, and
     * with NULL once a second as a sign of life.  May be NULL. */
    void (*alive)(void *aux, const struct snapshot *snapshot);
    void *aux; /* Of 'load' and 'alive'. */
};

/* Loads the configuration and starts the threads; the first snapshot (all
 * unknown, or what the state folder kept) is published before it returns.
 * On failure 'errors' has one or more lines. */
struct scheduler *scheduler_start(const struct scheduler_options *options,
                                  struct text *errors);

/* Loads the configuration again and lets the thread take it over at once.  A
 * bad configuration is refused whole, logged, and counted; 'error' has its
 * first line.  May be called from any thread. */
bool scheduler_reload(struct scheduler *scheduler, struct error *error);

/* Makes the thread look at the clock again: for tests that move it. */
void scheduler_wake(struct scheduler *scheduler);

/* Ends the threads in well under a second, even in mid-collection. */
void scheduler_stop(struct scheduler *scheduler);

#endif
