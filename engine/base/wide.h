/* Exact counts of packets.  A flow holds at most 2^291 of them (two IPv6
 * addresses, two ports, six protocols), so a count has 320 bits. */

#ifndef ENGINE_BASE_WIDE_H
#define ENGINE_BASE_WIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/number.h"

enum { WIDE_WORDS = 5 };

struct wide {
    uint64_t words[WIDE_WORDS]; /* The least significant first. */
};

struct wide wide_from(uint128 value);
struct wide wide_add(struct wide a, struct wide b);
/* 'b' must not be larger than 'a'. */
struct wide wide_subtract(struct wide a, struct wide b);
struct wide wide_multiply(struct wide a, struct wide b);
int wide_compare(struct wide a, struct wide b);
bool wide_is_zero(struct wide a);
/* Returns the nearest double. */
double wide_to_double(struct wide a);
/* Returns a / b; 0 if b is 0.  Exactly 1 only if a equals b, and exactly 0
 * only if a is 0. */
double wide_ratio(struct wide a, struct wide b);

#endif
