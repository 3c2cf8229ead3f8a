/* Boxes of packets that are compared, not cut. */

#ifndef ENGINE_COMPILE_BOX_H
#define ENGINE_COMPILE_BOX_H

#include <stdbool.h>

#include "engine/compile/policy.h"

/* The box of all packets. */
struct box box_whole(void);

bool box_is_empty(const struct box *box);
bool box_equal(const struct box *a, const struct box *b);

/* Ports of all packets, those of protocols without ports included. */
struct span_set ports_whole(void);

#endif
