/* The status page. */

#include <stdio.h>
#include <string.h>

#include "engine/base/text.h"
#include "exporter/render/escape.h"
#include "exporter/render/html.h"
#include "exporter/render/page.h"
#include "exporter/snapshot.h"

static void append_summary(struct text *out, const struct page_frame *frame);
static void append_count(struct text *out, const struct page_frame *frame,
                         const char *class, const char *title,
                         const char *query, size_t n);
static void append_filters(struct text *out, const struct page_frame *frame,
                           const struct page_query *query);
static void append_select(struct text *out, const char *name,
                          const char *title, const char *const values[],
                          const char *current);
static void append_table(struct text *out, const struct page_frame *frame,
                         const struct page_query *query,
                         const struct flow_result *const results[], size_t n);
static void append_heading(struct text *out, const struct page_frame *frame,
                           const struct page_query *query, const char *sort,
                           const char *title);
static void append_row(struct text *out, const struct page_frame *frame,
                       const struct flow_result *result);
static void append_service(struct text *out, const struct config_flow *flow);
static void append_decision(struct text *out, const struct page_frame *frame,
                            const struct verdict *verdict);
static void append_paging(struct text *out, const struct page_frame *frame,
                          const struct page_query *query, size_t n,
                          size_t total);
static void append_query(struct text *out, const struct page_frame *frame,
                         const struct page_query *query);
static void append_feeds(struct text *out, const struct page_frame *frame);
static void append_feed(struct text *out, const struct page_frame *frame,
                        const struct feed_state *feed);
static void append_cycle(struct text *out, const struct page_frame *frame);

void
page_index(struct text *out, const struct page_frame *frame,
           const struct page_query *query,
           const struct flow_result *const results[], size_t n, size_t total)
{
    html_begin(out, frame, "Flows", "Flows");
    html(out, "<h1 class=\"hidden\">Flows</h1>\n");
    if (!frame->snapshot) {
        html(out, "<p class=\"empty\">The first cycle is under way. This "
                  "page shows the flows when it has ended.</p>\n");
        html_end(out, frame);
        return;
    }
    html(out, "<div id=\"summary\">\n");
    append_summary(out, frame);
    html(out, "</div>\n");
    append_filters(out, frame, query);
    html(out, "<div id=\"results\">\n");
    append_paging(out, frame, query, n, total);
    if (n) {
        append_table(out, frame, query, results, n);
    } else {
        html(out, "<p class=\"empty\">No flow fits.</p>\n");
    }
    html(out, "</div>\n<div id=\"health\">\n");
    append_feeds(out, frame);
    append_cycle(out, frame);
    html(out, "</div>\n");
    html_end(out, frame);
}

static void
append_summary(struct text *out, const struct page_frame *frame)
{
    const struct snapshot *snapshot = frame->snapshot;
    size_t kinds[N_VERDICTS] = { 0 }, violated = 0;
    for (size_t i = 0; i < snapshot->n_results; i++) {
        kinds[snapshot->results[i].verdict->kind]++;
        violated += snapshot->results[i].violated;
    }
    html(out, "<ul class=\"counts\">\n");
    append_count(out, frame, violated ? "violated" : "fine", "Violated",
                 "?violated=true", violated);
    append_count(out, frame, "unknown", "Unknown", "?verdict=unknown",
                 kinds[VERDICT_UNKNOWN]);
    append_count(out, frame, "partial", "Partial", "?verdict=partial",
                 kinds[VERDICT_PARTIAL]);
    append_count(out, frame, "deny", "Denied", "?verdict=deny",
                 kinds[VERDICT_DENY]);
    append_count(out, frame, "allow", "Allowed", "?verdict=allow",
                 kinds[VERDICT_ALLOW]);
    append_count(out, frame, "all", "All", "", snapshot->n_results);
    html(out, "</ul>\n");
}

static void
append_count(struct text *out, const struct page_frame *frame,
             const char *class, const char *title, const char *query, size_t n)
{
    html_in(out, "<li class=\"", class, n ? "\">" : " zero\">");
    html_in(out, "<a href=\"", frame->base, query);
    html(out, "\"><b>");
    html_number(out, n);
    html_in(out, "</b> ", title, "</a></li>\n");
}

