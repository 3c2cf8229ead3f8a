#include "engine/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

enum { BLOCK_MIN = 1024, BLOCK_MAX = 256 * 1024, ALIGNMENT = 16 };

struct block {
    struct block *next;
    size_t size;
    size_t used;
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

struct ending {
    struct ending *next;
    void (*end)(void *aux);
    void *aux;
};

struct arena {
    atomic_uint references;
    struct block *blocks; /* The newest first; only that one has room. */
    size_t size;
    struct ending *endings; /* The newest first; they live in the blocks. */
    struct arena **kept;
    size_t n_kept;
    size_t allocated_kept;
};

struct arena *
arena_create(void)
{
    struct arena *arena = memory_alloc(sizeof *arena);
    *arena = (struct arena){ .size = sizeof *arena };
    atomic_init(&arena->references, 1);
    return arena;
}

struct arena *
arena_ref(struct arena *arena)
{
    if (arena) {
        atomic_fetch_add_explicit(&arena->references, 1, memory_order_relaxed);
    }
    return arena;
}

static void
arena_destroy(struct arena *arena)
{
    for (struct ending *e = arena->endings; e; e = e->next) {
        e->end(e->aux);
    }
    for (size_t i = 0; i < arena->n_kept; i++) {
        arena_unref(arena->kept[i]);
    }
    free(arena->kept);
    while (arena->blocks) {
        struct block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
    free(arena);
}

void
arena_unref(struct arena *arena)
{
    if (arena
        && atomic_fetch_sub_explicit(&arena->references, 1,
                                     memory_order_acq_rel)
               == 1) {
        arena_destroy(arena);
    }
}

void
arena_keep(struct arena *arena, struct arena *other)
{
    assert(arena != other);
    for (size_t i = 0; i < arena->n_kept; i++) {
        if (arena->kept[i] == other) {
            return;
        }
    }
    if (arena->n_kept == arena->allocated_kept) {
        arena->allocated_kept = arena->allocated_kept * 2 + 4;
        arena->kept = memory_resize(arena->kept, arena->allocated_kept,
                                    sizeof(struct arena *));
    }
    arena->kept[arena->n_kept++] = arena_ref(other);
}

bool
arena_is_shared(const struct arena *arena)
{
    return atomic_load_explicit(&arena->references, memory_order_acquire) > 1;
}

void
arena_at_end(struct arena *arena, void (*end)(void *aux), void *aux)
{
    struct ending *ending = arena_alloc(arena, sizeof *ending);

    *ending = (struct ending){ arena->endings, end, aux };
    arena->endings = ending;
}

/* Blocks double with the arena, so that a small arena stays small and a large
 * one is not cut into thousands of pieces. */
static void
arena_grow(struct arena *arena, size_t size)
{
    size_t wanted = arena->size < BLOCK_MIN   ? BLOCK_MIN
                    : arena->size > BLOCK_MAX ? BLOCK_MAX
                                              : arena->size;
    if (wanted < size) {
        wanted = size;
    }
    struct block *block = memory_alloc(sizeof *block + wanted);
    block->size = wanted;
    block->used = 0;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->size += sizeof *block + wanted;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2) {
        abort();
    }
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct block *block = arena->blocks;
    if (!block || block->size - block->used < size) {
        arena_grow(arena, size);
        block = arena->blocks;
    }
    void *result = block->bytes + block->used;
    block->used += size;
    return memset(result, 0, size);
}

void *
arena_alloc_array(struct arena *arena, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / 2 / size) {
        abort();
    }
    return arena_alloc(arena, n * size);
}

void *
arena_memdup(struct arena *arena, const void *data, size_t size)
{
    void *copy = arena_alloc(arena, size);
    return size ? memcpy(copy, data, size) : copy;
}

char *
arena_strdup(struct arena *arena, const char *string)
{
    return string ? arena_strndup(arena, string, strlen(string)) : NULL;
}

char *
arena_strndup(struct arena *arena, const char *string, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, string, length);
    return copy;
}

char *
arena_strlower(struct arena *arena, const char *string)
{
    char *copy = arena_strdup(arena, string);
    for (char *c = copy; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char) (*c - 'A' + 'a');
        }
    }
    return copy;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);

    char *result = arena_alloc(arena, (size_t) length + 1);
    va_start(args, format);
    vsnprintf(result, (size_t) length + 1, format, args);
    va_end(args);
    return result;
}

size_t
arena_size(const struct arena *arena)
{
    return arena->size;
}
