/* What --web.config.file says, always as it stands in the file: it is looked
 * at again with every connection and request, and one that is empty, has an
 * error or cannot be read leaves the last good one in force.
 *
 * Threads: any (guarded by a lock of its own). */

#ifndef EXPORTER_WEB_SECURITY_H
#define EXPORTER_WEB_SECURITY_H

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct error;
struct security;
struct tls;
struct web_config;

/* Reads the file and those that it names as a start would.  'path' may be
 * NULL. */
bool security_check(const char *path, struct clock *clock,
                    struct error *error);

/* 'path' may be NULL: no protection. */
struct security *security_create(const char *path, struct clock *clock,
                                 struct error *error);
void security_destroy(struct security *security);

/* Returns the newest configuration with a reference; NULL without one. */
const struct web_config *security_config(struct security *security);

/* Looks whether files changed.  Returns a number that is another one when
 * TLS must be set up anew. */
uint64_t security_tls_generation(struct security *security);
/* Returns TLS as it stands in the files now, for the caller to destroy; NULL
 * without TLS.  '*failed' says that it cannot be made. */
struct tls *security_make_tls(struct security *security, bool *failed,
                              struct error *error);

/* Returns false if the rate limit is passed. */
bool security_take_token(struct security *security,
                         const struct web_config *config);

#endif
