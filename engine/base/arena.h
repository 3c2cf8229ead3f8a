/* Memory that ends all at once.
 *
 * An arena hands out memory that is never freed singly: everything inside
 * ends with the arena.  Arenas count their users and may keep other arenas
 * alive, so that what lives in one may point into another.
 *
 * Threads: references may be taken and given back on any thread; allocating
 * from one arena is for one thread at a time.
 *
 * Errors: none.  When memory is gone the process aborts, so that callers have
 * no such path. */

#ifndef ENGINE_BASE_ARENA_H
#define ENGINE_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Returns a new arena with one reference, which the caller owns. */
struct arena *arena_create(void);

/* Takes one more reference to 'arena' and returns it.  NULL is allowed. */
struct arena *arena_ref(struct arena *arena);

/* Gives one reference back; the last one ends the arena and what it keeps.
 * NULL is allowed. */
void arena_unref(struct arena *arena);

/* Makes 'arena' hold a reference to 'other' until it ends itself.  Keeping
 * the same arena twice costs nothing; circles are the caller's mistake. */
void arena_keep(struct arena *arena, struct arena *other);

/* Returns true if somebody besides the caller holds a reference.  The answer
 * "no" stays true for as long as the caller gives none away. */
bool arena_is_shared(const struct arena *arena);

/* Calls 'end' with 'aux' when the arena ends, while its memory is still there:
 * for what an arena's contents hold outside of arenas. */
void arena_at_end(struct arena *arena, void (*end)(void *aux), void *aux);

/* Returns 'size' bytes, zeroed and aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);

/* Returns room for 'n' elements of 'size' bytes, zeroed. */
void *arena_alloc_array(struct arena *arena, size_t n, size_t size);

/* Returns a copy of 'size' bytes at 'data'. */
void *arena_memdup(struct arena *arena, const void *data, size_t size);

/* Returns a copy of 'string', or NULL for NULL. */
char *arena_strdup(struct arena *arena, const char *string);

/* Returns a copy of the first 'length' characters of 'string'. */
char *arena_strndup(struct arena *arena, const char *string, size_t length);

/* Returns a copy of 'string' with its ASCII letters in lower case. */
char *arena_strlower(struct arena *arena, const char *string);

/* Returns a formatted string. */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Returns the bytes that 'arena' itself has taken from the system, without
 * the arenas that it keeps. */
size_t arena_size(const struct arena *arena);

#endif
