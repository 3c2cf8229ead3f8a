#include "engine/compile/bitmap_set.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

void
bitmap_set_init(struct bitmap_set *set, uint32_t words)
{
    *set = (struct bitmap_set){ .words = words };
}

void
bitmap_set_clear(struct bitmap_set *set)
{
    free(set->bitmaps);
    free(set->slots);
    bitmap_set_init(set, set->words);
}

static uint64_t
hash_words(const uint64_t *words, uint32_t n)
{
    uint64_t hash = 0;

    for (uint32_t i = 0; i < n; i++) {
        hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return hash;
}

static bool
equal_words(const uint64_t *a, const uint64_t *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

/* Doubles the table. */
static void
grow_slots(struct bitmap_set *set)
{
    enum { FIRST = 32 };
    uint32_t n_slots = set->n_slots ? 2 * set->n_slots : FIRST;

    free(set->slots);
    set->slots = memory_calloc(n_slots, sizeof *set->slots);
    set->n_slots = n_slots;
    for (uint32_t i = 0; i < set->n; i++) {
        uint64_t hash = hash_words(bitmap_set_at(set, i), set->words);
        uint32_t slot = (uint32_t) hash & (n_slots - 1);
        while (set->slots[slot]) {
            slot = (slot + 1) & (n_slots - 1);
        }
        set->slots[slot] = i + 1;
    }
}

static void
grow_bitmaps(struct bitmap_set *set)
{
    enum { FIRST = 16 };

    set->capacity = set->capacity ? 2 * set->capacity : FIRST;
    set->bitmaps = memory_resize(set->bitmaps, set->capacity,
                                 set->words * sizeof *set->bitmaps);
}

uint32_t
bitmap_set_add(struct bitmap_set *set, const uint64_t *bitmap)
{
    if (2 * ((uint64_t) set->n + 1) > set->n_slots) {
        grow_slots(set);
    }
    uint32_t mask = set->n_slots - 1;
    uint32_t slot = (uint32_t) hash_words(bitmap, set->words) & mask;
    while (set->slots[slot]) {
        uint32_t number = set->slots[slot] - 1;
        if (equal_words(bitmap_set_at(set, number), bitmap, set->words)) {
            return number;
        }
        slot = (slot + 1) & mask;
    }
    if (set->n == set->capacity) {
        grow_bitmaps(set);
    }
    memcpy(set->bitmaps + (size_t) set->n * set->words, bitmap,
           set->words * sizeof *bitmap);
    set->slots[slot] = set->n + 1;
    return set->n++;
}
