#include "exporter/render/metrics.h"

#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "exporter/render/escape.h"
#include "exporter/render/metrics_emit.h"
#include "exporter/render/number.h"

/* How most families begin: they are as old as the last cycle. */
#define AS_OF " As of the last cycle."

#define FLOW(name, type, unit, labels, help, option, emitter)                 \
    {                                                                         \
        "flowverify_" name, type, unit, labels, help AS_OF, option,           \
            .emit_flow = emitter                                              \
    }
#define CYCLE(name, type, unit, labels, help, emitter)                        \
    {                                                                         \
        "flowverify_" name, type, unit, labels, help AS_OF, METRIC_ALWAYS,    \
            .emit = emitter                                                   \
    }
#define LIVE(name, type, unit, labels, help, emitter)                         \
    {                                                                         \
        name, type, unit, labels, help, METRIC_ALWAYS, .emit_live = emitter   \
    }

static const struct metric_family families[] = {
    /* Per flow. */
    { "flowverify_flow_info", METRIC_INFO, "",
      "flow,expected,direction,protocol,source,source_port,destination,"
      "destination_port,nic,label_*",
      "What the configuration says about the flow; always 1." AS_OF,
      METRIC_ALWAYS, .emit_flow = emit_flow_info, .constant = true },
    FLOW("flow_verdict", METRIC_GAUGE, "", "flow,verdict",
         "1 for the verdict that the flow has, 0 for the three others.",
         METRIC_ALWAYS, emit_flow_verdict),
    FLOW("flow_expectation_violated", METRIC_GAUGE, "", "flow,expected",
         "1 if the verdict is known and is not the expected one; 0 otherwise, "
         "also while it is unknown.",
         METRIC_ALWAYS, emit_flow_expectation_violated),
    FLOW("flow_allowed_ratio", METRIC_GAUGE, "ratio", "flow",
         "Share of the flow's packets that are known to be allowed.",
         METRIC_ALWAYS, emit_flow_allowed_ratio),
    FLOW("flow_decision_info", METRIC_INFO, "",
         "flow,side,layer,ruleset,rule,rule_kind",
         "The rule that decided the flow; always 1, one series a flow.",
         METRIC_ALWAYS, emit_flow_decision_info),
    FLOW("flow_decision_priority", METRIC_GAUGE, "", "flow",
         "Priority of the rule that decided the flow; 0 if none did.",
         METRIC_DECISION_PRIORITY, emit_flow_decision_priority),
    FLOW("flow_layer_denies", METRIC_GAUGE, "", "flow,side,layer",
         "1 if this layer alone denies any packet of the flow.",
         METRIC_LAYER_DENIES, emit_flow_layer_denies),
    FLOW("flow_data_timestamp_seconds", METRIC_GAUGE, "seconds", "flow",
         "Oldest successful refresh of the data that the verdict rests on; 0 "
         "if there is none.",
         METRIC_ALWAYS, emit_flow_data_timestamp),
    FLOW("flow_last_change_timestamp_seconds", METRIC_GAUGE, "seconds", "flow",
         "When the verdict last changed; 0 if it was never judged.",
         METRIC_ALWAYS, emit_flow_last_change),
    FLOW("flow_verdict_changes_total", METRIC_COUNTER, "", "flow",
         "Changes of the verdict.", METRIC_CHANGES, emit_flow_verdict_changes),
    FLOW("flow_decision_changes_total", METRIC_COUNTER, "", "flow",
         "Changes of the deciding rule, those of the verdict included.",
         METRIC_CHANGES, emit_flow_decision_changes),
    FLOW("flow_evaluation_failures_total", METRIC_COUNTER, "", "flow",
         "Evaluations that ended unknown.", METRIC_ALWAYS,
         emit_flow_evaluation_failures),

    /* Flows as a whole. */
    CYCLE("flows", METRIC_GAUGE, "", "", "Flows of the configuration.",
          emit_flows),
    CYCLE("flows_evaluated", METRIC_GAUGE, "", "",
          "Flows whose verdict is known.", emit_flows_evaluated),
    CYCLE("evaluation_failures_total", METRIC_COUNTER, "", "reason",
          "Evaluations that ended unknown, by reason.",
          emit_evaluation_failures),

    /* Feeds. */
    CYCLE("feed_up", METRIC_GAUGE, "", "feed,scope",
          "1 if the last refresh of the feed succeeded.", emit_feed_up),
    CYCLE("feed_last_success_timestamp_seconds", METRIC_GAUGE, "seconds",
          "feed,scope", "When the feed was last refreshed; 0 if never.",
          emit_feed_last_success),
    CYCLE("feed_last_attempt_timestamp_seconds", METRIC_GAUGE, "seconds",
          "feed,scope", "When a refresh of the feed was last tried.",
          emit_feed_last_attempt),
    CYCLE("feed_refresh_duration_seconds", METRIC_GAUGE, "seconds",
          "feed,scope", "How long the last refresh of the feed took.",
          emit_feed_refresh_duration),
    CYCLE("feed_objects", METRIC_GAUGE, "", "feed,scope",
          "Resources that the feed holds.", emit_feed_objects),
    CYCLE("feed_changes_total", METRIC_COUNTER, "", "feed,scope",
          "Refreshes that brought other content than the one before.",
          emit_feed_changes),

    /* Requests to Azure. */
    CYCLE("fetch_requests_total", METRIC_COUNTER, "", "api",
          "Requests sent to Azure.", emit_fetch_requests),
    CYCLE("fetch_retries_total", METRIC_COUNTER, "", "api",
          "Requests that repeated a failed one.", emit_fetch_retries),
    CYCLE("fetch_failures_total", METRIC_COUNTER, "", "api,reason",
          "Requests to Azure that failed.", emit_fetch_failures),
    CYCLE("fetch_response_bytes_total", METRIC_COUNTER, "bytes", "api",
          "Bytes of answers received from Azure.", emit_fetch_bytes),
    CYCLE("fetch_throttle_wait_seconds_total", METRIC_COUNTER, "seconds",
          "api", "Time spent waiting because Azure asked for it.",
          emit_fetch_throttle_wait),
    CYCLE("fetch_duration_seconds", METRIC_HISTOGRAM, "seconds", "api",
          "How long requests to Azure took.", emit_fetch_duration),
    CYCLE("ratelimit_remaining_requests", METRIC_GAUGE, "", "scope,limit",
          "Requests that Azure would still take, as last told.",
          emit_ratelimit),
    CYCLE("token_expiry_timestamp_seconds", METRIC_GAUGE, "seconds", "",
          "When the access token ends; 0 if there is none.",
          emit_token_expiry),

    /* Rules. */
    CYCLE("rules", METRIC_GAUGE, "", "ruleset_kind,direction",
          "Rules in the data.", emit_rules),
    CYCLE("rulesets", METRIC_GAUGE, "", "ruleset_kind",
          "Rule sets in the data.", emit_rulesets),

    /* Cycles. */
    CYCLE("cycles_total", METRIC_COUNTER, "", "",
          "Cycles of collecting and judging.", emit_cycles),
    CYCLE("cycle_failures_total", METRIC_COUNTER, "", "",
          "Cycles in which a feed could not be refreshed.",
          emit_cycle_failures),
    CYCLE("cycle_duration_seconds", METRIC_GAUGE, "seconds", "",
          "How long the cycle took.", emit_cycle_duration),
    CYCLE("cycle_phase_duration_seconds", METRIC_GAUGE, "seconds", "phase",
          "How long each phase of the cycle took; render is that of the cycle "
          "before.",
          emit_cycle_phase_duration),
    CYCLE("cycle_last_success_timestamp_seconds", METRIC_GAUGE, "seconds", "",
          "When a cycle last ended with all feeds refreshed; 0 if never.",
          emit_cycle_last_success),
    CYCLE("cycle_interval_seconds", METRIC_GAUGE, "seconds", "",
          "Time between cycles, as configured.", emit_cycle_interval),
    CYCLE("config_hash", METRIC_GAUGE, "", "",
          "A number that is another one when the configuration is.",
          emit_config_hash),
    CYCLE("exporter_build_info", METRIC_INFO, "",
          "version,revision,compiler,libmicrohttpd,libcurl,cjson,libconfig,"
          "gnutls,zlib",
          "What this program was built from; always 1.", emit_build_info),

    /* As of the scrape. */
    LIVE("flowverify_config_last_reload_successful", METRIC_GAUGE, "", "",
         "1 if the last attempt to read the configuration succeeded.",
         emit_reload_successful),
    LIVE("flowverify_config_last_reload_success_timestamp_seconds",
         METRIC_GAUGE, "seconds", "",
         "When the configuration was last read with success.",
         emit_reload_success_timestamp),
    LIVE("flowverify_exposition_size_bytes", METRIC_GAUGE, "bytes", "encoding",
         "Size of the metrics of the last cycle as text, without those that "
         "are made at each scrape.",
         emit_exposition_size),
    LIVE("flowverify_log_messages_total", METRIC_COUNTER, "", "level",
         "Log messages, those below the level that is shown included.",
         emit_log_messages),
    LIVE("process_cpu_seconds_total", METRIC_COUNTER, "seconds", "",
         "Total user and system CPU time spent in seconds.", emit_process_cpu),
    LIVE("process_open_fds", METRIC_GAUGE, "", "",
         "Number of open file descriptors.", emit_process_open_fds),
    LIVE("process_max_fds", METRIC_GAUGE, "", "",
         "Maximum number of open file descriptors.", emit_process_max_fds),
    LIVE("process_virtual_memory_bytes", METRIC_GAUGE, "bytes", "",
         "Virtual memory size in bytes.", emit_process_virtual_memory),
    LIVE("process_virtual_memory_max_bytes", METRIC_GAUGE, "bytes", "",
         "Maximum amount of virtual memory available in bytes.",
         emit_process_virtual_memory_max),
    LIVE("process_resident_memory_bytes", METRIC_GAUGE, "bytes", "",
         "Resident memory size in bytes.", emit_process_resident_memory),
    LIVE("process_start_time_seconds", METRIC_GAUGE, "seconds", "",
         "Start time of the process since unix epoch in seconds.",
         emit_process_start_time),
    LIVE("process_network_receive_bytes_total", METRIC_COUNTER, "bytes", "",
         "Number of bytes received by the process over the network.",
         emit_process_network_receive),
    LIVE("process_network_transmit_bytes_total", METRIC_COUNTER, "bytes", "",
         "Number of bytes sent by the process over the network.",
         emit_process_network_transmit),
    { "flowverify_http_requests_total", METRIC_COUNTER, "", "handler,code",
      "HTTP requests answered.", METRIC_ALWAYS,
      .emit_live = emit_http_requests, .emit_scrape = emit_http_scrapes },
};

