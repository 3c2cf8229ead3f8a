#include "engine/base/hash.h"

#include <string.h>

#include "engine/base/ascii.h"

static uint64_t
rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static void
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

static void
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

void
hasher_add(struct hasher *hasher, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    size_t i = 0;

    /* Whole words at once when nothing is pending. */
    if (hasher->length % 8 == 0) {
        for (; n - i >= 8; i += 8) {
            uint64_t word;
            memcpy(&word, p + i, sizeof word);
            absorb(hasher, word);
            hasher->length += 8;
        }
    }
    for (; i < n; i++) {
        hasher->tail |= (uint64_t) p[i] << (hasher->length % 8 * 8);
        if (++hasher->length % 8 == 0) {
            absorb(hasher, hasher->tail);
            hasher->tail = 0;
        }
    }
}

void
hasher_add_u64(struct hasher *hasher, uint64_t value)
{
    hasher_add(hasher, &value, sizeof value);
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

void
hasher_add_string_lower(struct hasher *hasher, const char *string)
{
    if (!string) {
        hasher_add_string(hasher, NULL);
        return;
    }
    for (const char *c = string; *c; c++) {
        char lower = ascii_lower(*c);
        hasher_add(hasher, &lower, 1);
    }
    hasher_add(hasher, "", 1);
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
