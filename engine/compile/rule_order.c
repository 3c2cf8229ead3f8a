#include "engine/compile/rule_order.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/compile/origins.h"
#include "engine/model/arm_id.h"
#include "engine/model/network.h"

/* So many rules without a priority get a chain each; more are put together
 * by their access. */
enum { LOOSE_SINGLES_MAX = 6 };

/* Where a manager of unknown scope sorts: behind those that are known. */
enum { TIER_UNKNOWN = -1 };

/* An admin rule on its way to a chain. */
struct admin_item {
    const struct rule *rule;
    const char *manager; /* Its ARM id. */
    const char *chain;   /* Rules with one word here and one tier follow each
                          * other. */
    int tier;
    int priority;
    bool loose;
};

static size_t collect_items(const struct network *network,
                            const struct rule rules[], size_t n,
                            enum direction direction, struct origins *origins,
                            struct arena *arena, struct admin_item *items);
static void assign_tiers(const struct network *network,
                         struct admin_item *items, size_t n,
                         struct origins *origins, struct arena *arena);
static int compare_items(const void *a_, const void *b_);
static void add_chains(struct rule_order *order,
                       const struct admin_item *items, size_t n,
                       struct arena *arena);
static void add_loose(struct rule_order *order, const struct admin_item *items,
                      size_t n, struct arena *arena);

static bool
is_of_direction(const struct rule *rule, enum direction direction)
{
    return rule->direction == direction
           || rule->direction == DIRECTION_UNKNOWN;
}

/* A rule without a usable priority comes first: it is in doubt, and there its
 * doubt covers every place that it might have. */
static int
compare_security_rules(const void *a_, const void *b_)
{
    const struct ordered_rule *a = a_;
    const struct ordered_rule *b = b_;

    if (a->priority != b->priority) {
        return a->priority < b->priority ? -1 : 1;
    }
    int names = ascii_compare(a->rule->name, b->rule->name);
    return names ? names : a->rule < b->rule ? -1 : a->rule > b->rule;
}

struct rule_order
order_security_rules(const struct rule rules[], size_t n,
                     enum direction direction, struct arena *arena)
{
    struct rule_order order = { .n_chains = 1 };

    order.rules = arena_alloc_array(arena, n, sizeof *order.rules);
    order.chains = arena_alloc(arena, sizeof *order.chains);
    for (size_t i = 0; i < n; i++) {
        if (is_of_direction(&rules[i], direction)) {
            int priority = rules[i].priority > 0 ? rules[i].priority : 0;
            order.rules[order.n++] =
                (struct ordered_rule){ &rules[i], priority, NULL };
        }
    }
    if (order.n) {
        qsort(order.rules, order.n, sizeof *order.rules,
              compare_security_rules);
    }
    order.chains[0].n = order.n;
    return order;
}

struct rule_order
order_admin_rules(const struct network *network, const struct rule rules[],
                  size_t n, enum direction direction, struct origins *origins,
                  struct arena *arena)
{
    struct rule_order order = { 0 };
    struct admin_item *items = arena_alloc_array(arena, n, sizeof *items);
    size_t n_items =
        collect_items(network, rules, n, direction, origins, arena, items);
    size_t n_firm = 0;

    if (!n_items) {
        return order;
    }
    assign_tiers(network, items, n_items, origins, arena);
    qsort(items, n_items, sizeof *items, compare_items);
    while (n_firm < n_items && !items[n_firm].loose) {
        n_firm++;
    }
    /* An echo says every loose rule again. */
    order.rules = arena_alloc_array(arena, n_items * 2, sizeof *order.rules);
    order.chains = arena_alloc_array(arena, n_items * 2, sizeof *order.chains);
    add_chains(&order, items, n_firm, arena);
    add_loose(&order, items + n_firm, n_items - n_firm, arena);
    if (order.n_chains > ADMIN_CHAINS_MAX) {
        order.n_chains = 0;
    }
    return order;
}

static size_t
collect_items(const struct network *network, const struct rule rules[],
              size_t n, enum direction direction, struct origins *origins,
              struct arena *arena, struct admin_item *items)
{
    size_t n_items = 0;

    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = &rules[i];
        if (!is_of_direction(rule, direction)) {
            continue;
        }
        struct admin_item item = {
            .rule = rule,
            .manager = arm_id_up_to(arena, rule->id, "networkManagers"),
            .priority = rule->priority,
        };
        if (item.priority <= 0) {
            const struct admin_rule_priority *found =
                network_find_priority(network, rule->id);
            item.priority = found ? found->priority : 0;
            if (found) {
                origins_add(origins, found->origin, arena);
            }
        }
        item.loose = item.priority <= 0;
        item.priority = item.loose ? 0 : item.priority;
        items[n_items++] = item;
    }
    return n_items;
}

/* "Network manager scope": on a conflict the higher scope counts, and a
 * management group is higher than a subscription.  Which of two management
 * groups is higher cannot be told from the managers. */
static void
assign_tiers(const struct network *network, struct admin_item *items, size_t n,
             struct origins *origins, struct arena *arena)
{
    bool several = false;

