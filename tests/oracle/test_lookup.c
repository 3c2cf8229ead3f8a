/* Every code path of the lookup against the plain evaluator, at the edges of
 * every field and in rule sets that are large in every way. */

#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/compile/classes.h"
#include "engine/compile/tables.h"
#include "engine/judge/lookup.h"
#include "engine/judge/region.h"
#include "engine/model/port.h"
#include "tests/oracle/world.h"

enum { N_PACKETS = 300 };

/* Packets as arrays, and one by one. */
struct batch {
    uint32_t source[N_PACKETS];
    uint32_t destination[N_PACKETS];
    uint32_t ports[N_PACKETS];
    uint8_t protocols[N_PACKETS];
    struct packet packets[N_PACKETS];
    uint32_t rules[N_PACKETS];
};

static void
batch_set(struct batch *batch, size_t i, const struct packet *packet)
{
    bool has_ports = packet->protocol <= PROTOCOL_UDP;

    batch->packets[i] = *packet;
    batch->source[i] = (uint32_t) packet->source.value;
    batch->destination[i] = (uint32_t) packet->destination.value;
    batch->protocols[i] = (uint8_t) packet->protocol;
    /* What stands there for packets without ports must not matter. */
    batch->ports[i] =
        has_ports ? packet->source_port << 16 | packet->destination_port
                  : UINT32_C(0x00500050);
}

/* Looks all packets up by every path, and compares. */
static void
batch_check(struct batch *batch, const struct policy_rule rules[], size_t n,
            const struct classifier *chain)
{
    struct packets_ipv4 packets = { batch->source, batch->destination,
                                    batch->ports, batch->protocols,
                                    N_PACKETS };
    const char *const *paths;
    size_t n_paths = lookup_paths(&paths);

    for (size_t i = 0; i < n_paths; i++) {
        memset(batch->rules, 0x55, sizeof batch->rules);
        lookup_force_path(paths[i]);
        classifier_lookup_batch(chain, &packets, batch->rules);
        for (size_t j = 0; j < N_PACKETS; j++) {
            struct match plain = plain_match(rules, n, &batch->packets[j]);
            assert_int_equal(batch->rules[j], plain.rule);
        }
    }
    lookup_force_path(NULL);
}

/* A packet of IPv4, four of five inside a box of some rule. */
static struct packet
near_packet(const struct policy_rule rules[], size_t n, struct random *random,
            struct arena *arena)
{
    const struct box *box = &rules[random_below(random, n)].possible;
    struct query query = { FAMILY_IPV4,
                           box->protocols,
                           box->source.families[FAMILY_IPV4],
                           box->source_ports,
                           box->destination.families[FAMILY_IPV4],
                           box->destination_ports };
    struct span_set all = span_set_of(arena, 0, UINT32_MAX);
    struct packet packet;

    if (!query.source.n || random_chance(random, 10)) {
        query.source = all;
    }
    if (!query.destination.n || random_chance(random, 10)) {
        query.destination = all;
    }
    packet = world_packet(&query, random);
    bool has_ports = packet.protocol <= PROTOCOL_UDP;
    packet.source_port = has_ports ? packet.source_port % 65536 : PORT_NONE;
    packet.destination_port =
        has_ports ? packet.destination_port % 65536 : PORT_NONE;
    return packet;
}

static void
check_world(const struct world *world, uint64_t salt)
{
    struct batch *batch = memory_calloc(1, sizeof *batch);
    struct arena *arena = arena_create();
    struct random random = random_start(salt);
    struct policy_rule *rules = world_rules(world, &random, arena);
    struct classifier *chain = classifier_compile(rules, world->n_rules);

    for (size_t i = 0; i < N_PACKETS; i++) {
        struct packet packet =
            near_packet(rules, world->n_rules, &random, arena);
        batch_set(batch, i, &packet);
    }
    batch_check(batch, rules, world->n_rules, chain);
    classifier_unref(chain);
    arena_unref(arena);
    free(batch);
}

