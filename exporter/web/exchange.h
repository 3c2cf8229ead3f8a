/* Between the HTTP library and the handlers: takes requests apart, checks who
 * asks, sends responses.
 *
 * Threads: called on those of the HTTP library. */

#ifndef EXPORTER_WEB_EXCHANGE_H
#define EXPORTER_WEB_EXCHANGE_H

struct auth;
struct connections;
struct MHD_Daemon;
struct security;
struct tls;
struct web;

struct exchange {
    const struct web *web;
    struct connections *connections;
    struct security *security;
    struct auth *auth;
    struct tls *tls; /* NULL: plain HTTP. */
};

/* Starts a thread of libmicrohttpd that serves the connections it is given by
 * MHD_add_connection().  'exchange' must outlive it.  Returns NULL on
 * failure. */
struct MHD_Daemon *exchange_start(struct exchange *exchange);

#endif
