/* The interned policies of all estates: what did not change is not compiled
 * again.  Policies are kept by what they were made from, their compiled forms
 * by what they do, so that groups that differ in names alone share one. */

#ifndef ENGINE_COMPILE_POLICIES_H
#define ENGINE_COMPILE_POLICIES_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/hash.h"
#include "engine/compile/policy.h"

struct arena;
struct origins;
struct place;
struct policies;

/* Threads: one at a time; what they give out is immutable. */
struct policies *policies_create(void);
void policies_destroy(struct policies *policies);
/* Drops what no estate and no verdict uses. */
void policies_sweep(struct policies *policies);

/* What is held now, and what was done so far. */
struct policies_stats {
    size_t policies;
    size_t classifiers;
    size_t bytes;
    size_t compiled; /* Classifiers compiled since the start. */
};
struct policies_stats policies_stats(const struct policies *policies);

/* The rules from which a policy is made. */
struct ruleset {
    const char *name; /* "resource-group/group"; "" for admin rules. */
    const char *id;   /* ARM id; "" for admin rules. */
    bool admin;
    const struct rule *rules;
    size_t n_rules;
    struct hash hash; /* Of the rules. */
    /* Not NONE: the rules are not in the data, and 'missing_detail' is the
     * sentence that says so. */
    enum reason missing;
    const char *missing_detail;
};

/* Returns the policy of the rules of one direction seen from 'place', with
 * one reference.  What it rests on besides the rules is added to 'origins',
 * in 'arena'. */
const struct policy *
policies_get(struct policies *policies, const struct ruleset *ruleset,
             enum direction direction, const struct place *place,
             struct origins *origins, struct arena *arena);

/* Returns 'set', whose fingerprint is 'key', in memory that all share who use
 * the same set; 'arena' keeps it alive. */
struct address_set policies_share_set(struct policies *policies,
                                      struct address_set set, struct hash key,
                                      struct arena *arena);

#endif
