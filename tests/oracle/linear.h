/* The second opinion on everything: judges one packet straight from the rules
 * as Azure stores them, term by term and case by case.  It shares no code
 * with engine/compile and engine/judge but the packet's type. */

#ifndef TESTS_ORACLE_LINEAR_H
#define TESTS_ORACLE_LINEAR_H

#include <stdbool.h>

#include "engine/compile/settings.h"
#include "engine/judge/verdict.h"
#include "engine/model/network.h"

/* One end of the packet: 'nic' is NULL for an end that is not judged. */
struct linear_end {
    const struct nic *nic;
    const struct ip_configuration *ip;
};

enum { LINEAR_LAYERS = 6 };

struct linear_answer {
    bool can_allow;
    bool can_deny;
    bool certain;
    int place; /* side * 3 + layer, in the order of evaluation; -1: none. */
    const struct rule *rule;
    unsigned int reasons; /* That an unknown packet may give: 1 << REASON_X. */
    struct {
        bool exists;
        bool reached;
        bool denies;
        unsigned int outcomes; /* 1 << OUTCOME_X. */
    } layers[LINEAR_LAYERS];
};

/* The source is judged outbound, the destination inbound. */
struct linear_answer linear_judge(const struct network *network,
                                  const struct engine_settings *settings,
                                  const struct linear_end *source,
                                  const struct linear_end *destination,
                                  const struct packet *packet);

#endif
