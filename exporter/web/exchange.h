/* Between the HTTP library and the handlers: takes requests apart, sends
 * responses.
 *
 * Threads: called on those of the HTTP library. */

#ifndef EXPORTER_WEB_EXCHANGE_H
#define EXPORTER_WEB_EXCHANGE_H

#include <stddef.h>

struct connections;
struct web;

struct exchange {
    const struct web *web;
    struct connections *connections;
};

/* Starts a thread of libmicrohttpd that serves the connections it is given
 * (exchange_accept()).  'exchange' must outlive it. */
struct MHD_Daemon;
struct MHD_Daemon *exchange_start(struct exchange *exchange);

#endif
