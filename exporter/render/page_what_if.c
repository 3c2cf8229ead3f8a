/* "What if": any packet or set of packets against the newest data. */

#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "exporter/render/html.h"
#include "exporter/render/page.h"
#include "exporter/render/page_parts.h"

static void append_form(struct text *out, const struct page_frame *frame,
                        const struct config_flow_words *words);
static void append_input(struct text *out, const char *name, const char *title,
                         const char *value, const char *hint);
static void append_choice(struct text *out, const char *name,
                          const char *title, const char *value,
                          const char *const choices[]);

void
page_what_if(struct text *out, const struct page_frame *frame,
             const struct config_flow_words *words,
             const struct flow_result *result,
             const struct explanation *explanation, const char *error)
{
    html_begin(out, frame, "What if", "What if");
    html(out, "<h1>What if this packet</h1>\n<p class=\"lead\">Judged "
              "against the newest data. Every field but the interface may "
              "hold a range or a list.</p>\n");
    append_form(out, frame, words);
    html(out, "<div id=\"results\" aria-live=\"polite\">\n");
    if (error) {
        html_in(out, "<p class=\"error\" role=\"alert\">", error, "</p>\n");
    }
    if (result) {
        part_answer(out, frame, result, explanation);
    }
    html(out, "</div>\n");
    html_end(out, frame);
}

void
page_message(struct text *out, const struct page_frame *frame,
             const char *title, const char *message)
{
    html_begin(out, frame, title, "");
    html_in(out, "<h1>", title, "</h1>\n");
    html_in(out, "<p class=\"lead\">", message, "</p>\n");
    html_end(out, frame);
}

static void
append_form(struct text *out, const struct page_frame *frame,
            const struct config_flow_words *words)
{
    static const char *const directions[] = { "Inbound", "Outbound", NULL };
    static const char *const protocols[] = { "Tcp", "Udp", "Icmp", "Esp",
                                             "Ah",  "*",   NULL };

    html_in(out, "<form class=\"question\" method=\"get\" action=\"",
            frame->base, "what-if\">\n");
    append_input(out, "nic", "Interface", words->nic,
                 "resource-group/name, ARM id, or unique name");
    append_input(out, "vm", "or virtual machine", words->vm, "");
    append_choice(out, "direction", "Direction", words->direction, directions);
    append_choice(out, "protocol", "Protocol", words->protocol, protocols);
    append_input(out, "local_address", "Local address", words->local_address,
                 "the interface's own if empty");
    append_input(out, "local_port", "Local port", words->local_port, "");
    append_input(out, "remote_address", "Remote address",
                 words->remote_address, "address, CIDR, tag or *");
    append_input(out, "remote_port", "Remote port", words->remote_port, "");
    html(out, "<button type=\"submit\">Judge</button>\n");
    html_in(out, "<button type=\"submit\" formaction=\"", frame->base,
            "api/v1/verify\">As JSON</button>\n</form>\n");
}

static void
append_input(struct text *out, const char *name, const char *title,
             const char *value, const char *hint)
{
    html_in(out, "<label>", title, " ");
    if (*hint) {
        html_in(out, "<small>", hint, "</small>");
    }
    html_in(out, "<input name=\"", name, "\" autocomplete=\"off\" value=\"");
    html_text(out, value);
    html(out, "\"></label>\n");
}

static void
append_choice(struct text *out, const char *name, const char *title,
              const char *value, const char *const choices[])
{
    html_in(out, "<label>", title, " ");
    html_in(out, "<select name=\"", name, "\">");
    for (size_t i = 0; choices[i]; i++) {
        bool selected = value && !strcmp(value, choices[i]);
        html_in(out, "<option", "", selected ? " selected>" : ">");
        html_in(out, "", choices[i], "</option>");
    }
    html(out, "</select></label>\n");
}
