#include "engine/base/map.h"

#include <stdint.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"

struct entry {
    const char *key;
    void *value;
    uint32_t hash;
};

struct map {
    struct arena *arena;
    struct entry *entries;
    size_t n_entries;
    size_t capacity;
    uint32_t *slots; /* Entry number plus one; 0 is free. */
    size_t n_slots;  /* A power of two, at least twice the capacity. */
};

struct map *
map_create(struct arena *arena)
{
    struct map *map = arena_alloc(arena, sizeof *map);
    map->arena = arena;
    return map;
}

/* FNV-1a over the lower-case letters. */
static uint32_t
hash_key(const char *key)
{
    uint32_t hash = 2166136261U;

    for (; *key; key++) {
        hash = (hash ^ (unsigned char) ascii_lower(*key)) * 16777619U;
    }
    return hash ^ hash >> 15;
}

/* Returns the slot of 'key', or the free slot where it belongs. */
static size_t
find_slot(const struct map *map, const char *key, uint32_t hash)
{
    size_t slot = hash & (map->n_slots - 1);

    while (map->slots[slot]) {
        const struct entry *entry = &map->entries[map->slots[slot] - 1];
        if (entry->hash == hash && ascii_equal(entry->key, key)) {
            break;
        }
        slot = (slot + 1) & (map->n_slots - 1);
    }
    return slot;
}

/* Gives the map room for 'capacity' entries, a power of two. */
static void
map_resize(struct map *map, size_t capacity)
{
    struct entry *entries =
        arena_alloc_array(map->arena, capacity, sizeof *entries);

    for (size_t i = 0; i < map->n_entries; i++) {
        entries[i] = map->entries[i];
    }
    map->entries = entries;
    map->capacity = capacity;
    map->n_slots = capacity * 2;
    map->slots =
        arena_alloc_array(map->arena, map->n_slots, sizeof *map->slots);
    for (size_t i = 0; i < map->n_entries; i++) {
        size_t slot = find_slot(map, entries[i].key, entries[i].hash);
        map->slots[slot] = (uint32_t) i + 1;
    }
}

void
map_reserve(struct map *map, size_t n)
{
    size_t capacity = 8;

    while (capacity < n) {
        capacity *= 2;
    }
    if (capacity > map->capacity) {
        map_resize(map, capacity);
    }
}

void *
map_get(const struct map *map, const char *key)
{
    if (!map || !map->n_slots || !key) {
        return NULL;
    }
    uint32_t number = map->slots[find_slot(map, key, hash_key(key))];
    return number ? map->entries[number - 1].value : NULL;
}

void *
map_put(struct map *map, const char *key, void *value)
{
    if (map->n_entries == map->capacity) {
        map_resize(map, map->capacity ? map->capacity * 2 : 8);
    }
    uint32_t hash = hash_key(key);
    size_t slot = find_slot(map, key, hash);
    if (map->slots[slot]) {
        struct entry *entry = &map->entries[map->slots[slot] - 1];
        void *before = entry->value;
        entry->value = value;
        return before;
    }
    map->entries[map->n_entries++] =
        (struct entry){ .key = key, .value = value, .hash = hash };
    map->slots[slot] = (uint32_t) map->n_entries;
    return NULL;
}

size_t
map_count(const struct map *map)
{
    return map ? map->n_entries : 0;
}

bool
map_entry(const struct map *map, size_t i, const char **key, void **value)
{
    if (!map || i >= map->n_entries) {
        return false;
    }
    *key = map->entries[i].key;
    *value = map->entries[i].value;
    return true;
}
