#include "config/strings.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"

struct strings {
    struct arena *arena;
    const char **slots; /* NULL is free. */
    size_t n_slots;     /* A power of two. */
    size_t n;
};

enum { SLOTS_MIN = 256 };

struct strings *
strings_create(struct arena *arena)
{
    struct strings *strings = memory_alloc(sizeof *strings);

    *strings = (struct strings){
        .arena = arena,
        .slots = memory_calloc(SLOTS_MIN, sizeof *strings->slots),
        .n_slots = SLOTS_MIN,
    };
    return strings;
}

void
strings_destroy(struct strings *strings)
{
    if (strings) {
        free(strings->slots);
        free(strings);
    }
}

/* Returns the slot that holds 'string', or the free one where it belongs. */
static const char **
find_slot(const struct strings *strings, const char *string)
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    for (const char *c = string; *c; c++) {
        hash = (hash ^ (unsigned char) *c) * 16777619U;
    }
    size_t slot = (hash ^ hash >> 15) & (strings->n_slots - 1);
    while (strings->slots[slot] && strcmp(strings->slots[slot], string) != 0) {
        slot = (slot + 1) & (strings->n_slots - 1);
    }
    return &strings->slots[slot];
}

static void
enlarge(struct strings *strings)
{
    const char **old = strings->slots;
    size_t n_old = strings->n_slots;

    strings->n_slots *= 2;
    strings->slots = memory_calloc(strings->n_slots, sizeof *strings->slots);
    for (size_t i = 0; i < n_old; i++) {
        if (old[i]) {
            *find_slot(strings, old[i]) = old[i];
        }
    }
    free(old);
}

const char *
strings_share(struct strings *strings, const char *string)
{
    const char **slot = find_slot(strings, string);

    if (*slot) {
        return *slot;
    }
    if (strings->n * 2 >= strings->n_slots) {
        enlarge(strings);
        slot = find_slot(strings, string);
    }
    strings->n++;
    return *slot = arena_strdup(strings->arena, string);
}
