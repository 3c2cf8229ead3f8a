#include "engine/base/memory.h"

#include <stdint.h>
#include <stdlib.h>

void *
memory_alloc(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory) {
        abort();
    }
    return memory;
}

void *
memory_calloc(size_t n, size_t size)
{
    void *memory = calloc(n ? n : 1, size ? size : 1);
    if (!memory) {
        abort();
    }
    return memory;
}

void *
memory_resize(void *old, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size) {
        abort();
    }
    size_t bytes = n * size;
    void *memory = realloc(old, bytes ? bytes : 1);
    if (!memory) {
        abort();
    }
    return memory;
}

void *
memory_grow(void *old, size_t n, size_t *capacity, size_t size)
{
    if (n < *capacity) {
        return old;
    }
    *capacity = *capacity * 2 + 8;
    return memory_resize(old, *capacity, size);
}
