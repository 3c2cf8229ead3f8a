/* Long-running operations (Resource Manager's contract for asynchronous
 * operations): 202 names a URL to poll; every answer may name a newer one;
 * the result is in the last answer only. */

#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "exporter/clock.h"
#include "exporter/source/arm_call.h"
#include "exporter/source/arm_page.h"
#include "exporter/source/arm_retry.h"
#include "exporter/source/http.h"

enum { POLL_FIRST_MS = 1000, POLL_MAX_MS = 10000, POLL_LIMIT_MS = 120000 };

static bool take_links(struct arm_call *call,
                       const struct http_response *response, bool *found);
static bool take_status(struct arm_call *call,
                        const struct http_response *response);
static void poll_again(struct arm_call *call,
                       const struct http_response *response);

bool
arm_call_poll(struct arm_call *call, struct http_response *response)
{
    bool found = false;
    bool accepted = response->status == 202 || response->status == 201;

    if (!accepted && !call->polling) {
        return false;
    }
    if (!call->polling) {
        call->polling = true;
        call->poll_delay_ms = POLL_FIRST_MS;
        call->poll_end_ms = arm_now(call->arm) + POLL_LIMIT_MS;
    }
    if (!take_links(call, response, &found)) {
        return true;
    }
    if (call->status_url && !accepted) {
        return take_status(call, response);
    }
    if (!accepted) {
        return false; /* 200: this is the result. */
    }
    if (!found && call->post) {
        arm_call_fail(call, FETCH_PARSE, "HTTP %ld without a place to poll",
                      response->status);
        return true;
    }
    poll_again(call, response);
    return true;
}

/* Returns false if the call has failed because of a link. */
static bool
take_links(struct arm_call *call, const struct http_response *response,
           bool *found)
{
    static const struct {
        const char *header;
        bool status_url;
    } headers[] = {
        { "azure-asyncoperation", true },
        { "operation-location", true },
        { "location", false },
    };
    struct text link;
    struct text url;
    struct error why;
    bool sound = true;

    text_init(&link);
    text_init(&url);
    for (size_t i = 0; sound && i < sizeof headers / sizeof *headers; i++) {
        text_reset(&link);
        text_reset(&url);
        if (!http_response_header(response, headers[i].header, &link)) {
            continue;
        }
        sound = origin_follow(&call->arm->origin, link.data, &url, &why);
        bool later = !headers[i].status_url && call->status_url;
        struct text *to = later ? &call->location : &call->url;
        if (sound && !(headers[i].status_url && *found)) {
            text_reset(to);
            text_append(to, url.data);
            call->status_url |= headers[i].status_url;
            *found = true;
        }
    }
    text_clear(&link);
    text_clear(&url);
    if (!sound) {
        arm_call_fail(call, FETCH_REFUSED, "%s", why.message);
    }
    return sound;
}

/* The answer of a status URL is not the result: that is at the location. */
static bool
take_status(struct arm_call *call, const struct http_response *response)
{
    struct arm_page page;

    if (!arm_page_scan(response->body.data, response->body.length, "value",
                       &page)
        || !page.status) {
        arm_call_fail(call, FETCH_PARSE, "an operation without a status");
    } else if (ascii_equal(page.status, "Succeeded")) {
        if (call->location.length) {
            text_reset(&call->url);
            text_append(&call->url, call->location.data);
            call->status_url = false;
            call->post = false;
            arm_call_continue(call);
        } else {
            arm_page_clear(&page);
            return false;
        }
    } else if (ascii_equal(page.status, "Failed")
               || ascii_equal(page.status, "Canceled")) {
        arm_call_fail(call, FETCH_HTTP_4XX, "the operation ended as %s",
                      page.status);
    } else {
        poll_again(call, response);
    }
    arm_page_clear(&page);
    return true;
}

static void
poll_again(struct arm_call *call, const struct http_response *response)
{
    struct arm *arm = call->arm;
    struct clock *clock = arm->options.clock;
    int64_t delay = call->poll_delay_ms;
    int64_t now = arm_now(arm);

    arm_retry_after(response, clock->wall_ms(clock), &delay);
    if (delay < POLL_FIRST_MS) {
        delay = POLL_FIRST_MS; /* A server that says "0" is asked no faster. */
    }
    if (now + delay > call->poll_end_ms || now + delay > arm->deadline_ms) {
        arm_call_fail(call, FETCH_TIMEOUT,
                      "the operation did not end in "
                      "time");
        return;
    }
    call->poll_delay_ms = call->poll_delay_ms * 2 < POLL_MAX_MS
                              ? call->poll_delay_ms * 2
                              : POLL_MAX_MS;
    call->post = false;
    arm_call_continue(call);
    call->not_before_ms = now + delay;
}
