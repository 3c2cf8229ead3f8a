/* Which rules decide which packets, for whole sets of packets at once.
 *
 * Several chains are swept side by side (the layers of one side, of both, or
 * before and after a change).  The packets of a query fall into groups that
 * all chains treat alike; each group is emitted once, with its exact size and
 * one example (spec engine, Design 3).
 *
 * The plain evaluator of tests/oracle answers the same question by cutting
 * every field at the bounds of all rules; it is the judge of this one. */

#ifndef ENGINE_JUDGE_SWEEP_H
#define ENGINE_JUDGE_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/wide.h"
#include "engine/compile/classifier.h"
#include "engine/judge/verdict.h"

/* A product of sets of one address family.  Its protocols either all have
 * ports, and the port sets are within 0 to 65535, or none has, and both port
 * sets are { PORT_NONE }. */
struct query {
    enum family family;
    protocol_set protocols;
    struct span_set source;
    struct span_set source_ports;
    struct span_set destination;
    struct span_set destination_ports;
};

#define SWEEP_NO_RULE UINT32_MAX

/* How one chain treats a group of packets. */
struct match {
    uint32_t rule;        /* The rule that decides for certain, by its number
                           * in the chain; SWEEP_NO_RULE if none does. */
    uint32_t first_maybe; /* The first rule before it that might match, or
                           * SWEEP_NO_RULE. */
    access_set maybe;     /* The accesses of all rules that might. */
};

/* Called once or more for each group; 'matches' has one element a chain. */
typedef void sweep_emit(void *aux, const struct match matches[],
                        struct wide count, const struct packet *example);

/* The most chains side by side: the layers of both ends, before and after. */
enum { SWEEP_CHAINS_MAX = 32 };

/* Sweeps 'query' over 'n' chains.  'budget' bounds the work (0: the default).
 * Returns true if every packet was emitted; false if the budget ran out, with
 * '*undecided' how many packets were not. */
bool sweep(const struct classifier *const chains[], size_t n,
           const struct query *query, uint64_t budget, sweep_emit *emit,
           void *aux, struct wide *undecided);

/* What those who compare ask for besides. */
struct sweep_options {
    uint64_t budget;
    /* NULL, or for each chain a bit for each rule (NULL: none).  Groups in
     * which no marked rule can decide or match may be left out; they count
     * neither as emitted nor as undecided. */
    const uint64_t *const *marks;
    /* NULL, or for each chain a rule that is taken away; SWEEP_NO_RULE for
     * none. */
    const uint32_t *hidden;
};

bool sweep_with(const struct classifier *const chains[], size_t n,
                const struct query *query, const struct sweep_options *options,
                sweep_emit *emit, void *aux, struct wide *undecided);

#endif
