/* What differs between two states of the network: every rule set in its
 * place, before and after, packet by packet.
 *
 * A rule set is compared for each way in which NICs see it: where a rule says
 * VirtualNetwork, its meaning may change although the rule set did not. */

#ifndef ENGINE_JUDGE_ESTATE_DIFF_H
#define ENGINE_JUDGE_ESTATE_DIFF_H

#include <stddef.h>

#include "engine/judge/diff.h"
#include "engine/judge/verdict.h"
#include "engine/model/rule.h"

struct arena;
struct estate;

enum ruleset_change {
    RULESET_CHANGED,  /* The same rule set, other rules or meanings. */
    RULESET_ATTACHED, /* There was none in this place before. */
    RULESET_DETACHED, /* There is none any more. */
    RULESET_REPLACED  /* Another one is in its place. */
};

/* "changed", "attached", "detached", "replaced". */
const char *ruleset_change_name(enum ruleset_change change);

struct ruleset_diff {
    enum ruleset_change change;
    enum direction direction;
    enum layer layer;
    const char *ruleset; /* "rg/nsg"; "" for admin rules. */
    const char *ruleset_id;
    const char *was; /* The one that was replaced, or "". */
    const char *nic; /* One of the NICs that see it so: ARM id. */
    size_t n_nics;
    struct diff diff;
    /* The order of admin rules is not known in full: only that they differ
     * can be said. */
    bool not_comparable;
};

struct estate_diff {
    const struct ruleset_diff *rulesets;
    size_t n_rulesets;
    /* Ids of groups that differ and filter no NIC. */
    const char *const *unused;
    size_t n_unused;
    /* NICs that only one of the states has. */
    size_t n_nics_added;
    size_t n_nics_removed;
};

/* Compares.  Everything lives in 'arena'; the estates and their networks must
 * outlive it. */
struct estate_diff estate_compare(struct estate *before, struct estate *after,
                                  struct arena *arena);

#endif
