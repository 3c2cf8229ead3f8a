/* The page of one flow. */

#include "engine/base/text.h"
#include "exporter/changes.h"
#include "exporter/render/escape.h"
#include "exporter/render/html.h"
#include "exporter/render/page.h"
#include "exporter/render/page_parts.h"
#include "exporter/snapshot.h"

static void append_facts(struct text *out, const struct page_frame *frame,
                         const struct flow_result *result);
static void append_fact(struct text *out, const char *title,
                        const char *value);
static void append_history(struct text *out, const struct page_frame *frame,
                           const struct flow_result *result,
                           struct changes *changes);
static void visit_change(void *aux, const struct change *change);

struct history {
    struct text *out;
    const struct page_frame *frame;
    size_t n;
};

void
page_flow(struct text *out, const struct page_frame *frame,
          const struct flow_result *result,
          const struct explanation *explanation, struct changes *changes)
{
    const struct config_flow *flow = result->flow;

    html_begin(out, frame, flow->flow.name, "");
    html_in(out, "<h1>", flow->flow.name, "</h1>\n");
    if (flow->description && *flow->description) {
        html_in(out, "<p class=\"lead\">", flow->description, "</p>\n");
    }
    part_answer(out, frame, result, explanation);
    append_history(out, frame, result, changes);
    append_facts(out, frame, result);
    html(out, "<p><a ");
    html_in(out, "href=\"", frame->base, "api/v1/flows/");
    escape_url(out, flow->flow.name);
    html(out, "\">This flow as JSON</a></p>\n");
    html_end(out, frame);
}

static void
append_facts(struct text *out, const struct page_frame *frame,
             const struct flow_result *result)
{
    const struct config_flow *flow = result->flow;

    html(out, "<h2>As configured</h2>\n<dl class=\"facts\">\n");
    append_fact(out, "Expected", flow->expect_allow ? "allow" : "deny");
    append_fact(out, "Interface or machine", flow->nic_text);
    append_fact(out, "Protocol", flow->protocol_text);
    append_fact(out, "Source", flow->source_text);
    append_fact(out, "Source port", flow->source_port_text);
    append_fact(out, "Destination", flow->destination_text);
    append_fact(out, "Destination port", flow->destination_port_text);
    for (size_t i = 0; i < flow->n_labels; i++) {
        html_in(out, "<div><dt>Label ", flow->labels[i].name, "</dt>");
        html_in(out, "<dd>", flow->labels[i].value, "</dd></div>\n");
    }
    html(out, "<div><dt>Data of</dt><dd>");
    html_time(out, result->data_timestamp_ms, frame->now_ms);
    html(out, "</dd></div>\n<div><dt>Last change</dt><dd>");
    html_time(out, result->last_change_ms, frame->now_ms);
    html(out, "</dd></div>\n</dl>\n");
}

static void
append_fact(struct text *out, const char *title, const char *value)
{
    if (value && *value) {
        html_in(out, "<div><dt>", title, "</dt>");
        html_in(out, "<dd>", value, "</dd></div>\n");
    }
}

static void
append_history(struct text *out, const struct page_frame *frame,
               const struct flow_result *result, struct changes *changes)
{
    struct history history = { out, frame, 0 };

    html(out, "<h2>Changes</h2>\n<ol class=\"changes\">\n");
    size_t start = out->length;
    if (changes) {
        changes_each(changes, result->flow->flow.name, CHANGES_PER_FLOW_MAX,
                     visit_change, &history);
    }
    if (out->length == start) {
        html(out, "<li class=\"empty\">None was seen.</li>\n");
    }
    html(out, "</ol>\n");
}

static void
visit_change(void *aux, const struct change *change)
{
    struct history *history = aux;
    part_change(history->out, history->frame, change, false);
}
