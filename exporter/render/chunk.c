#include "exporter/render/chunk.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/text.h"

enum { STORED_MAX = 65535, STORED_HEADER_SIZE = 5 };

struct chunk *
chunk_create(const struct text *text, z_stream *deflater,
             struct text *deflated)
{
    text_reset(deflated);
    /* The bound is for one run to the end; a flush adds an empty block. */
    text_reserve(deflated, deflateBound(deflater, text->length) + 16);
    deflater->next_in = (Bytef *) text->data;
    deflater->avail_in = (uInt) text->length;
    deflater->next_out = (Bytef *) deflated->data;
    deflater->avail_out = (uInt) deflated->capacity;
    (void) deflate(deflater, Z_FULL_FLUSH);
    deflated->length = deflater->total_out;
    (void) deflateReset(deflater);

    struct chunk *chunk = memory_alloc(sizeof *chunk + text->length);
    atomic_init(&chunk->references, 1);
    chunk->size = text->length;
    chunk->deflated_size = deflated->length;
    chunk->crc =
        (uint32_t) crc32(0, (const Bytef *) text->data, (uInt) text->length);
    memcpy(chunk->bytes, text->data, text->length);
    return chunk;
}

struct chunk *
chunk_ref(struct chunk *chunk)
{
    atomic_fetch_add(&chunk->references, 1);
    return chunk;
}

void
chunk_unref(struct chunk *chunk)
{
    if (atomic_fetch_sub(&chunk->references, 1) == 1) {
        free(chunk);
    }
}

/* Blocks of type "stored" (RFC 1951, 3.2.4): compressing a few kilobytes would
 * take longer than sending them. */
void
chunk_append_stored(struct text *out, const struct text *plain, bool final)
{
    size_t done = 0;
    text_reserve(out, plain->length + 64);
    do {
        size_t n = plain->length - done;
        n = n > STORED_MAX ? STORED_MAX : n;
        bool last = done + n == plain->length;
        unsigned char header[STORED_HEADER_SIZE] = {
            final && last,
            (unsigned char) (n & 0xff),
            (unsigned char) (n >> 8),
            (unsigned char) (~n & 0xff),
            (unsigned char) (~n >> 8 & 0xff),
        };
        text_append_bytes(out, header, sizeof header);
        text_append_bytes(out, plain->data + done, n);
        done += n;
    } while (done < plain->length);
}

void
chunk_append_le32(struct text *out, uint32_t value)
{
    unsigned char bytes[4] = {
        (unsigned char) (value & 0xff),
        (unsigned char) (value >> 8 & 0xff),
        (unsigned char) (value >> 16 & 0xff),
        (unsigned char) (value >> 24),
    };
    text_append_bytes(out, bytes, sizeof bytes);
}
