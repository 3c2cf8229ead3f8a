/* An exposition as a scrape gets it, put together and unpacked. */

#ifndef TESTS_SUPPORT_SCRAPE_H
#define TESTS_SUPPORT_SCRAPE_H

#include <stdbool.h>

#include "exporter/render/exposition.h"

/* Appends the bytes of an answer. */
void scrape_append(struct text *out, const struct exposition *exposition,
                   enum exposition_format format, int gzip);

/* Appends what one gzip member holds.  Returns false if it is not whole, its
 * CRC or size is wrong, or something follows it. */
bool scrape_inflate(const struct text *from, struct text *to);

/* Returns true if 'line' is one of the lines of 'text'. */
bool scrape_has(const struct text *text, const char *line);

#endif
