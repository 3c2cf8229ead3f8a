/* A table from fingerprints to pointers, for what is kept once by its
 * content. */

#ifndef ENGINE_COMPILE_INTERN_H
#define ENGINE_COMPILE_INTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/hash.h"

struct intern_entry {
    struct hash key;
    void *value; /* NULL: free. */
};

/* All zero is an empty table. */
struct intern {
    struct intern_entry *entries;
    size_t n;
    size_t n_slots; /* A power of two. */
};

void intern_clear(struct intern *intern);
void *intern_get(const struct intern *intern, struct hash key);
/* 'key' must not be in the table, 'value' not NULL. */
void intern_put(struct intern *intern, struct hash key, void *value);
/* Forgets every value for which 'keep' returns false. */
void intern_filter(struct intern *intern, bool (*keep)(void *value, void *aux),
                   void *aux);

#endif
