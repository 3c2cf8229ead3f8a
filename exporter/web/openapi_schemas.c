#include "exporter/web/openapi_schemas.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "engine/base/text.h"
#include "exporter/render/json_write.h"

#define VERDICTS "allow,deny,partial,unknown"
#define SIDES "source,destination"
#define LAYERS "admin,subnet_nsg,nic_nsg"
#define KINDS "custom,default,admin"
#define MATCHES "matches,matches_part,differs,uncertain"
#define OUTCOMES                                                              \
    "allow,deny,always_allow,mixed,no_match,no_ruleset,not_applicable,"       \
    "not_consulted,uncertain"

/* Members of one shape stand together; '?' marks those that may be absent. */
static const struct {
    const char *shape, *member, *type;
} members[] = {
    { "Flows", "evaluated_at", "time" },
    { "Flows", "flows", "[]Flow" },
    { "Flows", "total", "integer" },
    { "Flow", "name", "string" },
    { "Flow", "?description", "string" },
    { "Flow", "expected", "allow,deny" },
    { "Flow", "verdict", VERDICTS },
    { "Flow", "violated", "boolean" },
    { "Flow", "reason", "string" },
    { "Flow", "?reason_detail", "string" },
    { "Flow", "certain", "boolean" },
    { "Flow", "allowed_ratio", "number" },
    { "Flow", "decision", "Decision" },
    { "Flow", "layers", "[]Layer" },
    { "Flow", "regions", "[]Region|MoreRegions" },
    { "Flow", "data_timestamp", "time" },
    { "Flow", "last_change", "time" },
    { "Flow", "?explanation", "Explanation" },
    { "Decision", "side", SIDES "," },
    { "Decision", "layer", LAYERS ",none" },
    { "Decision", "ruleset", "string" },
    { "Decision", "ruleset_id", "string" },
    { "Decision", "rule", "string" },
    { "Decision", "rule_id", "string" },
    { "Decision", "rule_kind", KINDS ",none" },
    { "Decision", "access", "string" },
    { "Decision", "priority", "number" },
    { "Decision", "portal_url", "string" },
    { "Layer", "side", SIDES },
    { "Layer", "layer", LAYERS },
    { "Layer", "outcome", OUTCOMES },
    { "Layer", "?ruleset", "string" },
    { "Layer", "?rule", "string" },
    { "Layer", "?rule_kind", KINDS },
    { "Layer", "?priority", "number" },
    { "Region", "verdict", VERDICTS },
    { "Region", "share", "number" },
    { "Region", "?reason", "string" },
    { "Region", "?certain", "boolean" },
    { "Region", "side", SIDES "," },
    { "Region", "layer", LAYERS ",none" },
    { "Region", "ruleset", "string" },
    { "Region", "rule", "string" },
    { "Region", "example", "Packet" },
    { "MoreRegions", "more", "integer" },
    { "Packet", "protocol", "string" },
    { "Packet", "local_address", "string" },
    { "Packet", "?local_port", "integer" },
    { "Packet", "remote_address", "string" },
    { "Packet", "?remote_port", "integer" },
    { "Explanation", "sentence", "string" },
    { "Explanation", "source", "string" },
    { "Explanation", "destination", "string" },
    { "Explanation", "notes", "[]string" },
    { "Explanation", "layers", "[]ExplainedLayer" },
    { "ExplainedLayer", "side", SIDES },
    { "ExplainedLayer", "layer", LAYERS },
    { "ExplainedLayer", "outcome", OUTCOMES },
    { "ExplainedLayer", "ruleset", "string" },
    { "ExplainedLayer", "ruleset_id", "string" },
    { "ExplainedLayer", "rules", "[]ExplainedRule" },
    { "ExplainedLayer", "more_rules", "integer" },
    { "ExplainedRule", "rule", "string" },
    { "ExplainedRule", "rule_id", "string" },
    { "ExplainedRule", "rule_kind", KINDS ",none" },
    { "ExplainedRule", "ruleset", "string" },
    { "ExplainedRule", "priority", "number" },
    { "ExplainedRule", "access", "string" },
    { "ExplainedRule", "description", "string" },
    { "ExplainedRule", "protocol", "string" },
    { "ExplainedRule", "source", "string" },
    { "ExplainedRule", "source_ports", "string" },
    { "ExplainedRule", "destination", "string" },
    { "ExplainedRule", "destination_ports", "string" },
    { "ExplainedRule", "match", MATCHES ",hidden" },
    { "ExplainedRule", "share", "number" },
    { "ExplainedRule", "why", "string" },
    { "ExplainedRule", "fields", "FieldMatches" },
    { "FieldMatches", "protocol", MATCHES },
    { "FieldMatches", "source", MATCHES },
    { "FieldMatches", "source_port", MATCHES },
    { "FieldMatches", "destination", MATCHES },
    { "FieldMatches", "destination_port", MATCHES },
    { "Changes", "changes", "[]Change" },
    { "Change", "at", "time" },
    { "Change", "flow", "string" },
    { "Change", "violated", "boolean" },
    { "Change", "before", "ChangeEnd" },
    { "Change", "after", "ChangeEnd" },
    { "Change", "rule_changes", "[]RuleChange" },
    { "ChangeEnd", "verdict", VERDICTS },
    { "ChangeEnd", "layer", LAYERS ",none" },
    { "ChangeEnd", "ruleset", "string" },
    { "ChangeEnd", "rule", "string" },
    { "RuleChange", "what",
      "added,removed,changed,tag_changed,members_changed,attached,detached" },
    { "RuleChange", "layer", LAYERS },
    { "RuleChange", "ruleset", "string" },
    { "RuleChange", "rule", "string" },
    { "RuleChange", "field", "string" },
    { "RuleChange", "before", "string" },
    { "RuleChange", "after", "string" },
    { "RuleChange", "alone", "boolean" },
    { "Status", "ready", "boolean" },
    { "Status", "flows", "integer" },
    { "Status", "config_file", "string" },
    { "Status", "config_hash", "string" },
    { "Status", "cycle", "Cycle" },
    { "Status", "feeds", "[]Feed" },
    { "Status", "findings", "[]string" },
    { "Status", "build", "Build" },
    { "Cycle", "cycles", "integer" },
    { "Cycle", "failures", "integer" },
    { "Cycle", "evaluated_at", "time" },
    { "Cycle", "last_success", "time" },
    { "Cycle", "interval_seconds", "number" },
    { "Cycle", "duration_seconds", "number" },
    { "Cycle", "fetch_seconds", "number" },
    { "Cycle", "compile_seconds", "number" },
    { "Cycle", "evaluate_seconds", "number" },
    { "Cycle", "render_seconds", "number" },
    { "Feed", "feed", "string" },
    { "Feed", "scope", "string" },
    { "Feed", "up", "boolean" },
    { "Feed", "has_data", "boolean" },
    { "Feed", "last_success", "time" },
    { "Feed", "last_attempt", "time" },
    { "Feed", "duration_seconds", "number" },
    { "Feed", "objects", "integer" },
    { "Feed", "changes", "integer" },
    { "Feed", "error", "string" },
    { "Build", "version", "string" },
    { "Build", "revision", "string" },
    { "Failure", "status", "string" },
    { "Failure", "errorType",
      "bad_data,unauthorized,not_found,method_not_allowed,too_many_requests,"
      "internal,unavailable" },
    { "Failure", "error", "string" },
    /* The names are Azure's. */
    { "VerificationIPFlowParameters", "targetResourceId", "string" },
    { "VerificationIPFlowParameters", "direction", "string" },
    { "VerificationIPFlowParameters", "protocol", "string" },
    { "VerificationIPFlowParameters", "localIPAddress", "string" },
    { "VerificationIPFlowParameters", "localPort", "string" },
    { "VerificationIPFlowParameters", "remoteIPAddress", "string" },
    { "VerificationIPFlowParameters", "remotePort", "string" },
    { "VerificationIPFlowParameters", "?targetNicResourceId", "string" },
    { "VerificationIPFlowResult", "access", "Allow,Deny" },
    { "VerificationIPFlowResult", "ruleName", "string" },
    { "VerificationIPFlowResult", "ruleId", "string" },
    { "ErrorResponse", "error", "ErrorDetails" },
    { "ErrorDetails", "code", "string" },
    { "ErrorDetails", "message", "string" },
    { "ErrorDetails", "details", "[]object" },
};
enum { N_MEMBERS = sizeof members / sizeof *members };

