#include "tests/bench/generate.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/model/port.h"
#include "tests/oracle/world.h"

static uint32_t
prefix_mask(unsigned int bits)
{
    return bits ? ~UINT32_C(0) << (32 - bits) : 0;
}

static void
add_prefix(struct address_list *list, uint32_t address, unsigned int bits)
{
    uint32_t first = address & prefix_mask(bits);

    address_list_add(
        list, (struct address_range){ FAMILY_IPV4,
                                      { first, first | ~prefix_mask(bits) } });
}

/* An address inside the blocks that clouds announce. */
static uint32_t
cloud_address(struct random *random)
{
    static const uint8_t blocks[] = { 4,  13, 20, 23,  40,  51,  52,  65,
                                      68, 70, 74, 102, 104, 108, 137, 191 };
    uint32_t block = blocks[random_below(random, sizeof blocks)];

    return block << 24 | (uint32_t) random_below(random, 1 << 24);
}

static struct tags
tags_invent(struct arena *arena)
{
    enum { N_TAGS = 3000 };
    struct random random = random_start(7);
    struct tags tags = { .n = N_TAGS };

    tags.sets = arena_alloc_array(arena, N_TAGS, sizeof *tags.sets);
    for (size_t i = 0; i < N_TAGS; i++) {
        struct address_list list;
        /* A few tags have thousands of prefixes, most have a dozen. */
        size_t n = 4 + random_below(&random, 24);
        if (i % 40 == 0) {
            n = 100 + random_below(&random, 2000);
        }
        address_list_init(&list);
        for (size_t j = 0; j < n; j++) {
            add_prefix(&list, cloud_address(&random),
                       (unsigned int) (20 + random_below(&random, 13)));
        }
        tags.n_prefixes += n;
        tags.sets[i] = address_list_finish(&list, arena);
    }
    return tags;
}

/* Reads the published file line by line: names and prefixes stand on lines of
 * their own. */
static struct tags
tags_read(struct arena *arena, FILE *stream)
{
    enum { TAGS_MAX = 20000 };
    struct tags tags = { .n = 0 };
    struct address_list list;
    char line[512];

    tags.sets = arena_alloc_array(arena, TAGS_MAX, sizeof *tags.sets);
    address_list_init(&list);
    while (fgets(line, sizeof line, stream)) {
        char word[256];
        struct address_range range;
        if (strstr(line, "\"addressPrefixes\"")) {
            address_list_clear(&list);
            address_list_init(&list);
        } else if (sscanf(line, " \"%255[^\"]\"", word) == 1
                   && prefix_parse(word, &range)) {
            address_list_add(&list, range);
            tags.n_prefixes++;
        } else if (strchr(line, ']') && tags.n < TAGS_MAX) {
            struct address_set set = address_list_finish(&list, arena);
            if (!address_set_is_empty(set)) {
                tags.sets[tags.n++] = set;
            }
            address_list_init(&list);
        }
    }
    address_list_clear(&list);
    return tags;
}

struct tags
tags_make(struct arena *arena, const char *file)
{
    FILE *stream = file ? fopen(file, "r") : NULL;

    if (!stream) {
        return tags_invent(arena);
    }
    struct tags tags = tags_read(arena, stream);
    (void) fclose(stream);
    return tags.n ? tags : tags_invent(arena);
}

static struct address_set
set_of(struct arena *arena, uint32_t address, unsigned int bits)
{
    struct address_list list;

    address_list_init(&list);
    add_prefix(&list, address, bits);
    return address_list_finish(&list, arena);
}

enum { VNET = 10 << 24 };

/* A list of hosts: the members of an application group. */
static struct address_set
host_list(struct random *random, struct arena *arena)
{
    struct address_list list;
    size_t n = 1 + random_below(random, 12);

    address_list_init(&list);
    for (size_t i = 0; i < n; i++) {
        add_prefix(&list, VNET | (uint32_t) random_below(random, 1 << 20), 32);
    }
    return address_list_finish(&list, arena);
}

static struct address_set
customer_list(struct random *random, struct arena *arena)
{
    struct address_list list;
    size_t n = 1 + random_below(random, 9);

    address_list_init(&list);
    for (size_t i = 0; i < n; i++) {
        add_prefix(&list, (uint32_t) random_next(random),
                   (unsigned int) (22 + random_below(random, 11)));
    }
    return address_list_finish(&list, arena);
}

