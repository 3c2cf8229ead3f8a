/* A stand-in for the network, with a clock that moves only when somebody
 * waits: retries, back-off and expiry are tested in no time.
 *
 * Each request is answered by a function of the test, after a latency that it
 * chooses.  Threads: one. */

#ifndef TESTS_SUPPORT_FAKE_HTTP_H
#define TESTS_SUPPORT_FAKE_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "exporter/clock.h"
#include "exporter/source/http.h"

/* Fills 'response': status, headers ("name: value\n"), body, duration; or
 * status 0 with failure and detail.  Returns the latency in milliseconds. */
typedef int64_t fake_answer(void *aux, const struct http_request *request,
                            struct http_response *response);

struct fake_transfer;

struct fake_http {
    struct http up;
    struct clock clock;
    int64_t now_ms; /* Monotonic; the wall clock is ahead by 'epoch_ms'. */
    int64_t epoch_ms;
    fake_answer *answer;
    void *aux;
    struct fake_transfer *transfers;
    unsigned int running;
    unsigned int most_running;
    unsigned int n_requests;
    bool interrupted;
};

/* In place; http_destroy() of it frees what runs and nothing else. */
void fake_http_init(struct fake_http *fake, fake_answer *answer, void *aux);

/* Appends a header line. */
void fake_header(struct http_response *response, const char *name,
                 const char *value);
/* The value of a request's header, or "". */
const char *fake_request_header(const struct http_request *request,
                                const char *name);
/* Sets status and body. */
void fake_reply(struct http_response *response, long status, const char *body);

#endif
