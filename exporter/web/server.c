/* For accept4() and pipe2(). */
#define _GNU_SOURCE

#include "exporter/web/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "exporter/clock.h"
#include "exporter/log.h"
#include "exporter/web/auth.h"
#include "exporter/web/connections.h"
#include "exporter/web/exchange.h"
#include "exporter/web/listener.h"
#include "exporter/web/paths.h"
#include "exporter/web/security.h"
#include "exporter/web/tls.h"
#include "exporter/web/web.h"
#include "exporter/web/what_if.h"

enum {
    LISTENERS_MAX = 16,
    WORKERS = 4, /* Threads that answer; each serves many connections. */
    CONNECTIONS_MAX = 512,
    CONNECTIONS_PER_ADDRESS_MAX = 256,
    STOP_MS = 400,    /* What the answers under way get to end. */
    RETIRE_MS = 5000, /* The same after TLS was set up anew. */
};

/* Threads that answer with one setting of TLS. */
struct generation {
    struct exchange exchange;
    struct MHD_Daemon *workers[WORKERS];
    uint64_t number;
    int64_t retired_ms;
    struct generation *before; /* Retired earlier; or NULL. */
};

struct server {
    struct web web;
    struct security *security;
    struct auth *auth;
    struct paths paths; /* 'web' points into it. */
    struct connections *connections;
    struct clock *clock;
    int listeners[LISTENERS_MAX];
    size_t n_listeners;
    int wake[2]; /* A pipe: closing its end stops the accepting thread. */
    /* Used by the accepting thread alone once it runs. */
    struct generation *current;
    struct generation *retired; /* Those before, while they end. */
    uint64_t refused; /* Number of the generation that could not start. */
    pthread_t acceptor;
    bool accepting;
};

static bool open_listeners(struct server *server,
                           const struct server_options *options,
                           struct error *error);
static bool set_paths(struct server *server,
                      const struct server_options *options,
                      struct error *error);
static bool start_threads(struct server *server, struct error *error);
static struct generation *generation_start(struct server *server,
                                           struct error *error);
static void generation_stop(struct generation *generation);
static void stop_retired(struct server *server, int64_t until_ms);
static void renew(struct server *server);
static void *accept_connections(void *aux);
static void accept_one(struct server *server, int listener, size_t *turn);
static void wait_for_answers(struct server *server);

struct server *
server_start(const struct server_options *options, struct error *error)
{
    struct server *server = memory_calloc(1, sizeof *server);
    server->wake[0] = server->wake[1] = -1;
    server->clock = options->clock;
    server->web = (struct web){
        .publisher = options->publisher,
        .changes = options->changes,
        .clock = options->clock,
        .what_if = what_if_create(),
        .enable_lifecycle = options->enable_lifecycle,
        .reload = options->reload,
        .aux = options->aux,
    };
    server->connections = connections_create(
        CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, options->clock);
    server->auth = auth_create();
    server->security =
        security_create(options->web_config_file, options->clock, error);

    if (!server->security || !set_paths(server, options, error)
        || !open_listeners(server, options, error)
        || !start_threads(server, error)) {
        server_stop(server);
        return NULL;
    }
    for (size_t i = 0; i < server->n_listeners; i++) {
        char name[LISTENER_NAME_SIZE];
        listener_name(server->listeners[i], name);
        log_info("listening", "address", name, NULL);
    }
    return server;
}

unsigned int
server_port(const struct server *server, size_t i)
{
    return i < server->n_listeners ? listener_port(server->listeners[i]) : 0;
}

void
server_stop(struct server *server)
{
    if (!server) {
        return;
    }
    if (server->accepting) {
        (void) close(server->wake[1]);
        (void) pthread_join(server->acceptor, NULL);
        wait_for_answers(server);
    } else if (server->wake[1] >= 0) {
        (void) close(server->wake[1]);
    }
    /* The library must not end while a connection waits for its password. */
    auth_stop(server->auth);
    generation_stop(server->current);
    stop_retired(server, INT64_MAX);
    auth_destroy(server->auth);
    for (size_t i = 0; i < server->n_listeners; i++) {
        (void) close(server->listeners[i]);
    }
    if (server->wake[0] >= 0) {
        (void) close(server->wake[0]);
    }
    connections_destroy(server->connections);
    security_destroy(server->security);
    what_if_destroy(server->web.what_if);
    paths_clear(&server->paths);
    free(server);
}

static bool
open_listeners(struct server *server, const struct server_options *options,
               struct error *error)
{
    if (options->systemd_socket) {
        server->n_listeners =
            listener_inherit(server->listeners, LISTENERS_MAX, error);
        return server->n_listeners > 0;
    }
    if (options->n_listen_addresses > LISTENERS_MAX) {
        return error_set(error, "more than %d listen addresses",
                         LISTENERS_MAX);
    }
    for (size_t i = 0; i < options->n_listen_addresses; i++) {
        int fd = listener_open(options->listen_addresses[i], error);
        if (fd < 0) {
            return false;
        }
        server->listeners[server->n_listeners++] = fd;
    }
    return true;
}

