#include "config/config.h"
#include "engine/base/text.h"
#include "engine/judge/cause.h"
#include "exporter/render/json_write.h"
#include "exporter/tool/diff_report.h"
#include "exporter/tool/packets.h"

/* Writes a member whose value is put together by 'append'. */
#define WRITE(out, name, append, ...)                                         \
    do {                                                                      \
        struct text word_;                                                    \
        text_init(&word_);                                                    \
        append(&word_, __VA_ARGS__);                                          \
        json_string(out, name, word_.data);                                   \
        text_clear(&word_);                                                   \
    } while (0)

static void
write_rule(struct text *out, const char *name, const struct policy_rule *rule)
{
    json_open(out, name, '{');
    json_string(out, "rule", rule ? rule->name : "");
    json_string(out, "rule_id", rule ? rule->id : "");
    json_string(out, "rule_kind",
                rule_kind_name(rule ? rule->kind : RULE_NONE));
    json_u64(out, "priority", rule ? (uint64_t) rule->priority : 0);
    json_close(out, '}');
}

static void
write_change(struct text *out, const struct diff_change *change)
{
    json_open(out, NULL, '{');
    json_string(out, "family",
                change->family == FAMILY_IPV4 ? "IPv4" : "IPv6");
    json_string(out, "access_before", effect_name(change->before_effect));
    json_string(out, "access_after", effect_name(change->after_effect));
    write_rule(out, "before", change->before);
    write_rule(out, "after", change->after);
    /* Digits in a string: there may be more than a double holds. */
    WRITE(out, "packets", packets_digits, change->count);
    WRITE(out, "example", packets_example, &change->example);
    json_open(out, "regions", '[');
    for (size_t i = 0; i < change->n_regions; i++) {
        WRITE(out, NULL, packets_box, &change->regions[i], change->family);
    }
    json_close(out, ']');
    json_bool(out, "more_regions", change->has_more_regions);
    json_close(out, '}');
}

static void
write_ruleset(struct text *out, const struct ruleset_diff *ruleset)
{
    json_open(out, NULL, '{');
    json_string(out, "ruleset", ruleset->ruleset);
    json_string(out, "ruleset_id", ruleset->ruleset_id);
    json_string(out, "direction", direction_name(ruleset->direction));
    json_string(out, "layer", layer_name(ruleset->layer));
    json_string(out, "change", ruleset_change_name(ruleset->change));
    json_string(out, "was", ruleset->was);
    json_string(out, "nic", ruleset->nic);
    json_u64(out, "nics", ruleset->n_nics);
    json_u64(out, "edited_rules", ruleset->diff.n_edits);
    json_bool(out, "comparable", !ruleset->not_comparable);
    json_bool(out, "complete",
              ruleset->diff.complete && !ruleset->not_comparable);
    json_open(out, "changes", '[');
    for (size_t i = 0; i < ruleset->diff.n_changes; i++) {
        write_change(out, &ruleset->diff.changes[i]);
    }
    json_close(out, ']');
    json_close(out, '}');
}

static void
write_verdict(struct text *out, const char *name,
              const struct verdict *verdict)
{
    const struct policy_rule *rule = verdict->decision.rule;

    json_open(out, name, '{');
    json_string(out, "verdict", verdict_name(verdict->kind));
    json_string(out, "reason", reason_name(verdict->reason));
    json_double(out, "allowed_ratio", verdict->allowed_ratio);
    json_string(out, "side", side_name(verdict->decision.side));
    json_string(out, "layer", layer_name(verdict->decision.layer));
    json_string(out, "ruleset", rule ? rule->ruleset : "");
    json_string(out, "rule", rule ? rule->name : "");
    json_close(out, '}');
}

static void
write_cause(struct text *out, const struct cause *cause)
{
    json_open(out, NULL, '{');
    json_string(out, "what", cause->what);
    json_string(out, "layer", cause->layer);
    json_string(out, "ruleset", cause->ruleset);
    json_string(out, "rule", cause->rule);
    json_string(out, "field", cause->field);
    json_string(out, "before", cause->before);
    json_string(out, "after", cause->after);
    json_bool(out, "alone", cause->alone);
    json_close(out, '}');
}

static void
write_flip(struct text *out, const struct flow_flip *flip)
{
    json_open(out, NULL, '{');
    json_string(out, "name", flip->flow->flow.name);
    json_string(out, "expected", flip->flow->expect_allow ? "allow" : "deny");
    write_verdict(out, "before", flip->before);
    write_verdict(out, "after", flip->after);
    json_open(out, "causes", '[');
    for (size_t i = 0; i < flip->n_causes; i++) {
        write_cause(out, &flip->causes[i]);
    }
    json_close(out, ']');
    json_close(out, '}');
}

void
diff_report_json(struct text *out, const struct diff_report *report)
{
    const struct estate_diff *estates = &report->estates;

    json_open(out, NULL, '{');
    json_string(out, "before", report->before);
    json_string(out, "after", report->after);
    json_bool(out, "differs", diff_report_differs(report));
    json_open(out, "rulesets", '[');
    for (size_t i = 0; i < estates->n_rulesets; i++) {
        write_ruleset(out, &estates->rulesets[i]);
    }
    json_close(out, ']');
    json_open(out, "unused_groups", '[');
    for (size_t i = 0; i < estates->n_unused; i++) {
        json_string(out, NULL, estates->unused[i]);
    }
    json_close(out, ']');
    json_u64(out, "nics_added", estates->n_nics_added);
    json_u64(out, "nics_removed", estates->n_nics_removed);
    json_u64(out, "flows_judged", report->n_flows);
    json_open(out, "flows", '[');
    for (size_t i = 0; i < report->n_flips; i++) {
        write_flip(out, &report->flips[i]);
    }
    json_close(out, ']');
    json_close(out, '}');
    text_append_char(out, '\n');
}
