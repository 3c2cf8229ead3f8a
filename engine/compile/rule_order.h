/* The order in which the rules of one direction are tried (spec verdict 3 and
 * 6).  Azure sorts neither groups nor effective admin rules. */

#ifndef ENGINE_COMPILE_RULE_ORDER_H
#define ENGINE_COMPILE_RULE_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/compile/policy.h"

struct arena;
struct network;
struct origins;

struct ordered_rule {
    const struct rule *rule;
    int priority; /* The one that counts; 0 if it is not known. */
    /* Why its place among the others is not known, as a sentence; NULL if it
     * is. */
    const char *order_doubt;
};

struct rule_order {
    struct ordered_rule *rules;
    size_t n;
    struct policy_chain *chains;
    size_t n_chains;
};

/* The most chains that order_admin_rules() makes: two sides of them and their
 * groups are swept side by side. */
enum { ADMIN_CHAINS_MAX = 14 };

/* Results live in 'arena' and point to 'rules'. */
struct rule_order order_security_rules(const struct rule rules[], size_t n,
                                       enum direction direction,
                                       struct arena *arena);

/* Returns no chains, although there are rules, if there would be too many.
 * The priorities and managers that count are added to 'origins'. */
struct rule_order order_admin_rules(const struct network *network,
                                    const struct rule rules[], size_t n,
                                    enum direction direction,
                                    struct origins *origins,
                                    struct arena *arena);

#endif
