/* What an answer means for its call: the next page, another try, the end. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/hash.h"
#include "engine/base/map.h"
#include "engine/base/number.h"
#include "exporter/clock.h"
#include "exporter/log.h"
#include "exporter/source/arm_call.h"
#include "exporter/source/arm_error.h"
#include "exporter/source/arm_page.h"
#include "exporter/source/arm_retry.h"
#include "exporter/source/http.h"
#include "exporter/source/token.h"

static void take_failure(struct arm_call *call,
                         const struct http_response *response);
static void take_page(struct arm_call *call, struct http_response *response);
static bool go_on(struct arm_call *call, const struct arm_page *page);
static bool retry(struct arm_call *call, const struct http_response *response,
                  const struct arm_error *problem);
static void log_failure(const struct arm_call *call,
                        const struct http_response *response,
                        const struct arm_error *problem);
static void note_rate_limits(const struct arm_call *call,
                             const struct http_response *response);

void
arm_call_answered(struct arm_call *call, struct http_response *response)
{
    enum api api = call->request.api;

    counters_fetch_duration(api, (double) response->duration_ms / 1000);
    counters_fetch_bytes(api, response->body.length);
    note_rate_limits(call, response);
    call->status = response->status;
    call->bytes += response->body.length;
    if (response->status >= 200 && response->status < 300) {
        if (!arm_call_poll(call, response)) {
            take_page(call, response);
        }
    } else {
        take_failure(call, response);
    }
}

static uint32_t
next_random(struct arm *arm)
{
    /* xorshift32: jitter needs no more. */
    arm->random ^= arm->random << 13;
    arm->random ^= arm->random >> 17;
    arm->random ^= arm->random << 5;
    return arm->random;
}

static void
take_failure(struct arm_call *call, const struct http_response *response)
{
    struct token *token = call->arm->options.token;
    enum fetch_failure failure = arm_failure_of(response);
    struct arm_error problem;
    struct error why;

    arm_error_parse(response->body.data, response->body.length, &problem);
    if (response->status == 404 && problem.gone && call->request.may_be_gone) {
        struct arm_result gone = { .ok = true, .gone = true };
        call->ended = true;
        gone.duration_ms = arm_now(call->arm) - call->started_ms;
        call->handler->done(call->aux, &gone);
        return;
    }
    counters_fetch_failure(call->request.api, failure);
    log_failure(call, response, &problem);
    if (response->status == 401 && !call->renewed) {
        /* Others may have been refused with the same token before. */
        if (call->generation == token_generation(token)) {
            token_drop(token);
        }
        call->renewed = true;
        counters_fetch_retry(call->request.api);
        return;
    }
    if (retry(call, response, &problem)) {
        return;
    }
    if (!response->status) {
        error_set(&why, "%s", response->detail);
    } else if (problem.code[0]) {
        error_set(&why, "HTTP %ld %s: %s", response->status, problem.code,
                  problem.message);
    } else {
        error_set(&why, "HTTP %ld", response->status);
    }
    arm_call_refuse(call, failure, &why);
}

/* Returns true if the call will be made again within this cycle. */
static bool
retry(struct arm_call *call, const struct http_response *response,
      const struct arm_error *problem)
{
    struct arm *arm = call->arm;
    struct clock *clock = arm->options.clock;
    int64_t now = arm_now(arm);
    int64_t delay = arm_backoff(call->retries + 1, next_random(arm));

    bool told = arm_retry_after(response, clock->wall_ms(clock), &delay);
    bool quota = response->status == 429 && !problem->busy;
    if (quota) {
        /* The quota is the subscription's (or the tenant's), so its other
         * calls would fare no better. */
        bool all = !strncmp(problem->code, "Tenant", 6);
        arm_scope_pause(arm_call_scope(call), now + delay);
        for (size_t i = 0; all && i < arm->n_scopes; i++) {
            arm_scope_pause(&arm->scopes[i], now + delay);
        }
    }
    if (!arm_is_transient(response) || call->retries >= ARM_RETRIES_MAX
        || now + delay > arm->patience_ms) {
        return false;
    }
    call->retries++;
    call->not_before_ms = now + delay;
    call->waits_since_ms = now;
    call->throttled = told || quota;
    counters_fetch_retry(call->request.api);
    return true;
}

static bool
is_expected(const struct arm_call *call, const struct arm_page *page)
{
    switch (call->request.kind) {
    case ARM_LIST:
    case ARM_POST_LIST:
    case ARM_GRAPH: return page->has_array;
    case ARM_POINT: return page->is_object && page->id;
    case ARM_OPERATION: return true;
    }
    return false;
}

