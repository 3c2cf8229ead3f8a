/* The bearer token for Azure Resource Manager: got, kept, renewed in time.
 *
 * One token serves all requests; it is renewed five minutes before its end,
 * at half of a life of more than two hours, or when the service says so, and
 * never more often than every 30 seconds.  While the old token lives, a
 * renewal that fails costs nothing.
 *
 * Secrets are read when they are needed and are never part of an error or a
 * log line.  Threads: one at a time. */

#ifndef EXPORTER_SOURCE_TOKEN_H
#define EXPORTER_SOURCE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct config_source;
struct error;
struct http;
struct token;

/* 'source' is copied as far as needed.  Returns NULL and fills 'error' if the
 * credential cannot work as configured. */
struct token *token_create(const struct config_source *source,
                           struct http *http, struct clock *clock,
                           struct error *error);
void token_destroy(struct token *token);

/* Returns "Bearer ..." for the Authorization header, valid until the next
 * call; NULL, with one line in 'error', if there is none.  It may wait for the
 * network until 'deadline_ms' of the monotonic clock. */
const char *token_get(struct token *token, int64_t deadline_ms,
                      struct error *error);

/* The service did not accept the token: the next token_get() asks for another
 * one. */
void token_drop(struct token *token);

/* Differs for each token that was got. */
uint64_t token_generation(const struct token *token);

/* The Azure Resource Manager endpoint of the cloud that 'source' names. */
const char *token_arm_endpoint(const struct config_source *source);

#endif
