/* What does nothing in a whole network: rules, application security groups
 * and security groups. */

#ifndef ENGINE_JUDGE_ESTATE_ANALYZE_H
#define ENGINE_JUDGE_ESTATE_ANALYZE_H

#include <stddef.h>

#include "engine/judge/analyze.h"
#include "engine/judge/verdict.h"
#include "engine/model/rule.h"

struct arena;
struct estate;

/* One rule set as some NICs see it. */
struct ruleset_analysis {
    enum direction direction;
    enum layer layer;
    const struct policy *policy;
    const char *nic; /* One of them: ARM id. */
    size_t n_nics;
    struct analysis analysis;
};

struct estate_analysis {
    const struct ruleset_analysis *rulesets; /* Those with findings. */
    size_t n_rulesets;
    size_t n_looked_at;
    /* ARM ids. */
    const char *const *asgs_without_members;
    size_t n_asgs_without_members;
    const char *const *asgs_without_rules; /* That no rule names. */
    size_t n_asgs_without_rules;
    const char *const *unattached; /* Groups that filter no NIC or subnet. */
    size_t n_unattached;
};

/* Looks at all rule sets, or at the group 'only' (ARM id, "rg/name" or name;
 * NULL: all).  Default rules are not reported.  Everything lives in 'arena';
 * the estate must outlive it. */
struct estate_analysis estate_analyze(struct estate *estate, const char *only,
                                      struct arena *arena);

#endif
