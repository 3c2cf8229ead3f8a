#include "exporter/render/table.h"

#include <stdio.h>

#include "engine/base/text.h"
#include "engine/judge/explain.h"
#include "engine/judge/verdict.h"
#include "engine/model/port.h"
#include "exporter/render/grid.h"
#include "exporter/snapshot.h"

static void add_result(struct grid *grid, const struct flow_result *result,
                       bool narrow);
static void append_percent(struct text *out, double share);
static void append_summary(struct text *out,
                           const struct flow_result *const results[],
                           size_t n);
static enum grid_colour verdict_colour(enum verdict_kind kind);
static void append_reason(struct text *out, const struct verdict *verdict);
static void append_layer(struct text *out, const struct explained_layer *layer,
                         const struct table_style *style);
static void append_regions(struct text *out, const struct verdict *verdict,
                           const struct table_style *style);
static void append_packet(struct text *out, const struct packet *packet);

void
table_results(struct text *out, const struct flow_result *const results[],
              size_t n, const struct table_style *style)
{
    static const char *const heads[] = { "FLOW", "EXPECTED",   "VERDICT",
                                         "",     "DECIDED BY", "REASON" };
    enum { N_HEADS = sizeof heads / sizeof *heads, NARROW = 120 };
    /* On a narrow terminal the rule alone says more than the begin of all:
     * it, or the reason why there is none, stands in the last column. */
    bool narrow = style->width && style->width < NARROW;
    size_t n_columns = narrow ? N_HEADS - 1 : N_HEADS;
    struct grid *grid = grid_create(n_columns);

    for (size_t i = 0; i < n_columns; i++) {
        grid_add(grid, heads[i], GRID_BOLD);
    }
    for (size_t i = 0; i < n; i++) {
        add_result(grid, results[i], narrow);
    }
    grid_write(grid, out, 0, style->width, style->colour);
    grid_destroy(grid);
    text_append_char(out, '\n');
    append_summary(out, results, n);
}

/* Nothing is cut to the width here: the reason stands at the end of its line,
 * and the terminal can wrap it. */
void
table_explanation(struct text *out, const struct explanation *explanation,
                  const struct table_style *style)
{
    const struct verdict *verdict = explanation->verdict;

    grid_clean(out, explanation->sentence);
    text_append(out, "\n\n  source       ");
    grid_clean(out, explanation->source);
    text_append(out, "\n  destination  ");
    grid_clean(out, explanation->destination);
    text_append_char(out, '\n');
    for (size_t i = 0; i < explanation->n_layers; i++) {
        append_layer(out, &explanation->layers[i], style);
    }
    if (verdict->n_regions > 1) {
        append_regions(out, verdict, style);
    }
    for (size_t i = 0; i < explanation->n_notes; i++) {
        text_append(out, i ? "note: " : "\nnote: ");
        grid_clean(out, explanation->notes[i]);
        text_append_char(out, '\n');
    }
}

void
table_decision(struct text *out, const struct decision *decision)
{
    const struct policy_rule *rule = decision->rule;

    if (!rule) {
        text_append(out, "no rule");
        return;
    }
    text_printf(out, "%s %s %s %s", side_name(decision->side),
                layer_name(decision->layer), rule->ruleset, rule->name);
}

static void
add_result(struct grid *grid, const struct flow_result *result, bool narrow)
{
    const struct verdict *verdict = result->verdict;
    struct text cell;

    text_init(&cell);
    grid_add(grid, result->flow->flow.name, GRID_PLAIN);
    grid_add(grid, result->flow->expect_allow ? "allow" : "deny", GRID_PLAIN);
    grid_add(grid, verdict_name(verdict->kind), verdict_colour(verdict->kind));
    grid_add(grid, result->violated ? "VIOLATED" : "", GRID_RED);
    if (!narrow) {
        table_decision(&cell, &verdict->decision);
        grid_add(grid, cell.data, GRID_PLAIN);
        text_reset(&cell);
        append_reason(&cell, verdict);
    } else if (verdict->decision.rule) {
        text_append(&cell, verdict->decision.rule->name);
    } else if (verdict->kind == VERDICT_UNKNOWN) {
        append_reason(&cell, verdict);
    } else {
        text_append(&cell, "no rule");
    }
    grid_add(grid, cell.data, GRID_PLAIN);
    text_clear(&cell);
}

static void
append_summary(struct text *out, const struct flow_result *const results[],
               size_t n)
{
    size_t kinds[N_VERDICTS] = { 0 };
    size_t n_violated = 0;

    for (size_t i = 0; i < n; i++) {
        kinds[results[i]->verdict->kind]++;
        n_violated += results[i]->violated;
    }
    text_printf(out, "%zu %s:", n, n == 1 ? "flow" : "flows");
    for (size_t i = 0; i < N_VERDICTS; i++) {
        text_printf(out, "%s %zu %s", i ? "," : "", kinds[i],
                    verdict_name((enum verdict_kind) i));
    }
    text_printf(out, "; %zu violated\n", n_violated);
}

static enum grid_colour
verdict_colour(enum verdict_kind kind)
{
    static const enum grid_colour colours[N_VERDICTS] = {
        [VERDICT_ALLOW] = GRID_GREEN,
        [VERDICT_DENY] = GRID_RED,
        [VERDICT_PARTIAL] = GRID_YELLOW,
        [VERDICT_UNKNOWN] = GRID_YELLOW,
    };

    return colours[kind];
}

