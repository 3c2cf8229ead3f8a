/* Versions, cipher suites and curves, from Go's names to the priority strings
 * of GnuTLS.
 *
 * Go's cipher_suites limit TLS 1.2 alone, while a priority string of GnuTLS
 * has one list of ciphers for all versions: so there are two strings.
 *
 * Threads: any, no shared state. */

#ifndef EXPORTER_WEB_TLS_PRIORITIES_H
#define EXPORTER_WEB_TLS_PRIORITIES_H

#include <stdbool.h>

struct error;
struct text;
struct web_config;

/* Appends to 'priorities' what a session begins with, and to 'limited' what
 * one of TLS 1.2 goes on with; nothing if that is the same. */
bool tls_priorities_make(const struct web_config *config, bool rsa_key,
                         struct text *priorities, struct text *limited,
                         struct error *error);

#endif
