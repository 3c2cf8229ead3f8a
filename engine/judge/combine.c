#include "engine/judge/combine.h"

#include "engine/base/ascii.h"

#define BIT(outcome) ((outcome_set) (1U << (outcome)))
#define ACCESS_BIT(access) ((access_set) (1U << (access)))

/* The admin rules that may come first, when uncertain ones do not match. */
struct candidates {
    const struct policy_rule *first; /* By id. */
    outcome_set outcomes;
    struct {
        const struct policy_rule *rule;
        bool several;
    } of_access[ACCESS_UNKNOWN];
    const struct policy_rule *doubtful; /* Whose place is not known. */
};

/* The side in the making. */
struct making {
    struct side_treatment *result;
    struct candidates candidates;
    bool reached; /* The packet gets here in some case. */
};

static void treat_admin(struct making *making, const struct policy *policy,
                        const struct match matches[]);
static void treat_group(struct making *making, int layer,
                        const struct policy *policy,
                        const struct match matches[]);
static void decide(struct making *making, const struct site *site);

static const enum layer_outcome outcome_of[] = {
    [ACCESS_ALLOW] = OUTCOME_ALLOW,
    [ACCESS_DENY] = OUTCOME_DENY,
    [ACCESS_ALWAYS_ALLOW] = OUTCOME_ALWAYS_ALLOW,
    [ACCESS_UNKNOWN] = OUTCOME_UNCERTAIN,
};

static outcome_set
outcomes_of(access_set accesses)
{
    outcome_set set = 0;

    for (int access = 0; access < ACCESS_UNKNOWN; access++) {
        if (accesses & 1U << access) {
            set |= BIT(outcome_of[access]);
        }
    }
    return set;
}

void
combine_side(const struct site *site, const struct match matches[],
             struct side_treatment *treatment)
{
    struct making making = { .result = treatment, .reached = true };

    *treatment = (struct side_treatment){ .layer = -1,
                                          .certain = true,
                                          .doubt = { .layer = -1 } };
    for (int i = 0; i < SITE_LAYERS; i++) {
        const struct policy *policy = site->layers[i].policy;
        struct layer_treatment *layer = &treatment->layers[i];
        if (!policy) {
            continue;
        }
        layer->reached = making.reached;
        if (site->layers[i].layer == LAYER_ADMIN) {
            treat_admin(&making, policy, matches);
        } else {
            treat_group(&making, i, policy, matches);
        }
        matches += policy->n_chains;
        if (!making.reached) {
            continue;
        }
        if (layer->outcomes & BIT(OUTCOME_DENY)) {
            treatment->accesses |= ACCESS_BIT(ACCESS_DENY);
        }
        if (layer->outcomes & BIT(OUTCOME_ALWAYS_ALLOW)) {
            treatment->accesses |= ACCESS_BIT(ACCESS_ALLOW);
        }
        making.reached =
            layer->outcomes & (BIT(OUTCOME_ALLOW) | BIT(OUTCOME_NO_MATCH));
    }
    if (making.reached) {
        treatment->accesses |= ACCESS_BIT(ACCESS_ALLOW);
    }
    decide(&making, site);
}

/* Notes that a rule of a layer that the packet reaches might match it. */
static void
note_maybe(struct making *making, int layer, const struct policy_rule *rule)
{
    struct side_treatment *result = making->result;

    if (!making->reached) {
        return;
    }
    result->certain = false;
    if (result->doubt.layer < 0) {
        result->doubt = (struct doubt){ layer, rule, rule->reason };
    }
}

static void
treat_group(struct making *making, int layer, const struct policy *policy,
            const struct match matches[])
{
    struct layer_treatment *treatment = &making->result->layers[layer];

    treatment->outcomes = outcomes_of(matches[0].maybe);
    treatment->outcome = OUTCOME_NO_MATCH;
    if (matches[0].first_maybe != SWEEP_NO_RULE) {
        note_maybe(making, layer, &policy->rules[matches[0].first_maybe]);
    }
    if (matches[0].rule != SWEEP_NO_RULE) {
        treatment->rule = &policy->rules[matches[0].rule];
        treatment->outcome = outcome_of[treatment->rule->access];
        treatment->outcomes |= BIT(treatment->outcome);
    }
}

