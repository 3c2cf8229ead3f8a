#include "exporter/render/json.h"

#include "engine/base/text.h"
#include "engine/judge/explain.h"
#include "exporter/changes.h"
#include "exporter/render/json_write.h"
#include "exporter/render/portal.h"
#include "exporter/snapshot.h"

static void write_result_members(struct text *out, const struct config *config,
                                 const struct flow_result *result);
static void write_decision(struct text *out, const struct config *config,
                           const struct decision *decision);
static void write_layer(struct text *out, const struct layer_result *layer);
static void write_rule_reference(struct text *out,
                                 const struct policy_rule *rule);
static void write_regions(struct text *out, const struct flow_result *result);
static void write_region(struct text *out, const struct region *region,
                         bool inbound);
static void write_example(struct text *out, const struct packet *packet,
                          bool inbound);
static void write_explanation(struct text *out,
                              const struct explanation *explanation);
static void write_explained_layer(struct text *out,
                                  const struct explained_layer *layer);
static void write_explained_rule(struct text *out,
                                 const struct explained_rule *explained);
static void write_rule_change(struct text *out,
                              const struct rule_change *change);

void
json_results(struct text *out, const struct snapshot *snapshot,
             json_filter *filter, const void *aux)
{
    json_open(out, NULL, '{');
    json_time(out, "evaluated_at", snapshot->evaluated_at_ms);
    json_open(out, "flows", '[');
    for (size_t i = 0; i < snapshot->n_results; i++) {
        if (!filter || filter(aux, &snapshot->results[i])) {
            json_result(out, snapshot->config, &snapshot->results[i]);
        }
    }
    json_close(out, ']');
    json_close(out, '}');
}

void
json_result(struct text *out, const struct config *config,
            const struct flow_result *result)
{
    json_explained_result(out, config, result, NULL);
}

void
json_explained_result(struct text *out, const struct config *config,
                      const struct flow_result *result,
                      const struct explanation *explanation)
{
    json_open(out, NULL, '{');
    write_result_members(out, config, result);
    if (explanation) {
        write_explanation(out, explanation);
    }
    json_close(out, '}');
}

void
json_change(struct text *out, const struct change *change)
{
    json_open(out, NULL, '{');
    json_time(out, "at", change->at_ms);
    json_string(out, "flow", change->flow);
    json_bool(out, "violated", change->violated);
    json_open(out, "before", '{');
    json_string(out, "verdict", change->verdict_before);
    json_string(out, "layer", change->layer_before);
    json_string(out, "ruleset", change->ruleset_before);
    json_string(out, "rule", change->rule_before);
    json_close(out, '}');
    json_open(out, "after", '{');
    json_string(out, "verdict", change->verdict_after);
    json_string(out, "layer", change->layer_after);
    json_string(out, "ruleset", change->ruleset_after);
    json_string(out, "rule", change->rule_after);
    json_close(out, '}');
    json_open(out, "rule_changes", '[');
    for (size_t i = 0; i < change->n_rule_changes; i++) {
        write_rule_change(out, &change->rule_changes[i]);
    }
    json_close(out, ']');
    json_close(out, '}');
}

static void
write_result_members(struct text *out, const struct config *config,
                     const struct flow_result *result)
{
    const struct config_flow *flow = result->flow;
    const struct verdict *verdict = result->verdict;

    json_string(out, "name", flow->flow.name);
    if (flow->description && *flow->description) {
        json_string(out, "description", flow->description);
    }
    json_string(out, "expected", flow->expect_allow ? "allow" : "deny");
    json_string(out, "verdict", verdict_name(verdict->kind));
    json_bool(out, "violated", result->violated);
    json_string(out, "reason", reason_name(verdict->reason));
    if (verdict->kind == VERDICT_UNKNOWN) {
        json_string(out, "reason_detail", verdict->reason_detail);
    }
    json_bool(out, "certain", verdict->certain);
    json_double(out, "allowed_ratio", verdict->allowed_ratio);
    write_decision(out, config, &verdict->decision);
    json_open(out, "layers", '[');
    for (size_t i = 0; i < verdict->n_layers; i++) {
        write_layer(out, &verdict->layers[i]);
    }
    json_close(out, ']');
    write_regions(out, result);
    json_time(out, "data_timestamp", result->data_timestamp_ms);
    json_time(out, "last_change", result->last_change_ms);
}

