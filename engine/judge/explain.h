/* Why a flow has its verdict: every layer in the order of evaluation, every
 * rule up to the match, and for each rule before it the field that did not
 * match.  The status page, the JSON and the tool all show this one
 * explanation.
 *
 * Order and fields as Azure's NSG diagnostics reports them (spec interfaces,
 * "explain"). */

#ifndef ENGINE_JUDGE_EXPLAIN_H
#define ENGINE_JUDGE_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/judge/verdict.h"

struct arena;
struct estate;
struct flow;

enum field {
    FIELD_PROTOCOL,
    FIELD_SOURCE,
    FIELD_SOURCE_PORT,
    FIELD_DESTINATION,
    FIELD_DESTINATION_PORT,
    N_FIELDS
};

/* "protocol", "source", "source port", "destination", "destination port". */
const char *field_name(enum field field);

enum field_match {
    FIELD_MATCHES,      /* All values of the flow are inside. */
    FIELD_MATCHES_PART, /* Some are. */
    FIELD_DIFFERS,      /* None is. */
    FIELD_UNCERTAIN     /* It cannot be told. */
};

enum rule_match {
    RULE_MATCHES,      /* Decides every packet that reaches it. */
    RULE_MATCHES_PART, /* Decides some of them. */
    RULE_DIFFERS,      /* Matches no packet of the flow. */
    RULE_HIDDEN,   /* Matches packets, but earlier rules decide them all. */
    RULE_UNCERTAIN /* May match. */
};

struct explained_rule {
    const struct policy_rule *rule;
    enum rule_match match;
    enum field_match fields[N_FIELDS];
    double share; /* Of the flow's packets, decided by this rule here. */
    /* One sentence: "source 10.0.0.4 is not in Internet". */
    const char *why;
};

struct explained_layer {
    const struct layer_result *result; /* Inside the verdict. */
    const struct explained_rule *rules;
    size_t
        n_rules; /* Up to and with the rule after which no packet is left. */
    size_t n_more_rules; /* That were not tried. */
};

struct explanation {
    const struct verdict *verdict; /* The caller's reference keeps it. */
    const char *sentence; /* The verdict in words, to paste into a ticket. */
    const char *source;   /* "nic-web-01 (10.0.1.4)", "Internet". */
    const char *destination;
    const struct explained_layer *layers;
    size_t n_layers;
    const char *const *notes; /* "Azure exempts ... from security groups". */
    size_t n_notes;
};

/* Returns the explanation of 'verdict', which was given to 'flow' in
 * 'estate'.  It lives in 'arena' and points into the verdict and its
 * policies, which 'arena' then keeps. */
const struct explanation *explain(struct estate *estate,
                                  const struct flow *flow,
                                  const struct verdict *verdict,
                                  struct arena *arena);

#endif
