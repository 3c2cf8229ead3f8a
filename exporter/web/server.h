/* The HTTP server: libmicrohttpd, routes from one table, TLS and users from
 * --web.config.file. */

#ifndef EXPORTER_WEB_SERVER_H
#define EXPORTER_WEB_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct changes;
struct clock;
struct error;
struct publisher;
struct server;

struct server_options {
    const char *const *listen_addresses; /* ":16863", "[::1]:16863" */
    size_t n_listen_addresses;
    bool systemd_socket;
    const char *web_config_file; /* Or NULL. */
    const char *telemetry_path;  /* "/metrics" */
    const char *external_url;    /* Or NULL. */
    const char *route_prefix;    /* Or NULL. */
    bool enable_lifecycle;
    struct publisher *publisher;
    struct changes *changes;
    struct clock *clock;
    /* Reads the configuration again; from scheduler_reload(). */
    bool (*reload)(void *aux, struct error *error);
    void *aux;
};

struct server *server_start(const struct server_options *options,
                            struct error *error);
/* The port of listener number 'i', for tests that asked for port 0. */
unsigned int server_port(const struct server *server, size_t i);
/* Answers what is under way, and ends. */
void server_stop(struct server *server);

#endif
