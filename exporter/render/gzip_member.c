#include "exporter/render/gzip_member.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/text.h"

/* A tail takes about 6 KB. */
enum { ROOM = 16 * 1024 };

struct gzip_member {
    struct text bytes; /* Its length ends before the room. */
    atomic_flag taken;
};

struct gzip_member *
gzip_member_create(size_t size)
{
    static const unsigned char header[] = {
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3
    };
    struct gzip_member *member = memory_calloc(1, sizeof *member);
    atomic_flag_clear(&member->taken);
    text_init(&member->bytes);
    text_reserve(&member->bytes, size + ROOM);
    text_append_bytes(&member->bytes, header, sizeof header);
    return member;
}

void
gzip_member_destroy(struct gzip_member *member)
{
    if (member) {
        text_clear(&member->bytes);
        free(member);
    }
}

void
gzip_member_append(struct gzip_member *member, const void *bytes, size_t n)
{
    text_append_bytes(&member->bytes, bytes, n);
}

void
gzip_member_seal(struct gzip_member *member)
{
    text_reserve(&member->bytes, ROOM);
}

const unsigned char *
gzip_member_bytes(const struct gzip_member *member)
{
    return (const unsigned char *) member->bytes.data;
}

size_t
gzip_member_size(const struct gzip_member *member)
{
    return member->bytes.length;
}

bool
gzip_member_take_room(struct gzip_member *member, const struct text *tail)
{
    if (tail->length > ROOM
        || atomic_flag_test_and_set_explicit(&member->taken,
                                             memory_order_acquire)) {
        return false;
    }
    memcpy(member->bytes.data + member->bytes.length, tail->data,
           tail->length);
    return true;
}

void
gzip_member_release_room(struct gzip_member *member)
{
    atomic_flag_clear_explicit(&member->taken, memory_order_release);
}
