/* HTTP basic authentication against bcrypt hashes.
 *
 * A comparison takes tens of milliseconds by design.  One is made at a time,
 * on a thread of its own, so that wrong passwords cost others nothing, and
 * its result is kept, so that a scraper pays once.  What is kept is a salted
 * fingerprint of user, hash and password.  An unknown user costs as much as a
 * wrong password.
 *
 * Threads: any (guarded by a lock of its own). */

#ifndef EXPORTER_WEB_AUTH_H
#define EXPORTER_WEB_AUTH_H

#include <stdbool.h>

struct auth;
struct web_config;

enum auth_result {
    AUTH_PASSED,
    AUTH_FAILED,
    AUTH_PENDING, /* A comparison is to be started. */
    AUTH_BUSY     /* Too many comparisons wait. */
};

/* Called on the comparing thread when an answer is there. */
typedef void auth_done(void *aux, bool passed);

struct auth_job;

struct auth *auth_create(void);
/* Lets all that waits fail, at once: nobody is called back any more after
 * this, and auth_start() fails, too.  A comparison that is being made is not
 * waited for: it may take seconds. */
void auth_stop(struct auth *auth);
/* Ends.  Nobody may use 'auth' any more; it must have been stopped. */
void auth_destroy(struct auth *auth);

/* Checks the value of an Authorization header (or NULL) against the users of
 * 'config'.  For AUTH_PENDING, '*job' must be given to auth_start(), which
 * may call 'done' before it returns. */
enum auth_result auth_check(struct auth *auth, const struct web_config *config,
                            const char *authorization, struct auth_job **job);
void auth_start(struct auth *auth, struct auth_job *job, auth_done *done,
                void *aux);

#endif
