/* Comparing words the way Azure does: ASCII letters without case.  Locale
 * plays no part. */

#ifndef ENGINE_BASE_ASCII_H
#define ENGINE_BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>

/* Inline: every look-up of an id lowers each of its letters. */
static inline char
ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

/* Returns true if the strings are equal but for the case of letters.  A NULL
 * is equal to nothing. */
bool ascii_equal(const char *a, const char *b);
bool ascii_equal_n(const char *a, const char *b, size_t n);

/* Orders like strcmp(), without case. */
int ascii_compare(const char *a, const char *b);

/* Returns true if 'string' begins with 'prefix', without case. */
bool ascii_starts_with(const char *string, const char *prefix);

/* Returns where 'needle' begins in 'haystack', without case, or NULL. */
const char *ascii_find(const char *haystack, const char *needle);

#endif
