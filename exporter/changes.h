/* The last verdict and decision changes, per flow and over all, newest first,
 * each with what changed in the rules.  Bounded; saved with the state.
 *
 * Where a list is full, changes into a violation are kept longer than others:
 * up to half of the list is theirs.
 *
 * Threads: any (guarded by a lock of its own). */

#ifndef EXPORTER_CHANGES_H
#define EXPORTER_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct changes;

enum {
    CHANGES_MAX = 1000, /* Over all flows. */
    CHANGES_PER_FLOW_MAX = 20,
    CHANGES_TOTAL_MAX = 20000 /* Of all flows together. */
};

/* One rule that was added, removed or edited between two cycles. */
struct rule_change {
    const char *what;    /* "added", "removed", "changed", "tag_changed",
                          * "members_changed", "attached", "detached". */
    const char *layer;   /* "nic_nsg" ... */
    const char *ruleset; /* "rg/nsg" */
    const char *rule;
    const char *field;  /* "" or the member that differs. */
    const char *before; /* Text of the member, or of the whole rule. */
    const char *after;
    bool alone; /* This change alone explains the flip. */
};

struct change {
    int64_t at_ms;
    const char *flow;
    const char *verdict_before; /* "allow" ... */
    const char *verdict_after;
    bool violated; /* The verdict after it violates the expectation. */
    /* "source/nic_nsg/rg/nsg/rule" in parts. */
    const char *layer_before, *ruleset_before, *rule_before;
    const char *layer_after, *ruleset_after, *rule_after;
    const struct rule_change *rule_changes;
    size_t n_rule_changes;
};

struct changes *changes_create(void);
void changes_destroy(struct changes *changes);
/* Copies 'change'. */
void changes_add(struct changes *changes, const struct change *change);
/* Calls 'visit' for the newest 'limit' changes, of 'flow' or of all (NULL),
 * newest first.  What it is given is valid during the call only. */
typedef void changes_visit(void *aux, const struct change *change);
void changes_each(struct changes *changes, const char *flow, size_t limit,
                  changes_visit *visit, void *aux);
/* Calls 'visit' for all that is kept, oldest first: the order in which
 * changes_add() takes it back. */
void changes_each_kept(struct changes *changes, changes_visit *visit,
                       void *aux);

#endif
