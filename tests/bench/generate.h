/* Rule sets and packets for measuring: seeded, of the sizes and mixes that
 * large estates have. */

#ifndef TESTS_BENCH_GENERATE_H
#define TESTS_BENCH_GENERATE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/compile/policy.h"
#include "engine/judge/lookup.h"

struct arena;

/* The addresses behind service tags: made up, or read from the file that
 * Azure publishes. */
struct tags {
    struct address_set *sets;
    size_t n;
    size_t n_prefixes;
};

/* 'file' may be NULL. */
struct tags tags_make(struct arena *arena, const char *file);

struct shape {
    const char *name;
    size_t n_rules;
    size_t prefixes; /* Of sources, about, in all. */
    int broad;       /* Per cent of destinations that are broad. */
    int adversarial; /* Wide random ranges in every field. */
    uint64_t seed;
};

struct rule_set {
    struct policy_rule *rules;
    size_t n;
    size_t n_source_prefixes;
    size_t n_destination_prefixes;
};

/* The last three rules are like Azure's defaults. */
struct rule_set rule_set_make(const struct shape *shape,
                              const struct tags *tags, struct arena *arena);

/* Packets: four of five inside the box of a random rule. */
struct packets_ipv4 packets_make(const struct rule_set *set, size_t n,
                                 uint64_t seed, struct arena *arena);

#endif
