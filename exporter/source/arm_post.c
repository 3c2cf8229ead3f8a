/* Lists by POST: the body that asks for a page, and what Resource Graph does
 * in ways of its own. */

#include "engine/base/ascii.h"
#include "exporter/clock.h"
#include "exporter/source/arm_call.h"
#include "exporter/source/arm_page.h"
#include "exporter/source/arm_retry.h"
#include "exporter/source/http.h"

static void append_escaped(struct text *text, const char *string);

void
arm_call_write_body(struct arm_call *call, const char *token)
{
    bool graph = call->request.kind == ARM_GRAPH;
    const char *members = call->request.members;

    if (!graph && call->request.kind != ARM_POST_LIST) {
        return;
    }
    text_reset(&call->body);
    text_printf(&call->body, "{%s", members);
    if (graph) {
        /* The largest page, of rows as objects. */
        text_append(&call->body, ",\"options\":{\"$top\":1000,"
                                 "\"resultFormat\":\"objectArray\"");
    }
    if (token) {
        text_printf(&call->body, "%s\"%sskipToken\":\"",
                    graph || members[0] ? "," : "", graph ? "$" : "");
        append_escaped(&call->body, token);
        text_append(&call->body, "\"");
    }
    text_append(&call->body, graph ? "}}" : "}");
}

/* Resource Graph gives part of an answer with a good status: of a query that
 * has no pages, or of a tenant with too many subscriptions. */
bool
arm_graph_is_cut(const struct arm_call *call, const struct arm_page *page,
                 const struct http_response *response)
{
    struct text value;

    if (call->request.kind != ARM_GRAPH) {
        return false;
    }
    text_init(&value);
    bool cut = (page->truncated && !page->skip_token)
               || (http_response_header(
                       response, "x-ms-tenant-subscription-limit-hit", &value)
                   && ascii_equal(value.data, "true"));
    text_clear(&value);
    return cut;
}

/* The last query of the window was used up by this one. */
void
arm_graph_await(const struct arm_call *call,
                const struct http_response *response)
{
    struct arm *arm = call->arm;
    struct clock *clock = arm->options.clock;
    int64_t delay = 0;

    arm_retry_after(response, clock->wall_ms(clock), &delay);
    arm_scope_pause(&arm->graph, arm_now(arm) + delay);
}

static void
append_escaped(struct text *text, const char *string)
{
    for (const char *c = string; *c; c++) {
        if (*c == '"' || *c == '\\') {
            text_append_char(text, '\\');
        }
        text_append_char(text, (unsigned char) *c < 0x20 ? '?' : *c);
    }
}
