/* From a rule as Azure stores it to a rule that can be tried: every field
 * worked out to the set that it matches for certain and the set that it might
 * match (spec verdict 3 to 6 and 8). */

#ifndef ENGINE_COMPILE_RESOLVE_H
#define ENGINE_COMPILE_RESOLVE_H

#include <stdbool.h>

#include "engine/compile/policy.h"

struct arena;
struct place;
struct policies;

struct resolver {
    const struct place *place;
    struct policies *policies; /* Shares the sets of tags. */
    enum direction direction;  /* That the policy is for. */
    struct arena *arena;       /* Of the policy. */
};

/* Returns the rule as seen from the place.  Its rule set is left to the
 * caller. */
struct policy_rule resolve_rule(const struct resolver *resolver,
                                const struct rule *rule);

/* Returns a rule that stands for rules that are not there: it might match
 * every packet, with each of 'accesses'. */
struct policy_rule resolve_stand_in(access_set accesses, enum reason reason,
                                    const char *detail, struct arena *arena);

/* Makes 'rule' match nothing for certain, as an invalid rule. */
void resolve_flaw(struct policy_rule *rule, const char *detail,
                  struct arena *arena);

/* Returns true if the rule matches every packet for certain. */
bool resolve_is_catch_all(const struct policy_rule *rule);

#endif
