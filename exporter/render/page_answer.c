/* Why a flow has its verdict: the heart of the flow page and of "what if". */

#include <stdio.h>

#include "engine/base/text.h"
#include "engine/judge/explain.h"
#include "exporter/render/html.h"
#include "exporter/render/page.h"
#include "exporter/render/page_parts.h"
#include "exporter/snapshot.h"

static void append_sentence(struct text *out, const struct flow_result *result,
                            const struct explanation *explanation);
static void append_ends(struct text *out,
                        const struct explanation *explanation);
static void append_layers(struct text *out, const struct page_frame *frame,
                          const struct explanation *explanation);
static void append_layer(struct text *out, const struct page_frame *frame,
                         const struct explained_layer *layer, size_t number);
static void append_rules(struct text *out, const struct page_frame *frame,
                         const struct explained_layer *layer, size_t number);
static void append_rule(struct text *out,
                        const struct explained_rule *explained);
static void append_field(struct text *out, const char *label,
                         const char *value, enum field_match match);
static void append_regions(struct text *out, const struct page_frame *frame,
                           const struct verdict *verdict);
static void append_region(struct text *out, const struct page_frame *frame,
                          const struct region *region);
static void append_packet(struct text *out, const struct packet *packet);

void
part_answer(struct text *out, const struct page_frame *frame,
            const struct flow_result *result,
            const struct explanation *explanation)
{
    append_sentence(out, result, explanation);
    if (explanation) {
        append_ends(out, explanation);
        if (explanation->n_layers) {
            append_layers(out, frame, explanation);
        }
    }
    if (result->verdict->n_regions > 1) {
        append_regions(out, frame, result->verdict);
    }
}

static void
append_sentence(struct text *out, const struct flow_result *result,
                const struct explanation *explanation)
{
    const struct verdict *verdict = result->verdict;

    text_printf(out, "<div class=\"answer %s%s\">\n",
                verdict_name(verdict->kind),
                result->violated ? " violated" : "");
    html(out, "<p class=\"big\">");
    html_verdict(out, verdict->kind);
    if (result->violated) {
        html(out, result->flow->expect_allow
                      ? " <span class=\"bad\">expected allow</span>"
                      : " <span class=\"bad\">expected deny</span>");
    }
    if (!verdict->certain) {
        html(out, " <span class=\"muted\">not certain in every part</span>");
    }
    html_in(out, "</p>\n<p id=\"sentence\">",
            explanation ? explanation->sentence : verdict->reason_detail,
            "</p>\n");
    if (verdict->kind == VERDICT_UNKNOWN) {
        html_in(out, "<p class=\"note\">Reason: <code>",
                reason_name(verdict->reason), "</code></p>\n");
    }
    if (explanation && explanation->n_notes) {
        html(out, "<ul class=\"notes\">\n");
        for (size_t i = 0; i < explanation->n_notes; i++) {
            html_in(out, "<li>", explanation->notes[i], "</li>\n");
        }
        html(out, "</ul>\n");
    }
    html(out, "<button type=\"button\" data-copy=\"sentence\" hidden>Copy "
              "sentence</button>\n</div>\n");
}

static void
append_ends(struct text *out, const struct explanation *explanation)
{
    html(out, "<dl class=\"facts\">\n");
    html_in(out, "<div><dt>Source</dt><dd>", explanation->source,
            "</dd></div>\n");
    html_in(out, "<div><dt>Destination</dt><dd>", explanation->destination,
            "</dd></div>\n</dl>\n");
}

static void
append_layers(struct text *out, const struct page_frame *frame,
              const struct explanation *explanation)
{
    html(out, "<h2>Layers, in the order of evaluation</h2>\n"
              "<ol class=\"layers\">\n");
    for (size_t i = 0; i < explanation->n_layers; i++) {
        append_layer(out, frame, &explanation->layers[i], i);
    }
    html(out, "</ol>\n");
}

