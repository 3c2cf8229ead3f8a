#include "exporter/cycle.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/model/network.h"
#include "exporter/clock.h"
#include "exporter/cycle_age.h"
#include "exporter/cycle_flow.h"
#include "exporter/cycle_note.h"
#include "exporter/cycle_state.h"
#include "exporter/cycle_world.h"
#include "exporter/render/exposition.h"
#include "exporter/snapshot.h"
#include "exporter/source/source.h"

/* Why flows are shown anew.  Only an evaluation can be a failed one. */
enum pass { PASS_FIRST, PASS_AGE, PASS_JUDGED };

/* What every snapshot tells about the passes so far. */
struct totals {
    uint64_t cycles;
    uint64_t failures;
    int64_t last_success_ms;
    bool ready;
    uint64_t failures_by_reason[N_REASONS];
};

struct cycle {
    struct cycle_options options; /* 'config' and 'source' change. */
    struct cycle_flow *flows;     /* One a flow of the configuration. */
    size_t n_flows;
    struct world *world;
    struct ages *ages;
    bool other_feeds; /* The next collection's have other numbers. */
    struct notes *notes;
    struct cycle_state *state; /* NULL without a state folder. */
    struct snapshot *last;     /* The newest; NULL before the first. */
    struct totals totals;
    double render_seconds; /* Of the last snapshot. */
    /* What cycle_collect() leaves for cycle_finish(). */
    const struct collection *collection;
    int64_t started_ms;
    double fetch_seconds;
};

static struct snapshot *judge_collection(struct cycle *cycle,
                                         const struct collection *collection);
static void show_flows(struct cycle *cycle, struct snapshot *snapshot,
                       enum pass pass);
static void show_flow(struct cycle *cycle, struct flow_result *result,
                      size_t i, enum pass pass);
static void take_feeds(struct snapshot *snapshot,
                       const struct feed_state *feeds, size_t n);
static void take_findings(struct cycle *cycle, struct snapshot *snapshot,
                          const struct collection *collection);
static void take_last(struct snapshot *snapshot, const struct snapshot *last);
static struct snapshot *seal(struct cycle *cycle, struct snapshot *snapshot);
static double lap(struct clock *clock, int64_t *since_ms);

struct cycle *
cycle_create(const struct cycle_options *options)
{
    struct cycle *cycle = memory_calloc(1, sizeof *cycle);

    cycle->options = *options;
    cycle->options.config = config_ref(options->config);
    cycle->n_flows = options->config->n_flows;
    cycle->flows = cycle_flows_create(options->config, NULL, 0);
    cycle->world = world_create();
    cycle->ages = ages_create();
    cycle->notes = notes_create(options->changes);
    if (options->storage) {
        cycle->state = cycle_state_create(options->storage);
    }
    return cycle;
}

void
cycle_destroy(struct cycle *cycle)
{
    if (!cycle) {
        return;
    }
    if (cycle->state && cycle->totals.cycles) {
        cycle_state_save(cycle->state, cycle->flows, cycle->n_flows,
                         cycle->options.changes);
    }
    cycle_state_destroy(cycle->state);
    snapshot_unref(cycle->last);
    cycle_flows_destroy(cycle->flows, cycle->n_flows);
    notes_destroy(cycle->notes);
    ages_destroy(cycle->ages);
    world_destroy(cycle->world);
    config_unref(cycle->options.config);
    free(cycle);
}

struct snapshot *
cycle_first(struct cycle *cycle)
{
    if (cycle->state) {
        cycle_state_load(cycle->state, cycle->flows, cycle->n_flows,
                         cycle->options.changes);
    }
    const struct collection *stored = source_stored(cycle->options.source);
    if (stored) {
        struct snapshot *snapshot = judge_collection(cycle, stored);
        cycle->totals.ready =
            stored->complete && !ages_any_expired(cycle->ages);
        return seal(cycle, snapshot);
    }
    struct snapshot *snapshot = snapshot_create(cycle->options.config);
    size_t n_feeds;
    const struct feed_state *feeds =
        source_feeds(cycle->options.source, &n_feeds);
    take_feeds(snapshot, feeds, n_feeds);
    (void) ages_update(cycle->ages, snapshot->feeds, n_feeds,
                       snapshot->config->interval_ms,
                       snapshot->config->max_age_ms,
                       cycle->options.clock->wall_ms(cycle->options.clock));
    show_flows(cycle, snapshot, PASS_FIRST);
    return seal(cycle, snapshot);
}

struct snapshot *
cycle_run(struct cycle *cycle)
{
    cycle_collect(cycle);
    return cycle_finish(cycle);
}

void
cycle_collect(struct cycle *cycle)
{
    struct clock *clock = cycle->options.clock;
    int64_t since_ms = clock->monotonic_ms(clock);

    cycle->started_ms = since_ms;
    cycle->collection =
        source_collect(cycle->options.source, cycle->options.config);
    cycle->fetch_seconds = lap(clock, &since_ms);
}

