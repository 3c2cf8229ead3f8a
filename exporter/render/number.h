/* Numbers as text for machines: the shortest form that reads back as the same
 * value, never in a locale's spelling. */

#ifndef EXPORTER_RENDER_NUMBER_H
#define EXPORTER_RENDER_NUMBER_H

#include <stdint.h>

struct text;

void number_append(struct text *out, double value);
/* Milliseconds as seconds: 1500 is "1.5". */
void number_append_ms(struct text *out, int64_t ms);

#endif
