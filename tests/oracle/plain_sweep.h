/* The obvious way to sweep: every field is cut at the bounds of all sets that
 * occur in it, and one packet of each piece is tried rule by rule.  It judges
 * engine/judge/sweep, and takes its time. */

#ifndef TESTS_ORACLE_PLAIN_SWEEP_H
#define TESTS_ORACLE_PLAIN_SWEEP_H

#include "engine/judge/sweep.h"

/* One chain, in the order in which its rules are tried. */
struct plain_chain {
    const struct policy_rule *rules;
    size_t n;
};

/* Emits every packet of the query once, in pieces that may be smaller than
 * those of sweep(). */
void plain_sweep(const struct plain_chain chains[], size_t n,
                 const struct query *query, sweep_emit *emit, void *aux);

#endif
