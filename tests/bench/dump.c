/* Rule sets and questions as text, for the programs in tests/bench/peers.
 *
 * NAME.boxes: "rule N ACCESS PROTOCOLS", then lines "s FIRST LAST",
 * "d FIRST LAST" and "p FIRST LAST".
 * NAME.flows: "SOURCE SOURCE-LAST DESTINATION DESTINATION-LAST PORT ANSWER",
 * the answer being 1 for all allowed, 2 for all denied, 3 for both.
 * NAME.packets: "SOURCE DESTINATION PORTS PROTOCOL RULE".  Peers compare their
 * answers with ours. */

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

enum { N_FLOWS = 300, N_PACKETS = 1 << 17 };

static void
dump_spans(FILE *file, char tag, struct span_set set)
{
    for (size_t i = 0; i < set.n; i++) {
        (void) fprintf(file, "%c %lu %lu\n", tag,
                       (unsigned long) set.spans[i].first,
                       (unsigned long) set.spans[i].last);
    }
}

static void
dump_boxes(FILE *file, const struct rule_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct box *box = &set->rules[i].certain;
        (void) fprintf(file, "rule %zu %d %d\n", i,
                       set->rules[i].access == ACCESS_ALLOW, box->protocols);
        dump_spans(file, 's', box->source.families[FAMILY_IPV4]);
        dump_spans(file, 'd', box->destination.families[FAMILY_IPV4]);
        dump_spans(file, 'p', box->destination_ports);
    }
    (void) fprintf(file, "end 0 0 0\n");
}

/* Collects the accesses of a flow. */
struct answer {
    const struct rule_set *set;
    unsigned int accesses;
};

static void
add_access(void *aux, const struct match matches[], struct wide count,
           const struct packet *example)
{
    struct answer *answer = aux;
    bool allow = matches[0].rule != SWEEP_NO_RULE
                 && answer->set->rules[matches[0].rule].access == ACCESS_ALLOW;

    (void) count;
    (void) example;
    answer->accesses |= allow ? 1 : 2;
}

static unsigned int
judge_flow(const struct classifier *chain, const struct rule_set *set,
           const struct span spans[3])
{
    struct answer answer = { set, 0 };
    struct span ports = { 1024, PORT_MAX };
    struct query query = {
        FAMILY_IPV4,   1 << PROTOCOL_TCP, { &spans[0], 1 },
        { &ports, 1 }, { &spans[1], 1 },  { &spans[2], 1 }
    };
    struct wide undecided;

    (void) sweep(&chain, 1, &query, 0, add_access, &answer, &undecided);
    return answer.accesses;
}

static void
dump_flows(FILE *file, const struct rule_set *set,
           const struct classifier *chain)
{
    struct random random = random_start(31);

    for (size_t i = 0; i < N_FLOWS; i++) {
        unsigned int bits = 8 + (unsigned int) random_below(&random, 17);
        uint32_t mask = ~UINT32_C(0) << (32 - bits);
        uint32_t source =
            (UINT32_C(10) << 24 | (uint32_t) random_below(&random, 1 << 24))
            & mask;
        uint32_t destination =
            UINT32_C(10) << 24 | (uint32_t) random_below(&random, 64) << 8;
        uint64_t port =
            random_chance(&random, 50) ? 443 : random_below(&random, 65536);
        struct span spans[3] = { { source, source | ~mask },
                                 { destination, destination | 0xff },
                                 { port, port } };
        (void) fprintf(file, "%u %u %u %u %u %u\n", source, source | ~mask,
                       destination, destination | 0xff, (unsigned int) port,
                       judge_flow(chain, set, spans));
    }
}

static void
dump_packets(FILE *file, const struct packets_ipv4 *packets,
             const struct classifier *chain)
{
    uint32_t *rules = memory_calloc(packets->n, sizeof *rules);

    classifier_lookup_batch(chain, packets, rules);
    for (size_t i = 0; i < packets->n; i++) {
        (void) fprintf(file, "%u %u %u %u %u\n", packets->source[i],
                       packets->destination[i], packets->ports[i],
                       packets->protocols[i], rules[i]);
    }
    free(rules);
}

static FILE *
open_dump(const char *folder, const char *name, const char *kind)
{
    char path[4096];

    (void) snprintf(path, sizeof path, "%s/%s.%s", folder, name, kind);
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
    }
    return file;
}

void
bench_dump(const char *folder, const char *tags_file)
{
    static const struct shape shapes[] = {
        { "S", 200, 1700, 15, 0, 2 },
        { "M", 1000, 9800, 15, 0, 3 },
        { "L", 1000, 51000, 15, 0, 4 },
    };
    struct arena *arena = arena_create();
    struct tags tags = tags_make(arena, tags_file);

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct rule_set set = rule_set_make(&shapes[i], &tags, arena);
        struct packets_ipv4 packets = packets_make(&set, N_PACKETS, 99, arena);
        struct classifier *chain = classifier_compile(set.rules, set.n);
        FILE *boxes = open_dump(folder, shapes[i].name, "boxes");
        FILE *flows = open_dump(folder, shapes[i].name, "flows");
        FILE *lines = open_dump(folder, shapes[i].name, "packets");
        if (boxes && flows && lines) {
            dump_boxes(boxes, &set);
            dump_flows(flows, &set, chain);
            dump_packets(lines, &packets, chain);
        }
        classifier_unref(chain);
        FILE *const files[] = { boxes, flows, lines };
        for (size_t j = 0; j < 3; j++) {
            if (files[j]) {
                (void) fclose(files[j]);
            }
        }
    }
    arena_unref(arena);
}
