/* What the emitters of metric families share.  Inside render only. */

#ifndef EXPORTER_RENDER_METRICS_EMIT_H
#define EXPORTER_RENDER_METRICS_EMIT_H

#include <stddef.h>
#include <stdint.h>

#include "exporter/render/metrics.h"

struct text;

/* A sample is "name{label,label} value\n":
 *
 *     sample_open(out, family->name);
 *     sample_label(out, "flow", name, max);
 *     sample_label(out, "verdict", "allow", 0);
 *     sample_close_u64(out, 1);
 */
void sample_open(struct text *out, const char *name);
/* Labels are in the order of the calls; 'max' as for escape_label(). */
void sample_label(struct text *out, const char *label, const char *value,
                  size_t max);
void sample_close_u64(struct text *out, uint64_t value);
void sample_close(struct text *out, double value);
void sample_close_ms(struct text *out, int64_t ms);

/* metrics_flow.c */
metric_emit_flow emit_flow_info, emit_flow_verdict,
    emit_flow_expectation_violated, emit_flow_allowed_ratio,
    emit_flow_decision_info, emit_flow_decision_priority,
    emit_flow_layer_denies, emit_flow_data_timestamp, emit_flow_last_change,
    emit_flow_verdict_changes, emit_flow_decision_changes,
    emit_flow_evaluation_failures;

/* metrics_cycle.c */
metric_emit emit_flows, emit_flows_evaluated, emit_evaluation_failures,
    emit_feed_up, emit_feed_last_success, emit_feed_last_attempt,
    emit_feed_refresh_duration, emit_feed_objects, emit_feed_changes,
    emit_rules, emit_rulesets, emit_cycles, emit_cycle_failures,
    emit_cycle_duration, emit_cycle_phase_duration, emit_cycle_last_success,
    emit_cycle_interval, emit_config_hash, emit_build_info;

/* metrics_fetch.c */
metric_emit emit_fetch_requests, emit_fetch_retries, emit_fetch_bytes,
    emit_fetch_throttle_wait, emit_fetch_failures, emit_fetch_duration,
    emit_ratelimit, emit_token_expiry;

/* metrics_live.c */
metric_emit_live emit_reload_successful, emit_reload_success_timestamp,
    emit_exposition_size, emit_http_requests, emit_http_scrapes,
    emit_log_messages;

/* metrics_process.c */
metric_emit_live emit_process_cpu, emit_process_open_fds, emit_process_max_fds,
    emit_process_virtual_memory, emit_process_virtual_memory_max,
    emit_process_resident_memory, emit_process_start_time,
    emit_process_network_receive, emit_process_network_transmit;

#endif
