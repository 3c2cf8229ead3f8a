/* A set of bitmaps of one length, numbered in the order of their arrival. */

#ifndef ENGINE_COMPILE_BITMAP_SET_H
#define ENGINE_COMPILE_BITMAP_SET_H

#include <stddef.h>
#include <stdint.h>

struct bitmap_set {
    uint32_t words; /* Of each bitmap. */
    uint32_t n;
    uint64_t *bitmaps;
    size_t capacity;
    uint32_t *slots; /* Hash table: number + 1, or 0. */
    uint32_t n_slots;
};

void bitmap_set_init(struct bitmap_set *set, uint32_t words);
void bitmap_set_clear(struct bitmap_set *set);

/* Returns the number of 'bitmap', which is 'set->n' as it was before if the
 * bitmap is new. */
uint32_t bitmap_set_add(struct bitmap_set *set, const uint64_t *bitmap);

static inline const uint64_t *
bitmap_set_at(const struct bitmap_set *set, uint32_t number)
{
    return set->bitmaps + (size_t) number * set->words;
}

#endif
