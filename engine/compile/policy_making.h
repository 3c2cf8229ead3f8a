/* The rules of a policy in the making. */

#ifndef ENGINE_COMPILE_POLICY_MAKING_H
#define ENGINE_COMPILE_POLICY_MAKING_H

#include "engine/compile/policies.h"
#include "engine/compile/rule_order.h"

/* What one policy is made from. */
struct policy_making {
    struct policies *policies;
    const struct ruleset *ruleset;
    enum direction direction;
    const struct place *place;
    struct rule_order order;
    struct hash key;
};

/* Fills the rules and chains of 'policy', whose names are there already. */
void policy_make_rules(const struct policy_making *making,
                       struct policy *policy);

#endif
