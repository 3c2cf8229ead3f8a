#include "tests/oracle/linear.h"

#include <string.h>

#include "engine/base/ascii.h"
#include "tests/oracle/linear_layers.h"

/* One side in the making. */
struct judged_side {
    struct linear_view view;
    bool exists[3];
    struct layer_cases layers[3];
    bool can_allow;
    bool can_deny;
    bool certain;
    unsigned int reasons;
    /* When no uncertain rule matches. */
    bool base_denies;
    int layer;
    const struct rule *rule;
};

/* Follows every case of every layer. */
static void
walk(struct judged_side *side, int layer, bool reached[3])
{
    if (layer == 3) {
        side->can_allow = true;
        return;
    }
    if (!side->exists[layer]) {
        walk(side, layer + 1, reached);
        return;
    }
    reached[layer] = true;
    for (int i = 0; i < side->layers[layer].n; i++) {
        enum layer_outcome outcome = side->layers[layer].items[i].outcome;
        if (outcome == OUTCOME_DENY) {
            side->can_deny = true;
        } else if (outcome == OUTCOME_ALWAYS_ALLOW) {
            side->can_allow = true;
        } else {
            walk(side, layer + 1, reached);
        }
    }
}

/* What the groups decide when no uncertain rule matches. */
static bool
base_of_groups(const struct judged_side *side, int *layer,
               const struct rule **rule)
{
    *layer = -1;
    *rule = NULL;
    for (int i = 1; i < 3; i++) {
        for (int j = 0; side->exists[i] && j < side->layers[i].n; j++) {
            const struct layer_case *c = &side->layers[i].items[j];
            if (c->base && c->rule) {
                *layer = i;
                *rule = c->rule;
                if (c->outcome == OUTCOME_DENY) {
                    return true;
                }
            }
        }
    }
    return false;
}

/* Decides with one admin rule first (or none). */
static bool
base_with(const struct judged_side *side, const struct layer_case *admin,
          int *layer, const struct rule **rule)
{
    bool denies = base_of_groups(side, layer, rule);

    if (!admin || !admin->rule) {
        return denies;
    }
    if (admin->outcome == OUTCOME_ALLOW
        && (side->exists[1] || side->exists[2])) {
        return denies;
    }
    *layer = 0;
    *rule = admin->rule;
    return admin->outcome == OUTCOME_DENY;
}

static void
decide_base(struct judged_side *side)
{
    const struct layer_case *first = NULL;
    bool some_deny = false;
    bool some_allow = false;

    for (int i = 0; side->exists[0] && i < side->layers[0].n; i++) {
        const struct layer_case *c = &side->layers[0].items[i];
        if (c->base && c->rule
            && (!first || ascii_compare(c->rule->id, first->rule->id) < 0)) {
            first = c;
        }
    }
    side->base_denies = base_with(side, first, &side->layer, &side->rule);
    for (int i = 0; first && i < side->layers[0].n; i++) {
        const struct layer_case *c = &side->layers[0].items[i];
        int layer;
        const struct rule *rule;
        if (c->base && c->rule) {
            bool denies = base_with(side, c, &layer, &rule);
            *(denies ? &some_deny : &some_allow) = true;
            side->certain &= rule == side->rule;
        }
    }
    if (some_deny && some_allow) {
        side->reasons = 1U << REASON_ADMIN_PRIORITY_UNKNOWN;
    }
}

static void
judge_side(const struct network *network,
           const struct engine_settings *settings,
           const struct linear_end *end, enum direction direction,
           const struct packet *packet, struct judged_side *side,
           bool reached[3])
{
    struct linear_view *view = &side->view;
    int subnet_layer = direction == DIRECTION_INBOUND ? 1 : 2;

    memset(side, 0, sizeof *side);
    *view = (struct linear_view){ .network = network,
                                  .settings = settings,
                                  .end = end,
                                  .direction = direction,
                                  .packet = packet };
    view->subnet = network_find_subnet(network, end->ip->subnet_id,
                                       &view->virtual_network);
    side->certain = true;
    side->exists[0] = linear_judge_admin(view, &side->layers[0]);
    if (*view->subnet->nsg_id
        && (!end->nic->private_endpoint
            || view->subnet->filters_private_endpoints)) {
        side->exists[subnet_layer] = true;
        linear_judge_group(view, view->subnet->nsg_id,
                           &side->layers[subnet_layer]);
    }
    if (*end->nic->nsg_id) {
        side->exists[3 - subnet_layer] = true;
        linear_judge_group(view, end->nic->nsg_id,
                           &side->layers[3 - subnet_layer]);
    }
    walk(side, 0, reached);
    for (int i = 0; i < 3; i++) {
        if (reached[i] && side->layers[i].maybe) {
            side->certain = false;
            side->reasons =
                side->reasons ? side->reasons : side->layers[i].reasons;
        }
    }
    decide_base(side);
}

static void
report_layers(const struct judged_side *side, int n, const bool reached[3],
              struct linear_answer *answer)
{
    for (int i = 0; i < 3; i++) {
        unsigned int outcomes = 0;
        for (int j = 0; j < side->layers[i].n; j++) {
            outcomes |= 1U << side->layers[i].items[j].outcome;
        }
        answer->layers[n * 3 + i].exists = side->exists[i];
        answer->layers[n * 3 + i].reached = reached[i];
        answer->layers[n * 3 + i].outcomes = outcomes;
        answer->layers[n * 3 + i].denies = outcomes == 1U << OUTCOME_DENY;
    }
}

struct linear_answer
linear_judge(const struct network *network,
             const struct engine_settings *settings,
             const struct linear_end *source,
             const struct linear_end *destination, const struct packet *packet)
{
    static struct judged_side sides[2];
    const struct linear_end *ends[2];
    enum direction directions[2];
    struct linear_answer answer = { .can_allow = true,
                                    .certain = true,
                                    .place = -1 };
    int n = 0;
    bool decided = false;

    if (source->nic) {
        ends[n] = source;
        directions[n++] = DIRECTION_OUTBOUND;
    }
    if (destination->nic) {
        ends[n] = destination;
        directions[n++] = DIRECTION_INBOUND;
    }
    for (int i = 0; i < n; i++) {
        bool reached[3] = { false };
        judge_side(network, settings, ends[i], directions[i], packet,
                   &sides[i], reached);
        report_layers(&sides[i], i, reached, &answer);
        if (!answer.can_allow) {
            continue;
        }
        answer.can_deny |= sides[i].can_deny;
        answer.can_allow = sides[i].can_allow;
        answer.certain &= sides[i].certain;
        if (!answer.reasons) {
            answer.reasons = sides[i].reasons;
        }
        if (!decided && sides[i].rule) {
            answer.place = i * 3 + sides[i].layer;
            answer.rule = sides[i].rule;
        }
        decided |= sides[i].base_denies;
    }
    return answer;
}
