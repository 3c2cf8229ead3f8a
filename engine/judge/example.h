/* Examples that look as if a person had chosen them: a usable host address, a
 * well-known destination port, an ephemeral source port. */

#ifndef ENGINE_JUDGE_EXAMPLE_H
#define ENGINE_JUDGE_EXAMPLE_H

#include "engine/compile/classes.h"
#include "engine/model/address.h"

struct packet;

enum { EXAMPLE_RANKS = 8 };

/* Picks '*value' between 'first' and 'last'.  Returns how good it looks, from
 * 0 to EXAMPLE_RANKS - 1. */
unsigned int example_pick(enum class_field field, enum family family,
                          uint128 first, uint128 last, uint128 *value);

/* Sets one field of a packet. */
void example_set(struct packet *packet, enum class_field field, uint128 value);

#endif