static void
test_all_paths_agree_with_the_plain_evaluator(void **state)
{
    static const struct world worlds[] = {
        { .any_percent = 50, .spans_max = 2, .n_rules = 1 },
        { .any_percent = 30, .spans_max = 3, .n_rules = 40 },
        { .any_percent = 60,
          .spans_max = 3,
          .n_rules = 64,
          .uncertain_percent = 20 },
        { .any_percent = 50, .spans_max = 3, .n_rules = 65 },
        { .any_percent = 70,
          .spans_max = 4,
          .n_rules = 300,
          .uncertain_percent = 5 },
        { .any_percent = 80, .spans_max = 2, .n_rules = 1000 },
        /* Rows of many cache lines. */
        { .any_percent = 80, .spans_max = 1, .n_rules = 2500 },
    };
    (void) state;

    for (size_t i = 0; i < COUNT_OF(worlds); i++) {
        size_t rounds = worlds[i].n_rules > 500 ? 2 : 30;
        for (size_t round = 0; round < random_rounds(rounds); round++) {
            check_world(&worlds[i], i * 1000 + round + 9000);
        }
    }
}

/* A rule of single values at the ends of all fields. */
static void
set_edge(struct policy_rule *rule, struct arena *arena, uint128 source,
         uint128 destination, uint128 source_port, uint128 port)
{
    struct box *box = &rule->certain;

    *rule = (struct policy_rule){ .name = "edge", .accesses = 1 };
    box->protocols = 1 << PROTOCOL_UDP;
    box->source.families[FAMILY_IPV4] = span_set_of(arena, source, source);
    box->destination.families[FAMILY_IPV4] =
        span_set_of(arena, destination, destination);
    box->source_ports = span_set_of(arena, source_port, source_port);
    box->destination_ports = span_set_of(arena, port, port);
    rule->possible = *box;
}

static void
test_the_ends_of_every_field_are_told_apart(void **state)
{
    static const uint32_t addresses[] = { 0,          1,          0x7fffffff,
                                          0x80000000, 0xfffffffe, UINT32_MAX };
    static const uint32_t ports[] = { 0, 1, 255, 256, 65534, 65535 };
    enum { N = COUNT_OF(addresses) };
    struct arena *arena = arena_create();
    struct batch *batch = memory_calloc(1, sizeof *batch);
    struct policy_rule rules[N * N];
    struct random random = random_start(1);
    (void) state;

    for (size_t i = 0; i < N * N; i++) {
        set_edge(&rules[i], arena, addresses[i % N], addresses[i / N],
                 ports[i % N], ports[(i / N + i) % N]);
    }
    struct classifier *chain = classifier_compile(rules, N * N);
    for (size_t i = 0; i < N_PACKETS; i++) {
        struct packet packet = {
            .protocol = PROTOCOL_UDP,
            .source = { FAMILY_IPV4, addresses[random_below(&random, N)] },
            .destination = { FAMILY_IPV4,
                             addresses[random_below(&random, N)] },
            .source_port = ports[random_below(&random, N)],
            .destination_port = ports[random_below(&random, N)],
        };
        batch_set(batch, i, &packet);
    }

    batch_check(batch, rules, N * N, chain);

    classifier_unref(chain);
    arena_unref(arena);
    free(batch);
}

/* A 16-bit identifier of classes would be too short for this rule set: the
 * table of protocol and ports has more than 65,536 different cells. */
static void
test_more_than_65536_joint_classes(void **state)
{
    enum { N = 600 };
    struct arena *arena = arena_create();
    struct batch *batch = memory_calloc(1, sizeof *batch);
    struct random random = random_start(2);
    struct policy_rule *rules = arena_alloc_array(arena, N, sizeof *rules);
    (void) state;

    for (size_t i = 0; i < N; i++) {
        rules[i] = (struct policy_rule){ .name = "band", .accesses = 1 };
        rules[i].certain = box_all(arena);
        rules[i].certain.protocols = PROTOCOLS_WITH_PORTS;
        /* Staggered bands: every start and end is its own. */
        rules[i].certain.source_ports =
            span_set_of(arena, i * 50, i * 50 + 30000);
        rules[i].certain.destination_ports =
            span_set_of(arena, 60000 - i * 60, 60000 - i * 60 + 3000);
        rules[i].possible = rules[i].certain;
    }
    struct classifier *chain = classifier_compile(rules, N);
    uint64_t joint = (uint64_t) chain->fields[CLASS_SOURCE_PORT].n_classes
                     * chain->fields[CLASS_DESTINATION_PORT].n_classes;
    for (size_t i = 0; i < N_PACKETS; i++) {
        struct packet packet = near_packet(rules, N, &random, arena);
        batch_set(batch, i, &packet);
    }

    assert_true(joint > 65536);
    batch_check(batch, rules, N, chain);
    for (size_t i = 0; i < N_PACKETS; i++) {
        struct match plain = plain_match(rules, N, &batch->packets[i]);
        struct match fast = classifier_lookup(chain, &batch->packets[i]);
        assert_true(match_equal(&plain, &fast));
    }

    classifier_unref(chain);
    arena_unref(arena);
    free(batch);
}

