/* Pieces of the exposition, and their compressed form.
 *
 * Threads: a chunk is immutable, references count atomically. */

#ifndef EXPORTER_RENDER_CHUNK_H
#define EXPORTER_RENDER_CHUNK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zlib.h>

struct text;

/* Bytes of the exposition.  Immutable; shared by expositions and formats. */
struct chunk {
    atomic_uint references;
    uint32_t crc;
    size_t size;
    size_t deflated_size;
    unsigned char bytes[];
};

/* Returns a chunk of what 'text' holds, with one reference.  'deflated' gets
 * its compressed form: whole deflate blocks that refer to nothing outside (RFC
 * 1951), so that those of chunks can be put together in any order.  'deflater'
 * is for raw deflate, and left ready for the next chunk. */
struct chunk *chunk_create(const struct text *text, z_stream *deflater,
                           struct text *deflated);
struct chunk *chunk_ref(struct chunk *chunk);
void chunk_unref(struct chunk *chunk);

/* Appends 'plain' as deflate blocks that are stored as they are; if 'final',
 * the last one is marked as the end of all. */
void chunk_append_stored(struct text *out, const struct text *plain,
                         bool final);
/* Appends a number as gzip's trailer spells it. */
void chunk_append_le32(struct text *out, uint32_t value);

#endif
