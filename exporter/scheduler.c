#include "exporter/scheduler.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/config.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "exporter/clock.h"
#include "exporter/counters.h"
#include "exporter/cycle.h"
#include "exporter/log.h"
#include "exporter/scheduler_plan.h"
#include "exporter/snapshot.h"
#include "exporter/source/source.h"
#include "exporter/state.h"

/* How often the data is looked at for its age, and life is shown. */
enum { TICK_MS = 1000, NUDGE_MS = 50 };

/* What the collector's thread is doing. */
enum collecting { COLLECTING_IDLE, COLLECTING_BUSY, COLLECTING_DONE };

struct scheduler {
    struct scheduler_options options;
    pthread_t thread; /* Owns the cycle, but for what is being collected. */
    pthread_t collector;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* Some member below did. */
    bool stopping;          /* Guarded by 'lock', as all below. */
    bool woken;
    enum collecting collecting;
    /* A configuration that waits to be taken over, and its source; NULL. */
    const struct config *next_config;
    struct source *next_source;
    bool discards; /* What is being collected is of no use any more. */
    /* What is in use. */
    const struct config *config;
    struct source *source;

    struct cycle *cycle;
    struct plan plan; /* The scheduler's thread only. */
};

static void *run_scheduler(void *aux);
static void *run_collector(void *aux);
static void step(struct scheduler *scheduler);
static void take_configuration(struct scheduler *scheduler);
static void finish_cycle(struct scheduler *scheduler);
static void age_data(struct scheduler *scheduler);
static void wait_for_more(struct scheduler *scheduler);
static void publish(struct scheduler *scheduler, struct snapshot *snapshot);
static bool refuse(struct text *errors, struct error *error);

static int64_t
monotonic_ms(const struct scheduler *scheduler)
{
    struct clock *clock = scheduler->options.clock;

    return clock->monotonic_ms(clock);
}

static void
count_reload(const struct scheduler_options *options, bool succeeded)
{
    counters_reload(succeeded, options->clock->wall_ms(options->clock));
}

