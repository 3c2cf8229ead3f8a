/* The families that are rendered at each scrape. */

#include "engine/base/text.h"
#include "exporter/counters.h"
#include "exporter/log.h"
#include "exporter/render/exposition.h"
#include "exporter/render/metrics_emit.h"
#include "exporter/render/process.h"

static void append_http_sample(struct text *out, const char *name,
                               enum handler handler, unsigned int code,
                               uint64_t n);
static void append_http(void *aux, enum handler handler, unsigned int code,
                        uint64_t n);

void
emit_reload_successful(struct text *out, const struct metric_family *family,
                       const struct exposition *exposition)
{
    (void) exposition;
    bool succeeded;
    int64_t success_ms;
    counters_last_reload(&succeeded, &success_ms);

    sample_open(out, family->name);
    sample_close_u64(out, succeeded);
}

void
emit_reload_success_timestamp(struct text *out,
                              const struct metric_family *family,
                              const struct exposition *exposition)
{
    (void) exposition;
    bool succeeded;
    int64_t success_ms;
    counters_last_reload(&succeeded, &success_ms);

    sample_open(out, family->name);
    sample_close_ms(out, success_ms);
}

void
emit_exposition_size(struct text *out, const struct metric_family *family,
                     const struct exposition *exposition)
{
    static const char *const encodings[] = { "identity", "gzip" };
    for (int gzip = 0; gzip < 2; gzip++) {
        sample_open(out, family->name);
        sample_label(out, "encoding", encodings[gzip], 0);
        sample_close_u64(out, exposition_size(exposition, gzip));
    }
}

struct http_samples {
    struct text *out;
    const char *name;
    bool seen_200[N_HANDLERS];
};

void
emit_http_requests(struct text *out, const struct metric_family *family,
                   const struct exposition *exposition)
{
    (void) exposition;
    struct http_samples samples = { .out = out, .name = family->name };

    counters_each_http(append_http, &samples);
    /* Every handler is born with its common code; others follow. */
    for (unsigned int i = 0; i < N_HANDLERS; i++) {
        if (!samples.seen_200[i]) {
            append_http(&samples, (enum handler) i, 200, 0);
        }
    }
}

void
emit_http_scrapes(struct text *out, const struct metric_family *family,
                  const struct exposition *exposition)
{
    (void) exposition;
    append_http_sample(out, family->name, HANDLER_METRICS, 200,
                       counters_scrapes());
}

void
emit_log_messages(struct text *out, const struct metric_family *family,
                  const struct exposition *exposition)
{
    (void) exposition;
    for (unsigned int i = 0; i < N_LOG_LEVELS; i++) {
        sample_open(out, family->name);
        sample_label(out, "level", log_level_name((enum log_level) i), 0);
        sample_close_u64(out, log_count((enum log_level) i));
    }
}

/* Emits one sample; 'value' is an expression over 'process'. */
#define EMIT_PROCESS(function, close, value)                                  \
    void function(struct text *out, const struct metric_family *family,       \
                  const struct exposition *exposition)                        \
    {                                                                         \
        (void) exposition;                                                    \
        struct process_stats process = process_stats();                       \
        sample_open(out, family->name);                                       \
        close(out, value);                                                    \
    }

EMIT_PROCESS(emit_process_cpu, sample_close, process.cpu_seconds)
EMIT_PROCESS(emit_process_open_fds, sample_close_u64, process.open_fds)
EMIT_PROCESS(emit_process_max_fds, sample_close, process.max_fds)
EMIT_PROCESS(emit_process_virtual_memory, sample_close_u64,
             process.virtual_bytes)
EMIT_PROCESS(emit_process_virtual_memory_max, sample_close,
             process.virtual_max_bytes)
EMIT_PROCESS(emit_process_resident_memory, sample_close_u64,
             process.resident_bytes)
EMIT_PROCESS(emit_process_start_time, sample_close, process.start_seconds)
EMIT_PROCESS(emit_process_network_receive, sample_close_u64,
             process.received_bytes)
EMIT_PROCESS(emit_process_network_transmit, sample_close_u64,
             process.sent_bytes)

static void
append_http(void *aux, enum handler handler, unsigned int code, uint64_t n)
{
    struct http_samples *samples = aux;

    samples->seen_200[handler] |= code == 200;
    if (!counters_is_scrape(handler, code)) {
        append_http_sample(samples->out, samples->name, handler, code, n);
    }
}

static void
append_http_sample(struct text *out, const char *name, enum handler handler,
                   unsigned int code, uint64_t n)
{
    text_append(out, name);
    text_append(out, "{handler=\"");
    text_append(out, handler_name(handler));
    text_append(out, "\",code=\"");
    text_append_u64(out, code);
    text_append_char(out, '"');
    sample_close_u64(out, n);
}
