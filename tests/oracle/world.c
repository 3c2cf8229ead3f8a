#include "tests/oracle/world.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/model/port.h"

uint64_t
random_next(struct random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t
random_below(struct random *random, uint64_t n)
{
    return random_next(random) % n;
}

bool
random_chance(struct random *random, unsigned int percent)
{
    return random_below(random, 100) < percent;
}

struct random
random_start(uint64_t salt)
{
    const char *seed = getenv("FLOWVERIFY_SEED");
    struct random random = { seed ? strtoull(seed, NULL, 10) : 20261121 };

    random.state += salt * UINT64_C(0xd1342543de82ef95);
    (void) random_next(&random);
    return random;
}

size_t
random_rounds(size_t rounds)
{
    const char *wanted = getenv("FLOWVERIFY_ROUNDS");
    double factor = wanted ? strtod(wanted, NULL) : 1;

    return (size_t) ((double) rounds * factor) + !rounds;
}

/* A value near a bound that other sets are likely to have, too. */
static uint128
pick_value(struct random *random, uint128 max, unsigned int tiny)
{
    if (tiny) {
        return random_below(random, tiny);
    }
    switch (random_below(random, 8)) {
    case 0: return 0;
    case 1: return max;
    case 2: return max / 2 + random_below(random, 3);
    case 3: return random_below(random, 16);
    case 4: return max - random_below(random, 16);
    default: break;
    }
    uint128 value = (uint128) random_next(random) << 64 | random_next(random);
    /* Few different high bits, so that sets meet. */
    return max > PORT_NONE ? (value & (max >> 5) & ~(max >> 13)) | (max / 9)
                           : value % (max + 1);
}

static struct span_set
pick_set(const struct world *world, struct random *random, struct arena *arena,
         uint128 max)
{
    struct span_list list;
    size_t n = 1 + random_below(random, world->spans_max);

    if (random_chance(random, world->any_percent)) {
        return span_set_of(arena, 0, max);
    }
    span_list_init(&list);
    for (size_t i = 0; i < n; i++) {
        uint128 a = pick_value(random, max, world->tiny);
        uint128 b = random_chance(random, 30)
                        ? a
                        : pick_value(random, max, world->tiny);
        span_list_add(&list, a < b ? a : b, a < b ? b : a);
    }
    return span_list_finish(&list, arena);
}

/* A side that covers all ports matches packets without ports, too. */
static struct span_set
pick_ports(const struct world *world, struct random *random,
           struct arena *arena)
{
    struct span_set ports = pick_set(world, random, arena, PORT_MAX);

    return port_set_is_full(ports) ? span_set_of(arena, 0, PORT_NONE) : ports;
}

static struct address_set
pick_addresses(const struct world *world, struct random *random,
               struct arena *arena)
{
    struct address_set set = { { { NULL, 0 }, { NULL, 0 } } };
    uint64_t which = random_below(random, 10);

    if (which != 8) {
        set.families[FAMILY_IPV4] =
            pick_set(world, random, arena, family_max(FAMILY_IPV4));
    }
    if (which > 4) {
        set.families[FAMILY_IPV6] =
            pick_set(world, random, arena, family_max(FAMILY_IPV6));
    }
    return set;
}

static protocol_set
pick_protocols(struct random *random)
{
    unsigned int one = 1u << random_below(random, N_PROTOCOLS);

    return random_chance(random, 30) ? PROTOCOLS_ALL : (protocol_set) one;
}

static struct box
pick_box(const struct world *world, struct random *random, struct arena *arena)
{
    return (struct box){
        .protocols = pick_protocols(random),
        .source = pick_addresses(world, random, arena),
        .source_ports = pick_ports(world, random, arena),
        .destination = pick_addresses(world, random, arena),
        .destination_ports = pick_ports(world, random, arena),
    };
}

/* Makes 'possible' larger than 'certain', or the access unknown. */
static void
make_uncertain(struct policy_rule *rule, const struct world *world,
               struct random *random, struct arena *arena)
{
    struct address_set more = pick_addresses(world, random, arena);

    rule->uncertain = true;
    rule->reason = REASON_UNKNOWN_TAG;
    switch (random_below(random, 3)) {
    case 0:
        rule->accesses = 1 << ACCESS_ALLOW | 1 << ACCESS_DENY;
        rule->access = ACCESS_UNKNOWN;
        rule->certain = (struct box){ .protocols = 0 };
        break;
    case 1: rule->certain.source = (struct address_set){ 0 }; break;
    default: break;
    }
    rule->possible.source =
        address_set_union(arena, rule->possible.source, more);
}

struct policy_rule *
world_rules(const struct world *world, struct random *random,
            struct arena *arena)
{
    struct policy_rule *rules =
        arena_alloc_array(arena, world->n_rules + 1, sizeof *rules);

    for (size_t i = 0; i < world->n_rules; i++) {
        struct policy_rule *rule = &rules[i];
        rule->name = arena_printf(arena, "rule-%zu", i);
        rule->id = "";
        rule->access = random_chance(random, 50) ? ACCESS_ALLOW : ACCESS_DENY;
        rule->accesses = (access_set) (1u << rule->access);
        rule->priority = (int) (100 + i);
        rule->certain = pick_box(world, random, arena);
        rule->possible = rule->certain;
        if (random_chance(random, world->uncertain_percent)) {
            make_uncertain(rule, world, random, arena);
        }
    }
    return rules;
}

static struct span_set
tiny_set(const struct world *world, struct random *random, struct arena *arena,
         uint128 max)
{
    if (!world->tiny) {
        return pick_set(world, random, arena, max);
    }
    return random_chance(random, 60)
               ? span_set_of(arena, 0, world->tiny - 1)
               : span_set_of(arena, random_below(random, world->tiny / 2),
                             world->tiny / 2
                                 + random_below(random, world->tiny / 2));
}

struct query
world_query(const struct world *world, struct random *random,
            struct arena *arena)
{
    struct query query = { .family = random_below(random, 3) ? FAMILY_IPV4
                                                             : FAMILY_IPV6 };
    uint128 max = family_max(query.family);

    query.source = tiny_set(world, random, arena, max);
    query.destination = tiny_set(world, random, arena, max);
    if (random_chance(random, 25)) {
        query.protocols = 1 << PROTOCOL_ICMP | 1 << PROTOCOL_OTHER;
        query.source_ports = span_set_of(arena, PORT_NONE, PORT_NONE);
        query.destination_ports = query.source_ports;
        return query;
    }
    query.protocols = (protocol_set) (1 + random_below(random, 3));
    query.source_ports = tiny_set(world, random, arena, PORT_MAX);
    query.destination_ports = tiny_set(world, random, arena, PORT_MAX);
    return query;
}

static uint128
pick_member(struct span_set set, struct random *random)
{
    struct span span = set.spans[random_below(random, set.n)];
    uint128 values = span.last - span.first;
    uint128 any = (uint128) random_next(random) << 64 | random_next(random);

    switch (random_below(random, 4)) {
    case 0: return span.first;
    case 1: return span.last;
    default: return span.first + (values + 1 ? any % (values + 1) : any);
    }
}

struct packet
world_packet(const struct query *query, struct random *random)
{
    unsigned int protocol;

    do {
        protocol = (unsigned int) random_below(random, N_PROTOCOLS);
    } while (!(query->protocols >> protocol & 1));
    return (struct packet){
        .protocol = (enum protocol) protocol,
        .source = { query->family, pick_member(query->source, random) },
        .destination = { query->family,
                         pick_member(query->destination, random) },
        .source_port = (uint32_t) pick_member(query->source_ports, random),
        .destination_port =
            (uint32_t) pick_member(query->destination_ports, random),
    };
}

bool
box_contains(const struct box *box, const struct packet *packet)
{
    return (box->protocols >> packet->protocol & 1)
           && address_set_contains(box->source, packet->source)
           && span_set_contains(box->source_ports, packet->source_port)
           && address_set_contains(box->destination, packet->destination)
           && span_set_contains(box->destination_ports,
                                packet->destination_port);
}

struct match
plain_match(const struct policy_rule rules[], size_t n,
            const struct packet *packet)
{
    struct match match = { SWEEP_NO_RULE, SWEEP_NO_RULE, 0 };

    for (size_t i = 0; i < n; i++) {
        if (box_contains(&rules[i].certain, packet)) {
            match.rule = (uint32_t) i;
            return match;
        }
        if (box_contains(&rules[i].possible, packet)) {
            if (match.first_maybe == SWEEP_NO_RULE) {
                match.first_maybe = (uint32_t) i;
            }
            match.maybe |= rules[i].accesses;
        }
    }
    return match;
}

bool
match_equal(const struct match *a, const struct match *b)
{
    return a->rule == b->rule && a->first_maybe == b->first_maybe
           && a->maybe == b->maybe;
}

void
world_each_packet(const struct query *query, world_visit *visit, void *aux)
{
    struct packet packet = { .source = { query->family, 0 },
                             .destination = { query->family, 0 } };
    struct span sp = query->source_ports.spans[0];
    struct span dp = query->destination_ports.spans[0];
    struct span sa = query->source.spans[0];
    struct span da = query->destination.spans[0];

    for (unsigned int p = 0; p < N_PROTOCOLS; p++) {
        if (!(query->protocols >> p & 1)) {
            continue;
        }
        packet.protocol = (enum protocol) p;
        for (uint128 a = sa.first; a <= sa.last; a++) {
            for (uint128 b = da.first; b <= da.last; b++) {
                packet.source.value = a;
                packet.destination.value = b;
                for (uint128 c = sp.first; c <= sp.last; c++) {
                    for (uint128 d = dp.first; d <= dp.last; d++) {
                        packet.source_port = (uint32_t) c;
                        packet.destination_port = (uint32_t) d;
                        visit(aux, &packet);
                    }
                }
            }
        }
    }
}
