#include "tests/support/fake_http.h"

#include <stdlib.h>

#include "engine/base/ascii.h"
#include "engine/base/memory.h"

struct fake_transfer {
    struct fake_transfer *next;
    int64_t ends_ms;
    struct http_response response;
    http_done *done;
    void *aux;
};

static struct fake_http *
cast(struct http *http)
{
    return (struct fake_http *) http;
}

static struct fake_http *
of_clock(struct clock *clock)
{
    return (struct fake_http *) (void *) ((char *) clock
                                          - offsetof(struct fake_http, clock));
}

static int64_t
fake_wall(struct clock *clock)
{
    return of_clock(clock)->epoch_ms + of_clock(clock)->now_ms;
}

static int64_t
fake_monotonic(struct clock *clock)
{
    return of_clock(clock)->now_ms;
}

static void
fake_start(struct http *http, const struct http_request *request,
           http_done *done, void *aux)
{
    struct fake_http *fake = cast(http);
    struct fake_transfer *transfer = memory_calloc(1, sizeof *transfer);

    transfer->done = done;
    transfer->aux = aux;
    http_response_init(&transfer->response);
    int64_t latency = fake->answer(fake->aux, request, &transfer->response);
    if (latency > request->timeout_ms) {
        latency = request->timeout_ms;
        http_response_clear(&transfer->response);
        http_response_init(&transfer->response);
        transfer->response.failure = FETCH_TIMEOUT;
        transfer->response.detail = "Timeout was reached";
    }
    transfer->response.duration_ms = latency;
    transfer->ends_ms = fake->now_ms + latency;
    transfer->next = fake->transfers;
    fake->transfers = transfer;
    fake->n_requests++;
    if (++fake->running > fake->most_running) {
        fake->most_running = fake->running;
    }
}

/* Finds the transfer that ends first; of equals, the one started first. */
static struct fake_transfer **
find_first(struct fake_http *fake)
{
    struct fake_transfer **first = &fake->transfers;

    for (struct fake_transfer **link = first; *link; link = &(*link)->next) {
        if ((*link)->ends_ms <= (*first)->ends_ms) {
            first = link;
        }
    }
    return first;
}

static void
fake_run(struct http *http, int64_t wait_ms)
{
    struct fake_http *fake = cast(http);
    int64_t until = fake->now_ms + (wait_ms > 0 ? wait_ms : 0);
    struct fake_transfer **first = find_first(fake);

    if (fake->interrupted) {
        return;
    }
    if (!*first || (*first)->ends_ms > until) {
        fake->now_ms = until;
        return;
    }
    struct fake_transfer *transfer = *first;
    *first = transfer->next;
    if (transfer->ends_ms > fake->now_ms) {
        fake->now_ms = transfer->ends_ms;
    }
    fake->running--;
    transfer->done(transfer->aux, &transfer->response);
    http_response_clear(&transfer->response);
    free(transfer);
}

static void
fake_cancel(struct http *http)
{
    struct fake_http *fake = cast(http);

    while (fake->transfers) {
        struct fake_transfer *transfer = fake->transfers;
        fake->transfers = transfer->next;
        http_response_clear(&transfer->response);
        free(transfer);
    }
    fake->running = 0;
}

static void
fake_interrupt(struct http *http)
{
    cast(http)->interrupted = true;
}

static bool
fake_interrupted(struct http *http)
{
    return cast(http)->interrupted;
}

static void
fake_resume(struct http *http)
{
    cast(http)->interrupted = false;
}

static const struct http_class fake_class = {
    .start = fake_start,
    .run = fake_run,
    .cancel = fake_cancel,
    .interrupt = fake_interrupt,
    .interrupted = fake_interrupted,
    .resume = fake_resume,
    .destroy = fake_cancel,
};

void
fake_http_init(struct fake_http *fake, fake_answer *answer, void *aux)
{
    *fake = (struct fake_http){
        .up.class = &fake_class,
        .clock = { .wall_ms = fake_wall, .monotonic_ms = fake_monotonic },
        .epoch_ms = INT64_C(1790000000000),
        .answer = answer,
        .aux = aux,
    };
}

void
fake_header(struct http_response *response, const char *name,
            const char *value)
{
    text_printf(&response->headers, "%s: %s\n", name, value);
}

const char *
fake_request_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->n_headers; i++) {
        if (ascii_equal(request->headers[i].name, name)) {
            return request->headers[i].value;
        }
    }
    return "";
}

void
fake_reply(struct http_response *response, long status, const char *body)
{
    response->status = status;
    text_reset(&response->body);
    text_append(&response->body, body);
}
