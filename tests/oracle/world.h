/* Random worlds for tests of the compiled engine: rules whose bounds collide
 * often, queries and packets near those bounds, and the plainest way to judge
 * one packet.
 *
 * FLOWVERIFY_SEED and FLOWVERIFY_ROUNDS make a run another or a longer one. */

#ifndef TESTS_ORACLE_WORLD_H
#define TESTS_ORACLE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/compile/policy.h"
#include "engine/judge/sweep.h"

struct arena;

/* A stream of pseudo-random numbers (SplitMix64). */
struct random {
    uint64_t state;
};

uint64_t random_next(struct random *random);
/* A number from 0 to n - 1; 'n' is not 0. */
uint64_t random_below(struct random *random, uint64_t n);
bool random_chance(struct random *random, unsigned int percent);

/* The seed of this run, mixed with what the test adds, and how many rounds to
 * do where 'rounds' is the usual number. */
struct random random_start(uint64_t salt);
size_t random_rounds(size_t rounds);

/* What a world is like. */
struct world {
    /* Addresses and ports are below this: 8 for worlds in which every packet
     * is tried; 0 for the full range of each. */
    unsigned int tiny;
    unsigned int uncertain_percent; /* Of rules. */
    unsigned int any_percent;       /* Of sides that match everything. */
    unsigned int spans_max;         /* Of a set. */
    size_t n_rules;
};

/* Makes 'world->n_rules' rules in 'arena'. */
struct policy_rule *world_rules(const struct world *world,
                                struct random *random, struct arena *arena);
struct query world_query(const struct world *world, struct random *random,
                         struct arena *arena);
struct packet world_packet(const struct query *query, struct random *random);

/* Judges one packet rule by rule. */
struct match plain_match(const struct policy_rule rules[], size_t n,
                         const struct packet *packet);
bool box_contains(const struct box *box, const struct packet *packet);
bool match_equal(const struct match *a, const struct match *b);

/* Calls 'visit' for every packet of a query, which should be tiny. */
typedef void world_visit(void *aux, const struct packet *packet);
void world_each_packet(const struct query *query, world_visit *visit,
                       void *aux);

#endif
