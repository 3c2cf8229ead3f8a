#include "engine/judge/cause.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/judge/cause_list.h"
#include "engine/judge/end.h"
#include "engine/judge/judge.h"
#include "engine/judge/verdict.h"
#include "engine/model/flow.h"

/* Compares what one end of the flow rests on. */
static void
list_end(struct cause_list *list, const struct nic *nic)
{
    if (!nic) {
        return;
    }
    cause_list_nic(list, nic->resource.id);
    for (size_t i = 0; i < nic->n_ip_configurations; i++) {
        cause_list_network(list, nic->ip_configurations[i].subnet_id);
    }
}

/* The ends are looked up in both states: a name may lead to another NIC. */
static void
list_changes(struct cause_list *list, struct estate *const estates[2],
             const struct flow *flow)
{
    const struct flow_end *ends[] = { &flow->source, &flow->destination };
    static const enum direction directions[] = { DIRECTION_OUTBOUND,
                                                 DIRECTION_INBOUND };

    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
            if (flow_end_is_judged(ends[i])) {
                struct end end =
                    end_find(estates[j], ends[i], directions[i], list->arena);
                list_end(list, end.nic);
            }
        }
    }
}

/* Returns true if a verdict is what the flow has now. */
static bool
is_new_verdict(const struct verdict *verdict, const struct verdict *before,
               const struct verdict *after)
{
    if (verdict->kind != after->kind) {
        return false;
    }
    return before->kind != after->kind
           || decision_equal(&verdict->decision, &after->decision);
}

static bool
explains(const struct cause_states *states, const struct flow *flow,
         const struct verdict *before, const struct verdict *after,
         const struct network_part *overlay)
{
    struct network *network = network_create_over(states->before, overlay);
    struct estate *estate =
        estate_create(network, states->settings, states->policies);
    struct verdict *verdict = estate_judge(estate, flow, NULL);
    bool alone = is_new_verdict(verdict, before, after);

    verdict_unref(verdict);
    estate_destroy(estate);
    network_unref(network);
    return alone;
}

const struct cause *
causes_find(const struct cause_states *states, const struct flow *flow,
            const struct verdict *before, const struct verdict *after,
            struct arena *arena, size_t *n)
{
    struct cause_list list = { .arena = arena,
                               .before = states->before,
                               .after = states->after,
                               .seen = map_create(arena),
                               .region = "" };
    struct estate *const estates[2] = {
        estate_create(states->before, states->settings, states->policies),
        estate_create(states->after, states->settings, states->policies),
    };

    list_changes(&list, estates, flow);
    estate_destroy(estates[0]);
    estate_destroy(estates[1]);
    struct cause *causes = arena_alloc_array(arena, list.n, sizeof *causes);
    *n = 0;
    for (size_t i = 0; i < list.n; i++) {
        list.items[i].cause.alone =
            explains(states, flow, before, after, &list.items[i].overlay);
    }
    for (int alone = 1; alone >= 0; alone--) {
        for (size_t i = 0; i < list.n; i++) {
            if (list.items[i].cause.alone == (bool) alone) {
                causes[(*n)++] = list.items[i].cause;
            }
        }
    }
    free(list.items);
    return causes;
}