static void
append_layer(struct text *out, const struct page_frame *frame,
             const struct explained_layer *layer, size_t number)
{
    static const char *const outcomes[N_OUTCOMES] = {
        [OUTCOME_ALLOW] = "allows",
        [OUTCOME_DENY] = "denies",
        [OUTCOME_ALWAYS_ALLOW] = "always allows",
        [OUTCOME_MIXED] = "allows some, denies some",
        [OUTCOME_NO_MATCH] = "no rule matches",
        [OUTCOME_NO_RULESET] = "nothing attached",
        [OUTCOME_NOT_APPLICABLE] = "not applicable",
        [OUTCOME_NOT_CONSULTED] = "not consulted",
        [OUTCOME_UNCERTAIN] = "uncertain",
    };
    const struct layer_result *result = layer->result;

    text_printf(out, "<li class=\"layer %s\"><h3 id=\"layer-%zu\">",
                layer_outcome_name(result->outcome), number);
    html_in(out, "<span>", side_name(result->side), ": ");
    html_in(out, "", layer_title(result->layer), "</span> ");
    html_in(out, "<span class=\"outcome\">", outcomes[result->outcome],
            "</span></h3>\n");
    if (*result->ruleset) {
        html(out, "<p class=\"note\">");
        if (result->rule && result->layer != LAYER_ADMIN) {
            html_ruleset(out, frame->snapshot ? frame->snapshot->config : NULL,
                         result->rule);
        } else {
            html_text(out, result->ruleset);
        }
        html(out, "</p>\n");
    }
    if (layer->n_rules) {
        append_rules(out, frame, layer, number);
    }
    html(out, "</li>\n");
}

static void
append_rules(struct text *out, const struct page_frame *frame,
             const struct explained_layer *layer, size_t number)
{
    (void) frame;
    text_printf(out,
                "<div class=\"scroll\" role=\"region\" "
                "aria-labelledby=\"layer-%zu\" tabindex=\"0\">"
                "<table class=\"rules\">\n<thead><tr>"
                "<th scope=\"col\">Priority</th><th scope=\"col\">Rule</th>"
                "<th scope=\"col\">Access</th>"
                "<th scope=\"col\">Protocol</th>"
                "<th scope=\"col\">Source</th>"
                "<th scope=\"col\">Destination</th>"
                "<th scope=\"col\">Result</th></tr></thead>\n<tbody>\n",
                number);
    for (size_t i = 0; i < layer->n_rules; i++) {
        append_rule(out, &layer->rules[i]);
    }
    html(out, "</tbody></table></div>\n");
    if (layer->n_more_rules) {
        html(out, "<p class=\"note\">");
        html_number(out, layer->n_more_rules);
        html(out, layer->n_more_rules == 1
                      ? " more rule was not reached.</p>\n"
                      : " more rules were not reached.</p>\n");
    }
}

static void
append_rule(struct text *out, const struct explained_rule *explained)
{
    static const struct {
        const char *class, *title;
    } matches[] = {
        [RULE_MATCHES] = { "hit", "matches" },
        [RULE_MATCHES_PART] = { "hit part", "matches some" },
        [RULE_DIFFERS] = { "miss", "does not match" },
        [RULE_HIDDEN] = { "miss", "decided before" },
        [RULE_UNCERTAIN] = { "maybe", "may match" },
    };
    const struct policy_rule *rule = explained->rule;

    html_in(out, "<tr class=\"", matches[explained->match].class, "\">");
    text_printf(out, "<td class=\"number\">%d</td>", rule->priority);
    html_in(out, "<th scope=\"row\"><code>", rule->name, "</code>");
    if (rule->kind != RULE_CUSTOM) {
        html_in(out, "<span class=\"note\">", rule_kind_name(rule->kind),
                " rule</span>");
    }
    if (*rule->description) {
        html_in(out, "<span class=\"note\">", rule->description, "</span>");
    }
    html_in(out, "</th><td>", access_name(rule->access), "</td><td>");
    append_field(out, NULL, rule->protocol_text,
                 explained->fields[FIELD_PROTOCOL]);
    html(out, "</td><td>");
    append_field(out, NULL, rule->source_text,
                 explained->fields[FIELD_SOURCE]);
    append_field(out, "port ", rule->source_ports_text,
                 explained->fields[FIELD_SOURCE_PORT]);
    html(out, "</td><td>");
    append_field(out, NULL, rule->destination_text,
                 explained->fields[FIELD_DESTINATION]);
    append_field(out, "port ", rule->destination_ports_text,
                 explained->fields[FIELD_DESTINATION_PORT]);
    html_in(out, "</td><td><span class=\"match\">",
            matches[explained->match].title, "</span>");
    if (explained->match == RULE_MATCHES_PART) {
        html(out, " <span class=\"muted\">");
        html_share(out, explained->share);
        html(out, "</span>");
    }
    html_in(out, "<span class=\"note\">", explained->why,
            "</span></td></tr>\n");
}

