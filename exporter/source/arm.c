#include "exporter/source/arm.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/base/memory.h"
#include "exporter/clock.h"
#include "exporter/source/arm_call.h"
#include "exporter/source/http.h"
#include "exporter/source/token.h"
#include "version.h"

static const char user_agent[] = "flowverify/" FLOWVERIFY_VERSION;

static void start_due_calls(struct arm *arm);
static bool may_start(struct arm *arm, struct arm_call *call);
static void call_start(struct arm_call *call, const char *bearer);
static int64_t next_start(const struct arm *arm);
static void drop_ended_calls(struct arm *arm);
static void fail_all(struct arm *arm, bool interrupted);
static void call_end(struct arm_call *call, const struct arm_result *result);
static void call_destroy(struct arm_call *call);

struct arm *
arm_create(const struct arm_options *options, struct error *error)
{
    struct arm *arm = memory_calloc(1, sizeof *arm);

    arm->options = *options;
    arm->random = options->seed | 1;
    arm->graph.paused_until_ms = INT64_MIN;
    arm->last = &arm->calls;
    if (!origin_parse(options->endpoint, &arm->origin, NULL, error)) {
        error_prefix(error, "source: arm_endpoint");
        arm_destroy(arm);
        return NULL;
    }
    if (!arm->origin.https && !origin_is_loopback(&arm->origin)) {
        error_set(error,
                  "source: arm_endpoint must be https, %s is no "
                  "loopback address",
                  arm->origin.host);
        arm_destroy(arm);
        return NULL;
    }
    return arm;
}

void
arm_destroy(struct arm *arm)
{
    if (!arm) {
        return;
    }
    while (arm->calls) {
        struct arm_call *next = arm->calls->next;
        call_destroy(arm->calls);
        arm->calls = next;
    }
    free(arm->scopes);
    free(arm);
}

void
arm_submit(struct arm *arm, const struct arm_request *request,
           const struct arm_handler *handler, void *aux)
{
    struct arm_call *call = memory_calloc(1, sizeof *call);

    call->arm = arm;
    call->arena = arena_create();
    call->request = *request;
    call->request.path = arena_strdup(call->arena, request->path);
    call->request.array = arena_strdup(call->arena, request->array);
    call->request.members = arena_strdup(call->arena, request->members);
    call->request.scope_name = arena_strdup(call->arena, request->scope_name);
    call->handler = handler;
    call->aux = aux;
    call->seen = map_create(call->arena);
    call->started_ms = arm_now(arm);
    call->post = request->kind == ARM_POST_LIST || request->kind == ARM_GRAPH
                 || request->kind == ARM_OPERATION;
    text_init(&call->url);
    text_init(&call->body);
    text_init(&call->location);
    origin_format(&arm->origin, &call->url);
    text_append(&call->url, request->path);
    arm_call_write_body(call, NULL);
    while (request->scope >= arm->n_scopes) {
        arm->scopes =
            memory_resize(arm->scopes, arm->n_scopes + 1, sizeof *arm->scopes);
        arm->scopes[arm->n_scopes++] =
            (struct arm_scope){ .paused_until_ms = INT64_MIN };
    }
    *arm->last = call;
    arm->last = &call->next;
}

void
arm_run(struct arm *arm, int64_t patience_ms, int64_t deadline_ms)
{
    struct http *http = arm->options.http;

    arm->patience_ms = patience_ms;
    arm->deadline_ms = deadline_ms;
    for (;;) {
        bool interrupted = http_interrupted(http);
        if (interrupted || arm_now(arm) >= deadline_ms) {
            http_cancel(http);
            fail_all(arm, interrupted);
            return;
        }
        start_due_calls(arm);
        drop_ended_calls(arm);
        if (!arm->calls) {
            return;
        }
        int64_t until = next_start(arm);
        int64_t wait =
            (until < deadline_ms ? until : deadline_ms) - arm_now(arm);
        http_run(http, wait);
        drop_ended_calls(arm);
    }
}

int64_t
arm_now(const struct arm *arm)
{
    return arm->options.clock->monotonic_ms(arm->options.clock);
}

struct arm_scope *
arm_call_scope(const struct arm_call *call)
{
    return call->request.kind == ARM_GRAPH
               ? &call->arm->graph
               : &call->arm->scopes[call->request.scope];
}

void
arm_scope_pause(struct arm_scope *scope, int64_t until_ms)
{
    if (scope->paused_until_ms < until_ms) {
        scope->paused_until_ms = until_ms;
    }
}

void
arm_call_succeed(struct arm_call *call)
{
    struct arm_result result = { .ok = true };
    call_end(call, &result);
}

void
arm_call_fail(struct arm_call *call, enum fetch_failure failure,
              const char *format, ...)
{
    struct error why;
    va_list args;

    va_start(args, format);
    vsnprintf(why.message, sizeof why.message, format, args);
    va_end(args);
    counters_fetch_failure(call->request.api, failure);
    arm_call_refuse(call, failure, &why);
}

void
arm_call_refuse(struct arm_call *call, enum fetch_failure failure,
                const struct error *why)
{
    struct arm_result result = { .failure = failure, .error = *why };
    call_end(call, &result);
}

