/* Which rules hide a rule, and which clearly do not. */

#ifndef ENGINE_JUDGE_HIDE_H
#define ENGINE_JUDGE_HIDE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/compile/policy.h"

struct arena;
struct classifier;
struct query;

/* Looks up a few packets of 'query' and sets the bits of the rules that
 * decide or might match them first. */
void mark_corners(const struct classifier *chain, const struct query *query,
                  uint64_t *deciding);

/* Returns the '*n' rules before rule 'hidden' that together match all its
 * packets for certain: a smallest set in the sense that none can be left
 * out.  Returns none if they do not hide it. */
const struct policy_rule *const *hide_find(const struct policy_rule rules[],
                                           size_t hidden, struct arena *arena,
                                           size_t *n);

#endif
