#include "engine/compile/policy_making.h"

#include "engine/base/arena.h"
#include "engine/compile/resolve.h"
#include "engine/model/arm_id.h"

static struct policy_rule make_rule(const struct resolver *resolver,
                                    const struct ordered_rule *ordered,
                                    const struct policy *policy);
static void doubt_equal_priorities(struct policy_rule rules[], size_t n,
                                   struct arena *arena);
static bool make_stand_in(const struct policy_making *making,
                          const struct policy *policy,
                          struct policy_rule *rule);

void
policy_make_rules(const struct policy_making *making, struct policy *policy)
{
    const struct rule_order *order = &making->order;
    struct resolver resolver = { .place = making->place,
                                 .policies = making->policies,
                                 .direction = making->direction,
                                 .arena = policy->arena };
    struct policy_rule *rules =
        arena_alloc_array(policy->arena, order->n + 1, sizeof *rules);
    struct policy_chain *chains =
        arena_alloc_array(policy->arena, order->n_chains + 1, sizeof *chains);

    policy->rules = rules;
    policy->chains = chains;
    for (size_t i = 0; i < order->n_chains; i++) {
        chains[policy->n_chains++] = order->chains[i];
    }
    if (order->n_chains) {
        for (size_t i = 0; i < order->n; i++) {
            rules[policy->n_rules++] =
                make_rule(&resolver, &order->rules[i], policy);
        }
        doubt_equal_priorities(rules, policy->n_rules, policy->arena);
    }
    struct policy_rule stand_in;
    if (make_stand_in(making, policy, &stand_in)) {
        if (!policy->n_chains) {
            chains[policy->n_chains++] = (struct policy_chain){ .n = 0 };
        }
        rules[policy->n_rules++] = stand_in;
        chains[0].n++;
    }
}

/* "manager/collection", and the collection's ARM id. */
static void
name_admin_ruleset(struct policy_rule *rule, struct arena *arena)
{
    rule->ruleset = arm_id_admin_ruleset(arena, rule->id);
    rule->ruleset_id = arm_id_up_to(arena, rule->id, "ruleCollections");
}

static struct policy_rule
make_rule(const struct resolver *resolver, const struct ordered_rule *ordered,
          const struct policy *policy)
{
    struct policy_rule rule = resolve_rule(resolver, ordered->rule);

    rule.priority = ordered->priority;
    if (rule.kind == RULE_ADMIN) {
        name_admin_ruleset(&rule, resolver->arena);
        if (ordered->order_doubt && rule.reason == REASON_NONE) {
            rule.reason = REASON_ADMIN_PRIORITY_UNKNOWN;
            rule.reason_detail =
                arena_strdup(resolver->arena, ordered->order_doubt);
        }
        return rule;
    }
    rule.ruleset = policy->ruleset;
    rule.ruleset_id = policy->ruleset_id;
    if (!ordered->priority) {
        resolve_flaw(&rule,
                     arena_printf(resolver->arena,
                                  "rule %s has no usable priority", rule.name),
                     resolver->arena);
    }
    return rule;
}

static bool
boxes_meet(const struct box *a, const struct box *b)
{
    for (int i = 0; i < N_FAMILIES; i++) {
        if (span_set_overlaps(a->source.families[i], b->source.families[i])
            && span_set_overlaps(a->destination.families[i],
                                 b->destination.families[i])) {
            return (a->protocols & b->protocols)
                   && span_set_overlaps(a->source_ports, b->source_ports)
                   && span_set_overlaps(a->destination_ports,
                                        b->destination_ports);
        }
    }
    return false;
}

/* Azure refuses a group in which two rules of a direction have one priority.
 * Where the data has them, which one comes first is not known. */
static void
doubt_equal_priorities(struct policy_rule rules[], size_t n,
                       struct arena *arena)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n && rules[j].priority == rules[i].priority;
             j++) {
            if (rules[i].priority && rules[i].kind != RULE_ADMIN
                && rules[i].accesses != rules[j].accesses
                && boxes_meet(&rules[i].possible, &rules[j].possible)) {
                resolve_flaw(&rules[i],
                             arena_printf(arena,
                                          "rules %s and %s have one priority",
                                          rules[i].name, rules[j].name),
                             arena);
                break;
            }
        }
    }
}

/* The stand-in that a policy needs, if it does: for rules that are not there,
 * and for packets that no rule of a group matches. */
static bool
make_stand_in(const struct policy_making *making, const struct policy *policy,
              struct policy_rule *rule)
{
    const struct ruleset *ruleset = making->ruleset;
    access_set accesses = 1U << ACCESS_ALLOW | 1U << ACCESS_DENY;
    enum reason reason = ruleset->missing;
    const char *detail = ruleset->missing_detail;

    if (ruleset->admin) {
        accesses |= 1U << ACCESS_ALWAYS_ALLOW;
        if (reason == REASON_NONE && making->order.n
            && !making->order.n_chains) {
            reason = REASON_ADMIN_PRIORITY_UNKNOWN;
            detail = "the order of the admin rules is not known";
        }
    } else if (reason == REASON_NONE) {
        for (size_t i = 0; i < policy->n_rules; i++) {
            if (resolve_is_catch_all(&policy->rules[i])) {
                return false;
            }
        }
        reason = REASON_INVALID_RULE;
        detail = arena_printf(policy->arena,
                              "the rules of %s do not cover every packet",
                              policy->ruleset);
    }
    if (reason == REASON_NONE) {
        return false;
    }
    *rule = resolve_stand_in(accesses, reason, detail, policy->arena);
    rule->ruleset = policy->ruleset;
    rule->ruleset_id = policy->ruleset_id;
    return true;
}