struct snapshot *
cycle_finish(struct cycle *cycle)
{
    struct clock *clock = cycle->options.clock;
    const struct collection *collection = cycle->collection;
    struct snapshot *snapshot = judge_collection(cycle, collection);

    snapshot->phase_seconds[PHASE_FETCH] = cycle->fetch_seconds;
    snapshot->cycle_seconds =
        (double) (clock->monotonic_ms(clock) - cycle->started_ms) / 1000;
    cycle->totals.cycles++;
    if (collection->succeeded) {
        cycle->totals.last_success_ms = clock->wall_ms(clock);
    } else {
        cycle->totals.failures++;
    }
    cycle->totals.ready |= collection->complete;
    return seal(cycle, snapshot);
}

struct snapshot *
cycle_age(struct cycle *cycle)
{
    struct clock *clock = cycle->options.clock;
    const struct config *config = cycle->options.config;
    const struct snapshot *last = cycle->last;

    if (!last
        || !ages_update(cycle->ages, last->feeds, last->n_feeds,
                        config->interval_ms, config->max_age_ms,
                        clock->wall_ms(clock))) {
        return NULL;
    }
    struct snapshot *snapshot = snapshot_create(config);
    take_last(snapshot, last);
    show_flows(cycle, snapshot, PASS_AGE);
    return seal(cycle, snapshot);
}

void
cycle_reconfigure(struct cycle *cycle, const struct config *config,
                  struct source *source)
{
    bool other_source = source != cycle->options.source;

    cycle->flows = cycle_flows_create(config, cycle->flows, cycle->n_flows);
    cycle->n_flows = config->n_flows;
    config_unref(cycle->options.config);
    cycle->options.config = config_ref(config);
    cycle->options.source = source;
    world_forget(cycle->world, other_source);
    cycle->other_feeds |= other_source;
    if (cycle->state) {
        cycle_state_touch(cycle->state);
    }
}

/* From what was collected to a snapshot that shows it. */
static struct snapshot *
judge_collection(struct cycle *cycle, const struct collection *collection)
{
    struct clock *clock = cycle->options.clock;
    const struct config *config = cycle->options.config;
    struct snapshot *snapshot = snapshot_create(config);
    int64_t since_ms = clock->monotonic_ms(clock);

    world_take(cycle->world, collection);
    take_feeds(snapshot, collection->feeds, collection->n_feeds);
    take_findings(cycle, snapshot, collection);
    snapshot->phase_seconds[PHASE_COMPILE] = lap(clock, &since_ms);

    world_judge(cycle->world, config, cycle->flows);
    if (cycle->other_feeds) {
        ages_destroy(cycle->ages);
        cycle->ages = ages_create();
        cycle->other_feeds = false;
    }
    (void) ages_update(cycle->ages, snapshot->feeds, snapshot->n_feeds,
                       config->interval_ms, config->max_age_ms,
                       clock->wall_ms(clock));
    show_flows(cycle, snapshot, PASS_JUDGED);
    world_settle(cycle->world);
    snapshot->phase_seconds[PHASE_EVALUATE] = lap(clock, &since_ms);
    return snapshot;
}

static void
end_ages(void *aux)
{
    ages_destroy(aux);
}

static void
show_flows(struct cycle *cycle, struct snapshot *snapshot, enum pass pass)
{
    struct clock *clock = cycle->options.clock;

    snapshot->evaluated_at_ms = clock->wall_ms(clock);
    notes_begin(cycle->notes, snapshot->evaluated_at_ms);
    for (size_t i = 0; i < cycle->n_flows; i++) {
        cycle_flow_set_shown(&cycle->flows[i],
                             ages_apply(cycle->ages, cycle->flows[i].judged));
        show_flow(cycle, &snapshot->results[i], i, pass);
    }
    struct ages *ages = ages_copy(cycle->ages, snapshot->feeds);
    arena_at_end(snapshot_arena(snapshot), end_ages, ages);
    snapshot->ages = ages;
    snapshot->network = network_ref(world_network(cycle->world));
    snapshot->rules = world_rule_counts(cycle->world);
}

/* Counts and tells what became of a flow, and puts it into the snapshot. */
static void
show_flow(struct cycle *cycle, struct flow_result *result, size_t i,
          enum pass pass)
{
    struct cycle_flow *flow = &cycle->flows[i];
    const struct verdict *shown = flow->shown;
    struct verdict_words before;
    enum flow_event event = cycle_flow_event(flow, &before);

