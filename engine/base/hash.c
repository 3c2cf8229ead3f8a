#include "engine/base/hash.h"

#include <string.h>

static inline uint64_t
rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static inline void
absorb(struct hasher *hasher, uint64_t word)
{
    hasher->v[3] ^= word;
    sip_round(hasher->v);
    sip_round(hasher->v);
    hasher->v[0] ^= word;
}

void
hasher_init(struct hasher *hasher)
{
    static const uint64_t key[2] = { 0x666c6f7776657269, 0x66792d656e67696e };

    *hasher = (struct hasher){
        .v = { key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d ^ 0xee,
               key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573 },
    };
}

/* The same word on every machine; compilers make one load of it. */
static inline uint64_t
load_word(const unsigned char *p)
{
    uint64_t word = 0;

    for (int i = 0; i < 8; i++) {
        word |= (uint64_t) p[i] << (i * 8);
    }
    return word;
}

void
hasher_add(struct hasher *hasher, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    unsigned int pending = (unsigned int) (hasher->length % 8) * 8;

    hasher->length += n;
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t word = load_word(p);
        absorb(hasher, pending ? hasher->tail | word << pending : word);
        hasher->tail = pending ? word >> (64 - pending) : 0;
    }
    for (; n; n--, p++) {
        hasher->tail |= (uint64_t) *p << pending;
        pending += 8;
        if (pending == 64) {
            absorb(hasher, hasher->tail);
            hasher->tail = 0;
            pending = 0;
        }
    }
}

void
hasher_add_u64(struct hasher *hasher, uint64_t value)
{
    unsigned char bytes[sizeof value];

    for (size_t i = 0; i < sizeof value; i++) {
        bytes[i] = (unsigned char) (value >> (i * 8));
    }
    hasher_add(hasher, bytes, sizeof bytes);
}

void
hasher_add_string(struct hasher *hasher, const char *string)
{
    if (string) {
        hasher_add(hasher, string, strlen(string) + 1);
    } else {
        hasher_add(hasher, "\xff", 2);
    }
}

struct hash
hasher_finish(struct hasher *hasher)
{
    struct hash hash;

    absorb(hasher, hasher->length << 56 | hasher->tail);
    hasher->v[2] ^= 0xee;
    for (int i = 0; i < 4; i++) {
        sip_round(hasher->v);
    }
    hash.low = hasher->v[0] ^ hasher->v[1] ^ hasher->v[2] ^ hasher->v[3];
    hasher->v[1] ^= 0xdd;
    for (int i = 0; i < 4; i++) {
        sip_round(hasher->v);
    }
    hash.high = hasher->v[0] ^ hasher->v[1] ^ hasher->v[2] ^ hasher->v[3];
    return hash;
}

struct hash
hash_bytes(const void *bytes, size_t n)
{
    struct hasher hasher;

    hasher_init(&hasher);
    hasher_add(&hasher, bytes, n);
    return hasher_finish(&hasher);
}

bool
hash_equal(struct hash a, struct hash b)
{
    return a.low == b.low && a.high == b.high;
}
