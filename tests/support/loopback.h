/* The web server on a free port of the loopback interface, over the estate of
 * web_estate.h, and a client that sends any bytes. */

#ifndef TESTS_SUPPORT_LOOPBACK_H
#define TESTS_SUPPORT_LOOPBACK_H

#include <stddef.h>

#include "tests/support/web_estate.h"

struct server;
struct text;

struct loopback {
    struct web_estate estate;
    struct server *server;
    unsigned int port;
};

/* 'web_config' is the text of --web.config.file, or NULL. */
void loopback_start(struct loopback *loopback, const char *folder,
                    const char *web_config);
void loopback_stop(struct loopback *loopback);

/* Returns a connection, which the caller closes. */
int loopback_dial(const struct loopback *loopback);
/* Sends the bytes and reads until the server closes. */
void loopback_talk(const struct loopback *loopback, const char *bytes,
                   size_t n, struct text *answer);
/* A request without a body; 'headers' are lines that end in CR LF. */
void loopback_ask(const struct loopback *loopback, const char *method,
                  const char *target, const char *headers,
                  struct text *answer);
/* Of the first answer; 0 if there is none. */
unsigned int loopback_status(const struct text *answer);

#endif
