/* Changes of verdicts, and what changed in the rules. */

#include <string.h>

#include "engine/base/text.h"
#include "exporter/changes.h"
#include "exporter/render/html.h"
#include "exporter/render/page.h"
#include "exporter/render/page_parts.h"

enum { CHANGES_SHOWN = 200 };

static void append_state(struct text *out, const char *verdict,
                         const char *ruleset, const char *rule);
static void append_rule_change(struct text *out,
                               const struct rule_change *change);
static void visit_change(void *aux, const struct change *change);

struct listing {
    struct text *out;
    const struct page_frame *frame;
};

void
page_changes(struct text *out, const struct page_frame *frame,
             struct changes *changes)
{
    struct listing listing = { out, frame };

    html_begin(out, frame, "Changes", "Changes");
    html(out, "<h1>Changes</h1>\n<div id=\"results\">\n"
              "<ol class=\"changes\">\n");
    size_t start = out->length;
    if (changes) {
        changes_each(changes, NULL, CHANGES_SHOWN, visit_change, &listing);
    }
    if (out->length == start) {
        html(out, "<li class=\"empty\">No verdict has changed since the "
                  "start.</li>\n");
    }
    html(out, "</ol>\n</div>\n");
    html_end(out, frame);
}

void
part_change(struct text *out, const struct page_frame *frame,
            const struct change *change, bool named)
{
    html(out, change->violated ? "<li class=\"violated\">" : "<li>");
    html(out, "<p class=\"when\">");
    html_time(out, change->at_ms, frame->now_ms);
    if (named) {
        html(out, " <a ");
        html_flow_link(out, frame, change->flow);
        html_in(out, ">", change->flow, "</a>");
    }
    if (change->violated) {
        html(out, " <span class=\"bad\">violates what is expected</span>");
    }
    html(out, "</p>\n<p>");
    append_state(out, change->verdict_before, change->ruleset_before,
                 change->rule_before);
    html(out, " <span aria-hidden=\"true\">→</span>"
              "<span class=\"hidden\">became</span> ");
    append_state(out, change->verdict_after, change->ruleset_after,
                 change->rule_after);
    html(out, "</p>\n");
    if (change->n_rule_changes) {
        html(out, "<ul class=\"edits\">\n");
        for (size_t i = 0; i < change->n_rule_changes; i++) {
            append_rule_change(out, &change->rule_changes[i]);
        }
        html(out, "</ul>\n");
    }
    html(out, "</li>\n");
}

static void
append_state(struct text *out, const char *verdict, const char *ruleset,
             const char *rule)
{
    for (unsigned int i = 0; i < N_VERDICTS; i++) {
        if (!strcmp(verdict, verdict_name((enum verdict_kind) i))) {
            html_verdict(out, (enum verdict_kind) i);
        }
    }
    if (rule && *rule) {
        html_in(out, " by <code>", rule, "</code>");
        html_in(out, " <span class=\"muted\">", ruleset, "</span>");
    }
}

static void
append_rule_change(struct text *out, const struct rule_change *change)
{
    static const struct {
        const char *what, *title;
    } titles[] = {
        { "added", "Rule added" },
        { "removed", "Rule removed" },
        { "changed", "Rule edited" },
        { "tag_changed", "Service tag changed" },
        { "members_changed", "Members of a group changed" },
        { "attached", "Group attached" },
        { "detached", "Group detached" },
        { "network_changed", "Network changed" },
    };
    const char *title = change->what;
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        if (!strcmp(titles[i].what, change->what)) {
            title = titles[i].title;
        }
    }
    html_in(out, "<li>", title, ": ");
    html_in(out, "<code>", change->rule, "</code>");
    html_in(out, " <span class=\"muted\">", change->ruleset, "</span>");
    if (*change->field) {
        html_in(out, " ", change->field, "");
    }
    if (*change->before) {
        html_in(out, " <del>", change->before, "</del>");
    }
    if (*change->after) {
        html_in(out, " <ins>", change->after, "</ins>");
    }
    html(out, change->alone
                  ? " <strong>explains the change by itself</strong></li>\n"
                  : "</li>\n");
}

static void
visit_change(void *aux, const struct change *change)
{
    struct listing *listing = aux;
    part_change(listing->out, listing->frame, change, true);
}
