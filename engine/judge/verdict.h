/* The answer to a flow (spec verdict 1 and 2).
 *
 * A verdict holds references to the policies it names and copies of all else;
 * it may outlive the network it was judged in.
 *
 * Threads: immutable, references count atomically. */

#ifndef ENGINE_JUDGE_VERDICT_H
#define ENGINE_JUDGE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/hash.h"
#include "engine/base/wide.h"
#include "engine/compile/policy.h"
#include "engine/model/address.h"
#include "engine/model/protocol.h"

enum verdict_kind {
    VERDICT_ALLOW,
    VERDICT_DENY,
    VERDICT_PARTIAL,
    VERDICT_UNKNOWN,
    N_VERDICTS
};

/* The side of a flow on which a NIC sits: Outbound is judged at the source,
 * Inbound at the destination. */
enum side { SIDE_SOURCE, SIDE_DESTINATION, SIDE_NONE };

enum layer { LAYER_ADMIN, LAYER_SUBNET_NSG, LAYER_NIC_NSG, LAYER_NONE };

enum layer_outcome {
    OUTCOME_ALLOW,
    OUTCOME_DENY,
    OUTCOME_ALWAYS_ALLOW,
    OUTCOME_MIXED,          /* Different packets, different outcomes. */
    OUTCOME_NO_MATCH,       /* Admin rules that match no packet. */
    OUTCOME_NO_RULESET,     /* Nothing is attached at this level. */
    OUTCOME_NOT_APPLICABLE, /* Admin rules switched off, private endpoint. */
    OUTCOME_NOT_CONSULTED,  /* An earlier layer ended every packet. */
    OUTCOME_UNCERTAIN,
    N_OUTCOMES
};

const char *verdict_name(enum verdict_kind kind);     /* "allow" ... */
const char *side_name(enum side side);                /* "source"; "" */
const char *layer_name(enum layer layer);             /* "subnet_nsg" ... */
const char *layer_outcome_name(enum layer_outcome o); /* "no_match" ... */

/* A rule in its place, or nothing (LAYER_NONE, rule NULL). */
struct decision {
    enum side side;
    enum layer layer;
    const struct policy_rule *rule; /* Inside a policy that the verdict
                                     * holds; NULL if no rule decided. */
};

/* One packet, as an example. */
struct packet {
    enum protocol protocol;
    struct address source;
    struct address destination;
    uint32_t source_port; /* PORT_NONE if the protocol has no ports. */
    uint32_t destination_port;
};

/* Packets of the flow with one verdict and one deciding rule.  In an UNKNOWN
 * region the first rule in doubt stands in its place. */
struct region {
    enum verdict_kind kind; /* ALLOW, DENY or UNKNOWN. */
    struct decision decision;
    struct wide count;
    double share; /* Of the flow's packets. */
    struct packet example;
    bool certain;
    enum reason reason; /* Of an UNKNOWN region. */
};

/* How one layer treated the packets that reached it. */
struct layer_result {
    enum side side;
    enum layer layer;
    enum layer_outcome outcome;
    const char *ruleset;            /* "" if none. */
    const char *ruleset_id;         /* "" if none. */
    const struct policy_rule *rule; /* Of the largest share; NULL if none. */
    bool denies; /* This layer alone denies some packet of the flow for
                  * certain, whether it was consulted or not. */
};

enum { REGIONS_MAX = 20, LAYERS_MAX = 6 };

struct verdict {
    enum verdict_kind kind;
    bool certain;
    enum reason reason;        /* REASON_NONE unless UNKNOWN. */
    const char *reason_detail; /* One sentence; "" unless UNKNOWN. */
    struct wide packets;       /* In the flow; 0 if it could not be told. */
    struct wide allowed;       /* Certainly allowed. */
    double allowed_ratio;
    /* Share of packets that were judged; 1 unless the budget ran out. */
    double decided_ratio;
    struct decision decision;
    struct layer_result layers[LAYERS_MAX]; /* In the order of evaluation,
                                             * source side first. */
    size_t n_layers;              /* 3 for each side that could be judged. */
    const struct region *regions; /* Largest share first. */
    size_t n_regions;             /* At most REGIONS_MAX. */
    size_t n_more_regions;
    /* Indexes of the origins (struct resource) that the verdict rests on. */
    const uint16_t *origins;
    size_t n_origins;
    /* Of all that went in: an equal basis means an equal verdict. */
    struct hash basis;
};

struct verdict *verdict_ref(const struct verdict *verdict);
void verdict_unref(const struct verdict *verdict);

/* Returns a verdict of UNKNOWN for a flow that nothing is known about. */
struct verdict *verdict_unknown(enum reason reason, const char *detail);

/* Returns true if both name the same rule of the same rule set in the same
 * layer and side, by id and name: what "the deciding rule changed" means. */
bool decision_equal(const struct decision *a, const struct decision *b);

#endif
