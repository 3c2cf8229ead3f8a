#include "exporter/web/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "exporter/log.h"
#include "exporter/snapshot.h"
#include "exporter/web/connections.h"
#include "exporter/web/routes.h"
#include "exporter/web/web.h"

enum {
    CONNECTION_MEMORY = 16 * 1024, /* Request line, headers, answer's head. */
    IDLE_SECONDS = 120,
    BODY_MAX = 64 * 1024,
    STACK_BYTES = 256 * 1024,
};

/* One request while it is read. */
struct exchange_request {
    struct text body;
    bool too_large;
};

static const struct {
    const char *name, *value;
} security_headers[] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "img-src 'self'; connect-src 'self'; base-uri 'none'; "
      "form-action 'self'; frame-ancestors 'none'; "
      "require-trusted-types-for 'script'; trusted-types 'none'" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
};

static void *note_target(void *aux, const char *target,
                         struct MHD_Connection *connection);
static void note_connection(void *aux, struct MHD_Connection *connection,
                            void **context,
                            enum MHD_ConnectionNotificationCode code);
static enum MHD_Result take_request(void *aux,
                                    struct MHD_Connection *connection,
                                    const char *path, const char *method,
                                    const char *version, const char *upload,
                                    size_t *upload_size, void **state);
static void end_request(void *aux, struct MHD_Connection *connection,
                        void **state, enum MHD_RequestTerminationCode code);
static void take_log(void *aux, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
static struct connection *connection_of(struct MHD_Connection *connection);
static bool body_is_too_large(struct MHD_Connection *connection);
static enum MHD_Result answer(struct exchange *exchange,
                              struct MHD_Connection *connection,
                              const char *method,
                              struct exchange_request *taken);
static enum handler dispatch(const struct exchange *exchange, char *target,
                             struct request *request,
                             struct response *response);
static bool below_prefix(const struct web *web, char *path,
                         struct request *request, struct response *response);
static struct MHD_Response *to_library(struct response *response);
static void release_answer(void *aux);
static void add_headers(struct MHD_Response *to,
                        const struct response *response);

struct MHD_Daemon *
exchange_start(struct exchange *exchange)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC
            | MHD_USE_ERROR_LOG,
        0, NULL, NULL, take_request, exchange, MHD_OPTION_EXTERNAL_LOGGER,
        take_log, NULL, MHD_OPTION_URI_LOG_CALLBACK, note_target, exchange,
        MHD_OPTION_NOTIFY_CONNECTION, note_connection, exchange,
        MHD_OPTION_NOTIFY_COMPLETED, end_request, exchange,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int) IDLE_SECONDS,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t) STACK_BYTES, MHD_OPTION_END);
}

/* The library takes the query apart in place; we want it as it came. */
static void *
note_target(void *aux, const char *target, struct MHD_Connection *connection)
{
    struct exchange *exchange = aux;
    struct connection *own = connection_of(connection);
    if (own) {
        connection_set_target(own, target);
        connections_busy(exchange->connections, own, false);
    }
    return NULL;
}

static void
note_connection(void *aux, struct MHD_Connection *connection, void **context,
                enum MHD_ConnectionNotificationCode code)
{
    struct exchange *exchange = aux;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(
            connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *context =
            info ? connections_find(exchange->connections, info->connect_fd)
                 : NULL;
    } else {
        connections_remove(exchange->connections, *context);
        *context = NULL;
    }
}

/* Called when the headers are there, for each piece of the body, and at the
 * end of the request. */
static enum MHD_Result
take_request(void *aux, struct MHD_Connection *connection, const char *path,
             const char *method, const char *version, const char *upload,
             size_t *upload_size, void **state)
{
    (void) path;
    (void) version;
    struct exchange *exchange = aux;
    struct exchange_request *taken = *state;

    if (!taken) {
        taken = memory_calloc(1, sizeof *taken);
        text_init(&taken->body);
        *state = taken;
        connections_busy(exchange->connections, connection_of(connection),
                         true);
        if (body_is_too_large(connection)) {
            taken->too_large = true;
            return answer(exchange, connection, method, taken);
        }
        return MHD_YES;
    }
    if (*upload_size) {
        if (taken->body.length + *upload_size > BODY_MAX) {
            taken->too_large = true;
        } else {
            text_append_bytes(&taken->body, upload, *upload_size);
        }
        *upload_size = 0;
        return MHD_YES;
    }
    return answer(exchange, connection, method, taken);
}

static void
end_request(void *aux, struct MHD_Connection *connection, void **state,
            enum MHD_RequestTerminationCode code)
{
    (void) code;
    struct exchange *exchange = aux;
    struct exchange_request *taken = *state;
    if (taken) {
        connections_busy(exchange->connections, connection_of(connection),
                         false);
        text_clear(&taken->body);
        free(taken);
        *state = NULL;
    }
}

static void
take_log(void *aux, const char *format, va_list arguments)
{
    (void) aux;
    char line[256];
    (void) vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';
    log_debug("http", "message", line, NULL);
}

