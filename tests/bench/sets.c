/* Exact verdicts on sets of packets. */

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/compile/classifier.h"
#include "engine/judge/sweep.h"
#include "tests/bench/bench.h"
#include "tests/bench/generate.h"
#include "tests/oracle/world.h"

enum { N_QUERIES = 2000 };

/* A flow of the usual kind: Tcp from a prefix inside 10/8 to one port of a
 * subnet.  The spans live in it. */
struct narrow {
    struct span spans[4];
    struct query query;
};

static void
narrow_make(struct narrow *narrow, struct random *random)
{
    unsigned int bits = 8 + (unsigned int) random_below(random, 17);
    uint32_t mask = ~UINT32_C(0) << (32 - bits);
    uint32_t source =
        (UINT32_C(10) << 24 | (uint32_t) random_below(random, 1 << 24)) & mask;
    uint32_t destination =
        UINT32_C(10) << 24 | (uint32_t) random_below(random, 64) << 8;
    uint64_t port =
        random_chance(random, 50) ? 443 : random_below(random, 65536);

    narrow->spans[0] = (struct span){ source, source | ~mask };
    narrow->spans[1] = (struct span){ 1024, 65535 };
    narrow->spans[2] = (struct span){ destination, destination | 0xff };
    narrow->spans[3] = (struct span){ port, port };
    narrow->query = (struct query){
        FAMILY_IPV4,
        1 << PROTOCOL_TCP,
        { &narrow->spans[0], 1 },
        { &narrow->spans[1], 1 },
        { &narrow->spans[2], 1 },
        { &narrow->spans[3], 1 },
    };
}

static void
count_group(void *aux, const struct match matches[], struct wide count,
            const struct packet *example)
{
    size_t *n = aux;

    (void) matches;
    (void) count;
    (void) example;
    ++*n;
}

static int
compare_times(const void *a_, const void *b_)
{
    const double *a = a_;
    const double *b = b_;

    return *a < *b ? -1 : *a > *b;
}

/* Returns the mean in microseconds, and the 99th percentile. */
static double
measure_narrow(const struct classifier *const chains[], size_t n, double *p99)
{
    struct random random = random_start(31);
    double *times = memory_calloc(N_QUERIES, sizeof *times);
    double sum = 0;
    size_t groups = 0;

    for (size_t i = 0; i < N_QUERIES; i++) {
        struct narrow narrow;
        struct wide undecided;
        narrow_make(&narrow, &random);
        double start = bench_now();
        (void) sweep(chains, n, &narrow.query, 0, count_group, &groups,
                     &undecided);
        times[i] = (bench_now() - start) * 1e6;
        sum += times[i];
    }
    qsort(times, N_QUERIES, sizeof *times, compare_times);
    *p99 = times[N_QUERIES * 99 / 100];
    free(times);
    return sum / N_QUERIES;
}

/* Single packets, judged one by one through three layers. */
static double
measure_packets(const struct classifier *const chains[],
                const struct rule_set *set, struct arena *arena)
{
    enum { N_FLOWS = 10000 };
    struct packets_ipv4 packets = packets_make(set, N_FLOWS, 5, arena);
    double best = 1e9;

    for (int pass = 0; pass < 5; pass++) {
        size_t groups = 0;
        double start = bench_now();
        for (size_t i = 0; i < N_FLOWS; i++) {
            struct span spans[4] = {
                { packets.source[i], packets.source[i] },
                { packets.ports[i] >> 16, packets.ports[i] >> 16 },
                { packets.destination[i], packets.destination[i] },
                { packets.ports[i] & 0xffff, packets.ports[i] & 0xffff },
            };
            struct query query = { FAMILY_IPV4,      1 << PROTOCOL_TCP,
                                   { &spans[0], 1 }, { &spans[1], 1 },
                                   { &spans[2], 1 }, { &spans[3], 1 } };
            struct wide undecided;
            (void) sweep(chains, 3, &query, 0, count_group, &groups,
                         &undecided);
        }
        double taken = (bench_now() - start) * 1e3;
        best = taken < best ? taken : best;
    }
    return best;
}

void
bench_sets(const char *tags_file)
{
    static const struct shape shapes[] = {
        { "S", 200, 1700, 15, 0, 2 },    { "M", 1000, 9800, 15, 0, 3 },
        { "L", 1000, 51000, 15, 0, 4 },  { "H", 1000, 10000, 0, 0, 5 },
        { "admin", 100, 800, 15, 0, 6 },
    };
    enum { N_SHAPES = sizeof shapes / sizeof *shapes };
    struct arena *arena = arena_create();
    struct tags tags = tags_make(arena, tags_file);
    struct rule_set sets[N_SHAPES];
    struct classifier *chains[N_SHAPES];
    double p99;
    char name[128];

    for (size_t i = 0; i < N_SHAPES; i++) {
        sets[i] = rule_set_make(&shapes[i], &tags, arena);
        chains[i] = classifier_compile(sets[i].rules, sets[i].n);
    }
    for (size_t i = 0; i < 4; i++) {
        const struct classifier *const one[] = { chains[i] };
        double mean = measure_narrow(one, 1, &p99);
        (void) snprintf(name, sizeof name,
                        "exact verdict of a set, one layer, set %s, mean",
                        shapes[i].name);
        bench_row(name, mean, "us", GOAL_AT_MOST, 30);
        (void) snprintf(name, sizeof name,
                        "exact verdict of a set, one layer, set %s, p99",
                        shapes[i].name);
        bench_row(name, p99, "us", GOAL_NONE, 0);
    }
    const struct classifier *const three[] = { chains[4], chains[3],
                                               chains[1] };
    double mean = measure_narrow(three, 3, &p99);
    bench_row("exact verdict of a set, 100 + 1,000 + 1,000 rules, mean", mean,
              "us", GOAL_AT_MOST, 20);
    bench_row("exact verdict of a set, 100 + 1,000 + 1,000 rules, p99", p99,
              "us", GOAL_NONE, 0);
    bench_row("judge 10,000 single packets, three layers",
              measure_packets(three, &sets[1], arena), "ms", GOAL_AT_MOST, 5);
    for (size_t i = 0; i < N_SHAPES; i++) {
        classifier_unref(chains[i]);
    }
    arena_unref(arena);
}