size_t
metric_families(const struct metric_family **first)
{
    *first = families;
    return sizeof families / sizeof *families;
}

bool
metric_is_on(const struct metric_family *family, const struct config *config)
{
    switch (family->option) {
    case METRIC_LAYER_DENIES: return config->metrics_layer_denies;
    case METRIC_DECISION_PRIORITY: return config->metrics_decision_priority;
    case METRIC_CHANGES: return config->metrics_changes;
    case METRIC_ALWAYS:
    default: return true;
    }
}

/* OpenMetrics names a family without the suffix of its type, knows the type
 * "info" and units; text 0.0.4 names it like its samples. */
void
metric_describe(struct text *out, const struct metric_family *family,
                enum exposition_format format)
{
    static const struct {
        const char *suffix;
        const char *type[N_EXPOSITION_FORMATS];
    } types[] = {
        [METRIC_GAUGE] = { "", { "gauge", "gauge" } },
        [METRIC_COUNTER] = { "_total", { "counter", "counter" } },
        [METRIC_INFO] = { "_info", { "gauge", "info" } },
        [METRIC_HISTOGRAM] = { "", { "histogram", "histogram" } },
    };
    bool om = format == EXPOSITION_OPENMETRICS;
    size_t cut = om ? strlen(types[family->type].suffix) : 0;
    int length = (int) (strlen(family->name) - cut);