/* Returns the lowest known tier that has a certain match: what is in a higher
 * one comes too late. */
static int
deciding_tier(const struct policy *policy, const struct match matches[])
{
    int tier = INT32_MAX;

    for (size_t i = 0; i < policy->n_chains; i++) {
        if (policy->chains[i].tier >= 0 && policy->chains[i].tier < tier
            && matches[i].rule != SWEEP_NO_RULE) {
            tier = policy->chains[i].tier;
        }
    }
    return tier;
}

/* An echo shows a rule twice. */
static bool
is_same_rule(const struct policy_rule *a, const struct policy_rule *b)
{
    return a == b
           || (ascii_equal(a->id, b->id) && ascii_equal(a->name, b->name));
}

/* By id, and by name where the data has no ids. */
static bool
comes_before(const struct policy_rule *a, const struct policy_rule *b)
{
    int ids = b ? ascii_compare(a->id, b->id) : -1;

    return ids < 0 || (ids == 0 && ascii_compare(a->name, b->name) < 0);
}

static void
add_candidate(struct candidates *candidates, const struct policy_rule *rule)
{
    const struct policy_rule *known = candidates->of_access[rule->access].rule;

    if (known && !is_same_rule(known, rule)) {
        candidates->of_access[rule->access].several = true;
    }
    candidates->of_access[rule->access].rule = rule;
    candidates->outcomes |= BIT(outcome_of[rule->access]);
    if (comes_before(rule, candidates->first)) {
        candidates->first = rule;
    }
    if (rule->reason == REASON_ADMIN_PRIORITY_UNKNOWN
        && comes_before(rule, candidates->doubtful)) {
        candidates->doubtful = rule;
    }
}

/* Chains whose tier is not known come last. */
static bool
is_earlier(const struct policy_chain *a, const struct policy_chain *b)
{
    return (unsigned int) a->tier < (unsigned int) b->tier;
}

static void
treat_admin(struct making *making, const struct policy *policy,
            const struct match matches[])
{
    struct layer_treatment *treatment = &making->result->layers[0];
    struct candidates *candidates = &making->candidates;
    int last_tier = deciding_tier(policy, matches);
    const struct policy_rule *maybe = NULL;

    const struct policy_chain *doubtful = NULL;
    for (size_t i = 0; i < policy->n_chains; i++) {
        const struct policy_chain *chain = &policy->chains[i];
        const struct policy_rule *rules = policy->rules + chain->first;
        if (chain->tier > last_tier) {
            continue;
        }
        treatment->outcomes |= outcomes_of(matches[i].maybe);
        if (matches[i].first_maybe != SWEEP_NO_RULE
            && (!doubtful || is_earlier(chain, doubtful))) {
            doubtful = chain;
            maybe = &rules[matches[i].first_maybe];
        }
        if (matches[i].rule != SWEEP_NO_RULE) {
            add_candidate(candidates, &rules[matches[i].rule]);
        }
    }
    if (maybe) {
        note_maybe(making, 0, maybe);
    }
    treatment->rule = candidates->first;
    treatment->outcome = candidates->first
                             ? outcome_of[candidates->first->access]
                             : OUTCOME_NO_MATCH;
    treatment->outcomes |=
        candidates->first ? candidates->outcomes : BIT(OUTCOME_NO_MATCH);
}

/* What the groups do when uncertain rules do not match: the first that denies
 * decides, else the last. */
static void
decide_by_groups(struct side_treatment *result)
{
    for (int i = 1; i < SITE_LAYERS; i++) {
        const struct layer_treatment *layer = &result->layers[i];
        if (!layer->rule) {
            continue;
        }
        result->layer = i;
        result->rule = layer->rule;
        if (layer->outcome == OUTCOME_DENY) {
            result->access = ACCESS_DENY;
            return;
        }
    }
}

