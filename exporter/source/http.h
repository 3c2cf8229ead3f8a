/* Requests and responses, whoever carries them: curl, or a fake in tests that
 * moves a simulated clock.
 *
 * Requests run in parallel; http_run() lets them make progress and calls back
 * what ended.  Nothing here follows a redirect, repeats a request or knows
 * about Azure.
 *
 * Threads: one at a time, but for http_interrupt(). */

#ifndef EXPORTER_SOURCE_HTTP_H
#define EXPORTER_SOURCE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/text.h"
#include "exporter/counters.h"

struct http;

enum { HTTP_HEADERS_MAX = 12 };

struct http_header {
    const char *name;
    const char *value;
};

/* Everything is copied by http_start(). */
struct http_request {
    const char *url;
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t n_headers;
    const char *body; /* NULL: GET; otherwise POST with these bytes. */
    int64_t timeout_ms;
    size_t max_bytes; /* Of the body, after decompression. */
    bool no_proxy;    /* Identity endpoints: the environment says nothing. */
    bool plain;       /* http:// is allowed: loopback and link-local only. */
};

struct http_response {
    long status; /* 0: no answer came; then 'failure' and 'detail' count. */
    enum fetch_failure failure;
    const char *detail;  /* Why, in a few words, without the URL. */
    struct text headers; /* "name: value\n" lines, names in lower case. */
    struct text body;
    int64_t duration_ms;
};

/* Called from http_run().  The response ends with the call; its body may be
 * taken with text_steal().  It may start other requests. */
typedef void http_done(void *aux, struct http_response *response);

struct http_class {
    void (*start)(struct http *, const struct http_request *, http_done *,
                  void *aux);
    /* Works until something ended, 'wait_ms' are over, or http_interrupt(). */
    void (*run)(struct http *, int64_t wait_ms);
    /* Ends all requests that run, without calling back. */
    void (*cancel)(struct http *);
    void (*interrupt)(struct http *);
    bool (*interrupted)(struct http *);
    void (*resume)(struct http *);
    void (*destroy)(struct http *);
};

struct http {
    const struct http_class *class;
};

void http_start(struct http *http, const struct http_request *request,
                http_done *done, void *aux);
void http_run(struct http *http, int64_t wait_ms);
void http_cancel(struct http *http);
/* From any thread: http_run() returns at once, until http_resume(). */
void http_interrupt(struct http *http);
bool http_interrupted(struct http *http);
void http_resume(struct http *http);
void http_destroy(struct http *http);

/* Makes one request and waits for its end; others go on meanwhile.  The
 * caller clears the response.  Returns false if it was interrupted. */
bool http_fetch(struct http *http, const struct http_request *request,
                struct http_response *response);

void http_request_header(struct http_request *request, const char *name,
                         const char *value);

void http_response_init(struct http_response *response);
void http_response_clear(struct http_response *response);
/* Appends the value of the header 'name' (in lower case) to 'value', and
 * returns whether it is there. */
bool http_response_header(const struct http_response *response,
                          const char *name, struct text *value);

#endif
