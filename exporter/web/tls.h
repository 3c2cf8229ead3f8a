/* TLS by GnuTLS, which libmicrohttpd speaks: keys, priorities, and client
 * certificates that are checked within the handshake.
 *
 * Threads: immutable after creation. */

#ifndef EXPORTER_WEB_TLS_H
#define EXPORTER_WEB_TLS_H

#include <stddef.h>

struct error;
struct tls;
struct web_config;

/* Reads the files that 'config' names and checks that they fit.  Returns NULL
 * and one line in 'error', which names the file but not what it holds. */
struct tls *tls_create(const struct web_config *config, struct error *error);
/* Wipes the key. */
void tls_destroy(struct tls *tls);

/* What libmicrohttpd is started with. */
const char *tls_certificate(const struct tls *tls);
const char *tls_key(const struct tls *tls);
const char *tls_priorities(const struct tls *tls);

/* Sets up a session (a gnutls_session_t) before its handshake.  'tls' must
 * outlive the session. */
void tls_prepare(const struct tls *tls, void *session);

enum { TLS_DIGEST_SIZE = 32 };
/* SHA-256, and random bytes, for who keeps fingerprints of secrets. */
void tls_digest(const void *bytes, size_t size,
                unsigned char digest[TLS_DIGEST_SIZE]);
void tls_random(void *bytes, size_t size);

#endif
