/* The packets of a flow as questions: products of sets, each put to the rule
 * sets that its addresses meet (spec verdict 1 and 2). */

#ifndef ENGINE_JUDGE_QUESTION_H
#define ENGINE_JUDGE_QUESTION_H

#include <stddef.h>

#include "engine/judge/end.h"
#include "engine/judge/tally.h"

struct arena;
struct estate;
struct flow;

struct questions {
    struct end ends[COMBINE_SIDES_MAX]; /* Those with a NIC, source first. */
    enum side sides[COMBINE_SIDES_MAX];
    int n_ends;
    const struct question *items;
    size_t n;
    struct origins origins; /* Of all that they rest on. */
    struct hash basis;      /* Of all that the verdict follows from. */
    /* Not NONE: the flow cannot be judged, and why. */
    enum reason reason;
    const char *detail;
};

/* Looks the ends of the flow up; the questions themselves are left out. */
struct questions questions_prepare(struct estate *estate,
                                   const struct flow *flow,
                                   struct arena *arena);

/* Fills the questions in, unless the flow cannot be judged. */
void questions_fill(struct questions *questions, const struct flow *flow,
                    struct arena *arena);

enum { QUESTION_CHAINS_MAX = SWEEP_CHAINS_MAX };

/* Writes the chains that the question is put to, layer by layer, and returns
 * how many there are. */
size_t question_chains(const struct question *question,
                       const struct classifier *chains[QUESTION_CHAINS_MAX]);

/* How many packets the question has. */
struct wide query_count(const struct query *query);

#endif
