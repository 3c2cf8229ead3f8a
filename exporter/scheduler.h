/* The thread that repeats the cycle: interval, jitter, no overlap, reload,
 * stop. */

#ifndef EXPORTER_SCHEDULER_H
#define EXPORTER_SCHEDULER_H

#include <stdbool.h>

struct changes;
struct clock;
struct config;
struct error;
struct publisher;
struct scheduler;

struct scheduler_options {
    const char *config_path;
    const char *storage; /* Or NULL. */
    struct clock *clock;
    struct publisher *publisher;
    struct changes *changes;
    /* Called after each cycle, on the scheduler's thread (watchdog). */
    void (*after_cycle)(void *aux);
    void *aux;
};

/* Starts the thread; the first snapshot (all unknown, or loaded state) is
 * published before it returns.  'config' is the loaded configuration. */
struct scheduler *scheduler_start(const struct scheduler_options *options,
                                  const struct config *config,
                                  struct error *error);

/* Reads the configuration again and lets the thread take it over.  A bad
 * configuration is refused whole, logged, and counted; 'error' has its first
 * line.  May be called from any thread. */
bool scheduler_reload(struct scheduler *scheduler, struct error *error);

/* Ends the thread in well under a second, even in mid-collection; state is
 * saved. */
void scheduler_stop(struct scheduler *scheduler);

#endif
