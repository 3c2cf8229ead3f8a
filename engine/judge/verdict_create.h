/* How verdicts are made; see verdict.h for what they are. */

#ifndef ENGINE_JUDGE_VERDICT_CREATE_H
#define ENGINE_JUDGE_VERDICT_CREATE_H

#include "engine/judge/verdict.h"

/* Returns a verdict like 'draft', with one reference.  Regions, origins and
 * the detail are copied; each of the 'n' policies is kept alive, and what the
 * draft names must be inside one of them or live for ever. */
struct verdict *verdict_create(const struct verdict *draft,
                               const struct policy *const policies[],
                               size_t n);

#endif