static void
append_filters(struct text *out, const struct page_frame *frame,
               const struct page_query *query)
{
    static const char *const verdicts[] = { "",        "allow",   "deny",
                                            "partial", "unknown", NULL };
    static const char *const violated[] = { "", "true", "false", NULL };
    static const char *const directions[] = { "", "inbound", "outbound",
                                              "both", NULL };

    html_in(out,
            "<form class=\"filters\" id=\"filters\" role=\"search\" "
            "action=\"",
            frame->base, "\" method=\"get\">\n");
    html_in(out,
            "<label class=\"grow\">Search <input type=\"search\" "
            "name=\"q\" autocomplete=\"off\" value=\"",
            query->words, "\"></label>\n");
    append_select(out, "verdict", "Verdict", verdicts, query->verdict);
    append_select(out, "violated", "Violated", violated, query->violated);
    append_select(out, "direction", "Direction", directions, query->direction);
    html_in(out,
            "<label>Group <input name=\"group\" autocomplete=\"off\" "
            "value=\"",
            query->group, "\"></label>\n");
    if (*query->sort) {
        html_in(out, "<input type=\"hidden\" name=\"sort\" value=\"",
                query->sort, "\">\n");
    }
    if (*query->order) {
        html_in(out, "<input type=\"hidden\" name=\"order\" value=\"",
                query->order, "\">\n");
    }
    html(out, "<button type=\"submit\">Show</button>\n");
    html_in(out, "<a class=\"button\" href=\"", frame->base, "\">Clear</a>\n");
    html(out, "<button type=\"button\" id=\"pause\" hidden "
              "aria-pressed=\"false\">Pause refresh</button>\n</form>\n");
}

static void
append_select(struct text *out, const char *name, const char *title,
              const char *const values[], const char *current)
{
    html_in(out, "<label>", title, " ");
    html_in(out, "<select name=\"", name, "\">");
    for (size_t i = 0; values[i]; i++) {
        html_in(out, "<option value=\"", values[i],
                strcmp(values[i], current) ? "\">" : "\" selected>");
        html_in(out, "", *values[i] ? values[i] : "any", "</option>");
    }
    html(out, "</select></label>\n");
}

static void
append_table(struct text *out, const struct page_frame *frame,
             const struct page_query *query,
             const struct flow_result *const results[], size_t n)
{
    html(out, "<div class=\"scroll\" role=\"region\" aria-label=\"Flows\" "
              "tabindex=\"0\">\n<table class=\"flows\">\n"
              "<caption class=\"hidden\">Flows and their verdicts"
              "</caption>\n<thead><tr>");
    append_heading(out, frame, query, "name", "Flow");
    append_heading(out, frame, query, "verdict", "Verdict");
    html(out, "<th scope=\"col\">Traffic</th>"
              "<th scope=\"col\">Decided by</th>");
    append_heading(out, frame, query, "changed", "Last change");
    html(out, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < n; i++) {
        append_row(out, frame, results[i]);
    }
    html(out, "</tbody>\n</table>\n</div>\n");
}

static void
append_heading(struct text *out, const struct page_frame *frame,
               const struct page_query *query, const char *sort,
               const char *title)
{
    bool current = !strcmp(query->sort, sort);
    bool descending = current && !strcmp(query->order, "desc");
    struct page_query next = *query;
    next.sort = sort;
    next.order = current && !descending ? "desc" : "";
    next.offset = 0;

    html(out, "<th scope=\"col\"");
    if (current) {
        html(out, descending ? " aria-sort=\"descending\""
                             : " aria-sort=\"ascending\"");
    }
    html(out, "><a class=\"sort\" href=\"");
    append_query(out, frame, &next);
    html_in(out, "\">", title, "</a></th>");
}

