/* What a rule set needs to know about the place from which it is read: the
 * words in it that mean something else elsewhere. */

#ifndef ENGINE_COMPILE_NEEDS_H
#define ENGINE_COMPILE_NEEDS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/model/rule.h"

struct arena;
struct ruleset;

/* A term of a rule that may mean something else in another place. */
struct need {
    struct term term;
    bool local; /* On the side of the NIC. */
};

/* Those of one rule set in one direction, each once. */
struct needs {
    struct arena *arena;
    const struct need *items;
    size_t n;
    bool used; /* Since the last policies_sweep(). */
};

/* Returns the needs of the rules of one direction, in an arena of their
 * own. */
struct needs *needs_create(const struct ruleset *ruleset,
                           enum direction direction);

#endif