    for (size_t i = 1; i < n; i++) {
        several |= !ascii_equal(items[0].manager, items[i].manager);
    }
    for (size_t i = 0; i < n; i++) {
        struct admin_item *item = &items[i];
        item->chain = "";
        item->tier = 0;
        if (!several) {
            continue;
        }
        const struct network_manager *manager =
            network_find_manager(network, item->manager);
        enum manager_tier tier =
            manager ? manager->tier : MANAGER_TIER_UNKNOWN;
        if (manager) {
            origins_add(origins, manager->resource.origin, arena);
        }
        if (tier == MANAGER_TIER_SUBSCRIPTION) {
            item->tier = 1;
        } else {
            item->tier =
                tier == MANAGER_TIER_MANAGEMENT_GROUP ? 0 : TIER_UNKNOWN;
            item->chain = item->manager;
        }
    }
}

static int
compare_numbers(int a, int b)
{
    return a < b ? -1 : a > b;
}

/* Equal priorities: Deny, AlwaysAllow, Allow, and what is no access last. */
static int
access_rank(enum access access)
{
    static const int ranks[] = { [ACCESS_DENY] = 0,
                                 [ACCESS_ALWAYS_ALLOW] = 1,
                                 [ACCESS_ALLOW] = 2,
                                 [ACCESS_UNKNOWN] = 3 };

    return ranks[access];
}

/* Firm rules first, chain by chain; loose ones by tier, access and id. */
static int
compare_items(const void *a_, const void *b_)
{
    const struct admin_item *a = a_;
    const struct admin_item *b = b_;
    /* As unsigned numbers, TIER_UNKNOWN comes last. */
    const int differences[] = {
        compare_numbers(a->loose, b->loose),
        compare_numbers(a->tier < 0, b->tier < 0),
        compare_numbers(a->tier, b->tier),
        a->loose ? 0 : ascii_compare(a->chain, b->chain),
        compare_numbers(a->priority, b->priority),
        compare_numbers(access_rank(a->rule->access),
                        access_rank(b->rule->access)),
        ascii_compare(a->rule->id, b->rule->id),
        ascii_compare(a->rule->name, b->rule->name),
    };

    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++) {
        if (differences[i]) {
            return differences[i];
        }
    }
    return a->rule < b->rule ? -1 : a->rule > b->rule;
}

static struct policy_chain *
start_chain(struct rule_order *order, int tier)
{
    struct policy_chain *chain = &order->chains[order->n_chains++];

    *chain = (struct policy_chain){ .first = order->n, .tier = tier };
    return chain;
}

static void
add_rule(struct rule_order *order, struct policy_chain *chain,
         const struct admin_item *item, const char *doubt)
{
    order->rules[order->n++] =
        (struct ordered_rule){ item->rule, item->priority, doubt };
    chain->n++;
}

static void
add_chains(struct rule_order *order, const struct admin_item *items, size_t n,
           struct arena *arena)
{
    struct policy_chain *chain = NULL;
    const char *doubt = NULL;
    size_t n_top = 0;

    for (size_t i = 0; i < n; i++) {
        n_top +=
            items[i].tier == 0
            && (i == 0 || !ascii_equal(items[i].chain, items[i - 1].chain));
    }
    for (size_t i = 0; i < n; i++) {
        const struct admin_item *item = &items[i];
        if (i == 0 || item->tier != items[i - 1].tier
            || !ascii_equal(item->chain, items[i - 1].chain)) {
            chain = start_chain(order, item->tier);
            doubt = NULL;
            if (item->tier == TIER_UNKNOWN) {
                doubt = arena_printf(
                    arena, "the scope of network manager '%s' is not known",
                    arm_id_name(item->manager));
            } else if (item->tier == 0 && n_top > 1) {
                doubt = arena_printf(
                    arena,
                    "which comes first of network manager %s and the others "
                    "of management groups is not known",
                    arm_id_name(item->manager));
            }
        }
        add_rule(order, chain, item, doubt);
    }
}

/* Adds loose rules of one tier and access in both orders of their ids. */
static void
add_echoed(struct rule_order *order, const struct admin_item *items, size_t n,
           const char *const doubts[])
{
    struct policy_chain *chain = start_chain(order, items[0].tier);

    chain->loose = true;
    for (size_t i = 0; i < n; i++) {
        add_rule(order, chain, &items[i], doubts[i]);
    }
    if (n == 1) {
        return;
    }
    chain = start_chain(order, items[0].tier);
    chain->loose = true;
    chain->echo = true;
    for (size_t i = n; i-- > 0;) {
        add_rule(order, chain, &items[i], doubts[i]);
    }
}

static void
add_loose(struct rule_order *order, const struct admin_item *items, size_t n,
          struct arena *arena)
{
    const char **doubts = arena_alloc_array(arena, n, sizeof *doubts);

    for (size_t i = 0; i < n; i++) {
        doubts[i] =
            arena_printf(arena, "the priority of admin rule %s is not known",
                         items[i].rule->name);
    }
    for (size_t i = 0, next; i < n; i = next) {
        next = i + 1;
        while (n > LOOSE_SINGLES_MAX && next < n
               && items[next].tier == items[i].tier
               && items[next].rule->access == items[i].rule->access) {
            next++;
        }
        add_echoed(order, items + i, next - i, doubts + i);
    }
}