static void
append_row(struct text *out, const struct page_frame *frame,
           const struct flow_result *result)
{
    const struct config_flow *flow = result->flow;

    html(out, result->violated ? "<tr class=\"violated\">" : "<tr>");
    html(out, "<th scope=\"row\"><a ");
    html_flow_link(out, frame, flow->flow.name);
    html_in(out, ">", flow->flow.name, "</a>");
    if (flow->description && *flow->description) {
        html_in(out, "<span class=\"note\">", flow->description, "</span>");
    }
    html(out, "</th><td>");
    html_verdict(out, result->verdict->kind);
    if (result->violated) {
        html(out, flow->expect_allow
                      ? "<span class=\"note bad\">expected allow</span>"
                      : "<span class=\"note bad\">expected deny</span>");
    } else if (result->verdict->kind == VERDICT_PARTIAL) {
        html(out, "<span class=\"note\">");
        html_share(out, result->verdict->allowed_ratio);
        html(out, " allowed</span>");
    } else {
        html(out, flow->expect_allow
                      ? "<span class=\"note\">expected allow</span>"
                      : "<span class=\"note\">expected deny</span>");
    }
    html_in(out, "</td><td><span class=\"end\">", flow->source_text,
            "</span> <span class=\"arrow\" aria-hidden=\"true\">→</span>"
            "<span class=\"hidden\">to</span> ");
    html_in(out, "<span class=\"end\">", flow->destination_text, "</span>");
    append_service(out, flow);
    html(out, "</td><td>");
    append_decision(out, frame, result->verdict);
    html(out, "</td><td class=\"when\">");
    html_time(out, result->last_change_ms, frame->now_ms);
    html(out, "</td></tr>\n");
}

/* "Tcp 443", and in words what "* *" would leave to guess. */
static void
append_service(struct text *out, const struct config_flow *flow)
{
    bool any_protocol = strcmp(flow->protocol_text, "*") == 0;
    bool any_port = strcmp(flow->destination_port_text, "*") == 0;

    html_in(out, "<span class=\"note\">",
            any_protocol ? "any protocol" : flow->protocol_text, "");
    if (any_port && !any_protocol) {
        html(out, ", any port");
    } else if (*flow->destination_port_text && !any_port) {
        html_in(out, any_protocol ? ", port " : " ",
                flow->destination_port_text, "");
    }
    html(out, "</span>");
}

static void
append_decision(struct text *out, const struct page_frame *frame,
                const struct verdict *verdict)
{
    const struct policy_rule *rule = verdict->decision.rule;

    if (verdict->kind == VERDICT_UNKNOWN) {
        html_in(out, "<code>", reason_name(verdict->reason), "</code>");
        html_in(out, "<span class=\"note\">", verdict->reason_detail,
                "</span>");
    } else if (!rule) {
        html(out, "<span class=\"muted\">no rule: nothing filters</span>");
    } else {
        html_in(out, "<code>", rule->name, "</code>");
        html_in(out, "<span class=\"note\">",
                layer_title(verdict->decision.layer), " ");
        html_ruleset(out, frame->snapshot->config, rule);
        text_printf(out, ", priority %d</span>", rule->priority);
    }
}

static void
append_paging(struct text *out, const struct page_frame *frame,
              const struct page_query *query, size_t n, size_t total)
{
    html(out, "<div class=\"paging\"><p role=\"status\" id=\"count\">");
    if (n && n < total) {
        html_number(out, query->offset + 1);
        html(out, " to ");
        html_number(out, query->offset + n);
        html(out, " of ");
    }
    html_number(out, total);
    html(out, total == 1 ? " flow</p>" : " flows</p>");
    struct page_query other = *query;
    if (query->offset || query->offset + n < total) {
        html(out, "<nav aria-label=\"Pages of flows\">");
        if (query->offset) {
            other.offset = query->offset > query->limit
                               ? query->offset - query->limit
                               : 0;
            html(out, "<a rel=\"prev\" href=\"");
            append_query(out, frame, &other);
            html(out, "\">Previous</a> ");
        }
        if (query->offset + n < total) {
            other.offset = query->offset + query->limit;
            html(out, "<a rel=\"next\" href=\"");
            append_query(out, frame, &other);
            html(out, "\">Next</a>");
        }
        html(out, "</nav>");
    }
    html(out, "</div>\n");
}

