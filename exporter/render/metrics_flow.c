/* The families with one or more samples for each flow. */

#include "engine/base/text.h"
#include "exporter/render/escape.h"
#include "exporter/render/metrics_emit.h"
#include "exporter/snapshot.h"

static void open_flow(struct text *out, const struct metric_family *family,
                      const struct flow_result *result);
static const char *expected_name(const struct flow_result *result);
static void append_layer_denies(struct text *out,
                                const struct metric_family *family,
                                const struct flow_result *result,
                                enum side side, enum layer layer);

void
emit_flow_info(struct text *out, const struct metric_family *family,
               const struct flow_result *result, size_t max)
{
    static const char *const directions[] = {
        [FLOW_INBOUND] = "inbound",
        [FLOW_OUTBOUND] = "outbound",
        [FLOW_BOTH] = "both",
    };
    const struct config_flow *flow = result->flow;

    open_flow(out, family, result);
    sample_label(out, "expected", expected_name(result), 0);
    sample_label(out, "direction", directions[flow->direction], 0);
    sample_label(out, "protocol", flow->protocol_text, max);
    sample_label(out, "source", flow->source_text, max);
    sample_label(out, "source_port", flow->source_port_text, max);
    sample_label(out, "destination", flow->destination_text, max);
    sample_label(out, "destination_port", flow->destination_port_text, max);
    sample_label(out, "nic", flow->nic_text, max);
    for (size_t i = 0; i < flow->n_labels; i++) {
        text_append(out, ",label_");
        text_append(out, flow->labels[i].name);
        text_append(out, "=\"");
        escape_label(out, flow->labels[i].value, max);
        text_append_char(out, '"');
    }
    sample_close_u64(out, 1);
}

void
emit_flow_verdict(struct text *out, const struct metric_family *family,
                  const struct flow_result *result, size_t max)
{
    (void) max;
    for (unsigned int kind = 0; kind < N_VERDICTS; kind++) {
        open_flow(out, family, result);
        sample_label(out, "verdict", verdict_name((enum verdict_kind) kind),
                     0);
        sample_close_u64(out, result->verdict->kind == kind);
    }
}

void
emit_flow_expectation_violated(struct text *out,
                               const struct metric_family *family,
                               const struct flow_result *result, size_t max)
{
    (void) max;
    open_flow(out, family, result);
    sample_label(out, "expected", expected_name(result), 0);
    sample_close_u64(out, result->violated);
}

void
emit_flow_allowed_ratio(struct text *out, const struct metric_family *family,
                        const struct flow_result *result, size_t max)
{
    (void) max;
    open_flow(out, family, result);
    sample_close(out, result->verdict->allowed_ratio);
}

void
emit_flow_decision_info(struct text *out, const struct metric_family *family,
                        const struct flow_result *result, size_t max)
{
    const struct decision *decision = &result->verdict->decision;
    const struct policy_rule *rule = decision->rule;

    open_flow(out, family, result);
    sample_label(out, "side", rule ? side_name(decision->side) : "", 0);
    sample_label(out, "layer", layer_name(rule ? decision->layer : LAYER_NONE),
                 0);
    sample_label(out, "ruleset", rule ? rule->ruleset : "", max);
    sample_label(out, "rule", rule ? rule->name : "", max);
    sample_label(out, "rule_kind",
                 rule_kind_name(rule ? rule->kind : RULE_NONE), 0);
    sample_close_u64(out, 1);
}

void
emit_flow_decision_priority(struct text *out,
                            const struct metric_family *family,
                            const struct flow_result *result, size_t max)
{
    (void) max;
    const struct policy_rule *rule = result->verdict->decision.rule;

    open_flow(out, family, result);
    sample_close(out, rule ? (double) rule->priority : 0);
}

void
emit_flow_layer_denies(struct text *out, const struct metric_family *family,
                       const struct flow_result *result, size_t max)
{
    (void) max;
    static const enum layer layers[] = { LAYER_ADMIN, LAYER_SUBNET_NSG,
                                         LAYER_NIC_NSG };
    const struct flow *flow = &result->flow->flow;
    const bool judged[] = {
        [SIDE_SOURCE] = flow_end_is_judged(&flow->source),
        [SIDE_DESTINATION] = flow_end_is_judged(&flow->destination),
    };

    for (unsigned int side = 0; side < 2; side++) {
        for (size_t i = 0; judged[side] && i < 3; i++) {
            append_layer_denies(out, family, result, (enum side) side,
                                layers[i]);
        }
    }
}

void
emit_flow_data_timestamp(struct text *out, const struct metric_family *family,
                         const struct flow_result *result, size_t max)
{
    (void) max;
    open_flow(out, family, result);
    sample_close_ms(out, result->data_timestamp_ms);
}

void
emit_flow_last_change(struct text *out, const struct metric_family *family,
                      const struct flow_result *result, size_t max)
{
    (void) max;
    open_flow(out, family, result);
    sample_close_ms(out, result->last_change_ms);
}

void
emit_flow_verdict_changes(struct text *out, const struct metric_family *family,
                          const struct flow_result *result, size_t max)
{
    (void) max;
    open_flow(out, family, result);
    sample_close_u64(out, result->verdict_changes);
}

void
emit_flow_decision_changes(struct text *out,
                           const struct metric_family *family,
                           const struct flow_result *result, size_t max)
{
    (void) max;
    open_flow(out, family, result);
    sample_close_u64(out, result->decision_changes);
}

void
emit_flow_evaluation_failures(struct text *out,
                              const struct metric_family *family,
                              const struct flow_result *result, size_t max)
{
    (void) max;
    open_flow(out, family, result);
    sample_close_u64(out, result->evaluation_failures);
}

/* The name is never cut: cut names of two flows could be the same series.
 * The configuration allows no more than 128 characters. */
static void
open_flow(struct text *out, const struct metric_family *family,
          const struct flow_result *result)
{
    sample_open(out, family->name);
    sample_label(out, "flow", result->flow->flow.name, 0);
}

static const char *
expected_name(const struct flow_result *result)
{
    return result->flow->expect_allow ? "allow" : "deny";
}

static void
append_layer_denies(struct text *out, const struct metric_family *family,
                    const struct flow_result *result, enum side side,
                    enum layer layer)
{
    const struct verdict *verdict = result->verdict;
    bool denies = false;
    for (size_t i = 0; i < verdict->n_layers; i++) {
        const struct layer_result *l = &verdict->layers[i];
        denies |= l->side == side && l->layer == layer && l->denies;
    }
    open_flow(out, family, result);
    sample_label(out, "side", side_name(side), 0);
    sample_label(out, "layer", layer_name(layer), 0);
    sample_close_u64(out, denies);
}