static void append_words(struct text *out, const char *words);
static void append_references(struct text *out, const char *names);
static size_t append_shape(struct text *out, size_t first);
static bool is_optional(size_t i);

void
openapi_type(struct text *out, const char *name, const char *type)
{
    json_open(out, name, '{');
    if (!strncmp(type, "[]", 2)) {
        json_string(out, "type", "array");
        openapi_type(out, "items", type + 2);
    } else if (*type >= 'A' && *type <= 'Z' && !strchr(type, ',')) {
        append_references(out, type);
    } else if (strchr(type, ',')) {
        json_string(out, "type", "string");
        append_words(out, type);
    } else if (!strcmp(type, "time")) {
        json_string(out, "type", "string");
        json_string(out, "pattern", "^([0-9-]{10}T[0-9:]{8}Z)?$");
    } else {
        json_string(out, "type", type);
    }
    json_close(out, '}');
}

void
openapi_components(struct text *out)
{
    json_open(out, "components", '{');
    json_open(out, "schemas", '{');
    for (size_t i = 0; i < N_MEMBERS;) {
        i = append_shape(out, i);
    }
    json_close(out, '}');
    json_close(out, '}');
}

/* A comma at the end stands before the empty word. */
static void
append_words(struct text *out, const char *words)
{
    const char *comma;
    struct text word;

    json_open(out, "enum", '[');
    do {
        comma = strchr(words, ',');
        text_init(&word);
        text_append_bytes(&word, words,
                          comma ? (size_t) (comma - words) : strlen(words));
        json_string(out, NULL, word.data);
        text_clear(&word);
        words = comma ? comma + 1 : words;
    } while (comma);
    json_close(out, ']');
}

