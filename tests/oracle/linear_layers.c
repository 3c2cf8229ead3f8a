#include "tests/oracle/linear_layers.h"

#include <assert.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "engine/model/arm_id.h"

static void
add_case(struct layer_cases *cases, enum layer_outcome outcome,
         const struct rule *rule, bool base)
{
    assert(cases->n < CASES_MAX);
    cases->items[cases->n++] = (struct layer_case){ outcome, rule, base };
}

static enum layer_outcome
outcome_of(enum access access)
{
    return access == ACCESS_ALLOW  ? OUTCOME_ALLOW
           : access == ACCESS_DENY ? OUTCOME_DENY
                                   : OUTCOME_ALWAYS_ALLOW;
}

/* Adds what a rule may do if it matches. */
static void
add_rule_cases(struct layer_cases *cases, const struct rule *rule, bool base)
{
    if (rule->access != ACCESS_UNKNOWN) {
        add_case(cases, outcome_of(rule->access), rule, base);
        return;
    }
    add_case(cases, OUTCOME_ALLOW, rule, base);
    add_case(cases, OUTCOME_DENY, rule, base);
    if (rule->kind == RULE_ADMIN) {
        add_case(cases, OUTCOME_ALWAYS_ALLOW, rule, base);
    }
}

static void
add_maybe(struct layer_cases *cases, unsigned int reasons)
{
    if (!cases->maybe) {
        cases->maybe = true;
        cases->reasons = reasons;
    }
}

/* Is 'a' tried before 'b' in a group? */
static bool
group_before(const struct rule *a, const struct rule *b)
{
    int x = a->priority > 0 ? a->priority : 0;
    int y = b->priority > 0 ? b->priority : 0;

    return x < y || (x == y && ascii_compare(a->name, b->name) < 0);
}

void
linear_judge_group(const struct linear_view *view, const char *id,
                   struct layer_cases *cases)
{
    const struct security_group *group =
        network_find_security_group(view->network, id);
    const struct rule *last = NULL;

    for (size_t tried = 0; group && tried < group->n_rules; tried++) {
        const struct rule *next = NULL;
        for (size_t i = 0; i < group->n_rules; i++) {
            const struct rule *rule = &group->rules[i];
            if ((!last || group_before(last, rule))
                && (!next || group_before(rule, next))) {
                next = rule;
            }
        }
        last = next;
        if (!next) {
            break;
        }
        enum tri match = linear_match(view, next);
        if (match == MAYBE) {
            add_rule_cases(cases, next, false);
            add_maybe(cases, linear_flaws(view, next));
        } else if (match == YES) {
            add_rule_cases(cases, next, true);
            return;
        }
    }
    add_maybe(cases, group ? 1U << REASON_INVALID_RULE
                           : 1U << REASON_RULESET_MISSING);
    add_case(cases, OUTCOME_DENY, NULL, false);
    add_case(cases, OUTCOME_ALLOW, NULL, true);
}

/* The admin rules that may match a packet. */
struct admin {
    const struct network *network;
    const struct rule *rules[64];
    enum tri match[64];
    int n;
    bool several_managers;
};

static size_t
manager_length(const struct rule *rule)
{
    return arm_id_length_up_to(rule->id, "networkManagers");
}

static bool
same_manager(const struct rule *a, const struct rule *b)
{
    size_t n = manager_length(a);

    return n == manager_length(b) && ascii_equal_n(a->id, b->id, n);
}

static enum manager_tier
tier_of(const struct admin *admin, const struct rule *rule)
{
    char id[256] = "";

    memcpy(id, rule->id, manager_length(rule));
    const struct network_manager *manager =
        network_find_manager(admin->network, id);
    return manager ? manager->tier : MANAGER_TIER_UNKNOWN;
}

static int
priority_of(const struct admin *admin, const struct rule *rule)
{
    const struct admin_rule_priority *found =
        network_find_priority(admin->network, rule->id);

    return rule->priority > 0 ? rule->priority : found ? found->priority : 0;
}