static void
take_page(struct arm_call *call, struct http_response *response)
{
    const struct text *body = &response->body;
    struct arm_page page;
    struct error why;

    bool scanned =
        arm_page_scan(body->data, body->length, call->request.array, &page);
    if (!scanned) {
        arm_call_fail(call, page.too_deep ? FETCH_LIMIT : FETCH_PARSE,
                      page.too_deep ? "the answer is nested too deeply"
                                    : "the answer is no JSON, or no list "
                                      "whose end can be told");
        return;
    }
    if (!is_expected(call, &page)) {
        struct arm_error problem;
        arm_error_parse(body->data, body->length, &problem);
        arm_call_fail(
            call, FETCH_PARSE, "HTTP %ld without \"%s\"%s%s", response->status,
            call->request.kind == ARM_POINT ? "id" : call->request.array,
            problem.code[0] ? ": " : "", problem.code);
        log_failure(call, response, &problem);
    } else if (arm_graph_is_cut(call, &page, response)) {
        arm_call_fail(call, FETCH_LIMIT, "Resource Graph cut its answer");
    } else if (!call->handler->page(call->aux, &response->body, &page, &why)) {
        arm_call_fail(call, FETCH_PARSE, "%s", why.message);
    } else if (!go_on(call, &page)) {
        arm_call_succeed(call);
    }
    arm_page_clear(&page);
}

/* A link that was followed before; letters count, since tokens are often
 * base64. */
static bool
is_followed(struct arm_call *call, const char *next)
{
    struct hash hash = hash_bytes(next, strlen(next));
    const char *key = arena_printf(call->arena, "%016" PRIx64 "%016" PRIx64,
                                   hash.high, hash.low);

    return map_put(call->seen, key, call) != NULL;
}

/* Returns true if the call is not done yet, or has failed. */
static bool
go_on(struct arm_call *call, const struct arm_page *page)
{
    bool post =
        call->request.kind == ARM_POST_LIST || call->request.kind == ARM_GRAPH;
    const char *next = post ? page->skip_token : page->next_link;
    struct error why;

    if (!next || call->request.kind == ARM_POINT
        || call->request.kind == ARM_OPERATION) {
        return false;
    }
    if (++call->pages >= ARM_PAGES_MAX || call->bytes > ARM_LIST_MAX) {
        arm_call_fail(call, FETCH_LIMIT,
                      "the list has more than %d pages, "
                      "or more than %d bytes",
                      ARM_PAGES_MAX, ARM_LIST_MAX);
        return true;
    }
    if (is_followed(call, next)) {
        arm_call_fail(call, FETCH_LIMIT,
                      "the pages of the list go round in "
                      "a circle");
        return true;
    }
    if (post) {
        arm_call_write_body(call, next);
    } else {
        text_reset(&call->url);
        if (!origin_follow(&call->arm->origin, next, &call->url, &why)) {
            arm_call_fail(call, FETCH_REFUSED, "%s", why.message);
            return true;
        }
    }
    arm_call_continue(call);
    return true;
}

/* The query of a URL may be a signature, so only the path is shown. */
static void
log_failure(const struct arm_call *call, const struct http_response *response,
            const struct arm_error *problem)
{
    struct text path;
    struct text id;
    struct text correlation;
    char status[16];

    text_init(&path);
    text_init(&id);
    text_init(&correlation);
    url_append_for_log(&path, call->url.data);
    http_response_header(response, "x-ms-request-id", &id);
    http_response_header(response, "x-ms-correlation-request-id",
                         &correlation);
    snprintf(status, sizeof status, "%ld", response->status);
    log_debug("request failed", "api", api_name(call->request.api), "scope",
              call->request.scope_name, "path", path.data, "status", status,
              "detail", response->status ? NULL : response->detail, "code",
              problem->code[0] ? problem->code : NULL, "request_id",
              id.length ? id.data : NULL, "correlation_id",
              correlation.length ? correlation.data : NULL, NULL);
    text_clear(&path);
    text_clear(&id);
    text_clear(&correlation);
}

static void
note_rate_limits(const struct arm_call *call,
                 const struct http_response *response)
{
    static const struct {
        const char *header;
        const char *limit;
    } limits[] = {
        { "x-ms-ratelimit-remaining-subscription-reads",
          "subscription_reads" },
        { "x-ms-ratelimit-remaining-subscription-writes",
          "subscription_writes" },
        { "x-ms-ratelimit-remaining-subscription-global-reads",
          "subscription_global_reads" },
        { "x-ms-ratelimit-remaining-subscription-global-writes",
          "subscription_global_writes" },
        { "x-ms-ratelimit-remaining-tenant-reads", "tenant_reads" },
        { "x-ms-user-quota-remaining", "user_quota" },
    };
    struct text value;
    uint64_t left;

    text_init(&value);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        text_reset(&value);
        if (http_response_header(response, limits[i].header, &value)
            && number_parse(value.data, value.length, INT32_MAX, &left)) {
            counters_ratelimit(call->request.scope_name, limits[i].limit,
                               (int64_t) left);
            if (call->request.kind == ARM_GRAPH && !left) {
                arm_graph_await(call, response);
            }
        }
    }
    text_clear(&value);
}
