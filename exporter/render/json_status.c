#include "exporter/render/json_status.h"

#include "engine/base/text.h"
#include "exporter/build.h"
#include "exporter/render/json_write.h"
#include "exporter/snapshot.h"

static void write_feed(struct text *out, const struct feed_state *feed);
static void write_cycle(struct text *out, const struct snapshot *snapshot);
static void write_build(struct text *out);

void
json_status(struct text *out, const struct snapshot *snapshot)
{
    char hash[33];
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < 32; i++) {
        uint64_t word =
            i < 16 ? snapshot->config->hash.high : snapshot->config->hash.low;
        hash[i] = hex[word >> (60 - i % 16 * 4) & 15];
    }
    hash[32] = '\0';

    json_open(out, NULL, '{');
    json_bool(out, "ready", snapshot->ready);
    json_u64(out, "flows", snapshot->n_results);
    json_string(out, "config_file", snapshot->config->path);
    json_string(out, "config_hash", hash);
    write_cycle(out, snapshot);
    json_open(out, "feeds", '[');
    for (size_t i = 0; i < snapshot->n_feeds; i++) {
        write_feed(out, &snapshot->feeds[i]);
    }
    json_close(out, ']');
    json_open(out, "findings", '[');
    for (size_t i = 0; i < snapshot->n_findings; i++) {
        json_string(out, NULL, snapshot->findings[i]);
    }
    json_close(out, ']');
    write_build(out);
    json_close(out, '}');
}

static void
write_feed(struct text *out, const struct feed_state *feed)
{
    json_open(out, NULL, '{');
    json_string(out, "feed", feed_name(feed->feed));
    json_string(out, "scope", feed->scope);
    json_bool(out, "up", feed->up);
    json_bool(out, "has_data", feed->has_data);
    json_time(out, "last_success", feed->last_success_ms);
    json_time(out, "last_attempt", feed->last_attempt_ms);
    json_double(out, "duration_seconds", (double) feed->duration_ms / 1000);
    json_u64(out, "objects", feed->objects);
    json_u64(out, "changes", feed->changes);
    json_string(out, "error", feed->error ? feed->error : "");
    json_close(out, '}');
}

static void
write_cycle(struct text *out, const struct snapshot *snapshot)
{
    static const char *const phases[N_PHASES] = {
        [PHASE_FETCH] = "fetch_seconds",
        [PHASE_COMPILE] = "compile_seconds",
        [PHASE_EVALUATE] = "evaluate_seconds",
        [PHASE_RENDER] = "render_seconds",
    };

    json_open(out, "cycle", '{');
    json_u64(out, "cycles", snapshot->cycles);
    json_u64(out, "failures", snapshot->cycle_failures);
    json_time(out, "evaluated_at", snapshot->evaluated_at_ms);
    json_time(out, "last_success", snapshot->cycle_last_success_ms);
    json_double(out, "interval_seconds",
                (double) snapshot->config->interval_ms / 1000);
    json_double(out, "duration_seconds", snapshot->cycle_seconds);
    for (size_t i = 0; i < N_PHASES; i++) {
        json_double(out, phases[i], snapshot->phase_seconds[i]);
    }
    json_close(out, '}');
}

static void
write_build(struct text *out)
{
    json_open(out, "build", '{');
    json_string(out, "version", build_version());
    json_string(out, "revision", build_revision());
    json_close(out, '}');
}
