/* Choosing a format and an encoding by what a client accepts (RFC 9110,
 * 12.5.1 and 12.5.3).
 *
 * Threads: any, no shared state. */

#ifndef EXPORTER_WEB_ACCEPT_H
#define EXPORTER_WEB_ACCEPT_H

#include <stdbool.h>

#include "exporter/render/exposition.h"

/* Returns OpenMetrics only if the client asks for version 1.0.0 (or leaves
 * the version open) by name, and prefers it at least as much as text 0.0.4.
 * NULL, wildcards alone and what cannot be read mean text. */
enum exposition_format accept_format(const char *accept);

/* Returns true if 'accept_encoding' allows gzip and does not prefer the plain
 * bytes. */
bool accept_gzip(const char *accept_encoding);

#endif
