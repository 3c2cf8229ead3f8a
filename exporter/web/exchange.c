#include "exporter/web/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "exporter/log.h"
#include "exporter/snapshot.h"
#include "exporter/web/auth.h"
#include "exporter/web/connections.h"
#include "exporter/web/head.h"
#include "exporter/web/respond.h"
#include "exporter/web/routes.h"
#include "exporter/web/security.h"
#include "exporter/web/target.h"
#include "exporter/web/tls.h"
#include "exporter/web/web.h"
#include "exporter/web/web_config.h"

enum {
    CONNECTION_MEMORY = 16 * 1024, /* Request line, headers, answer's head. */
    IDLE_SECONDS = 120,
    ENDED_SECONDS = 1, /* The same where no further request can come. */
    BODY_MAX = 64 * 1024,
    STACK_BYTES = 256 * 1024,
};

/* One request while it is read. */
struct exchange_request {
    struct head head;
    struct text body;
    struct refusal refusal;
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
static struct exchange_request *
begin_request(struct MHD_Connection *connection, const char *version);
static enum MHD_Result add_line(void *aux, enum MHD_ValueKind kind,
                                const char *name, const char *value);
static enum MHD_Result answer(struct exchange *exchange,
                              struct MHD_Connection *connection,
                              const char *method,
                              struct exchange_request *taken);
static bool may_pass(struct exchange *exchange,
                     const struct web_config *config,
                     struct exchange_request *taken, const char *authorization,
                     enum route_style style, struct response *response);
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
    struct exchange *exchange = aux;
    struct exchange_request *taken = *state;

    if (!taken) {
        taken = begin_request(connection, version);
        *state = taken;
        return taken->refusal.status
                   ? answer(exchange, connection, method, taken)
                   : MHD_YES;
    }
    if (*upload_size) {
        if (taken->body.length + *upload_size > BODY_MAX) {
            taken->refusal = (struct refusal){ 413, "The body is too large." };
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
        head_clear(&taken->head);
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

static struct exchange_request *
begin_request(struct MHD_Connection *connection, const char *version)
{
    struct exchange_request *taken = memory_calloc(1, sizeof *taken);
    const struct connection *own = connection_of(connection);

    head_init(&taken->head);
    text_init(&taken->body);
    taken->auth = AUTH_PENDING;
    (void) MHD_get_connection_values(connection, MHD_HEADER_KIND, add_line,
                                     &taken->head);
    taken->refusal = head_check(&taken->head, version, BODY_MAX);
    /* The library may overlook that the client has closed its side. */
    if (own && connection_ended(own)) {
        (void) MHD_set_connection_option(
            connection, MHD_CONNECTION_OPTION_TIMEOUT, ENDED_SECONDS);
    }
    return taken;
}

static enum MHD_Result
add_line(void *aux, enum MHD_ValueKind kind, const char *name,
         const char *value)
{
    (void) kind;
    head_add(aux, name, value);
    return MHD_YES;
}

static enum MHD_Result
answer(struct exchange *exchange, struct MHD_Connection *connection,
       const char *method, struct exchange_request *taken)
{
    const char *const *head = taken->head.values;
    struct request request = {
        .method = method,
        .counter = HANDLER_OTHER,
        .accept = head[HEAD_ACCEPT],
        .accept_encoding = head[HEAD_ACCEPT_ENCODING],
        .if_none_match = head[HEAD_IF_NONE_MATCH],
        .body = taken->body,
    };
    const struct web *web = exchange->web;
    const struct web_config *config = security_config(exchange->security);
    struct connection *own = connection_of(connection);
    struct response *response = memory_calloc(1, sizeof *response);
    struct text target;
    enum MHD_Result result = MHD_YES;

    /* From here on it is us who are waited for.  Before, the rest of a body
     * could be long in coming, on purpose. */
    connections_busy(exchange->connections, own, true);
    response_init(response);
    text_init(&target);
    text_append(&target, own ? connection_target(own) : "");
    text_append_char(&target, '\0'); /* Its bytes are ours to change. */
    const struct web_route *route =
        target_read(web, target.data, &request, response)
            ? route_find(web, &request, response)
            : NULL;
    if (taken->refusal.status) {
        response_refuse(response, request.style, taken->refusal.status, "%s",
                        taken->refusal.cause);
        response->close = true;
    } else if ((route && route->open)
               || may_pass(exchange, config, taken, head[HEAD_AUTHORIZATION],
                           request.style, response)) {
        if (route) {
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
        counters_http_request(request.counter, status);
        struct MHD_Response *ready = respond(response, config);
        result = MHD_queue_response(connection, status, ready);
        MHD_destroy_response(ready);
    }
    web_config_unref(config);
    return result;
}

/* Returns true if the client may have what it asks for.  Otherwise 'response'
 * says why not, or taken->job is a comparison to be started first. */
static bool
may_pass(struct exchange *exchange, const struct web_config *config,
         struct exchange_request *taken, const char *authorization,
         enum route_style style, struct response *response)
{
    if (!config) {
        return true;
    }
    if (taken->auth == AUTH_PENDING
        && !security_take_token(exchange->security, config)) {
        response_refuse(response, style, 429, "Too many requests");
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
        response_refuse(response, style, 429, "Too many logins wait");
        return false;
    case AUTH_FAILED:
    default:
        *response->allow = '\0';
        response_refuse(response, style, 401, "Unauthorized");
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
