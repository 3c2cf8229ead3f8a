/* Strict decimal numbers: digits only, no sign, no blanks, a range. */

#ifndef ENGINE_BASE_NUMBER_H
#define ENGINE_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 128 bits hold any IPv6 address; pedantic compilers want the keyword. */
__extension__ typedef unsigned __int128 uint128;

/* Reads the 'length' characters at 'digits' into '*value' if they are a
 * decimal number of at most 'max'.  Returns false, and leaves '*value' alone,
 * if they are not. */
bool number_parse(const char *digits, size_t length, uint64_t max,
                  uint64_t *value);

#endif