    text_printf(out, "# HELP %.*s ", length, family->name);
    escape_help(out, family->help);
    text_printf(out, "\n# TYPE %.*s %s\n", length, family->name,
                types[family->type].type[format]);
    if (om && *family->unit) {
        text_printf(out, "# UNIT %.*s %s\n", length, family->name,
                    family->unit);
    }
}

void
sample_open(struct text *out, const char *name)
{
    text_append(out, name);
}

/* A sample that ends in a quote has a label already: names of metrics never
 * do. */
void
sample_label(struct text *out, const char *label, const char *value,
             size_t max)
{
    bool first = out->data[out->length - 1] != '"';
    text_append_char(out, first ? '{' : ',');
    text_append(out, label);
    text_append_bytes(out, "=\"", 2);
    escape_label(out, value, max);
    text_append_char(out, '"');
}

static void
end_labels(struct text *out)
{
    bool none = out->data[out->length - 1] != '"';
    text_append(out, none ? " " : "} ");
}

void
sample_close_u64(struct text *out, uint64_t value)
{
    end_labels(out);
    text_append_u64(out, value);
    text_append_char(out, '\n');
}

void
sample_close(struct text *out, double value)
{
    end_labels(out);
    number_append(out, value);
    text_append_char(out, '\n');
}

void
sample_close_ms(struct text *out, int64_t ms)
{
    end_labels(out);
    number_append_ms(out, ms);
    text_append_char(out, '\n');
}
