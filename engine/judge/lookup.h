/* Which rule decides one packet: the fast path for single packets and for
 * many of them (spec engine, Design 2). */

#ifndef ENGINE_JUDGE_LOOKUP_H
#define ENGINE_JUDGE_LOOKUP_H

#include <stddef.h>

#include "engine/judge/sweep.h"

/* Returns how the chain treats 'packet'. */
struct match classifier_lookup(const struct classifier *chain,
                               const struct packet *packet);

/* The same for many IPv4 packets as arrays of fields; 'rules[i]' becomes the
 * number of the rule that decides packet i for certain, or SWEEP_NO_RULE.
 * Rules that might match are passed over. */
struct packets_ipv4 {
    const uint32_t *source;
    const uint32_t *destination;
    const uint32_t *ports;    /* Source port << 16 | destination port; only
                               * Tcp and Udp have them. */
    const uint8_t *protocols; /* enum protocol. */
    size_t n;
};
void classifier_lookup_batch(const struct classifier *chain,
                             const struct packets_ipv4 *packets,
                             uint32_t rules[]);

/* The code paths that this processor can run: "portable", "avx2", "avx512".
 * Tests force each in turn; NULL goes back to the best. */
size_t lookup_paths(const char *const **names);
void lookup_force_path(const char *name);

#endif
