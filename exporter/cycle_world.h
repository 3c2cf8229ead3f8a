/* The network as it was last collected, and judging flows in it.  What did
 * not change is neither put together nor judged again.
 *
 * Threads: the scheduler's. */

#ifndef EXPORTER_CYCLE_WORLD_H
#define EXPORTER_CYCLE_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "exporter/snapshot.h"

struct arena;
struct cause;
struct collection;
struct config;
struct cycle_flow;
struct network;
struct verdict;
struct world;

struct world *world_create(void);
void world_destroy(struct world *world);

/* Takes over what was collected: the network is put together again if it
 * changed. */
void world_take(struct world *world, const struct collection *collection);

/* Judges each flow of 'config', beside which 'flows' stand, if the network or
 * the configuration changed. */
void world_judge(struct world *world, const struct config *config,
                 struct cycle_flow *flows);

/* Forgets the network before the change: the pass is over. */
void world_settle(struct world *world);

/* From the next pass on another configuration counts; with 'other_source',
 * nothing that was judged stays valid. */
void world_forget(struct world *world, bool other_source);

/* NULL before the first collection. */
struct network *world_network(const struct world *world);
struct rule_counts world_rule_counts(const struct world *world);
/* What was odd when the network was put together. */
size_t world_findings(const struct world *world, const char *const **findings);

/* What changed in the network that 'flow' could feel, between 'before' and
 * 'after', if this pass brought a new network; '*n' is 0 otherwise. */
const struct cause *world_causes(struct world *world,
                                 const struct config *config, size_t flow,
                                 const struct verdict *before,
                                 const struct verdict *after,
                                 struct arena *arena, size_t *n);

#endif