/* More than 65,536 classes of one field: every host of a /15 is told apart by
 * its own combination of rules. */
static void
test_more_than_65536_classes_of_one_field(void **state)
{
    enum { BITS = 17 };
    struct arena *arena = arena_create();
    struct policy_rule *rules = arena_alloc_array(arena, BITS, sizeof *rules);
    struct random random = random_start(3);
    (void) state;

    for (size_t i = 0; i < BITS; i++) {
        struct span_list list;
        uint32_t run = UINT32_C(1) << i;
        span_list_init(&list);
        for (uint32_t at = run; at < UINT32_C(1) << BITS; at += 2 * run) {
            span_list_add(&list, at, at + run - 1);
        }
        rules[i] = (struct policy_rule){ .name = "bit", .accesses = 1 };
        rules[i].certain = box_all(arena);
        rules[i].certain.source.families[FAMILY_IPV4] =
            span_list_finish(&list, arena);
        rules[i].possible = rules[i].certain;
    }
    struct classifier *chain = classifier_compile(rules, BITS);

    assert_true(chain->fields[CLASS_SOURCE].n_classes > 65536);
    for (size_t i = 0; i < 2000; i++) {
        struct packet packet = {
            .source = { FAMILY_IPV4,
                        random_below(&random, (UINT64_C(1) << BITS) + 9) },
            .destination = { FAMILY_IPV4, 7 },
        };
        struct match plain = plain_match(rules, BITS, &packet);
        struct match fast = classifier_lookup(chain, &packet);
        assert_true(match_equal(&plain, &fast));
    }

    classifier_unref(chain);
    arena_unref(arena);
}

static void
test_4000_prefixes_in_one_rule(void **state)
{
    struct arena *arena = arena_create();
    struct batch *batch = memory_calloc(1, sizeof *batch);
    struct random random = random_start(4);
    struct world world = { .any_percent = 10, .spans_max = 3, .n_rules = 9 };
    struct policy_rule *rules = world_rules(&world, &random, arena);
    struct span_list list;
    (void) state;

    span_list_init(&list);
    for (size_t i = 0; i < 4000; i++) {
        uint64_t first = random_below(&random, 1 << 24) << 8;
        span_list_add(&list, first, first | random_below(&random, 256));
    }
    rules[4].certain = box_all(arena);
    rules[4].certain.source.families[FAMILY_IPV4] =
        span_list_finish(&list, arena);
    rules[4].possible = rules[4].certain;
    rules[4].uncertain = false;
    struct classifier *chain = classifier_compile(rules, 9);
    for (size_t i = 0; i < N_PACKETS; i++) {
        struct packet packet = near_packet(rules, 9, &random, arena);
        batch_set(batch, i, &packet);
    }

    batch_check(batch, rules, 9, chain);

    classifier_unref(chain);
    arena_unref(arena);
    free(batch);
}

static void
test_no_rules_match_nothing(void **state)
{
    struct classifier *chain = classifier_compile(NULL, 0);
    struct batch *batch = memory_calloc(1, sizeof *batch);
    (void) state;
    for (size_t i = 0; i < N_PACKETS; i++) {
        struct packet packet = { .source_port = 1, .destination_port = 2 };
        batch_set(batch, i, &packet);
    }

    batch_check(batch, NULL, 0, chain);

    classifier_unref(chain);
    free(batch);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_paths_agree_with_the_plain_evaluator),
        cmocka_unit_test(test_the_ends_of_every_field_are_told_apart),
        cmocka_unit_test(test_more_than_65536_joint_classes),
        cmocka_unit_test(test_more_than_65536_classes_of_one_field),
        cmocka_unit_test(test_4000_prefixes_in_one_rule),
        cmocka_unit_test(test_no_rules_match_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