static bool
has_group(const struct site *site)
{
    return site->layers[1].policy || site->layers[2].policy;
}

/* Where several admin rules may come first: does it matter which? */
static void
weigh_order(struct making *making, bool group_decides)
{
    const struct candidates *candidates = &making->candidates;
    struct side_treatment *result = making->result;
    access_set accesses = 0;
    int n_decisions = 0;

    for (int access = 0; access < ACCESS_UNKNOWN; access++) {
        if (!candidates->of_access[access].rule) {
            continue;
        }
        bool passes_on = access == ACCESS_ALLOW && group_decides;
        accesses |= ACCESS_BIT(access == ACCESS_DENY ? ACCESS_DENY
                               : passes_on           ? result->access
                                                     : ACCESS_ALLOW);
        n_decisions +=
            candidates->of_access[access].several && !passes_on ? 2 : 1;
    }
    if (n_decisions > 1) {
        result->certain = false;
    }
    if (accesses & (accesses - 1U)) {
        result->doubt = (struct doubt){
            0, candidates->doubtful ? candidates->doubtful : candidates->first,
            REASON_ADMIN_PRIORITY_UNKNOWN
        };
    }
}

static void
decide(struct making *making, const struct site *site)
{
    const struct candidates *candidates = &making->candidates;
    struct side_treatment *result = making->result;

    result->access = ACCESS_ALLOW;
    decide_by_groups(result);
    if (!candidates->first) {
        return;
    }
    weigh_order(making, has_group(site));
    if (candidates->first->access == ACCESS_ALLOW && has_group(site)) {
        return;
    }
    result->layer = 0;
    result->rule = candidates->first;
    result->access =
        candidates->first->access == ACCESS_DENY ? ACCESS_DENY : ACCESS_ALLOW;
}

static void
take_decision(struct packet_treatment *packet,
              const struct side_treatment sides[], int side)
{
    if (sides[side].rule) {
        packet->side = side;
        packet->layer = sides[side].layer;
        packet->rule = sides[side].rule;
    }
}

/* The rule in doubt stands where the deciding one would. */
static void
take_doubt(struct packet_treatment *packet,
           const struct side_treatment sides[], int n)
{
    for (int i = 0; i < n; i++) {
        if (sides[i].doubt.layer >= 0) {
            packet->side = i;
            packet->layer = sides[i].doubt.layer;
            packet->rule = sides[i].doubt.rule;
            packet->reason = sides[i].doubt.reason;
            return;
        }
    }
}

struct packet_treatment
combine_sides(const struct side_treatment sides[], int n)
{
    struct packet_treatment packet = {
        .kind = VERDICT_ALLOW, .side = -1, .layer = -1, .certain = true
    };
    access_set accesses = ACCESS_BIT(ACCESS_ALLOW);
    int n_consulted = 0;

    /* What one side certainly denies does not reach the other. */
    while (n_consulted < n && accesses & ACCESS_BIT(ACCESS_ALLOW)) {
        access_set here = sides[n_consulted].accesses;
        accesses =
            (access_set) ((accesses & here & ACCESS_BIT(ACCESS_ALLOW))
                          | ((accesses | here) & ACCESS_BIT(ACCESS_DENY)));
        packet.certain &= sides[n_consulted].certain;
        n_consulted++;
    }
    if (accesses & (accesses - 1U)) {
        packet.kind = VERDICT_UNKNOWN;
        packet.certain = false;
        take_doubt(&packet, sides, n_consulted);
        return packet;
    }
    packet.kind =
        accesses == ACCESS_BIT(ACCESS_DENY) ? VERDICT_DENY : VERDICT_ALLOW;
    for (int i = 0; i < n_consulted; i++) {
        take_decision(&packet, sides, i);
        if (sides[i].access == ACCESS_DENY) {
            break;
        }
    }
    return packet;
}
