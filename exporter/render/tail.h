/* The end of /metrics: the families that are as of the scrape, not of the last
 * cycle.
 *
 * All that a scrape changes is how many there were, which stands last; the
 * rest is rendered anew only when it says something else than before.
 *
 * Threads: any (guarded by a lock of its own). */

#ifndef EXPORTER_RENDER_TAIL_H
#define EXPORTER_RENDER_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exporter/render/exposition.h"

struct tail;

/* 'crc' and 'size' are those of the bytes that stand before the tail. */
struct tail *tail_create(enum exposition_format format, uint32_t crc,
                         size_t size);
void tail_destroy(struct tail *tail);

/* Appends the tail of 'exposition' as of now; with 'gzip' as what ends a
 * member, whose last block is the caller's. */
void tail_append(struct tail *tail, const struct exposition *exposition,
                 bool gzip, struct text *out);

#endif