/* Appends what the verdict's word does not say. */
static void
append_reason(struct text *out, const struct verdict *verdict)
{
    if (verdict->kind == VERDICT_UNKNOWN) {
        text_append(out, reason_name(verdict->reason));
        if (*verdict->reason_detail) {
            text_printf(out, ": %s", verdict->reason_detail);
        }
    } else if (verdict->kind == VERDICT_PARTIAL) {
        append_percent(out, verdict->allowed_ratio);
        text_append(out, " of the packets allowed");
    }
    if (verdict->kind != VERDICT_UNKNOWN && !verdict->certain) {
        text_append(out, out->length ? ", not certain" : "not certain");
    }
}

/* What is almost nothing or all is not rounded to it. */
static void
append_percent(struct text *out, double share)
{
    if (share > 0 && share < 0.0001) {
        text_append(out, "<0.01%");
    } else if (share < 1 && share > 0.9999) {
        text_append(out, ">99.99%");
    } else {
        text_printf(out, "%.4g%%", share * 100);
    }
}

static const char *
match_name(enum rule_match match)
{
    static const char *const names[] = {
        [RULE_MATCHES] = "matches",     [RULE_MATCHES_PART] = "matches part",
        [RULE_DIFFERS] = "no match",    [RULE_HIDDEN] = "hidden",
        [RULE_UNCERTAIN] = "may match",
    };

    return names[match];
}

/* Appends the names of the fields that did not match. */
static void
append_fields(struct text *out, const struct explained_rule *rule)
{
    bool first = true;

    for (size_t i = 0; i < N_FIELDS; i++) {
        if (rule->fields[i] == FIELD_DIFFERS) {
            text_append(out, first ? "" : ", ");
            text_append(out, field_name((enum field) i));
            first = false;
        }
    }
}

static void
add_rule(struct grid *grid, const struct explained_rule *explained)
{
    const struct policy_rule *rule = explained->rule;
    bool decides = explained->match == RULE_MATCHES
                   || explained->match == RULE_MATCHES_PART;
    char priority[16];
    struct text cell;

    (void) snprintf(priority, sizeof priority, "%d", rule->priority);
    text_init(&cell);
    grid_add(grid, priority, GRID_PLAIN);
    grid_add(grid, rule->name, decides ? GRID_BOLD : GRID_PLAIN);
    grid_add(grid, access_name(rule->access), GRID_PLAIN);
    grid_add(grid, match_name(explained->match),
             decides ? GRID_BOLD : GRID_PLAIN);
    append_fields(&cell, explained);
    grid_add(grid, cell.data, GRID_PLAIN);
    grid_add(grid, explained->why, GRID_PLAIN);
    text_clear(&cell);
}

static void
append_layer(struct text *out, const struct explained_layer *layer,
             const struct table_style *style)
{
    const struct layer_result *result = layer->result;
    struct grid *grid = grid_create(6);

    text_printf(out, "\n%s %s", side_name(result->side),
                layer_name(result->layer));
    if (*result->ruleset) {
        text_append_char(out, ' ');
        grid_clean(out, result->ruleset);
    }
    text_printf(out, ": %s\n", layer_outcome_name(result->outcome));
    for (size_t i = 0; i < layer->n_rules; i++) {
        add_rule(grid, &layer->rules[i]);
    }
    grid_write(grid, out, 2, 0, style->colour);
    grid_destroy(grid);
    if (layer->n_more_rules) {
        text_printf(out, "  (%zu more %s not tried)\n", layer->n_more_rules,
                    layer->n_more_rules == 1 ? "rule was" : "rules were");
    }
}

static void
append_regions(struct text *out, const struct verdict *verdict,
               const struct table_style *style)
{
    struct grid *grid = grid_create(4);

    text_append(out, "\nregions\n");
    for (size_t i = 0; i < verdict->n_regions; i++) {
        const struct region *region = &verdict->regions[i];
        struct text cell;

        text_init(&cell);
        append_percent(&cell, region->share);
        grid_add(grid, cell.data, GRID_PLAIN);
        text_reset(&cell);
        grid_add(grid, verdict_name(region->kind),
                 verdict_colour(region->kind));
        table_decision(&cell, &region->decision);
        grid_add(grid, cell.data, GRID_PLAIN);
        text_reset(&cell);
        text_append(&cell, "for example ");
        append_packet(&cell, &region->example);
        grid_add(grid, cell.data, GRID_PLAIN);
        text_clear(&cell);
    }
    grid_write(grid, out, 2, 0, style->colour);
    grid_destroy(grid);
    if (verdict->n_more_regions) {
        text_printf(out, "  (%zu more)\n", verdict->n_more_regions);
    }
}

static void
append_end(struct text *out, struct address address, uint32_t port)
{
    char words[ADDRESS_TEXT_SIZE];
    bool brackets = address.family == FAMILY_IPV6 && port != PORT_NONE;

    address_format(address, words);
    text_printf(out, brackets ? "[%s]" : "%s", words);
    if (port != PORT_NONE) {
        text_printf(out, ":%u", port);
    }
}

static void
append_packet(struct text *out, const struct packet *packet)
{
    text_printf(out, "%s ", protocol_name(packet->protocol));
    append_end(out, packet->source, packet->source_port);
    text_append(out, " to ");
    append_end(out, packet->destination, packet->destination_port);
}
