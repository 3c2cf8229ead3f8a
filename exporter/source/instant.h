/* Points in time as Azure's services write them.  Pure. */

#ifndef EXPORTER_SOURCE_INSTANT_H
#define EXPORTER_SOURCE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

/* Reads seconds since the epoch, "MM/dd/yyyy HH:mm:ss [+00:00]", "yyyy-MM-dd
 * HH:mm:ss", RFC 3339 (fractions are dropped, an offset is applied), or an
 * HTTP date.  What names no zone is read as UTC. */
bool instant_parse(const char *text, int64_t *seconds);

#endif
