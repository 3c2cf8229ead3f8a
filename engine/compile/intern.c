#include "engine/compile/intern.h"

#include <stdlib.h>

#include "engine/base/memory.h"

enum { SLOTS_MIN = 64 };

void
intern_clear(struct intern *intern)
{
    free(intern->entries);
    *intern = (struct intern){ .entries = NULL };
}

/* Returns the entry of 'key', or the free one where it belongs. */
static struct intern_entry *
find_entry(const struct intern *intern, struct hash key)
{
    size_t slot = (size_t) key.low & (intern->n_slots - 1);

    while (intern->entries[slot].value
           && !hash_equal(intern->entries[slot].key, key)) {
        slot = (slot + 1) & (intern->n_slots - 1);
    }
    return &intern->entries[slot];
}

void *
intern_get(const struct intern *intern, struct hash key)
{
    return intern->n ? find_entry(intern, key)->value : NULL;
}

static void
resize(struct intern *intern, size_t n_slots)
{
    struct intern old = *intern;

    intern->n_slots = n_slots;
    intern->entries = memory_calloc(n_slots, sizeof *intern->entries);
    for (size_t i = 0; i < old.n_slots; i++) {
        if (old.entries[i].value) {
            *find_entry(intern, old.entries[i].key) = old.entries[i];
        }
    }
    free(old.entries);
}

void
intern_put(struct intern *intern, struct hash key, void *value)
{
    if (intern->n * 2 >= intern->n_slots) {
        resize(intern, intern->n_slots ? intern->n_slots * 2 : SLOTS_MIN);
    }
    *find_entry(intern, key) = (struct intern_entry){ key, value };
    intern->n++;
}

void
intern_filter(struct intern *intern, bool (*keep)(void *value, void *aux),
              void *aux)
{
    if (!intern->n) {
        return;
    }
    for (size_t i = 0; i < intern->n_slots; i++) {
        struct intern_entry *entry = &intern->entries[i];
        if (entry->value && !keep(entry->value, aux)) {
            entry->value = NULL;
            intern->n--;
        }
    }
    /* Holes would end the search for what was pushed past them. */
    resize(intern, intern->n_slots);
}
