/* Names and passwords in an Authorization header (RFC 7617). */

#ifndef EXPORTER_WEB_CREDENTIALS_H
#define EXPORTER_WEB_CREDENTIALS_H

#include <stdbool.h>

enum { CREDENTIALS_MAX = 1024 }; /* Of user and password together. */

/* Reads "Basic" and base64 of "user:password"; NULL holds nothing.  'user' has
 * room for CREDENTIALS_MAX + 1 characters, which hold a secret afterwards even
 * on failure; '*password' points into it. */
bool credentials_read(const char *authorization, char *user, char **password);

#endif