/* Takes tags until about 'wanted' prefixes are together. */
static struct address_set
tag_source(const struct shape *shape, const struct tags *tags,
           struct random *random, struct arena *arena)
{
    /* Sizes fall off exponentially around a target. */
    size_t target = 2 * shape->prefixes / shape->n_rules + 1;
    size_t wanted = 1 + random_below(random, 2 * target);
    struct address_list list;
    size_t n = 0;

    address_list_init(&list);
    while (n < wanted) {
        struct address_set best = tags->sets[random_below(random, tags->n)];
        size_t distance = SIZE_MAX;
        for (size_t i = 0; i < 12; i++) {
            struct address_set set = tags->sets[random_below(random, tags->n)];
            size_t size = set.families[FAMILY_IPV4].n;
            size_t off =
                size > wanted - n ? size - (wanted - n) : wanted - n - size;
            if (size && off < distance) {
                best = set;
                distance = off;
            }
        }
        address_list_add_set(&list, best);
        n += best.families[FAMILY_IPV4].n + 1;
    }
    return address_list_finish(&list, arena);
}

static struct address_set
pick_source(const struct shape *shape, const struct tags *tags,
            struct random *random, struct arena *arena)
{
    uint64_t kind = random_below(random, 100);

    if (kind < 45) {
        return tag_source(shape, tags, random, arena);
    }
    if (kind < 70 || !shape->broad) {
        return customer_list(random, arena);
    }
    if (kind < 78) {
        return set_of(arena, VNET, 8);
    }
    if (kind < 84) {
        return address_set_all();
    }
    return kind < 90 ? set_of(arena, VNET | (uint32_t) (kind << 16), 16)
                     : host_list(random, arena);
}

static struct address_set
pick_destination(const struct shape *shape, struct random *random,
                 struct arena *arena)
{
    uint32_t subnet =
        VNET | (uint32_t) random_below(random, shape->broad ? 64 : 900) << 8;

    if (random_below(random, 100) < (uint64_t) shape->broad) {
        return random_chance(random, 50) ? address_set_all()
                                         : set_of(arena, VNET, 8);
    }
    return random_chance(random, 65) ? set_of(arena, subnet, 24)
                                     : host_list(random, arena);
}

static struct span_set
pick_ports(struct random *random, struct arena *arena)
{
    static const uint16_t known[] = { 22,   53,   80,   443,  1433, 3306, 3389,
                                      5432, 5671, 6379, 8080, 8443, 9093 };
    struct span_list list;
    size_t n = 1 + random_below(random, 5);

    if (random_chance(random, 8)) {
        return span_set_of(arena, 0, PORT_NONE);
    }
    span_list_init(&list);
    for (size_t i = 0; i < n; i++) {
        uint64_t port = random_chance(random, 50)
                            ? known[random_below(random, 13)]
                            : 1024 + random_below(random, 40000);
        uint64_t more =
            random_chance(random, 30) ? random_below(random, 1000) : 0;
        span_list_add(&list, port, port + more);
    }
    return span_list_finish(&list, arena);
}

static protocol_set
pick_protocols(struct random *random)
{
    uint64_t kind = random_below(random, 100);

    return kind < 60   ? 1 << PROTOCOL_TCP
           : kind < 80 ? 1 << PROTOCOL_UDP
           : kind < 95 ? PROTOCOLS_ALL
                       : 1 << PROTOCOL_ICMP;
}

static struct span_set
wide_range(struct random *random, struct arena *arena, uint64_t max)
{
    uint64_t a = random_below(random, max + 1);
    uint64_t b = random_below(random, max + 1);

    return span_set_of(arena, a < b ? a : b, a < b ? b : a);
}

static struct box
adversarial_box(struct random *random, struct arena *arena)
{
    struct box box = { .protocols = (protocol_set) random_below(random, 3) };

    box.protocols = (protocol_set) (box.protocols + 1);
    box.source.families[FAMILY_IPV4] = wide_range(random, arena, UINT32_MAX);
    box.destination.families[FAMILY_IPV4] =
        wide_range(random, arena, UINT32_MAX);
    box.source_ports = wide_range(random, arena, PORT_MAX);
    box.destination_ports = wide_range(random, arena, PORT_MAX);
    return box;
}

