/* Rule sets and questions as text, for the programs in tests/bench/peers.
 *
 * NAME.boxes: "rule N ACCESS PROTOCOLS", then lines "s FIRST LAST",
 * "d FIRST LAST" and "p FIRST LAST".
 * NAME.flows: "SOURCE SOURCE-LAST DESTINATION DESTINATION-LAST PORT".
 * NAME.packets: "SOURCE DESTINATION PORTS PROTOCOL". */

#include <stdio.h>

#include "engine/base/arena.h"
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

static void
dump_flows(FILE *file)
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
        (void) fprintf(file, "%u %u %u %u %u\n", source, source | ~mask,
                       destination, destination | 0xff, (unsigned int) port);
    }
}

static void
dump_packets(FILE *file, const struct packets_ipv4 *packets)
{
    for (size_t i = 0; i < packets->n; i++) {
        (void) fprintf(file, "%u %u %u %u\n", packets->source[i],
                       packets->destination[i], packets->ports[i],
                       packets->protocols[i]);
    }
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
        FILE *boxes = open_dump(folder, shapes[i].name, "boxes");
        FILE *flows = open_dump(folder, shapes[i].name, "flows");
        FILE *lines = open_dump(folder, shapes[i].name, "packets");
        if (boxes && flows && lines) {
            dump_boxes(boxes, &set);
            dump_flows(flows);
            dump_packets(lines, &packets);
        }
        FILE *const files[] = { boxes, flows, lines };
        for (size_t j = 0; j < 3; j++) {
            if (files[j]) {
                (void) fclose(files[j]);
            }
        }
    }
    arena_unref(arena);
}
