#include "config/config.h"
#include "engine/base/text.h"
#include "engine/judge/cause.h"
#include "exporter/render/table.h"
#include "exporter/tool/diff_report.h"
#include "exporter/tool/packets.h"

enum { CHANGES_SHOWN = 20, REGIONS_SHOWN = 4, CAUSES_SHOWN = 12 };

static bool
ruleset_differs(const struct ruleset_diff *ruleset)
{
    return ruleset->diff.n_changes || ruleset->not_comparable
           || !ruleset->diff.complete;
}

bool
diff_report_differs(const struct diff_report *report)
{
    for (size_t i = 0; i < report->estates.n_rulesets; i++) {
        if (ruleset_differs(&report->estates.rulesets[i])) {
            return true;
        }
    }
    return report->n_flips > 0;
}

static void
append_change(struct text *out, const struct diff_change *change)
{
    text_printf(out, "    %s -> %s: ", effect_name(change->before_effect),
                effect_name(change->after_effect));
    packets_count(out, change->count);
    text_printf(out, " %s packets; ",
                change->family == FAMILY_IPV4 ? "IPv4" : "IPv6");
    packets_rule(out, change->before);
    text_append(out, " -> ");
    packets_rule(out, change->after);
    text_append(out, "\n      for example ");
    packets_example(out, &change->example);
    text_append_char(out, '\n');
    for (size_t i = 0; i < change->n_regions && i < REGIONS_SHOWN; i++) {
        text_append(out, "      ");
        packets_box(out, &change->regions[i], change->family);
        text_append_char(out, '\n');
    }
    if (change->n_regions > REGIONS_SHOWN || change->has_more_regions) {
        text_append(out, "      and smaller regions\n");
    }
}

static void
append_heading(struct text *out, const struct ruleset_diff *ruleset)
{
    text_printf(out, "  %s %s, %s (%s",
                *ruleset->ruleset ? ruleset->ruleset : "admin rules",
                direction_name(ruleset->direction),
                ruleset_change_name(ruleset->change),
                layer_name(ruleset->layer));
    if (*ruleset->was) {
        text_printf(out, ", was %s", ruleset->was);
    }
    text_append(out, "), NICs: ");
    packets_resource(out, ruleset->nic);
    if (ruleset->n_nics > 1) {
        text_printf(out, " and %zu more", ruleset->n_nics - 1);
    }
    text_append_char(out, '\n');
}

static void
append_ruleset(struct text *out, const struct ruleset_diff *ruleset)
{
    const struct diff *diff = &ruleset->diff;

    append_heading(out, ruleset);
    if (ruleset->not_comparable) {
        text_append(out, "    differ, but their order is not known in "
                         "full\n");
        return;
    }
    if (!diff->n_changes && diff->complete) {
        text_printf(out,
                    "    %zu rule%s edited; every packet is treated as "
                    "before\n",
                    diff->n_edits, diff->n_edits == 1 ? "" : "s");
    }
    for (size_t i = 0; i < diff->n_changes && i < CHANGES_SHOWN; i++) {
        append_change(out, &diff->changes[i]);
    }
    if (diff->n_changes > CHANGES_SHOWN) {
        text_printf(out, "    and %zu smaller changes\n",
                    diff->n_changes - CHANGES_SHOWN);
    }
    if (!diff->complete) {
        text_append(out, "    the budget ran out: more packets may "
                         "differ\n");
    }
}

static void
append_cause(struct text *out, const struct cause *cause)
{
    const char *const words[] = { cause->layer, cause->ruleset, cause->rule,
                                  cause->field };

    text_printf(out, "%s", cause->what);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (*words[i]) {
            text_printf(out, " %s", words[i]);
        }
    }
    if (*cause->before || *cause->after) {
        text_printf(out, ": %s -> %s",
                    *cause->before ? cause->before : "(none)",
                    *cause->after ? cause->after : "(none)");
    }
    text_append_char(out, '\n');
}

/* The changes that alone explain the flip; if there is none, all of them. */
static void
append_causes(struct text *out, const struct flow_flip *flip)
{
    bool any_alone = flip->n_causes && flip->causes[0].alone;
    size_t shown = 0;

    for (size_t i = 0; i < flip->n_causes && shown < CAUSES_SHOWN; i++) {
        if (flip->causes[i].alone == any_alone) {
            text_append(out, any_alone ? "      caused alone by: "
                                       : "      only together: ");
            append_cause(out, &flip->causes[i]);
            shown++;
        }
    }
}

static void
append_flip(struct text *out, const struct flow_flip *flip)
{
    bool expected = flip->flow->expect_allow
                        ? flip->after->kind == VERDICT_ALLOW
                        : flip->after->kind == VERDICT_DENY;

    text_printf(out, "  %s: %s -> %s%s\n", flip->flow->flow.name,
                verdict_name(flip->before->kind),
                verdict_name(flip->after->kind),
                expected                               ? " (as expected)"
                : flip->after->kind == VERDICT_UNKNOWN ? ""
                                                       : " (VIOLATED)");
    text_append(out, "      before ");
    table_decision(out, &flip->before->decision);
    text_append(out, "\n      after  ");
    table_decision(out, &flip->after->decision);
    text_append_char(out, '\n');
    if (flip->after->kind == VERDICT_UNKNOWN) {
        text_printf(out, "      %s\n", flip->after->reason_detail);
    }
    append_causes(out, flip);
}

void
diff_report_text(struct text *out, const struct diff_report *report)
{
    const struct estate_diff *estates = &report->estates;

    text_printf(out, "before: %s\nafter:  %s\n\n", report->before,
                report->after);
    text_printf(out, "Rule sets: %zu %s\n", estates->n_rulesets,
                estates->n_rulesets == 1 ? "differs" : "differ");
    for (size_t i = 0; i < estates->n_rulesets; i++) {
        append_ruleset(out, &estates->rulesets[i]);
    }
    for (size_t i = 0; i < estates->n_unused; i++) {
        text_append(out, "  ");
        packets_resource(out, estates->unused[i]);
        text_append(out, " differs and filters no NIC\n");
    }
    if (estates->n_nics_added || estates->n_nics_removed) {
        text_printf(out, "  NICs: %zu added, %zu removed\n",
                    estates->n_nics_added, estates->n_nics_removed);
    }
    text_printf(out, "\nFlows: %zu of %zu flip\n", report->n_flips,
                report->n_flows);
    for (size_t i = 0; i < report->n_flips; i++) {
        append_flip(out, &report->flips[i]);
    }
    packets_make_safe(out);
}