static struct connection *
connection_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static bool
body_is_too_large(struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(
        connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    uint64_t value;
    return length && !number_parse(length, strlen(length), BODY_MAX, &value);
}

static enum MHD_Result
answer(struct exchange *exchange, struct MHD_Connection *connection,
       const char *method, struct exchange_request *taken)
{
    struct request request = {
        .method = method,
        .accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                              MHD_HTTP_HEADER_ACCEPT),
        .accept_encoding = MHD_lookup_connection_value(
            connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING),
        .if_none_match = MHD_lookup_connection_value(
            connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH),
        .body = taken->body,
    };
    struct response *response = memory_calloc(1, sizeof *response);
    const struct connection *own = connection_of(connection);
    size_t size = strlen(own ? connection_target(own) : "") + 1;
    char *target = memory_alloc(size);
    enum handler handler = HANDLER_OTHER;

    memcpy(target, own ? connection_target(own) : "", size);
    response_init(response);
    if (taken->too_large) {
        response_plain(response, 413, "The body is larger than %d bytes.",
                       BODY_MAX);
    } else {
        handler = dispatch(exchange, target, &request, response);
    }
    unsigned int status = response->status;
    counters_http_request(handler, status);
    struct MHD_Response *ready = to_library(response);
    enum MHD_Result result = MHD_queue_response(connection, status, ready);
    MHD_destroy_response(ready);
    free(target);
    return result;
}

static enum handler
dispatch(const struct exchange *exchange, char *target,
         struct request *request, struct response *response)
{
    const struct web *web = exchange->web;
    struct error error;
    char *query = strchr(target, '?');
    if (query) {
        *query++ = '\0';
    }
    if (*target != '/' || !percent_decode(target, false)) {
        response_plain(response, 400, "The path is not percent-encoded.");
        return HANDLER_OTHER;
    }
    if (!query_parse(&request->query, query, &error)) {
        response_plain(response, 400, "Bad request: %s", error.message);
        return HANDLER_OTHER;
    }

    enum handler handler = HANDLER_OTHER;
    if (below_prefix(web, target, request, response)) {
        const struct web_route *route = route_find(web, request, response);
        if (route) {
            handler = route->counter;
            request->snapshot = publisher_acquire(web->publisher);
            route_handle(web, route, request, response);
            snapshot_unref(request->snapshot);
        }
    }
    query_clear(&request->query);
    return handler;
}

/* Sets request->path to what stands behind the route prefix. */
static bool
below_prefix(const struct web *web, char *path, struct request *request,
             struct response *response)
{
    size_t n = strlen(web->prefix);
    if (!strncmp(path, web->prefix, n) && path[n] == '/') {
        request->path = path + n;
        return true;
    }
    if (!strcmp(path, "/") || !strcmp(path, web->prefix)) {
        response_plain(response, 302, "Found");
        response->location = web->base;
        return false;
    }
    response_plain(response, 404, "Not found");
    return false;
}

/* Takes over 'response'. */
static struct MHD_Response *
to_library(struct response *response)
{
    struct MHD_Response *to;

    if (response->exposition) {
        size_t n = response->answer.n_pieces;
        struct MHD_IoVec *pieces = memory_calloc(n, sizeof *pieces);
        for (size_t i = 0; i < n; i++) {
            pieces[i].iov_base = response->answer.pieces[i].bytes;
            pieces[i].iov_len = response->answer.pieces[i].size;
        }
        to = MHD_create_response_from_iovec(pieces, (unsigned int) n,
                                            release_answer, response);
        free(pieces);
        add_headers(to, response);
        return to;
    }
    size_t size = response->body.length;
    if (response->constant) {
        to = MHD_create_response_from_buffer(
            response->constant_size, (void *) (uintptr_t) response->constant,
            MHD_RESPMEM_PERSISTENT);
    } else {
        to = MHD_create_response_from_buffer(size, text_steal(&response->body),
                                             MHD_RESPMEM_MUST_FREE);
    }
    add_headers(to, response);
    release_answer(response);
    return to;
}

static void
release_answer(void *aux)
{
    struct response *response = aux;
    response_clear(response);
    free(response);
}

static void
add_headers(struct MHD_Response *to, const struct response *response)
{
    const struct {
        const char *name, *value;
    } headers[] = {
        { "Content-Type", response->content_type },
        { "Content-Encoding", response->gzip ? "gzip" : NULL },
        { "Vary", response->vary ? "Accept, Accept-Encoding" : NULL },
        { "Allow", *response->allow ? response->allow : NULL },
        { "Location", response->location },
        { "ETag", response->etag },
        { "Cache-Control", response->etag ? "no-cache" : "no-store" },
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        if (headers[i].value) {
            (void) MHD_add_response_header(to, headers[i].name,
                                           headers[i].value);
        }
    }
    for (size_t i = 0; i < sizeof security_headers / sizeof *security_headers;
         i++) {
        (void) MHD_add_response_header(to, security_headers[i].name,
                                       security_headers[i].value);
    }
}
