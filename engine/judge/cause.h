/* Which change flipped a verdict.
 *
 * Between two states of the network many things may have changed at once.
 * Each change that the flow could feel is applied alone to the old state, and
 * the flow is judged again there: a change that alone gives the new verdict
 * is a cause.
 *
 * Threads: as struct policies. */

#ifndef ENGINE_JUDGE_CAUSE_H
#define ENGINE_JUDGE_CAUSE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct engine_settings;
struct flow;
struct network;
struct policies;
struct verdict;

/* One thing that differs between the two states. */
struct cause {
    const char *what;    /* "added", "removed", "changed": a rule;
                          * "tag_changed"; "members_changed": of an
                          * application or network group; "attached",
                          * "detached": a group; "network_changed": address
                          * space, peerings, routes, addresses of the NIC. */
    const char *layer;   /* "admin", "subnet_nsg", "nic_nsg", or "". */
    const char *ruleset; /* "rg/nsg", "manager/collection", or "". */
    const char *rule;    /* Of a rule; else the tag, group or resource. */
    const char *field;   /* The member of the rule that differs, or "". */
    const char *before;  /* Text of the member, or of the whole rule; "". */
    const char *after;
    bool alone; /* This change alone gives the new verdict. */
};

/* Both states of the world. */
struct cause_states {
    struct network *before;
    struct network *after;
    const struct engine_settings *settings;
    struct policies *policies;
};

/* Returns the '*n' changes that 'flow' could feel, those that alone explain
 * 'after' first.  'before' and 'after' are the flow's verdicts in the two
 * states.  They live in 'arena' and point into the networks. */
const struct cause *causes_find(const struct cause_states *states,
                                const struct flow *flow,
                                const struct verdict *before,
                                const struct verdict *after,
                                struct arena *arena, size_t *n);

#endif
