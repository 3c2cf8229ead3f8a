/* What a sweep works on: the part of the chains that a query touches.
 *
 * Rules that cannot matter to the query are left out at once, and the bits of
 * those that can are renumbered without gaps ("packed"), so that a narrow
 * query over a thousand rules works on a single word.  Then each field is cut
 * into joint classes of all chains, inside the query only. */

#ifndef ENGINE_JUDGE_SWEEP_PLAN_H
#define ENGINE_JUDGE_SWEEP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/compile/classes.h"
#include "engine/judge/sweep.h"

struct arena;

struct sweep_chain {
    const struct classifier *classifier;
    uint32_t hidden;     /* A rule that is taken away, or SWEEP_NO_RULE. */
    uint64_t *alive;     /* Bits that can matter, as in the classifier. */
    uint32_t first_word; /* In packed bitmaps. */
    uint32_t n_words;    /* 0: every packet is treated alike, */
    struct match match;  /* like this. */
};

/* One field of the query, cut into joint classes. */
struct sweep_field {
    enum class_field field;
    struct span_set values;
    uint32_t n;
    const uint64_t *bitmaps; /* Packed; of each class. */
    const uint128 *counts;   /* Values in each class; 0 stands for 2^128. */
    const uint128 *examples; /* The classes with the best come first. */
    uint128 total;           /* All values; 0 stands for 2^128. */
    uint64_t *all;           /* Bits in every class. */
};

struct sweep_plan {
    struct arena *arena;
    enum family family;
    struct sweep_chain chains[SWEEP_CHAINS_MAX];
    size_t n_chains;
    uint32_t words;         /* Of a packed bitmap. */
    struct class_bit *bits; /* What each packed bit is. */
    uint64_t *alive;        /* All packed bits. */
    uint64_t *certain;      /* Those of certain boxes. */
    uint64_t *marked;       /* Those of marked rules; NULL: no marks. */
    struct sweep_field fields[N_CLASS_FIELDS];
    uint64_t work;   /* Done so far. */
    uint64_t limit;  /* That it may not pass before groups are emitted, */
    uint64_t budget; /* and at all. */
};

/* Prepares a sweep.  'plan->arena', 'limit' and 'budget' are set.  If no chain has
 * words afterwards, the matches of the chains are the answer. */
void sweep_plan_init(struct sweep_plan *plan,
                     const struct classifier *const chains[], size_t n,
                     const struct query *query,
                     const struct sweep_options *options);

/* Cuts the fields.  Returns false if that costs more than the limit. */
bool sweep_plan_cut(struct sweep_plan *plan);

/* The query's values of one field; protocols are written to 'protocols'. */
struct span_set query_values(const struct query *query, enum class_field field,
                             struct span protocols[N_PROTOCOLS]);

#endif
