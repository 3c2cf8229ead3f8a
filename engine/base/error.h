/* Why something failed, in one line for a person.
 *
 * A function that can fail returns false or NULL and fills an error; callers
 * add context with error_prefix() and pass it on.  error_set() and
 * error_prefix() return false, so that a failure is one statement. */

#ifndef ENGINE_BASE_ERROR_H
#define ENGINE_BASE_ERROR_H

#include <stdbool.h>

struct error {
    char message[512]; /* One line, cut with "..." if longer. */
};

bool error_set(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "FORMAT: " before the message. */
bool error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
