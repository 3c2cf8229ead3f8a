/* Heap memory for what grows and is freed singly; it aborts when memory is
 * gone.  What lives as long as its neighbours belongs in an arena instead. */

#ifndef ENGINE_BASE_MEMORY_H
#define ENGINE_BASE_MEMORY_H

#include <stddef.h>

/* Returns 'size' bytes, not zeroed, to be given to free(). */
void *memory_alloc(size_t size);

/* Returns 'n' zeroed elements of 'size' bytes, to be given to free(). */
void *memory_calloc(size_t n, size_t size);

/* Resizes 'old' (or NULL) to 'n' elements of 'size' bytes. */
void *memory_resize(void *old, size_t n, size_t size);

/* Makes room for one more element in a growing array: returns 'old', or its
 * larger copy when 'n' elements fill the '*capacity'. */
void *memory_grow(void *old, size_t n, size_t *capacity, size_t size);

#endif
