/* The families about feeds, rules, cycles and the program itself. */

#include "engine/base/text.h"
#include "exporter/build.h"
#include "exporter/render/metrics_emit.h"
#include "exporter/snapshot.h"
static void open_feed(struct text *out, const char *name,
                      const struct feed_state *feed);
static void append_rules(struct text *out, const char *name, const char *kind,
                         const size_t counts[2]);

void
emit_flows(struct text *out, const struct metric_family *family,
           const struct snapshot *snapshot)
{
    sample_open(out, family->name);
    sample_close_u64(out, snapshot->n_results);
}

void
emit_flows_evaluated(struct text *out, const struct metric_family *family,
                     const struct snapshot *snapshot)
{
    size_t n = 0;
    for (size_t i = 0; i < snapshot->n_results; i++) {
        n += snapshot->results[i].verdict->kind != VERDICT_UNKNOWN;
    }
    sample_open(out, family->name);
    sample_close_u64(out, n);
}

void
emit_evaluation_failures(struct text *out, const struct metric_family *family,
                         const struct snapshot *snapshot)
{
    for (unsigned int reason = REASON_NONE + 1; reason < N_REASONS; reason++) {
        sample_open(out, family->name);
        sample_label(out, "reason", reason_name((enum reason) reason), 0);
        sample_close_u64(out, snapshot->failures_by_reason[reason]);
    }
}

/* Emits one sample a feed; 'value' is an expression over 'feed'. */
#define EMIT_BY_FEED(function, close, value)                                  \
    void function(struct text *out, const struct metric_family *family,       \
                  const struct snapshot *snapshot)                            \
    {                                                                         \
        for (size_t i = 0; i < snapshot->n_feeds; i++) {                      \
            const struct feed_state *feed = &snapshot->feeds[i];              \
            open_feed(out, family->name, feed);                               \
            close(out, value);                                                \
        }                                                                     \
    }

EMIT_BY_FEED(emit_feed_up, sample_close_u64, feed->up)
EMIT_BY_FEED(emit_feed_last_success, sample_close_ms, feed->last_success_ms)
EMIT_BY_FEED(emit_feed_last_attempt, sample_close_ms, feed->last_attempt_ms)
EMIT_BY_FEED(emit_feed_refresh_duration, sample_close_ms, feed->duration_ms)
EMIT_BY_FEED(emit_feed_objects, sample_close_u64, feed->objects)
EMIT_BY_FEED(emit_feed_changes, sample_close_u64, feed->changes)

void
emit_rules(struct text *out, const struct metric_family *family,
           const struct snapshot *snapshot)
{
    append_rules(out, family->name, "nsg", snapshot->rules.nsg_rules);
    append_rules(out, family->name, "admin", snapshot->rules.admin_rules);
}

void
emit_rulesets(struct text *out, const struct metric_family *family,
              const struct snapshot *snapshot)
{
    sample_open(out, family->name);
    sample_label(out, "ruleset_kind", "nsg", 0);
    sample_close_u64(out, snapshot->rules.nsgs);
    sample_open(out, family->name);
    sample_label(out, "ruleset_kind", "admin", 0);
    sample_close_u64(out, snapshot->rules.admin_sets);
}

void
emit_cycles(struct text *out, const struct metric_family *family,
            const struct snapshot *snapshot)
{
    sample_open(out, family->name);
    sample_close_u64(out, snapshot->cycles);
}

void
emit_cycle_failures(struct text *out, const struct metric_family *family,
                    const struct snapshot *snapshot)
{
    sample_open(out, family->name);
    sample_close_u64(out, snapshot->cycle_failures);
}

void
emit_cycle_duration(struct text *out, const struct metric_family *family,
                    const struct snapshot *snapshot)
{
    sample_open(out, family->name);
    sample_close(out, snapshot->cycle_seconds);
}

void
emit_cycle_phase_duration(struct text *out, const struct metric_family *family,
                          const struct snapshot *snapshot)
{
    static const char *const phases[N_PHASES] = {
        [PHASE_FETCH] = "fetch",
        [PHASE_COMPILE] = "compile",
        [PHASE_EVALUATE] = "evaluate",
        [PHASE_RENDER] = "render",
    };
    for (unsigned int i = 0; i < N_PHASES; i++) {
        sample_open(out, family->name);
        sample_label(out, "phase", phases[i], 0);
        sample_close(out, snapshot->phase_seconds[i]);
    }
}

void
emit_cycle_last_success(struct text *out, const struct metric_family *family,
                        const struct snapshot *snapshot)
{
    sample_open(out, family->name);
    sample_close_ms(out, snapshot->cycle_last_success_ms);
}

void
emit_cycle_interval(struct text *out, const struct metric_family *family,
                    const struct snapshot *snapshot)
{
    sample_open(out, family->name);
    sample_close_ms(out, snapshot->config->interval_ms);
}

void
emit_config_hash(struct text *out, const struct metric_family *family,
                 const struct snapshot *snapshot)
{
    /* As many bits as a sample's double holds exactly. */
    sample_open(out, family->name);
    sample_close_u64(out, snapshot->config->hash.low >> 11);
}

void
emit_build_info(struct text *out, const struct metric_family *family,
                const struct snapshot *snapshot)
{
    (void) snapshot;
    sample_open(out, family->name);
    sample_label(out, "version", build_version(), 0);
    sample_label(out, "revision", build_revision(), 0);
    sample_label(out, "compiler", build_compiler(), 128);
    const struct build_library *libraries;
    size_t n = build_libraries(&libraries);
    for (size_t i = 0; i < n; i++) {
        sample_label(out, libraries[i].name, libraries[i].version, 0);
    }
    sample_close_u64(out, 1);
}

static void
open_feed(struct text *out, const char *name, const struct feed_state *feed)
{
    sample_open(out, name);
    sample_label(out, "feed", feed_name(feed->feed), 0);
    sample_label(out, "scope", feed->scope, 128);
}

static void
append_rules(struct text *out, const char *name, const char *kind,
             const size_t counts[2])
{
    static const char *const directions[] = {
        [DIRECTION_INBOUND] = "inbound", [DIRECTION_OUTBOUND] = "outbound"
    };
    for (unsigned int i = 0; i < 2; i++) {
        sample_open(out, name);
        sample_label(out, "ruleset_kind", kind, 0);
        sample_label(out, "direction", directions[i], 0);
        sample_close_u64(out, counts[i]);
    }
}
