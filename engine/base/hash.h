/* 128-bit fingerprints of content (SipHash-2-4 with 128 bits of output and a
 * fixed key).  Equal content has an equal fingerprint in every run and on
 * every machine; unequal content with an equal one is not to be expected. */

#ifndef ENGINE_BASE_HASH_H
#define ENGINE_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash {
    uint64_t low;
    uint64_t high;
};

/* A fingerprint in the making. */
struct hasher {
    uint64_t v[4];
    uint64_t tail;   /* Bytes that do not fill a word yet. */
    uint64_t length; /* Bytes so far. */
};

void hasher_init(struct hasher *hasher);
void hasher_add(struct hasher *hasher, const void *bytes, size_t n);
void hasher_add_u64(struct hasher *hasher, uint64_t value);
/* Adds the string with its end, so that "ab","c" differs from "a","bc"; NULL
 * differs from "". */
void hasher_add_string(struct hasher *hasher, const char *string);
struct hash hasher_finish(struct hasher *hasher);

struct hash hash_bytes(const void *bytes, size_t n);
bool hash_equal(struct hash a, struct hash b);

#endif