/* Is it known that 'a' is tried before 'b'? */
static bool
admin_before(const struct admin *admin, const struct rule *a,
             const struct rule *b)
{
    static const int ranks[] = { [ACCESS_DENY] = 0,
                                 [ACCESS_ALWAYS_ALLOW] = 1,
                                 [ACCESS_ALLOW] = 2,
                                 [ACCESS_UNKNOWN] = 3 };
    int x = priority_of(admin, a);
    int y = priority_of(admin, b);

    if (admin->several_managers) {
        enum manager_tier tx = tier_of(admin, a);
        enum manager_tier ty = tier_of(admin, b);
        if (tx != ty && tx != MANAGER_TIER_UNKNOWN
            && ty != MANAGER_TIER_UNKNOWN) {
            return tx == MANAGER_TIER_MANAGEMENT_GROUP;
        }
        if (tx != ty
            || (tx != MANAGER_TIER_SUBSCRIPTION && !same_manager(a, b))) {
            return false;
        }
    }
    if (x <= 0 || y <= 0) {
        return false;
    }
    if (x != y) {
        return x < y;
    }
    if (a->access != b->access) {
        return ranks[a->access] < ranks[b->access];
    }
    return ascii_compare(a->id, b->id) < 0;
}

/* May the rule come first, if of the uncertain ones only it matches? */
static bool
may_be_first(const struct admin *admin, int which)
{
    for (int i = 0; i < admin->n; i++) {
        if (i != which && admin->match[i] == YES
            && admin_before(admin, admin->rules[i], admin->rules[which])) {
            return false;
        }
    }
    return true;
}

static void
judge_admin_rules(const struct linear_view *view,
                  const struct effective_admin_rules *list,
                  struct layer_cases *cases)
{
    struct admin admin = { .network = view->network };
    const struct rule *first = NULL;
    bool decided = false;

    for (size_t i = 0; i < list->n_rules; i++) {
        const struct rule *rule = &list->rules[i];
        if (rule->direction != view->direction
            && rule->direction != DIRECTION_UNKNOWN) {
            continue;
        }
        admin.several_managers |= first && !same_manager(first, rule);
        first = first ? first : rule;
        enum tri match = linear_match(view, rule);
        if (match != NO) {
            assert(admin.n < 64);
            admin.rules[admin.n] = rule;
            admin.match[admin.n++] = match;
        }
    }
    for (int i = 0; i < admin.n; i++) {
        if (!may_be_first(&admin, i)) {
            continue;
        }
        bool certain = admin.match[i] == YES;
        decided |= certain;
        add_rule_cases(cases, admin.rules[i], certain);
        if (!certain) {
            cases->maybe = true;
            cases->reasons |= linear_flaws(view, admin.rules[i]);
        }
    }
    if (!decided) {
        add_case(cases, OUTCOME_NO_MATCH, NULL, true);
    }
}

bool
linear_judge_admin(const struct linear_view *view, struct layer_cases *cases)
{
    const struct effective_admin_rules *list = network_find_admin_rules(
        view->network, view->virtual_network->resource.id);
    enum admin_rules_absent absent = network_absent(view->network);

    if (absent == ADMIN_RULES_OFF || view->end->nic->private_endpoint) {
        return false;
    }
    if ((list && list->unavailable)
        || (!list && absent == ADMIN_RULES_ABSENT_IS_UNAVAILABLE)) {
        add_maybe(cases, 1U << REASON_ADMIN_RULES_UNAVAILABLE);
        add_case(cases, OUTCOME_ALLOW, NULL, false);
        add_case(cases, OUTCOME_DENY, NULL, false);
        add_case(cases, OUTCOME_ALWAYS_ALLOW, NULL, false);
        add_case(cases, OUTCOME_NO_MATCH, NULL, true);
        return true;
    }
    if (!list || !list->n_rules) {
        return false;
    }
    judge_admin_rules(view, list, cases);
    return true;
}
