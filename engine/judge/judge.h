/* Judging flows against a network: the engine's front door.
 *
 *     struct policies *policies = policies_create();          once
 *     struct estate *estate = estate_create(network, &settings, policies);
 *     struct verdict *verdict = estate_judge(estate, &flow, before);
 *     ...
 *     estate_destroy(estate);
 *     policies_sweep(policies);          forgets what nobody uses any more
 *
 * An estate is one state of the world: a network and the settings.  Policies
 * outlive it, so that what did not change is not compiled again.
 *
 * Threads: policies and estates belong to one thread at a time. */

#ifndef ENGINE_JUDGE_JUDGE_H
#define ENGINE_JUDGE_JUDGE_H

#include "engine/compile/policies.h"
#include "engine/judge/verdict.h"

struct engine_settings;
struct estate;
struct flow;
struct network;

/* The settings and the network must outlive the estate (it takes a reference
 * to the network). */
struct estate *estate_create(struct network *network,
                             const struct engine_settings *settings,
                             struct policies *policies);
void estate_destroy(struct estate *estate);

/* Returns the verdict on 'flow', with one reference.  If 'before' (the
 * flow's last verdict, or NULL) rests on the same basis, that is what comes
 * back, and nothing is judged. */
struct verdict *estate_judge(struct estate *estate, const struct flow *flow,
                             const struct verdict *before);

/* Why a flow has its verdict, rule by rule: see engine/judge/explain.h. */

#endif