static struct box
realistic_box(const struct shape *shape, const struct tags *tags,
              struct random *random, struct arena *arena)
{
    struct box box = {
        .protocols = pick_protocols(random),
        .source = pick_source(shape, tags, random, arena),
        .source_ports = span_set_of(arena, 0, PORT_NONE),
        .destination = pick_destination(shape, random, arena),
        .destination_ports = pick_ports(random, arena),
    };

    if (box.protocols == 1 << PROTOCOL_ICMP) {
        box.destination_ports = box.source_ports;
    }
    return box;
}

static void
set_rule(struct policy_rule *rule, struct arena *arena, size_t i,
         struct box box, enum access access)
{
    rule->name = arena_printf(arena, "rule-%zu", i);
    rule->id = "";
    rule->ruleset = "rg/bench";
    rule->ruleset_id = "";
    rule->access = access;
    rule->accesses = (access_set) (1u << access);
    rule->priority = (int) (100 + i);
    rule->certain = box;
    rule->possible = box;
}

struct rule_set
rule_set_make(const struct shape *shape, const struct tags *tags,
              struct arena *arena)
{
    struct random random = random_start(shape->seed);
    struct rule_set set = { .n = shape->n_rules };
    struct span_set ports = span_set_of(arena, 0, PORT_NONE);
    struct box all = { PROTOCOLS_ALL, address_set_all(), ports,
                       address_set_all(), ports };
    struct box vnet = all;

    set.rules = arena_alloc_array(arena, set.n, sizeof *set.rules);
    for (size_t i = 0; i < set.n; i++) {
        struct box box = shape->adversarial
                             ? adversarial_box(&random, arena)
                             : realistic_box(shape, tags, &random, arena);
        set_rule(&set.rules[i], arena, i, box,
                 random_chance(&random, 30) ? ACCESS_DENY : ACCESS_ALLOW);
    }
    if (set.n > 3) {
        vnet.source = set_of(arena, VNET, 8);
        vnet.destination = vnet.source;
        set_rule(&set.rules[set.n - 3], arena, set.n - 3, vnet, ACCESS_ALLOW);
        vnet.source = set_of(arena, UINT32_C(0xa83f8110), 32);
        vnet.destination = all.destination;
        set_rule(&set.rules[set.n - 2], arena, set.n - 2, vnet, ACCESS_ALLOW);
        set_rule(&set.rules[set.n - 1], arena, set.n - 1, all, ACCESS_DENY);
    }
    for (size_t i = 0; i < set.n; i++) {
        const struct box *box = &set.rules[i].certain;
        set.n_source_prefixes += box->source.families[FAMILY_IPV4].n;
        set.n_destination_prefixes += box->destination.families[FAMILY_IPV4].n;
    }
    return set;
}

static uint32_t
member(struct random *random, struct span_set set)
{
    struct span span = set.spans[random_below(random, set.n)];

    return (uint32_t) (span.first
                       + random_below(
                           random, (uint64_t) (span.last - span.first) + 1));
}

struct packets_ipv4
packets_make(const struct rule_set *set, size_t n, uint64_t seed,
             struct arena *arena)
{
    struct random random = random_start(seed);
    uint32_t *sources = arena_alloc_array(arena, n, sizeof *sources);
    uint32_t *destinations = arena_alloc_array(arena, n, sizeof *sources);
    uint32_t *ports = arena_alloc_array(arena, n, sizeof *ports);
    uint8_t *protocols = arena_alloc(arena, n);

    for (size_t i = 0; i < n; i++) {
        const struct box *box =
            &set->rules[random_below(&random, set->n)].certain;
        sources[i] = (uint32_t) random_next(&random);
        destinations[i] = VNET | (uint32_t) random_below(&random, 1 << 20);
        ports[i] = (uint32_t) random_next(&random);
        protocols[i] = (uint8_t) random_below(&random, 2);
        if (random_chance(&random, 80) && box->source.families[FAMILY_IPV4].n
            && box->destination.families[FAMILY_IPV4].n) {
            sources[i] = member(&random, box->source.families[FAMILY_IPV4]);
            destinations[i] =
                member(&random, box->destination.families[FAMILY_IPV4]);
            ports[i] = (ports[i] & 0xffff0000)
                       | (member(&random, box->destination_ports) & 0xffff);
            protocols[i] = (uint8_t) __builtin_ctz(box->protocols);
        }
    }
    return (struct packets_ipv4){ sources, destinations, ports, protocols, n };
}