/* Appends the page's address with 'query', without what is not asked for. */
static void
append_query(struct text *out, const struct page_frame *frame,
             const struct page_query *query)
{
    char offset[24];
    (void) snprintf(offset, sizeof offset, "%zu", query->offset);
    const struct {
        const char *name, *value;
    } parameters[] = {
        { "q", query->words },
        { "verdict", query->verdict },
        { "violated", query->violated },
        { "direction", query->direction },
        { "group", query->group },
        { "sort", query->sort },
        { "order", query->order },
        { "offset", query->offset ? offset : "" },
    };
    const char *separator = "?";

    html_text(out, frame->base);
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        if (*parameters[i].value) {
            html(out, separator);
            html(out, parameters[i].name);
            html(out, "=");
            escape_url(out, parameters[i].value);
            separator = "&amp;";
        }
    }
}

static void
append_feeds(struct text *out, const struct page_frame *frame)
{
    const struct snapshot *snapshot = frame->snapshot;

    html(out,
         "<section aria-labelledby=\"feeds\"><h2 id=\"feeds\">Feeds"
         "</h2>\n<div class=\"scroll\" role=\"region\" "
         "aria-label=\"Table of feeds\" tabindex=\"0\"><table>\n<thead><tr>"
         "<th scope=\"col\">Feed</th><th scope=\"col\">Scope</th>"
         "<th scope=\"col\">State</th><th scope=\"col\">Objects</th>"
         "<th scope=\"col\">Refreshed</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < snapshot->n_feeds; i++) {
        append_feed(out, frame, &snapshot->feeds[i]);
    }
    html(out, "</tbody></table></div>\n");
    if (snapshot->n_findings) {
        html(out, "<details><summary>");
        html_number(out, snapshot->n_findings);
        html(out, " findings in the data</summary><ul class=\"findings\">\n");
        for (size_t i = 0; i < snapshot->n_findings && i < 200; i++) {
            html_in(out, "<li>", snapshot->findings[i], "</li>\n");
        }
        html(out, "</ul></details>\n");
    }
    html(out, "</section>\n");
}

static void
append_feed(struct text *out, const struct page_frame *frame,
            const struct feed_state *feed)
{
    html_in(out, "<tr><th scope=\"row\">", feed_name(feed->feed), "</th>");
    html_in(out, "<td>", feed->scope, "</td><td>");
    if (feed->up) {
        html(out, "<span class=\"verdict allow\"><span "
                  "aria-hidden=\"true\">✓</span> up</span>");
    } else {
        html_in(out,
                "<span class=\"verdict deny\"><span "
                "aria-hidden=\"true\">✕</span> down</span><span "
                "class=\"note\">",
                feed->error, "</span>");
    }
    html(out, "</td><td class=\"number\">");
    html_number(out, feed->objects);
    html(out, "</td><td class=\"when\">");
    html_time(out, feed->last_success_ms, frame->now_ms);
    html(out, "</td></tr>\n");
}

static void
append_cycle(struct text *out, const struct page_frame *frame)
{
    const struct snapshot *snapshot = frame->snapshot;

    html(out, "<section aria-labelledby=\"cycle\"><h2 id=\"cycle\">Cycle"
              "</h2>\n<dl class=\"facts\">\n<div><dt>Interval</dt><dd>");
    html_duration(out, snapshot->config->interval_ms);
    html(out, "</dd></div>\n<div><dt>Cycles</dt><dd>");
    html_number(out, snapshot->cycles);
    if (snapshot->cycle_failures) {
        html(out, ", ");
        html_number(out, snapshot->cycle_failures);
        html(out, " of them not complete");
    }
    text_printf(out,
                "</dd></div>\n<div><dt>Last took</dt><dd>%.3g ms</dd></div>"
                "\n<div><dt>Last complete</dt><dd>",
                snapshot->cycle_seconds * 1000);
    html_time(out, snapshot->cycle_last_success_ms, frame->now_ms);
    html_in(out, "</dd></div>\n<div><dt>Configuration</dt><dd>",
            snapshot->config->path, "</dd></div>\n</dl></section>\n");
}
