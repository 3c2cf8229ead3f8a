/* From how each chain of rules treats a packet to what becomes of it: the
 * layers of one side in their order, and the two sides of a flow (spec
 * verdict 2, 6 and 8). */

#ifndef ENGINE_JUDGE_COMBINE_H
#define ENGINE_JUDGE_COMBINE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/judge/site.h"
#include "engine/judge/sweep.h"

enum { COMBINE_SIDES_MAX = 2 };

/* What a layer may do with a packet: bit 1 << OUTCOME_X for ALLOW, DENY,
 * ALWAYS_ALLOW and NO_MATCH. */
typedef uint16_t outcome_set;

/* How one layer treats a packet that reaches it. */
struct layer_treatment {
    outcome_set outcomes;           /* Every one that is possible. */
    enum layer_outcome outcome;     /* When uncertain rules do not match. */
    const struct policy_rule *rule; /* That decides then, or NULL. */
    bool reached;                   /* In some case. */
};

/* Where a packet's fate is in doubt. */
struct doubt {
    int layer; /* Index in the site; -1: nowhere. */
    const struct policy_rule *rule;
    enum reason reason;
};

/* What becomes of a packet on one side. */
struct side_treatment {
    struct layer_treatment layers[SITE_LAYERS];
    access_set accesses; /* ALLOW, DENY or both. */
    /* When uncertain rules do not match. */
    enum access access;
    int layer;                      /* Of the deciding rule; -1: none. */
    const struct policy_rule *rule; /* NULL: none. */
    bool certain; /* No uncertain rule had a say, and the deciding rule does
                   * not depend on an order that is not known. */
    struct doubt doubt; /* The first; only where 'certain' is false. */
};

/* Works out one side.  'matches' holds one element for each chain of each of
 * the site's policies, layer by layer. */
void combine_side(const struct site *site, const struct match matches[],
                  struct side_treatment *treatment);

/* What becomes of a packet in the end. */
struct packet_treatment {
    enum verdict_kind kind; /* ALLOW, DENY or UNKNOWN. */
    int side;               /* Of the decision: index; -1: nothing decided. */
    int layer;
    const struct policy_rule *rule;
    bool certain;
    enum reason reason; /* Of UNKNOWN. */
};

/* Joins the sides, the source first. */
struct packet_treatment combine_sides(const struct side_treatment sides[],
                                      int n);

#endif