static void
append_field(struct text *out, const char *label, const char *value,
             enum field_match match)
{
    static const char *const classes[] = {
        [FIELD_MATCHES] = "field same",
        [FIELD_MATCHES_PART] = "field some",
        [FIELD_DIFFERS] = "field differs",
        [FIELD_UNCERTAIN] = "field maybe",
    };
    static const char *const words[] = {
        [FIELD_MATCHES] = "",
        [FIELD_MATCHES_PART] = "in part",
        [FIELD_DIFFERS] = "differs",
        [FIELD_UNCERTAIN] = "uncertain",
    };
    html_in(out, "<span class=\"", classes[match], "\">");
    html(out, label ? label : "");
    html_text(out, value);
    if (match != FIELD_MATCHES) {
        html_in(out, " <small>", words[match], "</small>");
    }
    html(out, "</span>");
}

static void
append_regions(struct text *out, const struct page_frame *frame,
               const struct verdict *verdict)
{
    html(out, "<h2 id=\"regions\">Which packets</h2>\n"
              "<div class=\"scroll\" role=\"region\" "
              "aria-labelledby=\"regions\" tabindex=\"0\">"
              "<table>\n<thead><tr><th scope=\"col\">Verdict</th>"
              "<th scope=\"col\">Share</th><th scope=\"col\">Decided by</th>"
              "<th scope=\"col\">Example packet</th></tr></thead>\n"
              "<tbody>\n");
    for (size_t i = 0; i < verdict->n_regions; i++) {
        append_region(out, frame, &verdict->regions[i]);
    }
    html(out, "</tbody></table></div>\n");
    if (verdict->n_more_regions) {
        html(out, "<p class=\"note\">And ");
        html_number(out, verdict->n_more_regions);
        html(out, " smaller parts.</p>\n");
    }
}

static void
append_region(struct text *out, const struct page_frame *frame,
              const struct region *region)
{
    const struct policy_rule *rule = region->decision.rule;

    html(out, "<tr><td>");
    html_verdict(out, region->kind);
    html(out, "</td><td class=\"number\">");
    html_share(out, region->share);
    html(out, "</td><td>");
    if (region->kind == VERDICT_UNKNOWN) {
        html_in(out, "<code>", reason_name(region->reason), "</code>");
    } else if (rule) {
        html_in(out, "<code>", rule->name, "</code>");
        html_in(out, "<span class=\"note\">",
                layer_title(region->decision.layer), " ");
        html_ruleset(out, frame->snapshot ? frame->snapshot->config : NULL,
                     rule);
        html(out, "</span>");
    } else {
        html(out, "<span class=\"muted\">no rule</span>");
    }
    html(out, "</td><td><code>");
    append_packet(out, &region->example);
    html(out, "</code></td></tr>\n");
}

static void
append_packet(struct text *out, const struct packet *packet)
{
    char source[ADDRESS_TEXT_SIZE], destination[ADDRESS_TEXT_SIZE];
    address_format(packet->source, source);
    address_format(packet->destination, destination);
    bool ports = PROTOCOLS_WITH_PORTS >> packet->protocol & 1;
    bool v6 = packet->source.family == FAMILY_IPV6;
    const char *open = ports && v6 ? "[" : "", *close = ports && v6 ? "]" : "";

    text_printf(out, "%s %s%s%s", protocol_name(packet->protocol), open,
                source, close);
    if (ports) {
        text_printf(out, ":%u", packet->source_port);
    }
    text_printf(out, " → %s%s%s", open, destination, close);
    if (ports) {
        text_printf(out, ":%u", packet->destination_port);
    }
}
