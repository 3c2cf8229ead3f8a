/* The pages that people read, and the files they need. */

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/judge/verdict.h"
#include "exporter/clock.h"
#include "exporter/render/page.h"
#include "exporter/snapshot.h"
#include "exporter/web/assets.h"
#include "exporter/web/handlers.h"
#include "exporter/web/selection.h"
#include "exporter/web/web.h"
#include "exporter/web/what_if.h"

enum { PAGE_FLOWS = 100, PAGE_FLOWS_MAX = 1000 };

static struct page_frame frame_of(const struct web *web,
                                  const struct request *request);
static const char *word(const struct query *query, const char *name);
static void begin_html(struct response *response);

void
handle_index(const struct web *web, const struct request *request,
             struct response *response)
{
    const struct query *query = &request->query;
    struct page_frame frame = frame_of(web, request);
    struct selection selection;
    struct error error;

    begin_html(response);
    if (!selection_read(&selection, query, &error)) {
        response->status = 400;
        page_message(&response->body, &frame, "Bad request", error.message);
        return;
    }
    if (selection.sort == SORT_CONFIGURED) {
        selection.sort = SORT_SEVERITY;
    }
    if (selection.limit > PAGE_FLOWS_MAX || !selection.limit) {
        selection.limit = PAGE_FLOWS;
    }
    const struct page_query shown = {
        .verdict = word(query, "verdict"),
        .violated = word(query, "violated"),
        .direction = word(query, "direction"),
        .group = word(query, "group"),
        .words = word(query, "q"),
        .sort = word(query, "sort"),
        .order = selection.descending ? "desc" : "",
        .offset = selection.offset,
        .limit = selection.limit,
    };
    struct selected selected = { 0 };
    if (request->snapshot) {
        selected = selection_apply(&selection, request->snapshot);
    }
    page_index(&response->body, &frame, &shown, selected.results, selected.n,
               selected.total);
    selected_clear(&selected);
}

void
handle_flow(const struct web *web, const struct request *request,
            struct response *response)
{
    struct page_frame frame = frame_of(web, request);
    const struct flow_result *result =
        request->snapshot ? snapshot_find(request->snapshot, request->place)
                          : NULL;

    begin_html(response);
    if (!result) {
        response->status = 404;
        page_message(&response->body, &frame, "No such flow", request->place);
        return;
    }
    struct arena *arena = arena_create();
    struct what_if_answer answer = what_if_ask(web->what_if, request->snapshot,
                                               &result->flow->flow, arena);
    page_flow(&response->body, &frame, result, answer.explanation,
              web->changes);
    verdict_unref(answer.verdict);
    arena_unref(arena);
}

void
handle_changes(const struct web *web, const struct request *request,
               struct response *response)
{
    struct page_frame frame = frame_of(web, request);
    begin_html(response);
    page_changes(&response->body, &frame, web->changes);
}

void
handle_what_if(const struct web *web, const struct request *request,
               struct response *response)
{
    struct page_frame frame = frame_of(web, request);
    const struct config_flow_words words = handler_words(&request->query);
    struct arena *arena = arena_create();
    struct config_flow flow = { 0 };
    struct error error;

    begin_html(response);
    if (!request->query.n) {
        page_what_if(&response->body, &frame, &words, NULL, NULL, NULL);
    } else if (!request->snapshot) {
        response->status = 503;
        page_what_if(&response->body, &frame, &words, NULL, NULL,
                     "No cycle has ended yet.");
    } else if (!config_flow_from_words(&words, arena, &flow, &error)) {
        response->status = 400;
        page_what_if(&response->body, &frame, &words, NULL, NULL,
                     error.message);
    } else {
        struct what_if_answer answer =
            what_if_ask(web->what_if, request->snapshot, &flow.flow, arena);
        const struct flow_result result = {
            .flow = &flow,
            .verdict = answer.verdict,
            .data_timestamp_ms = answer.data_timestamp_ms,
        };
        page_what_if(&response->body, &frame, &words, &result,
                     answer.explanation, NULL);
        verdict_unref(answer.verdict);
    }
    arena_unref(arena);
}

void
handle_asset(const struct web *web, const struct request *request,
             struct response *response)
{
    (void) web;
    const char *name = request->place ? request->place : "favicon.svg";

    for (const struct asset *asset = assets; asset->name; asset++) {
        if (strcmp(asset->name, name) != 0) {
            continue;
        }
        response->etag = asset->etag;
        if (request->if_none_match
            && (!strcmp(request->if_none_match, "*")
                || strstr(request->if_none_match, asset->etag))) {
            response->status = 304;
            return;
        }
        response->content_type = asset->content_type;
        response->constant = asset->bytes;
        response->constant_size = asset->size;
        return;
    }
    response_plain(response, 404, "Not found");
}

static struct page_frame
frame_of(const struct web *web, const struct request *request)
{
    return (struct page_frame){
        .base = web->base,
        .telemetry_path = web->telemetry_path,
        .now_ms = web->clock->wall_ms(web->clock),
        .snapshot = request->snapshot,
    };
}

static const char *
word(const struct query *query, const char *name)
{
    const char *value = query_get(query, name);
    return value ? value : "";
}

static void
begin_html(struct response *response)
{
    response->content_type = "text/html; charset=utf-8";
}
