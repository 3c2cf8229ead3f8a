/* What a flow in a tiny estate adds up to, packet by packet.
 *
 * Addresses and ports that no word tells apart are tried once and counted as
 * often as they are, so that "*" and "Internet" can be asked about, too. */

#ifndef TESTS_ORACLE_TINY_EXPECTED_H
#define TESTS_ORACLE_TINY_EXPECTED_H

#include "tests/oracle/linear.h"
#include "tests/support/builder.h"

struct expected_region {
    enum verdict_kind kind;
    int place;
    const struct rule *rule;
    struct wide packets;
};

/* What every packet of a flow adds up to. */
struct expected {
    struct wide totals[N_VERDICTS];
    struct wide packets;
    bool certain;
    unsigned int reasons;
    struct expected_region regions[512];
    size_t n_regions;
    struct {
        bool exists;
        bool reached;
        bool denies;
        bool uncertain;
        unsigned int outcomes;
    } layers[LINEAR_LAYERS];
};

/* An end of a flow, found by looking at every NIC. */
struct tiny_end {
    const struct nic *nic;
    const struct ip_configuration *ips[8];
    size_t n_ips;
    enum reason reason;
};

struct tiny_end tiny_find_end(struct builder *b,
                              const struct flow_end *wanted);

/* Tries every packet of the flow between the two ends. */
void tiny_expect(struct builder *b, const struct flow *flow,
                 const struct tiny_end ends[2], struct expected *expected);

#endif
