/* The origins that something rests on: a small sorted set of the indexes that
 * resources carry (struct resource). */

#ifndef ENGINE_COMPILE_ORIGINS_H
#define ENGINE_COMPILE_ORIGINS_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct origins {
    uint16_t *items; /* Ascending; in an arena. */
    size_t n;
    size_t capacity;
};

void origins_add(struct origins *origins, uint16_t origin,
                 struct arena *arena);
void origins_add_all(struct origins *origins, const uint16_t items[], size_t n,
                     struct arena *arena);

#endif
