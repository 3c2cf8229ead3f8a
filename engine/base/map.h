/* A map from words (names, ARM ids, tags) to pointers.  Keys compare without
 * case, as Azure compares them.  The map and its keys live in an arena. */

#ifndef ENGINE_BASE_MAP_H
#define ENGINE_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct map;

/* Returns an empty map inside 'arena'. */
struct map *map_create(struct arena *arena);

/* Makes room for 'n' entries at once, which saves the memory of growing to
 * that size. */
void map_reserve(struct map *map, size_t n);

/* Returns what 'key' stands for, or NULL. */
void *map_get(const struct map *map, const char *key);

/* Lets 'key' stand for 'value' (not NULL), and returns what it stood for
 * before, or NULL.  The key is not copied: it must live as long as the map,
 * and the first spelling stays. */
void *map_put(struct map *map, const char *key, void *value);

size_t map_count(const struct map *map);

/* Walks the entries in the order of their first map_put(): returns false past
 * the last, otherwise the entry number 'i'. */
bool map_entry(const struct map *map, size_t i, const char **key,
               void **value);

#endif
