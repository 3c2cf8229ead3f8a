#include "exporter/render/html.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/text.h"
#include "exporter/build.h"
#include "exporter/clock.h"
#include "exporter/render/escape.h"
#include "exporter/render/page.h"
#include "exporter/render/portal.h"
#include "exporter/snapshot.h"

static void append_age(struct text *out, const struct page_frame *frame);

void
html(struct text *out, const char *markup)
{
    text_append(out, markup);
}

void
html_text(struct text *out, const char *value)
{
    escape_html(out, value ? value : "");
}

void
html_number(struct text *out, uint64_t value)
{
    text_append_u64(out, value);
}

void
html_in(struct text *out, const char *before, const char *value,
        const char *after)
{
    html(out, before);
    html_text(out, value);
    html(out, after);
}

void
html_begin(struct text *out, const struct page_frame *frame, const char *title,
           const char *current)
{
    static const struct {
        const char *path, *title;
    } links[] = {
        { "", "Flows" },
        { "changes", "Changes" },
        { "what-if", "What if" },
    };

    html(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n"
              "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
              "content=\"width=device-width, initial-scale=1\">\n"
              "<meta name=\"color-scheme\" content=\"light dark\">\n");
    html_in(out, "<title>", title, " · flowverify</title>\n");
    html_in(out, "<link rel=\"icon\" href=\"", frame->base,
            "assets/favicon.svg\">\n");
    html_in(out, "<link rel=\"stylesheet\" href=\"", frame->base,
            "assets/style.css\">\n");
    html_in(out, "<script src=\"", frame->base,
            "assets/app.js\" defer></script>\n</head>\n<body>\n");
    html(out, "<a class=\"skip\" href=\"#main\">Skip to content</a>\n"
              "<header class=\"top\">\n");
    html_in(out, "<a class=\"brand\" href=\"", frame->base,
            "\">flowverify</a>\n<nav aria-label=\"Pages\"><ul>\n");
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        html_in(out, "<li><a href=\"", frame->base, links[i].path);
        html(out, strcmp(current, links[i].title) ? "\">"
                                                  : "\" "
                                                    "aria-current=\"page\">");
        html(out, links[i].title);
        html(out, "</a></li>\n");
    }
    html(out, "</ul></nav>\n<p class=\"age\" id=\"age\">");
    append_age(out, frame);
    html(out, "</p>\n</header>\n<main id=\"main\" tabindex=\"-1\">\n");
}

void
html_end(struct text *out, const struct page_frame *frame)
{
    html(out, "</main>\n<footer>\n<p>");
    html_in(out, "flowverify ", build_version(), " (");
    html_in(out, "", build_revision(), ")</p>\n<ul>\n");
    html_in(out, "<li><a href=\"", frame->base, "");
    html_in(out, "", frame->telemetry_path + (*frame->telemetry_path == '/'),
            "\">Metrics</a></li>\n");
    html_in(out, "<li><a href=\"", frame->base,
            "api/v1/flows\">Flows as JSON</a></li>\n");
    html_in(out, "<li><a href=\"", frame->base,
            "api/v1/status\">Status as JSON</a></li>\n");
    html_in(out, "<li><a href=\"", frame->base,
            "api/v1/openapi.json\">OpenAPI</a></li>\n");
    html(out, "</ul>\n</footer>\n</body>\n</html>\n");
}

void
html_flow_link(struct text *out, const struct page_frame *frame,
               const char *flow_name)
{
    html_in(out, "href=\"", frame->base, "flows/");
    escape_url(out, flow_name);
    html(out, "\"");
}

void
html_verdict(struct text *out, enum verdict_kind kind)
{
    static const char *const symbols[N_VERDICTS] = {
        [VERDICT_ALLOW] = "✓",
        [VERDICT_DENY] = "✕",
        [VERDICT_PARTIAL] = "◐",
        [VERDICT_UNKNOWN] = "?",
    };
    text_printf(out,
                "<span class=\"verdict %s\"><span aria-hidden=\"true\">%s"
                "</span> %s</span>",
                verdict_name(kind), symbols[kind], verdict_name(kind));
}

void
html_time(struct text *out, int64_t wall_ms, int64_t now_ms)
{
    char text[CLOCK_TEXT_SIZE];
    if (!wall_ms) {
        html(out, "never");
        return;
    }
    clock_format(wall_ms - wall_ms % 1000, text);
    html_in(out, "<time datetime=\"", text, "\">");
    text[10] = ' ';
    html(out, text);
    html(out, "</time> <span class=\"ago\">");
    html_duration(out, now_ms - wall_ms);
    html(out, " ago</span>");
}

void
html_duration(struct text *out, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {
        { 86400000, "d" },
        { 3600000, "h" },
        { 60000, "min" },
        { 1000, "s" },
    };
    ms = ms < 0 ? 0 : ms;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (ms >= 2 * units[i].ms || i + 1 == sizeof units / sizeof *units) {
            text_append_u64(out, (uint64_t) (ms / units[i].ms));
            text_append_char(out, ' ');
            text_append(out, units[i].unit);
            return;
        }
    }
}

const char *
layer_title(enum layer layer)
{
    switch (layer) {
    case LAYER_ADMIN: return "admin rules";
    case LAYER_SUBNET_NSG: return "subnet group";
    case LAYER_NIC_NSG: return "interface group";
    case LAYER_NONE:
    default: return "no layer";
    }
}

void
html_ruleset(struct text *out, const struct config *config,
             const struct policy_rule *rule)
{
    struct text url;
    text_init(&url);
    portal_append_url(&url, config, rule);
    if (url.length) {
        html_in(out, "<a rel=\"noreferrer\" href=\"", url.data, "\">");
    }
    html_text(out, rule->ruleset);
    if (url.length) {
        html(out, "<span class=\"hidden\"> in the Azure portal</span></a>");
    }
    text_clear(&url);
}

void
html_share(struct text *out, double share)
{
    if (share >= 1) {
        html(out, "all");
    } else if (share <= 0) {
        html(out, "none");
    } else if (share > 0.9999) {
        html(out, "almost all");
    } else if (share >= 0.0001) {
        text_printf(out, "%.4g %%", share * 100);
    } else {
        text_printf(out, "1 in %.3g", 1 / share);
    }
}

static void
append_age(struct text *out, const struct page_frame *frame)
{
    if (!frame->snapshot) {
        html(out, "No cycle has ended yet.");
        return;
    }
    html(out, "Judged ");
    html_time(out, frame->snapshot->evaluated_at_ms, frame->now_ms);
}
