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
#include "exporter/web/auth.h"
#include "exporter/web/connections.h"
#include "exporter/web/respond.h"
#include "exporter/web/routes.h"
#include "exporter/web/security.h"
#include "exporter/web/tls.h"
#include "exporter/web/web.h"
#include "exporter/web/web_config.h"

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
    enum auth_result auth; /* PENDING until it is known. */
    struct auth_job *job;  /* To be started. */
    struct MHD_Connection *connection;
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
static const char *header(struct MHD_Connection *connection, const char *name);
static bool read_target(const struct web *web, char *target,
                        struct request *request, struct response *response);
static bool below_prefix(const struct web *web, char *path,
                         struct request *request, struct response *response);
static bool may_pass(struct exchange *exchange,
                     const struct web_config *config,
                     struct exchange_request *taken, const char *authorization,
                     struct response *response);
static void end_auth(void *aux, bool passed);

struct MHD_Daemon *
exchange_start(struct exchange *exchange)
{
    const struct tls *tls = exchange->tls;
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD
                         | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME
                         | MHD_USE_ERROR_LOG;
    const struct MHD_OptionItem plain[] = {
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, NULL },
        { MHD_OPTION_THREAD_STACK_SIZE, STACK_BYTES, NULL },
        { MHD_OPTION_END, 0, NULL },
    };
    const struct MHD_OptionItem secure[] = {
        { MHD_OPTION_HTTPS_MEM_CERT, 0,
          tls ? (void *) (uintptr_t) tls_certificate(tls) : NULL },
        { MHD_OPTION_HTTPS_MEM_KEY, 0,
          tls ? (void *) (uintptr_t) tls_key(tls) : NULL },
        { MHD_OPTION_HTTPS_PRIORITIES, 0,
          tls ? (void *) (uintptr_t) tls_priorities(tls) : NULL },
        { MHD_OPTION_END, 0, NULL },
    };
    return MHD_start_daemon(
        flags | (tls ? (unsigned int) MHD_USE_TLS : 0), 0, NULL, NULL,
        take_request, exchange, MHD_OPTION_EXTERNAL_LOGGER, take_log, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, note_target, exchange,
        MHD_OPTION_NOTIFY_CONNECTION, note_connection, exchange,
        MHD_OPTION_NOTIFY_COMPLETED, end_request, exchange, MHD_OPTION_ARRAY,
        plain, MHD_OPTION_ARRAY, tls ? secure : plain, MHD_OPTION_END);
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
        info = MHD_get_connection_info(connection,
                                       MHD_CONNECTION_INFO_GNUTLS_SESSION);
        if (exchange->tls && info && info->tls_session) {
            tls_prepare(exchange->tls, info->tls_session);
        }
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
        taken->auth = AUTH_PENDING;
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
        .accept = header(connection, MHD_HTTP_HEADER_ACCEPT),
        .accept_encoding = header(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING),
        .if_none_match = header(connection, MHD_HTTP_HEADER_IF_NONE_MATCH),
        .body = taken->body,
    };
    const struct web *web = exchange->web;
    const struct web_config *config = security_config(exchange->security);
    const struct connection *own = connection_of(connection);
    struct response *response = memory_calloc(1, sizeof *response);
    struct text target;
    enum handler handler = HANDLER_OTHER;
    enum MHD_Result result = MHD_YES;

    response_init(response);
    text_init(&target);
    text_append(&target, own ? connection_target(own) : "");
    text_append_char(&target, '\0'); /* Its bytes are ours to change. */
    const struct web_route *route =
        read_target(web, target.data, &request, response)
            ? route_find(web, &request, response)
            : NULL;
    if ((route && route->open)
        || may_pass(exchange, config, taken,
                    header(connection, MHD_HTTP_HEADER_AUTHORIZATION),
                    response)) {
        handler = route ? route->counter : HANDLER_OTHER;
        if (taken->too_large) {
            response_plain(response, 413, "The body is larger than %d bytes.",
                           BODY_MAX);
        } else if (route) {
            request.snapshot = publisher_acquire(web->publisher);
            route_handle(web, route, &request, response);
            snapshot_unref(request.snapshot);
        }
    }
    query_clear(&request.query);
    text_clear(&target);
    if (taken->job) {
        response_clear(response);
        free(response);
        MHD_suspend_connection(connection);
        struct auth_job *job = taken->job;
        taken->job = NULL;
        taken->connection = connection;
        auth_start(exchange->auth, job, end_auth, taken);
    } else {
        unsigned int status = response->status;
        counters_http_request(handler, status);
        struct MHD_Response *ready = respond(response, config);
        result = MHD_queue_response(connection, status, ready);
        MHD_destroy_response(ready);
    }
    web_config_unref(config);
    return result;
}

static const char *
header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* Takes the path and the query apart. */
static bool
read_target(const struct web *web, char *target, struct request *request,
            struct response *response)
{
    struct error error;
    char *query = strchr(target, '?');
    if (query) {
        *query++ = '\0';
    }
    if (*target != '/' || !percent_decode(target, false)) {
        response_plain(response, 400, "The path is not percent-encoded.");
        return false;
    }
    if (!query_parse(&request->query, query, &error)) {
        response_plain(response, 400, "Bad request: %s", error.message);
        return false;
    }
    return below_prefix(web, target, request, response);
}

/* Returns true if the client may have what it asks for.  Otherwise 'response'
 * says why not, or taken->job is a comparison to be started first. */
static bool
may_pass(struct exchange *exchange, const struct web_config *config,
         struct exchange_request *taken, const char *authorization,
         struct response *response)
{
    if (!config) {
        return true;
    }
    if (taken->auth == AUTH_PENDING
        && !security_take_token(exchange->security, config)) {
        response_plain(response, 429, "Too many requests");
        return false;
    }
    if (!config->n_users) {
        return true;
    }
    if (taken->auth == AUTH_PENDING) {
        taken->auth =
            auth_check(exchange->auth, config, authorization, &taken->job);
    }
    switch (taken->auth) {
    case AUTH_PASSED: return true;
    case AUTH_PENDING: return false;
    case AUTH_BUSY:
        response_plain(response, 429, "Too many logins wait");
        return false;
    case AUTH_FAILED:
    default:
        *response->allow = '\0';
        response_plain(response, 401, "Unauthorized");
        return false;
    }
}

/* On the comparing thread: the library calls take_request() again. */
static void
end_auth(void *aux, bool passed)
{
    struct exchange_request *taken = aux;
    taken->auth = passed ? AUTH_PASSED : AUTH_FAILED;
    MHD_resume_connection(taken->connection);
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
