/* The families about requests to Azure.  All series exist from the start,
 * whatever the source. */

#include "engine/base/text.h"
#include "exporter/counters.h"
#include "exporter/render/metrics_emit.h"
#include "exporter/render/number.h"

static void open_api(struct text *out, const char *name, enum api api);
static void append_histogram(struct text *out, const char *name, enum api api);
static void append_ratelimit(void *aux, const char *scope, const char *limit,
                             int64_t left);

/* Emits one sample an api; 'value' is an expression over 'counts'. */
#define EMIT_BY_API(function, close, value)                                   \
    void function(struct text *out, const struct metric_family *family,       \
                  const struct snapshot *snapshot)                            \
    {                                                                         \
        (void) snapshot;                                                      \
        for (unsigned int api = 0; api < N_APIS; api++) {                     \
            struct fetch_counts counts = counters_fetch((enum api) api);      \
            open_api(out, family->name, (enum api) api);                      \
            close(out, value);                                                \
        }                                                                     \
    }

EMIT_BY_API(emit_fetch_requests, sample_close_u64, counts.requests)
EMIT_BY_API(emit_fetch_retries, sample_close_u64, counts.retries)
EMIT_BY_API(emit_fetch_bytes, sample_close_u64, counts.bytes)
EMIT_BY_API(emit_fetch_throttle_wait, sample_close,
            counts.throttle_wait_seconds)

void
emit_fetch_failures(struct text *out, const struct metric_family *family,
                    const struct snapshot *snapshot)
{
    (void) snapshot;
    for (unsigned int api = 0; api < N_APIS; api++) {
        struct fetch_counts counts = counters_fetch((enum api) api);
        for (unsigned int i = 0; i < N_FETCH_FAILURES; i++) {
            open_api(out, family->name, (enum api) api);
            sample_label(out, "reason",
                         fetch_failure_name((enum fetch_failure) i), 0);
            sample_close_u64(out, counts.failures[i]);
        }
    }
}

void
emit_fetch_duration(struct text *out, const struct metric_family *family,
                    const struct snapshot *snapshot)
{
    (void) snapshot;
    for (unsigned int api = 0; api < N_APIS; api++) {
        append_histogram(out, family->name, (enum api) api);
    }
}

/* The one family whose scopes are not known before Azure's first answer. */
void
emit_ratelimit(struct text *out, const struct metric_family *family,
               const struct snapshot *snapshot)
{
    (void) snapshot;
    struct {
        struct text *out;
        const char *name;
    } aux = { out, family->name };
    counters_each_ratelimit(append_ratelimit, &aux);
}

void
emit_token_expiry(struct text *out, const struct metric_family *family,
                  const struct snapshot *snapshot)
{
    (void) snapshot;
    sample_open(out, family->name);
    sample_close_ms(out, counters_token_expiry_ms());
}

static void
open_api(struct text *out, const char *name, enum api api)
{
    sample_open(out, name);
    sample_label(out, "api", api_name(api), 0);
}

static void
append_histogram(struct text *out, const char *name, enum api api)
{
    struct fetch_counts counts = counters_fetch(api);
    uint64_t total = 0;

    for (size_t i = 0; i <= FETCH_BUCKETS; i++) {
        total += counts.buckets[i];
        text_append(out, name);
        text_append(out, "_bucket{api=\"");
        text_append(out, api_name(api));
        text_append(out, "\",le=\"");
        if (i == FETCH_BUCKETS) {
            text_append(out, "+Inf");
        } else {
            /* OpenMetrics wants "1.0"; both formats read it. */
            double bound = fetch_buckets[i];
            number_append(out, bound);
            if (bound == (double) (int64_t) bound) {
                text_append(out, ".0");
            }
        }
        text_append_char(out, '"');
        sample_close_u64(out, total);
    }
    text_append(out, name);
    text_append(out, "_sum{api=\"");
    text_append(out, api_name(api));
    text_append_char(out, '"');
    sample_close(out, counts.duration_sum);
    text_append(out, name);
    text_append(out, "_count{api=\"");
    text_append(out, api_name(api));
    text_append_char(out, '"');
    sample_close_u64(out, total);
}

static void
append_ratelimit(void *aux, const char *scope, const char *limit, int64_t left)
{
    struct {
        struct text *out;
        const char *name;
    } *to = aux;
    sample_open(to->out, to->name);
    sample_label(to->out, "scope", scope, 128);
    sample_label(to->out, "limit", limit, 128);
    sample_close(to->out, (double) left);
}