static void
write_decision(struct text *out, const struct config *config,
               const struct decision *decision)
{
    const struct policy_rule *rule = decision->rule;

    json_open(out, "decision", '{');
    json_string(out, "side", rule ? side_name(decision->side) : "");
    json_string(out, "layer", layer_name(rule ? decision->layer : LAYER_NONE));
    json_string(out, "ruleset", rule ? rule->ruleset : "");
    json_string(out, "ruleset_id", rule ? rule->ruleset_id : "");
    json_string(out, "rule", rule ? rule->name : "");
    json_string(out, "rule_id", rule ? rule->id : "");
    json_string(out, "rule_kind",
                rule_kind_name(rule ? rule->kind : RULE_NONE));
    json_string(out, "access", rule ? access_name(rule->access) : "");
    json_double(out, "priority", rule ? (double) rule->priority : 0);
    struct text url;
    text_init(&url);
    portal_append_url(&url, config, rule);
    json_string(out, "portal_url", url.data);
    text_clear(&url);
    json_close(out, '}');
}

static void
write_layer(struct text *out, const struct layer_result *layer)
{
    json_open(out, NULL, '{');
    json_string(out, "side", side_name(layer->side));
    json_string(out, "layer", layer_name(layer->layer));
    json_string(out, "outcome", layer_outcome_name(layer->outcome));
    if (layer->rule) {
        write_rule_reference(out, layer->rule);
        json_string(out, "rule_kind", rule_kind_name(layer->rule->kind));
        json_double(out, "priority", (double) layer->rule->priority);
    } else if (*layer->ruleset) {
        json_string(out, "ruleset", layer->ruleset);
    }
    json_close(out, '}');
}

static void
write_rule_reference(struct text *out, const struct policy_rule *rule)
{
    json_string(out, "ruleset", rule ? rule->ruleset : "");
    json_string(out, "rule", rule ? rule->name : "");
}

