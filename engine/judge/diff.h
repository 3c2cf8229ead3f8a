/* What differs between two versions of a chain of rules, packet by packet:
 * not which lines were edited, but which packets are treated otherwise, from
 * which rule to which, exactly counted (spec engine, Design 4).
 *
 * Both families and all protocols are compared.  Only what an edit can reach
 * is swept, so that one edited rule in a thousand costs milliseconds. */

#ifndef ENGINE_JUDGE_DIFF_H
#define ENGINE_JUDGE_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/wide.h"
#include "engine/compile/policy.h"
#include "engine/judge/verdict.h"

struct arena;
struct classifier;

/* One version. */
struct diff_side {
    const struct policy_rule *rules;
    size_t n;
    const struct classifier *classifier;
};

/* How a chain treats a packet. */
enum effect {
    EFFECT_ALLOW,
    EFFECT_DENY,
    EFFECT_ALWAYS_ALLOW,
    EFFECT_NO_MATCH,
    EFFECT_UNCERTAIN /* Rules that might match could change the access. */
};

/* "Allow", "Deny", "AlwaysAllow", "no match", "uncertain". */
const char *effect_name(enum effect effect);

/* Packets that moved from one rule to another and thereby changed their
 * effect. */
struct diff_change {
    enum family family;
    enum effect before_effect;
    enum effect after_effect;
    const struct policy_rule *before; /* NULL: no rule. */
    const struct policy_rule *after;
    struct wide count;
    struct packet example;
    /* The largest regions, disjoint; not always all of the packets, and none
     * for changes far down the list. */
    const struct box *regions;
    size_t n_regions;
    bool has_more_regions;
};

struct diff {
    const struct diff_change *changes; /* Most packets first, by family. */
    size_t n_changes;
    /* Rules that differ between the two versions, by their boxes and
     * accesses: a diff without changes but with edits says that the edits
     * touch no packet. */
    size_t n_edits;
    bool complete; /* False: the budget ran out; more packets may differ. */
};

enum { DIFF_REGIONS_MAX = 8 };

/* Compares two versions.  Everything lives in 'arena' and points into the
 * rules.  'budget' 0 is the default. */
struct diff diff_rules(const struct diff_side *before,
                       const struct diff_side *after, uint64_t budget,
                       struct arena *arena);

#endif