    notes_flow(cycle->notes, cycle->options.config, i, flow, cycle->world,
               event, &before);
    cycle_flow_count(flow, event, notes_now(cycle->notes));
    if (shown->kind == VERDICT_UNKNOWN
        && (pass == PASS_JUDGED || event == FLOW_EVENT_VERDICT)) {
        flow->evaluation_failures++;
        cycle->totals.failures_by_reason[shown->reason]++;
    }
    if (event != FLOW_EVENT_NONE && cycle->state) {
        cycle_state_touch(cycle->state);
    }

    result->verdict = verdict_ref(shown);
    result->violated = verdict_violates(shown, result->flow->expect_allow);
    if (shown->reason != REASON_NO_DATA) {
        result->data_timestamp_ms =
            ages_data_timestamp(cycle->ages, flow->judged);
    }
    result->last_change_ms = flow->last_change_ms;
    result->verdict_changes = flow->verdict_changes;
    result->decision_changes = flow->decision_changes;
    result->evaluation_failures = flow->evaluation_failures;
}

/* Copies the states of the feeds, which the source goes on writing to. */
static void
take_feeds(struct snapshot *snapshot, const struct feed_state *feeds, size_t n)
{
    struct arena *arena = snapshot_arena(snapshot);
    struct feed_state *copies = arena_alloc_array(arena, n, sizeof *copies);

    for (size_t i = 0; i < n; i++) {
        copies[i] = feeds[i];
        copies[i].scope = arena_strdup(arena, feeds[i].scope);
        copies[i].error = arena_strdup(arena, feeds[i].error);
    }
    snapshot->feeds = copies;
    snapshot->n_feeds = n;
}

/* Gathers what is odd in the documents and in the network as a whole. */
static void
take_findings(struct cycle *cycle, struct snapshot *snapshot,
              const struct collection *collection)
{
    struct arena *arena = snapshot_arena(snapshot);
    const char *const *more;
    size_t n_more = world_findings(cycle->world, &more);
    size_t n = collection->n_findings + n_more;
    const char **lines = arena_alloc_array(arena, n, sizeof *lines);

    for (size_t i = 0; i < n; i++) {
        const char *line = i < collection->n_findings
                               ? collection->findings[i]
                               : more[i - collection->n_findings];
        lines[i] = arena_strndup(arena, line, strcspn(line, "\n"));
    }
    snapshot->findings = lines;
    snapshot->n_findings = n;
    notes_feeds(cycle->notes, snapshot->feeds, snapshot->n_feeds);
    notes_findings(cycle->notes, lines, n);
}

/* What a pass without a collection keeps of the snapshot before. */
static void
take_last(struct snapshot *snapshot, const struct snapshot *last)
{
    struct arena *arena = snapshot_arena(snapshot);
    const char **lines =
        arena_alloc_array(arena, last->n_findings, sizeof *lines);

    take_feeds(snapshot, last->feeds, last->n_feeds);
    for (size_t i = 0; i < last->n_findings; i++) {
        lines[i] = arena_strdup(arena, last->findings[i]);
    }
    snapshot->findings = lines;
    snapshot->n_findings = last->n_findings;
    memcpy(snapshot->phase_seconds, last->phase_seconds,
           sizeof snapshot->phase_seconds);
    snapshot->cycle_seconds = last->cycle_seconds;
}

/* Saves, renders, and makes 'snapshot' the newest.  The times are those before
 * rendering, for they are rendered, too. */
static struct snapshot *
seal(struct cycle *cycle, struct snapshot *snapshot)
{
    struct clock *clock = cycle->options.clock;
    const struct totals *totals = &cycle->totals;

    if (cycle->state && cycle_state_is_touched(cycle->state)) {
        cycle_state_save(cycle->state, cycle->flows, cycle->n_flows,
                         cycle->options.changes);
    }
    snapshot->ready = totals->ready;
    snapshot->cycles = totals->cycles;
    snapshot->cycle_failures = totals->failures;
    snapshot->cycle_last_success_ms = totals->last_success_ms;
    memcpy(snapshot->failures_by_reason, totals->failures_by_reason,
           sizeof snapshot->failures_by_reason);
    snapshot->phase_seconds[PHASE_RENDER] = cycle->render_seconds;
    if (cycle->options.renders) {
        int64_t since_ms = clock->monotonic_ms(clock);
        snapshot->exposition = exposition_create(
            snapshot, cycle->last ? cycle->last->exposition : NULL);
        snapshot->exposition_unref = exposition_unref;
        cycle->render_seconds = lap(clock, &since_ms);
    }
    snapshot_unref(cycle->last);
    cycle->last = snapshot_ref(snapshot);
    return snapshot;
}

/* Returns the seconds since '*since_ms', which becomes now. */
static double
lap(struct clock *clock, int64_t *since_ms)
{
    int64_t now_ms = clock->monotonic_ms(clock);
    double seconds = (double) (now_ms - *since_ms) / 1000;

    *since_ms = now_ms;
    return seconds;
}
