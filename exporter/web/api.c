/* /api/v1: the envelope is that of Prometheus' own API. */

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/number.h"
#include "engine/judge/verdict.h"
#include "exporter/changes.h"
#include "exporter/cycle_flow.h"
#include "exporter/render/json.h"
#include "exporter/render/json_status.h"
#include "exporter/render/json_write.h"
#include "exporter/snapshot.h"
#include "exporter/web/handlers.h"
#include "exporter/web/selection.h"
#include "exporter/web/web.h"
#include "exporter/web/what_if.h"

enum { CHANGES_DEFAULT = 100 };

static void append_change(void *aux, const struct change *change);

void
handle_api_flows(const struct web *web, const struct request *request,
                 struct response *response)
{
    (void) web;
    struct selection selection;
    struct error error;
    struct text *out = &response->body;

    if (!selection_read(&selection, &request->query, &error)) {
        response_api_error(response, 400, "%s", error.message);
        return;
    }
    struct selected selected = selection_apply(&selection, request->snapshot);
    response_api_begin(response);
    json_open(out, NULL, '{');
    json_time(out, "evaluated_at", request->snapshot->evaluated_at_ms);
    json_open(out, "flows", '[');
    for (size_t i = 0; i < selected.n; i++) {
        json_result(out, request->snapshot->config, selected.results[i]);
    }
    json_close(out, ']');
    json_u64(out, "total", selected.total);
    json_close(out, '}');
    response_api_end(response);
    selected_clear(&selected);
}

void
handle_api_flow(const struct web *web, const struct request *request,
                struct response *response)
{
    const struct snapshot *snapshot = request->snapshot;
    const struct flow_result *result = snapshot_find(snapshot, request->place);
    if (!result) {
        response_api_error(response, 404, "there is no flow '%.128s'",
                           request->place);
        return;
    }
    struct arena *arena = arena_create();
    struct what_if_answer answer =
        what_if_ask(web->what_if, snapshot, &result->flow->flow, arena);
    response_api_begin(response);
    json_explained_result(&response->body, snapshot->config, result,
                          answer.explanation);
    response_api_end(response);
    verdict_unref(answer.verdict);
    arena_unref(arena);
}

void
handle_api_changes(const struct web *web, const struct request *request,
                   struct response *response)
{
    const char *limit_word = query_get(&request->query, "limit");
    const char *flow = query_get(&request->query, "flow");
    uint64_t limit = CHANGES_DEFAULT;
    struct text *out = &response->body;

    if (limit_word && *limit_word
        && !number_parse(limit_word, strlen(limit_word), UINT32_MAX, &limit)) {
        response_api_error(response, 400, "'%.64s' is no value of 'limit'",
                           limit_word);
        return;
    }
    response_api_begin(response);
    json_open(out, NULL, '{');
    json_open(out, "changes", '[');
    changes_each(web->changes, flow && *flow ? flow : NULL, limit,
                 append_change, out);
    json_close(out, ']');
    json_close(out, '}');
    response_api_end(response);
}

void
handle_api_verify(const struct web *web, const struct request *request,
                  struct response *response)
{
    const struct config_flow_words words = handler_words(&request->query);
    struct arena *arena = arena_create();
    struct config_flow flow = { 0 };
    struct error error;

    if (!config_flow_from_words(&words, arena, &flow, &error)) {
        response_api_error(response, 400, "%s", error.message);
        arena_unref(arena);
        return;
    }
    struct what_if_answer answer =
        what_if_ask(web->what_if, request->snapshot, &flow.flow, arena);
    const struct flow_result result = {
        .flow = &flow,
        .verdict = answer.verdict,
        .violated = verdict_violates(answer.verdict, flow.expect_allow),
        .data_timestamp_ms = answer.data_timestamp_ms,
    };
    response_api_begin(response);
    json_explained_result(&response->body, request->snapshot->config, &result,
                          answer.explanation);
    response_api_end(response);
    verdict_unref(answer.verdict);
    arena_unref(arena);
}

void
handle_api_status(const struct web *web, const struct request *request,
                  struct response *response)
{
    (void) web;
    response_api_begin(response);
    json_status(&response->body, request->snapshot);
    response_api_end(response);
}

struct config_flow_words
handler_words(const struct query *query)
{
    return (struct config_flow_words){
        .nic = query_get(query, "nic"),
        .vm = query_get(query, "vm"),
        .direction = query_get(query, "direction"),
        .protocol = query_get(query, "protocol"),
        .local_address = query_get(query, "local_address"),
        .local_port = query_get(query, "local_port"),
        .remote_address = query_get(query, "remote_address"),
        .remote_port = query_get(query, "remote_port"),
    };
}

static void
append_change(void *aux, const struct change *change)
{
    json_change(aux, change);
}