static void
write_regions(struct text *out, const struct flow_result *result)
{
    const struct verdict *verdict = result->verdict;
    bool inbound = result->flow->direction == FLOW_INBOUND;

    json_open(out, "regions", '[');
    for (size_t i = 0; i < verdict->n_regions; i++) {
        write_region(out, &verdict->regions[i], inbound);
    }
    if (verdict->n_more_regions) {
        json_open(out, NULL, '{');
        json_u64(out, "more", verdict->n_more_regions);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void
write_region(struct text *out, const struct region *region, bool inbound)
{
    const struct decision *decision = &region->decision;

    json_open(out, NULL, '{');
    json_string(out, "verdict", verdict_name(region->kind));
    json_double(out, "share", region->share);
    if (region->kind == VERDICT_UNKNOWN) {
        json_string(out, "reason", reason_name(region->reason));
    }
    if (!region->certain) {
        json_bool(out, "certain", false);
    }
    json_string(out, "side", decision->rule ? side_name(decision->side) : "");
    json_string(out, "layer",
                layer_name(decision->rule ? decision->layer : LAYER_NONE));
    write_rule_reference(out, decision->rule);
    write_example(out, &region->example, inbound);
    json_close(out, '}');
}

/* The source of an Inbound flow is its remote end; a two-sided flow is told
 * from its source. */
static void
write_example(struct text *out, const struct packet *packet, bool inbound)
{
    const struct {
        const char *address, *port;
        const struct address *value;
        uint32_t port_value;
    } ends[] = {
        { "local_address", "local_port",
          inbound ? &packet->destination : &packet->source,
          inbound ? packet->destination_port : packet->source_port },
        { "remote_address", "remote_port",
          inbound ? &packet->source : &packet->destination,
          inbound ? packet->source_port : packet->destination_port },
    };

    json_open(out, "example", '{');
    json_string(out, "protocol", protocol_name(packet->protocol));
    for (size_t i = 0; i < 2; i++) {
        char address[ADDRESS_TEXT_SIZE];
        address_format(*ends[i].value, address);
        json_string(out, ends[i].address, address);
        if (PROTOCOLS_WITH_PORTS >> packet->protocol & 1) {
            json_u64(out, ends[i].port, ends[i].port_value);
        }
    }
    json_close(out, '}');
}

static void
write_explanation(struct text *out, const struct explanation *explanation)
{
    json_open(out, "explanation", '{');
    json_string(out, "sentence", explanation->sentence);
    json_string(out, "source", explanation->source);
    json_string(out, "destination", explanation->destination);
    json_open(out, "notes", '[');
    for (size_t i = 0; i < explanation->n_notes; i++) {
        json_string(out, NULL, explanation->notes[i]);
    }
    json_close(out, ']');
    json_open(out, "layers", '[');
    for (size_t i = 0; i < explanation->n_layers; i++) {
        write_explained_layer(out, &explanation->layers[i]);
    }
    json_close(out, ']');
    json_close(out, '}');
}

static void
write_explained_layer(struct text *out, const struct explained_layer *layer)
{
    json_open(out, NULL, '{');
    json_string(out, "side", side_name(layer->result->side));
    json_string(out, "layer", layer_name(layer->result->layer));
    json_string(out, "outcome", layer_outcome_name(layer->result->outcome));
    json_string(out, "ruleset", layer->result->ruleset);
    json_string(out, "ruleset_id", layer->result->ruleset_id);
    json_open(out, "rules", '[');
    for (size_t i = 0; i < layer->n_rules; i++) {
        write_explained_rule(out, &layer->rules[i]);
    }
    json_close(out, ']');
    json_u64(out, "more_rules", layer->n_more_rules);
    json_close(out, '}');
}

static void
write_explained_rule(struct text *out, const struct explained_rule *explained)
{
    static const char *const matches[] = {
        [RULE_MATCHES] = "matches",     [RULE_MATCHES_PART] = "matches_part",
        [RULE_DIFFERS] = "differs",     [RULE_HIDDEN] = "hidden",
        [RULE_UNCERTAIN] = "uncertain",
    };
    static const char *const field_matches[] = {
        [FIELD_MATCHES] = "matches",
        [FIELD_MATCHES_PART] = "matches_part",
        [FIELD_DIFFERS] = "differs",
        [FIELD_UNCERTAIN] = "uncertain",
    };
    static const char *const fields[N_FIELDS] = {
        [FIELD_PROTOCOL] = "protocol",
        [FIELD_SOURCE] = "source",
        [FIELD_SOURCE_PORT] = "source_port",
        [FIELD_DESTINATION] = "destination",
        [FIELD_DESTINATION_PORT] = "destination_port",
    };
    const struct policy_rule *rule = explained->rule;

    json_open(out, NULL, '{');
    json_string(out, "rule", rule->name);
    json_string(out, "rule_id", rule->id);
    json_string(out, "rule_kind", rule_kind_name(rule->kind));
    json_string(out, "ruleset", rule->ruleset);
    json_double(out, "priority", (double) rule->priority);
    json_string(out, "access", access_name(rule->access));
    json_string(out, "description", rule->description);
    json_string(out, "protocol", rule->protocol_text);
    json_string(out, "source", rule->source_text);
    json_string(out, "source_ports", rule->source_ports_text);
    json_string(out, "destination", rule->destination_text);
    json_string(out, "destination_ports", rule->destination_ports_text);
    json_string(out, "match", matches[explained->match]);
    json_double(out, "share", explained->share);
    json_string(out, "why", explained->why);
    json_open(out, "fields", '{');
    for (size_t i = 0; i < N_FIELDS; i++) {
        json_string(out, fields[i], field_matches[explained->fields[i]]);
    }
    json_close(out, '}');
    json_close(out, '}');
}

static void
write_rule_change(struct text *out, const struct rule_change *change)
{
    json_open(out, NULL, '{');
    json_string(out, "what", change->what);
    json_string(out, "layer", change->layer);
    json_string(out, "ruleset", change->ruleset);
    json_string(out, "rule", change->rule);
    json_string(out, "field", change->field);
    json_string(out, "before", change->before);
    json_string(out, "after", change->after);
    json_bool(out, "alone", change->alone);
    json_close(out, '}');
}