void
arm_call_continue(struct arm_call *call)
{
    call->retries = 0;
    call->not_before_ms = INT64_MIN;
}

static void
start_due_calls(struct arm *arm)
{
    for (struct arm_call *call = arm->calls; call; call = call->next) {
        if (arm->n_running >= ARM_PARALLEL) {
            return;
        }
        if (call->ended || call->running || !may_start(arm, call)) {
            continue;
        }
        struct error error;
        const char *bearer =
            token_get(arm->options.token, arm->deadline_ms, &error);
        if (http_interrupted(arm->options.http)) {
            return;
        }
        if (bearer) {
            call_start(call, bearer);
        } else {
            arm_call_refuse(call, FETCH_AUTH, &error);
        }
    }
}

/* A scope that is paused for longer than this cycle has patience for is not
 * asked at all. */
static bool
may_start(struct arm *arm, struct arm_call *call)
{
    const struct arm_scope *scope = arm_call_scope(call);
    int64_t now = arm_now(arm);

    if (scope->paused_until_ms > arm->patience_ms) {
        struct error why;
        error_set(&why, "throttled for another %lld s",
                  (long long) ((scope->paused_until_ms - now) / 1000));
        arm_call_refuse(call, FETCH_THROTTLED, &why);
        return false;
    }
    if (call->not_before_ms > now || scope->paused_until_ms > now) {
        return false;
    }
    return arm->n_scopes == 1 || scope->running < ARM_PARALLEL_SCOPE;
}

static void
on_response(void *aux, struct http_response *response)
{
    struct arm_call *call = aux;

    call->running = false;
    call->arm->n_running--;
    arm_call_scope(call)->running--;
    arm_call_answered(call, response);
}

static void
call_start(struct arm_call *call, const char *bearer)
{
    struct arm *arm = call->arm;
    struct http_request request = { .url = call->url.data,
                                    .timeout_ms =
                                        arm->options.request_timeout_ms,
                                    .max_bytes = ARM_ANSWER_MAX,
                                    .plain = !arm->origin.https };
    int64_t left = arm->deadline_ms - arm_now(arm);

    if (left < request.timeout_ms) {
        request.timeout_ms = left;
    }
    http_request_header(&request, "Authorization", bearer);
    http_request_header(&request, "Accept", "application/json");
    http_request_header(&request, "Accept-Language", "en-US");
    http_request_header(&request, "User-Agent", user_agent);
    if (call->post) {
        request.body = call->body.data;
        http_request_header(&request, "Content-Type", "application/json");
    }
    if (call->throttled) {
        counters_fetch_throttle_wait(
            call->request.api,
            (double) (arm_now(arm) - call->waits_since_ms) / 1000);
        call->throttled = false;
    }
    call->generation = token_generation(arm->options.token);
    call->running = true;
    arm->n_running++;
    arm_call_scope(call)->running++;
    counters_fetch_request(call->request.api);
    http_start(arm->options.http, &request, on_response, call);
}

/* When the next call may start, if none of those that run ends before. */
static int64_t
next_start(const struct arm *arm)
{
    int64_t soonest = arm_now(arm) + 1000;

    for (const struct arm_call *call = arm->calls; call; call = call->next) {
        int64_t paused = arm_call_scope(call)->paused_until_ms;
        int64_t due =
            call->not_before_ms > paused ? call->not_before_ms : paused;
        if (!call->running && due > arm_now(arm) && due < soonest) {
            soonest = due;
        }
    }
    return soonest;
}

static void
drop_ended_calls(struct arm *arm)
{
    struct arm_call **link = &arm->calls;

    while (*link) {
        struct arm_call *call = *link;
        if (call->ended) {
            *link = call->next;
            call_destroy(call);
        } else {
            link = &call->next;
        }
    }
    arm->last = link;
}

static void
fail_all(struct arm *arm, bool interrupted)
{
    struct arm_result result = { .interrupted = interrupted,
                                 .failure = FETCH_TIMEOUT };

    error_set(&result.error,
              interrupted ? "interrupted" : "the time for this cycle is over");
    for (struct arm_call *call = arm->calls; call; call = call->next) {
        if (!call->ended) {
            if (!interrupted && call->running) {
                counters_fetch_failure(call->request.api, FETCH_TIMEOUT);
            }
            call_end(call, &result);
        }
    }
    arm->n_running = 0;
    arm->graph.running = 0;
    for (size_t i = 0; i < arm->n_scopes; i++) {
        arm->scopes[i].running = 0;
    }
    drop_ended_calls(arm);
}

static void
call_end(struct arm_call *call, const struct arm_result *result)
{
    struct arm_result timed = *result;

    assert(!call->ended);
    call->ended = true;
    timed.duration_ms = arm_now(call->arm) - call->started_ms;
    /* A token that is not accepted, or none, says nothing about what is asked
     * for. */
    timed.refused =
        !result->ok
        && (result->failure == FETCH_HTTP_4XX
            || (result->failure == FETCH_AUTH && call->status == 403));
    call->handler->done(call->aux, &timed);
}

static void
call_destroy(struct arm_call *call)
{
    text_clear(&call->url);
    text_clear(&call->body);
    text_clear(&call->location);
    arena_unref(call->arena);
    free(call);
}