struct scheduler *
scheduler_start(const struct scheduler_options *options, struct text *errors)
{
    struct error error;
    struct source *source = NULL;
    const struct config *config = options->load(options->aux, errors);

    if (!config) {
        return NULL;
    }
    if (!options->storage || state_open(options->storage, &error)) {
        source =
            options->open(config, options->storage, options->clock, &error);
    }
    if (!source) {
        text_printf(errors, "%s\n", error.message);
        config_unref(config);
        return NULL;
    }
    struct scheduler *scheduler = memory_calloc(1, sizeof *scheduler);
    pthread_condattr_t attributes;
    scheduler->options = *options;
    scheduler->config = config;
    scheduler->source = source;
    scheduler->cycle = cycle_create(&(struct cycle_options){
        .config = config,
        .source = source,
        .storage = options->storage,
        .clock = options->clock,
        .changes = options->changes,
        .renders = true,
    });
    plan_init(&scheduler->plan, options->seed, monotonic_ms(scheduler));
    count_reload(options, true);
    publisher_publish(options->publisher, cycle_first(scheduler->cycle));
    pthread_mutex_init(&scheduler->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&scheduler->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_create(&scheduler->collector, NULL, run_collector, scheduler);
    pthread_create(&scheduler->thread, NULL, run_scheduler, scheduler);
    return scheduler;
}

bool
scheduler_reload(struct scheduler *scheduler, struct error *error)
{
    const struct scheduler_options *options = &scheduler->options;
    struct text errors;

    text_init(&errors);
    const struct config *config = options->load(options->aux, &errors);
    if (!config) {
        count_reload(options, false);
        return refuse(&errors, error);
    }
    /* Whatever is wrong with the source must show before the old one goes. */
    struct source *source =
        options->open(config, options->storage, options->clock, error);
    if (!source) {
        text_printf(&errors, "%s\n", error->message);
        config_unref(config);
        count_reload(options, false);
        return refuse(&errors, error);
    }
    text_clear(&errors);

    pthread_mutex_lock(&scheduler->lock);
    const struct config *old_config = scheduler->next_config;
    struct source *old_source = scheduler->next_source;
    scheduler->next_config = config;
    scheduler->next_source = source;
    if (scheduler->collecting == COLLECTING_BUSY
        && !source_settings_equal(scheduler->config, config)) {
        scheduler->discards = true;
        source_interrupt(scheduler->source);
    }
    pthread_cond_broadcast(&scheduler->changed);
    pthread_mutex_unlock(&scheduler->lock);
    config_unref(old_config);
    source_destroy(old_source);
    count_reload(options, true);
    log_info("configuration read again", "config", config->path, NULL);
    return true;
}

void
scheduler_wake(struct scheduler *scheduler)
{
    pthread_mutex_lock(&scheduler->lock);
    scheduler->woken = true;
    pthread_cond_broadcast(&scheduler->changed);
    pthread_mutex_unlock(&scheduler->lock);
}

void
scheduler_stop(struct scheduler *scheduler)
{
    if (!scheduler) {
        return;
    }
    pthread_mutex_lock(&scheduler->lock);
    scheduler->stopping = true;
    pthread_cond_broadcast(&scheduler->changed);
    pthread_mutex_unlock(&scheduler->lock);
    pthread_join(scheduler->thread, NULL);
    pthread_join(scheduler->collector, NULL);

    cycle_destroy(scheduler->cycle);
    source_destroy(scheduler->source);
    source_destroy(scheduler->next_source);
    config_unref(scheduler->config);
    config_unref(scheduler->next_config);
    pthread_cond_destroy(&scheduler->changed);
    pthread_mutex_destroy(&scheduler->lock);
    free(scheduler);
}

/* The collector: makes one collection after the other, when told to. */
static void *
run_collector(void *aux)
{
    struct scheduler *scheduler = aux;

    pthread_mutex_lock(&scheduler->lock);
    while (!scheduler->stopping) {
        if (scheduler->collecting != COLLECTING_BUSY) {
            pthread_cond_wait(&scheduler->changed, &scheduler->lock);
            continue;
        }
        pthread_mutex_unlock(&scheduler->lock);
        cycle_collect(scheduler->cycle);
        pthread_mutex_lock(&scheduler->lock);
        scheduler->collecting = COLLECTING_DONE;
        pthread_cond_broadcast(&scheduler->changed);
    }
    /* Nobody will do what may just have been ordered. */
    scheduler->collecting = COLLECTING_IDLE;
    pthread_cond_broadcast(&scheduler->changed);
    pthread_mutex_unlock(&scheduler->lock);
    return NULL;
}

static void *
run_scheduler(void *aux)
{
    struct scheduler *scheduler = aux;

    pthread_mutex_lock(&scheduler->lock);
    while (!scheduler->stopping) {
        step(scheduler);
        if (!scheduler->stopping) {
            wait_for_more(scheduler);
        }
    }
    /* A collection may be under way, or about to begin: it is asked until it
     * has ended. */
    while (scheduler->collecting == COLLECTING_BUSY) {
        source_interrupt(scheduler->source);
        wait_for_more(scheduler);
    }
    pthread_mutex_unlock(&scheduler->lock);
    return NULL;
}

/* Does what is to be done now.  Called, and returns, with the lock held; while
 * it works on the cycle it gives the lock away. */
static void
step(struct scheduler *scheduler)
{
    if (scheduler->collecting == COLLECTING_DONE && scheduler->discards) {
        scheduler->collecting = COLLECTING_IDLE;
    } else if (scheduler->collecting == COLLECTING_DONE) {
        finish_cycle(scheduler);
    }
    if (scheduler->collecting == COLLECTING_IDLE && scheduler->next_config) {
        take_configuration(scheduler);
    }
    /* The collector may have ended while this thread was at work. */
    if (!scheduler->stopping && scheduler->collecting == COLLECTING_IDLE
        && monotonic_ms(scheduler) >= scheduler->plan.due_ms) {
        plan_began(&scheduler->plan, monotonic_ms(scheduler));
        scheduler->collecting = COLLECTING_BUSY;
        pthread_cond_broadcast(&scheduler->changed);
    }
    age_data(scheduler);
}

static void
take_configuration(struct scheduler *scheduler)
{
    const struct config *old_config = scheduler->config;
    struct source *old_source = scheduler->source;

    scheduler->config = scheduler->next_config;
    scheduler->source = scheduler->next_source;
    scheduler->next_config = NULL;
    scheduler->next_source = NULL;
    scheduler->discards = false;
    /* What was read stays, if it would be read from the same place. */
    if (source_settings_equal(old_config, scheduler->config)) {
        struct source *unused = scheduler->source;
        scheduler->source = old_source;
        old_source = unused;
    }
    pthread_mutex_unlock(&scheduler->lock);
    cycle_reconfigure(scheduler->cycle, scheduler->config, scheduler->source);
    source_destroy(old_source);
    config_unref(old_config);
    plan_hurry(&scheduler->plan, monotonic_ms(scheduler));
    pthread_mutex_lock(&scheduler->lock);
}

static void
finish_cycle(struct scheduler *scheduler)
{
    scheduler->collecting = COLLECTING_IDLE;
    pthread_mutex_unlock(&scheduler->lock);
    struct snapshot *snapshot = cycle_finish(scheduler->cycle);
    plan_ended(&scheduler->plan, scheduler->config->interval_ms,
               monotonic_ms(scheduler));
    publish(scheduler, snapshot);
    pthread_mutex_lock(&scheduler->lock);
}

static void
age_data(struct scheduler *scheduler)
{
    const struct scheduler_options *options = &scheduler->options;

    pthread_mutex_unlock(&scheduler->lock);
    struct snapshot *snapshot = cycle_age(scheduler->cycle);
    if (snapshot) {
        publish(scheduler, snapshot);
    } else if (options->alive) {
        options->alive(options->aux, NULL);
    }
    pthread_mutex_lock(&scheduler->lock);
}

/* Waits until something changed, the next cycle is due, or it is time to look
 * at the age of the data. */
static void
wait_for_more(struct scheduler *scheduler)
{
    int64_t wait_ms = TICK_MS;
    struct timespec until;

    if (scheduler->woken || scheduler->collecting == COLLECTING_DONE
        || (scheduler->collecting == COLLECTING_IDLE
            && scheduler->next_config)) {
        scheduler->woken = false;
        return;
    }
    if (scheduler->stopping) {
        wait_ms = NUDGE_MS;
    } else if (scheduler->collecting == COLLECTING_IDLE) {
        int64_t left_ms = scheduler->plan.due_ms - monotonic_ms(scheduler);
        wait_ms = left_ms < TICK_MS ? left_ms : TICK_MS;
    }
    if (wait_ms > 0) {
        (void) clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long) wait_ms * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        (void) pthread_cond_timedwait(&scheduler->changed, &scheduler->lock,
                                      &until);
    }
    scheduler->woken = false;
}

static void
publish(struct scheduler *scheduler, struct snapshot *snapshot)
{
    const struct scheduler_options *options = &scheduler->options;
    struct snapshot *shown = snapshot_ref(snapshot);

    publisher_publish(options->publisher, snapshot);
    if (options->alive) {
        options->alive(options->aux, shown);
    }
    snapshot_unref(shown);
}

/* Logs why a configuration was refused; 'error' gets the first line. */
static bool
refuse(struct text *errors, struct error *error)
{
    char *line = errors->data;
    bool first = true;

    while (*line) {
        size_t length = strcspn(line, "\n");
        bool more = line[length] != '\0';
        line[length] = '\0';
        log_error("configuration refused, the old one stays", "error", line,
                  NULL);
        if (first) {
            (void) error_set(error, "%s", line);
            first = false;
        }
        line += length + more;
    }
    text_clear(errors);
    return false;
}
