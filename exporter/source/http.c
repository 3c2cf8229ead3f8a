#include "exporter/source/http.h"

#include <assert.h>
#include <string.h>

void
http_start(struct http *http, const struct http_request *request,
           http_done *done, void *aux)
{
    http->class->start(http, request, done, aux);
}

void
http_run(struct http *http, int64_t wait_ms)
{
    http->class->run(http, wait_ms);
}

void
http_cancel(struct http *http)
{
    http->class->cancel(http);
}

void
http_interrupt(struct http *http)
{
    http->class->interrupt(http);
}

bool
http_interrupted(struct http *http)
{
    return http->class->interrupted(http);
}

void
http_resume(struct http *http)
{
    http->class->resume(http);
}

void
http_destroy(struct http *http)
{
    if (http) {
        http->class->destroy(http);
    }
}

struct fetching {
    struct http_response *response;
    bool ended;
};

static void
take_response(void *aux, struct http_response *response)
{
    struct fetching *fetching = aux;

    *fetching->response = *response;
    http_response_init(response);
    fetching->ended = true;
}

bool
http_fetch(struct http *http, const struct http_request *request,
           struct http_response *response)
{
    struct fetching fetching = { .response = response };

    http_start(http, request, take_response, &fetching);
    while (!fetching.ended && !http_interrupted(http)) {
        http_run(http, 1000);
    }
    if (!fetching.ended) {
        /* What was started points to this frame. */
        http_cancel(http);
    }
    return fetching.ended;
}

void
http_request_header(struct http_request *request, const char *name,
                    const char *value)
{
    assert(request->n_headers < HTTP_HEADERS_MAX);
    request->headers[request->n_headers++] =
        (struct http_header){ .name = name, .value = value };
}

void
http_response_init(struct http_response *response)
{
    *response = (struct http_response){ .detail = "" };
    text_init(&response->headers);
    text_init(&response->body);
}

void
http_response_clear(struct http_response *response)
{
    text_clear(&response->headers);
    text_clear(&response->body);
}

bool
http_response_header(const struct http_response *response, const char *name,
                     struct text *value)
{
    size_t length = strlen(name);

    for (const char *line = response->headers.data; *line;) {
        const char *end = strchr(line, '\n');
        if (!end) {
            break;
        }
        if (!strncmp(line, name, length) && line[length] == ':') {
            const char *start = line + length + 1;
            start += strspn(start, " \t");
            if (start > end) {
                start = end;
            }
            text_append_bytes(value, start, (size_t) (end - start));
            return true;
        }
        line = end + 1;
    }
    return false;
}
