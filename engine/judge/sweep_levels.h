/* The product sweep proper: level by level over the fields of a plan. */

#ifndef ENGINE_JUDGE_SWEEP_LEVELS_H
#define ENGINE_JUDGE_SWEEP_LEVELS_H

#include <stdbool.h>

#include "engine/judge/sweep.h"

struct sweep_plan;

/* Emits every packet of a plan that is cut.  Returns false if the limit would
 * be passed before anything was emitted; if it is passed later, the packets
 * that are left are added to '*undecided' and the answer is true. */
bool sweep_levels(struct sweep_plan *plan, sweep_emit *emit, void *aux,
                  struct wide *undecided);

#endif