static void
append_references(struct text *out, const char *names)
{
    bool several = strchr(names, '|') != NULL;

    if (several) {
        json_open(out, "anyOf", '[');
    }
    while (*names) {
        size_t length = strcspn(names, "|");
        struct text reference;
        text_init(&reference);
        text_append(&reference, "#/components/schemas/");
        text_append_bytes(&reference, names, length);
        if (several) {
            json_open(out, NULL, '{');
        }
        json_string(out, "$ref", reference.data);
        if (several) {
            json_close(out, '}');
        }
        text_clear(&reference);
        names += length + (names[length] == '|');
    }
    if (several) {
        json_close(out, ']');
    }
}

/* Returns the first member of the next shape. */
static size_t
append_shape(struct text *out, size_t first)
{
    const char *shape = members[first].shape;
    size_t end = first;

    while (end < N_MEMBERS && !strcmp(members[end].shape, shape)) {
        end++;
    }
    json_open(out, shape, '{');
    json_string(out, "type", "object");
    json_open(out, "required", '[');
    for (size_t i = first; i < end; i++) {
        if (!is_optional(i)) {
            json_string(out, NULL, members[i].member);
        }
    }
    json_close(out, ']');
    json_open(out, "properties", '{');
    for (size_t i = first; i < end; i++) {
        openapi_type(out, members[i].member + is_optional(i), members[i].type);
    }
    json_close(out, '}');
    json_close(out, '}');
    return end;
}

static bool
is_optional(size_t i)
{
    return *members[i].member == '?';
}
