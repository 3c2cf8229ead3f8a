/* Adds up what becomes of the packets of a flow: regions, layers and totals
 * (spec verdict 1 and 2). */

#ifndef ENGINE_JUDGE_TALLY_H
#define ENGINE_JUDGE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/judge/combine.h"

/* Packets of a flow that meet the same rule sets. */
struct question {
    const struct site *sites[COMBINE_SIDES_MAX]; /* Source side first. */
    enum side sides[COMBINE_SIDES_MAX];
    int n_sides;
    struct query query;
};

/* How many packets one rule decides in one place. */
struct count {
    const struct policy_rule *rule; /* NULL: none. */
    int place;                      /* side * SITE_LAYERS + layer; -1: none. */
    enum verdict_kind kind;
    enum reason reason;
    bool certain;
    struct wide packets;
    struct packet example;
    struct wide largest; /* The packets of the group that has the example. */
    const struct question *question; /* Of the example. */
};

struct counts {
    struct count *items; /* From the heap. */
    size_t n;
    size_t capacity;
    uint32_t *slots; /* Number plus one, once there are many; 0 is free. */
    size_t n_slots;
};

/* How one layer treated the packets that reached it. */
struct layer_tally {
    bool reached;
    struct wide packets; /* That reached it. */
    bool uncertain;
    bool denies;
    outcome_set outcomes;
    struct counts rules;
};

struct tally {
    const struct question *question; /* That is being added. */
    struct counts regions;
    struct layer_tally layers[LAYERS_MAX];
    struct wide totals[N_VERDICTS]; /* Of ALLOW, DENY and UNKNOWN. */
};

/* Returns the first doubt about 'rule' that concerns 'packet', or NULL if the
 * rule lists none. */
const struct policy_doubt *tally_doubt(const struct policy_rule *rule,
                                       const struct packet *packet);

void tally_init(struct tally *tally);
void tally_clear(struct tally *tally);

/* Adds one group of packets of the question: a sweep_emit with the tally as
 * 'aux'. */
void tally_add(void *tally, const struct match matches[], struct wide count,
               const struct packet *example);

/* Joins what decision_equal() takes for one, and puts the largest first; ties
 * go by layer order, then priority. */
void counts_settle(struct counts *counts);

/* Returns whose decision was counted. */
struct decision count_decision(const struct count *count);

#endif
