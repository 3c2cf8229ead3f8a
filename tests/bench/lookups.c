/* Single packets by the million, and what the compiled form costs. */

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/compile/classifier.h"
#include "engine/judge/lookup.h"
#include "engine/model/port.h"
#include "tests/bench/bench.h"
#include "tests/bench/generate.h"
#include "tests/oracle/world.h"

enum { N_PACKETS = 1 << 17, CHUNK = 1 << 14, PASSES = 10, LINEAR = 1 << 13 };

/* Returns the best rate of a chunk, in millions a second. */
static double
measure_batch(const struct classifier *chain,
              const struct packets_ipv4 *packets, uint32_t rules[])
{
    double best = 1e9;

    for (size_t i = 0; i < PASSES * N_PACKETS; i += CHUNK) {
        size_t at = i % N_PACKETS;
        struct packets_ipv4 chunk = { packets->source + at,
                                      packets->destination + at,
                                      packets->ports + at,
                                      packets->protocols + at, CHUNK };
        double start = bench_now();
        classifier_lookup_batch(chain, &chunk, rules + at);
        double taken = bench_now() - start;
        best = taken < best ? taken : best;
    }
    return CHUNK / best / 1e6;
}

static struct packet
packet_at(const struct packets_ipv4 *packets, size_t i)
{
    bool has_ports = packets->protocols[i] <= PROTOCOL_UDP;

    return (struct packet){
        .protocol = (enum protocol) packets->protocols[i],
        .source = { FAMILY_IPV4, packets->source[i] },
        .destination = { FAMILY_IPV4, packets->destination[i] },
        .source_port = has_ports ? packets->ports[i] >> 16 : PORT_NONE,
        .destination_port = has_ports ? packets->ports[i] & 0xffff : PORT_NONE,
    };
}

/* The linear evaluator; it also checks the answers of the fast one. */
static double
measure_linear(const struct rule_set *set, const struct packets_ipv4 *packets,
               const uint32_t rules[])
{
    size_t wrong = 0;
    double start = bench_now();

    for (size_t i = 0; i < LINEAR; i++) {
        struct packet packet = packet_at(packets, i);
        wrong += plain_match(set->rules, set->n, &packet).rule != rules[i];
    }
    double taken = bench_now() - start;
    if (wrong) {
        (void) printf("%zu of %d answers are WRONG\n", wrong, LINEAR);
        exit(1);
    }
    return LINEAR / taken / 1e6;
}

static void
measure_paths(const struct shape *shape, const struct rule_set *set,
              const struct classifier *chain, struct arena *arena)
{
    struct packets_ipv4 packets = packets_make(set, N_PACKETS, 99, arena);
    uint32_t *rules = memory_calloc(N_PACKETS, sizeof *rules);
    const char *const *paths;
    size_t n = lookup_paths(&paths);

    for (size_t i = 0; i < n; i++) {
        char name[128];
        lookup_force_path(paths[i]);
        double rate = measure_batch(chain, &packets, rules);
        double linear = measure_linear(set, &packets, rules);
        (void) snprintf(name, sizeof name,
                        "lookups, set %s (%zu rules, %zu prefixes), %s",
                        shape->name, set->n, set->n_source_prefixes, paths[i]);
        if (set->n < 1000) {
            bench_row(name, rate, "M/s", GOAL_NONE, 0);
        } else {
            bench_row_peer(name, rate, "M/s", GOAL_AT_LEAST, i ? 35 : 20,
                           "linear", linear, rate / linear);
        }
    }
    lookup_force_path(NULL);
    free(rules);
}

void
bench_lookups(const char *tags_file)
{
    static const struct shape shapes[] = {
        { "tiny", 50, 500, 15, 0, 1 },
        { "S", 200, 1700, 15, 0, 2 },
        { "M", 1000, 9800, 15, 0, 3 },
        { "L", 1000, 51000, 15, 0, 4 },
    };
    struct arena *arena = arena_create();
    struct tags tags = tags_make(arena, tags_file);

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct rule_set set = rule_set_make(&shapes[i], &tags, arena);
        struct classifier *chain = NULL;
        double best = 1e9;
        char name[128];
        for (int pass = 0; pass < 5; pass++) {
            classifier_unref(chain);
            double start = bench_now();
            chain = classifier_compile(set.rules, set.n);
            double taken = bench_now() - start;
            best = taken < best ? taken : best;
        }
        bool large = set.n >= 1000;
        (void) snprintf(name, sizeof name,
                        "compile, set %s (%zu rules, %zu prefixes)",
                        shapes[i].name, set.n, set.n_source_prefixes);
        bench_row(name, best * 1e3, "ms", large ? GOAL_AT_MOST : GOAL_NONE,
                  20);
        measure_paths(&shapes[i], &set, chain, arena);
        (void) snprintf(name, sizeof name,
                        "memory with tables, set %s (%zu rules, %zu prefixes)",
                        shapes[i].name, set.n, set.n_source_prefixes);
        bench_row(name, (double) classifier_size(chain) / 1e6, "MB",
                  large ? GOAL_AT_MOST : GOAL_NONE, 8);
        classifier_unref(chain);
    }
    arena_unref(arena);
}