static bool
set_paths(struct server *server, const struct server_options *options,
          struct error *error)
{
    if (!paths_read(&server->paths, options->telemetry_path,
                    options->external_url, options->route_prefix, error)) {
        return false;
    }
    server->web.telemetry_path = server->paths.telemetry;
    server->web.prefix = server->paths.prefix;
    server->web.base = server->paths.base;
    return true;
}

static bool
start_threads(struct server *server, struct error *error)
{
    server->current = generation_start(server, error);
    if (!server->current) {
        return false;
    }
    if (pipe2(server->wake, O_CLOEXEC)
        || pthread_create(&server->acceptor, NULL, accept_connections,
                          server)) {
        return error_set(error, "starting the web server: %s",
                         strerror(errno));
    }
    server->accepting = true;
    return true;
}

static struct generation *
generation_start(struct server *server, struct error *error)
{
    struct generation *generation = memory_calloc(1, sizeof *generation);
    bool failed;

    generation->number = security_tls_generation(server->security);
    generation->exchange = (struct exchange){
        .web = &server->web,
        .connections = server->connections,
        .security = server->security,
        .auth = server->auth,
        .tls = security_make_tls(server->security, &failed, error),
    };
    for (size_t i = 0; i < WORKERS && !failed; i++) {
        generation->workers[i] = exchange_start(&generation->exchange);
        if (!generation->workers[i]) {
            failed = !error_set(error, "starting the HTTP library failed");
        }
    }
    if (failed) {
        generation_stop(generation);
        return NULL;
    }
    return generation;
}

static void
generation_stop(struct generation *generation)
{
    if (!generation) {
        return;
    }
    for (size_t i = 0; i < WORKERS; i++) {
        if (generation->workers[i]) {
            MHD_stop_daemon(generation->workers[i]);
        }
    }
    tls_destroy(generation->exchange.tls);
    free(generation);
}

/* Ends those that were retired up to 'until_ms'. */
static void
stop_retired(struct server *server, int64_t until_ms)
{
    struct generation **link = &server->retired;

    while (*link) {
        struct generation *generation = *link;
        if (generation->retired_ms > until_ms) {
            link = &generation->before;
        } else {
            *link = generation->before;
            generation_stop(generation);
        }
    }
}

/* Puts new threads in place if the files of TLS changed: connections to come
 * get them, those that are open end with the old ones. */
static void
renew(struct server *server)
{
    int64_t now = server->clock->monotonic_ms(server->clock);
    stop_retired(server, now - RETIRE_MS);
    uint64_t number = security_tls_generation(server->security);
    if (number == server->current->number || number == server->refused) {
        return;
    }
    struct error error;
    struct generation *fresh = generation_start(server, &error);
    if (!fresh) {
        server->refused = number;
        log_error("TLS refused, the last setting stays", "error",
                  error.message, NULL);
        return;
    }
    server->current->retired_ms = now;
    server->current->before = server->retired;
    server->retired = server->current;
    server->current = fresh;
}

static void *
accept_connections(void *aux)
{
    struct server *server = aux;
    struct pollfd polls[LISTENERS_MAX + 1];
    size_t n = server->n_listeners, turn = 0;

    for (size_t i = 0; i < n; i++) {
        polls[i] = (struct pollfd){ server->listeners[i], POLLIN, 0 };
    }
    polls[n] = (struct pollfd){ server->wake[0], POLLIN, 0 };
    while (poll(polls, n + 1, server->retired ? RETIRE_MS : -1) >= 0
           || errno == EINTR) {
        if (polls[n].revents) {
            break;
        }
        renew(server);
        for (size_t i = 0; i < n; i++) {
            if (polls[i].revents) {
                accept_one(server, server->listeners[i], &turn);
            }
        }
    }
    return NULL;
}

static void
accept_one(struct server *server, int listener, size_t *turn)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int fd = accept4(listener, (struct sockaddr *) &address, &length,
                     SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE) {
            log_warn("connection refused", "error", strerror(errno), NULL);
            (void) poll(NULL, 0, 100); /* Until one is closed. */
        }
        return;
    }
    if (!connections_add(server->connections, fd, &address)) {
        (void) close(fd);
        return;
    }
    (void) MHD_add_connection(server->current->workers[(*turn)++ % WORKERS],
                              fd, (struct sockaddr *) &address, length);
}

static void
wait_for_answers(struct server *server)
{
    struct clock *clock = server->clock;
    int64_t end = clock->monotonic_ms(clock) + STOP_MS;
    while (connections_n_busy(server->connections)
           && clock->monotonic_ms(clock) < end) {
        (void) poll(NULL, 0, 5);
    }
}
