/* Random small estates and flows: the engine's verdict against one that tries
 * every packet with tests/oracle/linear.
 *
 * Addresses and ports that no rule tells apart are tried once and counted as
 * often as they are, so that "*" and "Internet" can be asked about, too. */

#include "tests/support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/text.h"
#include "engine/judge/judge.h"
#include "engine/model/arm_id.h"
#include "engine/model/port.h"
#include "tests/oracle/linear_match.h"
#include "tests/oracle/world.h"
#include "tests/support/builder.h"

enum { ESTATES = 2500, FLOWS = 44, TRIES_MAX = 3000 };

/* A value that stands for 'weight' values which nothing tells apart. */
struct sample {
    struct address address;
    uint32_t port;
    struct wide weight;
};

struct samples {
    struct sample items[96];
    size_t n;
};

struct expected_region {
    enum verdict_kind kind;
    int place;
    const struct rule *rule;
    struct wide packets;
};

/* What every packet of a flow adds up to. */
struct expected {
    struct wide totals[N_VERDICTS];
    struct wide packets;
    bool certain;
    unsigned int reasons;
    struct expected_region regions[512];
    size_t n_regions;
    struct {
        bool exists;
        bool reached;
        bool denies;
        bool uncertain;
        unsigned int outcomes;
    } layers[LINEAR_LAYERS];
};

static const char *
pick(struct random *random, const char *const words[], size_t n)
{
    return words[random_below(random, n)];
}

#define PICK(random, words) pick(random, words, COUNT_OF(words))

static const char *const sides[] = {
    "*",
    "*",
    "*",
    "10.0.0.0/30",
    "10.0.0.4/31",
    "10.0.0.9",
    "10.0.0.1",
    "10.0.0.2",
    "10.0.0.0/28",
    "VirtualNetwork",
    "VirtualNetwork",
    "Internet",
    "AzureLoadBalancer",
    "TagA",
    "TagB",
    "NoSuchTag",
    "789",
    "asg=g0",
    "asg=g1",
    "asg=g2",
    "0.0.0.0/0",
    "::/0",
    "fd00::/126",
    "168.63.129.16",
    "10.0.0.2/31,fd00::4/126",
    "TagB,10.0.0.0/29",
    "asg=g0,asg=g3",
    "NoSuchTag,10.0.0.0/30",
    "8.8.8.8",
    "-",
};
static const char *const plain_sides = "*";
static const char *const port_words[] = {
    "*",       "*",       "*",           "*",   "0", "1", "1-2",
    "0-65535", "2-65535", "0-1,2-65535", "0,x", "-", "x"
};
static const char *const protocol_words[] = { "*",    "*",   "*",
                                              "Tcp",  "TCP", "Udp",
                                              "Icmp", "Esp", "Xyz" };
static const char *const local_nsgs[] = { "n0", "n1", "n2", "n3" };

/* "DIRECTION PRIORITY ACCESS PROTOCOL SOURCE PORTS DESTINATION PORTS", with
 * something odd in about 'oddness' percent of the rules. */
static const char *
rule_words(struct random *random, const char *name, const char *direction,
           int priority, const char *access, unsigned int oddness,
           struct arena *arena)
{
    bool odd = random_chance(random, oddness);
    const char *source = PICK(random, sides);
    const char *destination = PICK(random, sides);
    const char *source_ports =
        random_chance(random, 70) ? "*" : PICK(random, port_words);
    const char *destination_ports = PICK(random, port_words);
    const char *protocol = PICK(random, protocol_words);

    if (!odd) {
        /* Words that can be told, or nothing would ever be known. */
        static const char *const doubtful[] = { "NoSuchTag", "789", "-" };
        for (size_t i = 0; i < COUNT_OF(doubtful); i++) {
            source = strstr(source, doubtful[i]) ? plain_sides : source;
            destination =
                strstr(destination, doubtful[i]) ? plain_sides : destination;
        }
        source_ports = strpbrk(source_ports, "x") || *source_ports == '-'
                           ? "*"
                           : source_ports;
        destination_ports =
            strpbrk(destination_ports, "x") || *destination_ports == '-'
                ? "1"
                : destination_ports;
        protocol = *protocol == 'X' ? "Udp" : protocol;
    }
    return arena_printf(arena, "%s %s %d %s %s %s %s %s %s", name, direction,
                        priority, access, protocol, source, source_ports,
                        destination, destination_ports);
}

static void
add_groups(struct builder *b, struct random *random, unsigned int oddness)
{
    static const char *const directions[] = { "Inbound", "Outbound" };
    struct arena *arena = builder_arena(b);

    for (size_t i = 0; i < COUNT_OF(local_nsgs); i++) {
        if (random_chance(random, 5)) {
            continue; /* The group is not in the data. */
        }
        if (random_chance(random, 5)) {
            build_bare_nsg(b, local_nsgs[i]);
        } else {
            build_nsg(b, local_nsgs[i]);
        }
        size_t n = random_below(random, 6);
        for (size_t j = 0; j < n; j++) {
            bool odd = random_chance(random, oddness / 3);
            build_rule(
                b, local_nsgs[i],
                rule_words(
                    random, arena_printf(arena, "r%zu", j),
                    odd && random_chance(random, 30)
                        ? "Sideways"
                        : PICK(random, directions),
                    odd && random_chance(random, 30)
                        ? 0
                        : (int) (100 + random_below(random, 20) * 10 + j),
                    odd && random_chance(random, 30) ? "Perhaps"
                    : random_chance(random, 50)      ? "Allow"
                                                     : "Deny",
                    oddness, arena));
        }
    }
}

static void
add_admin_rules(struct builder *b, struct random *random, unsigned int oddness)
{
    static const char *const managers[] = { "m1", "m2", "m3", "m4", "m5" };
    static const char *const accesses[] = { "Allow", "Deny", "AlwaysAllow" };
    struct arena *arena = builder_arena(b);
    size_t n = random_below(random, random_chance(random, 10) ? 14 : 5);
    size_t n_managers =
        random_chance(random, 60) ? 1 : 1 + random_below(random, 5);
    unsigned int loose = random_chance(random, 40) ? 70 : 10;

    build_manager(b, "m1", MANAGER_TIER_SUBSCRIPTION);
    build_manager(b, "m2", MANAGER_TIER_MANAGEMENT_GROUP);
    build_manager(b, "m3", MANAGER_TIER_SUBSCRIPTION);
    build_manager(b, "m4", MANAGER_TIER_MANAGEMENT_GROUP);
    for (size_t i = 0; i < n; i++) {
        const char *name =
            arena_printf(arena, "%s/c/r%zu",
                         pick(random, managers, n_managers), (i * 7) % 16);
        int priority = random_chance(random, loose)
                           ? 0
                           : (int) (1 + random_below(random, 5));
        build_admin_rule(
            b, "a",
            rule_words(
                random, name,
                random_chance(random, 50) ? "Inbound" : "Outbound", priority,
                random_chance(random, oddness / 4) ? "Perhaps"
                                                   : PICK(random, accesses),
                oddness, arena));
        if (!priority && random_chance(random, 30)) {
            build_priority(b, name, (int) (1 + random_below(random, 5)));
        }
    }
    if (n && random_chance(random, 30)) {
        build_admin_rule(
            b, "a",
            arena_printf(arena, "m1/c/g Inbound 3 Deny * group=%s * * *",
                         random_chance(random, 50) ? "known" : "lost"));
    }
    build_network_group(b, "known", "10.0.0.8/29");
    if (random_chance(random, 4)) {
        build_admin_unavailable(b, "a");
    }
    if (random_chance(random, 3)) {
        build_admin_absent(b, ADMIN_RULES_ABSENT_IS_UNAVAILABLE);
    } else if (random_chance(random, 3)) {
        build_admin_absent(b, ADMIN_RULES_OFF);
    }
}

static void
add_networks(struct builder *b, struct random *random)
{
    static const char *const flags[] = { "connected access",
                                         "connected access", "connected",
                                         "access",
                                         "connected access gateways" };
    static const char *const routes[] = {
        "10.0.0.24/29 appliance 10.0.0.5", "10.0.0.16/30 appliance 10.0.0.25",
        "0.0.0.0/0 appliance 10.0.0.30",   "10.0.0.20/32 gateway",
        "fd00::8/125 appliance 10.0.0.1",  "10.0.0.28/30 other",
        "8.8.8.8/32 appliance 10.0.0.12"
    };

    build_network(b, "a", "10.0.0.0/29,fd00::/125");
    build_network(b, "hub", "10.0.0.16/30");
    if (random_chance(random, 50)) {
        build_peering(b, "a", "hub", PICK(random, flags),
                      random_chance(random, 85) ? "10.0.0.16/30" : NULL);
    }
    if (random_chance(random, 20)) {
        build_peering(b, "a", "far", PICK(random, flags), "10.0.0.20/30");
    }
    if (random_chance(random, 25)) {
        build_on_premises(b, random_chance(random, 50) ? "hub" : "rg/a",
                          "10.0.0.12/30");
    }
    if (random_chance(random, 10)) {
        build_on_premises(b, "far", "-");
    }
    size_t n = random_below(random, 5);
    for (size_t i = 0; i < n; i++) {
        build_route(b, "rt", PICK(random, routes));
    }
    if (random_chance(random, 10)) {
        build_subnet(b, "a", "GatewaySubnet", NULL)->has_ip_configurations =
            random_chance(random, 70);
    }
    for (int i = 0; i < 2; i++) {
        struct subnet *subnet = build_subnet(
            b, "a", i ? "s1" : "s0",
            random_chance(random, 70) ? PICK(random, local_nsgs) : NULL);
        if (random_chance(random, 40)) {
            subnet->route_table_id = id_of(
                b, "routeTables", random_chance(random, 85) ? "rt" : "lost");
        }
        subnet->filters_private_endpoints = random_chance(random, 50);
    }
    build_tag(b, "TagA", "10.0.0.2/31,10.0.0.16/30");
    build_tag(b, "TagB", "8.8.8.8,fd00::1,10.0.0.8/30");
}

static void
add_nics(struct builder *b, struct random *random)
{
    struct arena *arena = builder_arena(b);

    for (size_t i = 0; i < 3; i++) {
        const char *name = arena_printf(arena, "nic%zu", i);
        const char *subnet = random_chance(random, 60) ? "a/s0" : "a/s1";
        /* Now and then two configurations carry one address. */
        const char *address = arena_printf(
            arena, "10.0.0.%zu",
            random_chance(random, 10) ? 1 : i * 2 + random_below(random, 2));
        struct nic *nic = build_nic(
            b, name, subnet, address,
            random_chance(random, 50) ? PICK(random, local_nsgs) : NULL);
        nic->private_endpoint = random_chance(random, 7);
        if (random_chance(random, 40)) {
            build_member(b, name, address,
                         random_chance(random, 50) ? "g0" : "g1");
        }
        if (random_chance(random, 30)) {
            const char *second =
                random_chance(random, 50)
                    ? arena_printf(arena, "fd00::%zu", i)
                    : arena_printf(arena, "10.0.0.%zu", 6 + i % 2);
            build_ip(b, name, random_chance(random, 50) ? "a/s0" : "a/s1",
                     second);
            if (random_chance(random, 40)) {
                build_member(b, name, second, "g1");
            }
        }
    }
}

static struct builder *
random_estate(struct random *random)
{
    struct builder *b = builder_create();
    /* A third of the estates is known in full. */
    unsigned int oddness = (unsigned int) random_below(random, 3) * 12;
    struct engine_settings *settings = builder_settings(b);
    struct address_list excludes;
    struct address_range range;

    address_list_init(&excludes);
    prefix_parse("10.0.0.0/27", &range);
    address_list_add(&excludes, range);
    settings->has_internet_excludes = true;
    settings->internet_excludes =
        address_list_finish(&excludes, builder_arena(b));
    settings->empty_asg_no_match = random_chance(random, 30);
    add_networks(b, random);
    add_groups(b, random, oddness);
    if (random_chance(random, 60)) {
        add_admin_rules(b, random, oddness);
    }
    add_nics(b, random);
    return b;
}

static const struct flow *
random_flow(struct builder *b, struct random *random)
{
    static const char *const remotes[] = { "10.0.0.1",
                                           "10.0.0.4",
                                           "10.0.0.9",
                                           "10.0.0.17",
                                           "8.8.8.8",
                                           "168.63.129.16",
                                           "10.0.0.0/30",
                                           "10.0.0.12/31",
                                           "10.0.0.24-10.0.0.26",
                                           "fd00::1",
                                           "fd00::/126",
                                           "10.0.0.2,fd00::2",
                                           "TagA",
                                           "TagB,10.0.0.1",
                                           "VirtualNetwork",
                                           "Internet",
                                           "*",
                                           "2000::/3",
                                           "0.0.0.0/0",
                                           "NoSuchTag,8.8.8.8" };
    static const char *const locals[] = {
        "-", "-", "-", "-", "-", "*", "*", "10.0.0.1", "10.0.0.2,10.0.0.3"
    };
    static const char *const ports[] = { "0", "1",   "1",       "2",
                                         "3", "0-1", "1-65535", "*" };
    static const char *const protocols[] = { "Tcp",     "Tcp",  "Udp",
                                             "Tcp,Udp", "Icmp", "Esp,Other",
                                             "*" };
    const char *protocol = PICK(random, protocols);
    bool portless = *protocol == 'I' || *protocol == 'E';
    const char *source_port = portless ? "*" : PICK(random, ports);
    const char *destination_port = portless ? "*" : PICK(random, ports);
    size_t way = random_below(random, 3);
    const char *local = PICK(random, locals);
    /* Single addresses for the most part: they are what people ask. */
    const char *remote =
        way == 2 ? PICK(random, locals)
                 : pick(random, remotes,
                        random_chance(random, 60) ? 6 : COUNT_OF(remotes));

    return build_flow(
        b,
        arena_printf(builder_arena(b), "%s nic%zu%s %s %s %s %s %s",
                     way == 2   ? "Both"
                     : way == 1 ? "Inbound"
                                : "Outbound",
                     (size_t) random_below(random, 3),
                     way == 2 ? arena_printf(builder_arena(b), ",nic%zu",
                                             (size_t) random_below(random, 3))
                              : "",
                     protocol, way == 1 ? remote : local, source_port,
                     way == 1 ? local : remote, destination_port));
}

static void
add_sample(struct samples *samples, enum family family, uint128 value,
           struct wide weight)
{
    assert_true(samples->n < COUNT_OF(samples->items));
    samples->items[samples->n++] =
        (struct sample){ .address = { family, value }, .weight = weight };
}

/* Addresses that some word tells apart, and one for each kind of the rest. */
static void
fill_addresses(struct samples *samples)
{
    static const char *const named[] = { "168.63.129.16", "8.8.8.8",
                                         "fe80::1234:5678:9abc" };
    const struct wide one = wide_from(1);
    struct address address;

    samples->n = 0;
    for (unsigned int i = 0; i < 32; i++) {
        add_sample(samples, FAMILY_IPV4, 0x0a000000 + i, one);
    }
    for (unsigned int i = 0; i < 16; i++) {
        add_sample(samples, FAMILY_IPV6, ((uint128) 0xfd00 << 112) + i, one);
    }
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        assert_true(address_parse(named[i], &address));
        add_sample(samples, address.family, address.value, one);
    }
    add_sample(samples, FAMILY_IPV4, 0x09090909,
               wide_from(((uint128) 1 << 32) - 34));
    add_sample(samples, FAMILY_IPV6, (uint128) 0x2000 << 112,
               wide_from((uint128) 1 << 125));
    add_sample(samples, FAMILY_IPV6, (uint128) 0x4000 << 112,
               wide_from(((uint128) 7 << 125) - 17));
}

static void
fill_ports(struct samples *samples, struct span_set ports, bool portless)
{
    samples->n = 0;
    if (portless) {
        samples->items[samples->n++] =
            (struct sample){ .port = PORT_NONE, .weight = wide_from(1) };
        return;
    }
    for (uint32_t port = 0; port < 5; port++) {
        if (span_set_contains(ports, port)) {
            samples->items[samples->n++] =
                (struct sample){ .port = port,
                                 .weight = wide_from(port < 4 ? 1 : 65532) };
        }
    }
}

/* An end of a flow, found by looking at every NIC. */
struct tiny_end {
    const struct nic *nic;
    const struct ip_configuration *ips[8];
    size_t n_ips;
    enum reason reason;
};

static void
choose_ip(struct tiny_end *end, const struct ip_configuration *ip)
{
    for (size_t i = 0; i < end->n_ips; i++) {
        if (address_equal(end->ips[i]->address, ip->address)) {
            return;
        }
    }
    end->ips[end->n_ips++] = ip;
}

static struct tiny_end
find_end(struct builder *b, const struct flow_end *wanted)
{
    const struct nic *const *nics;
    size_t n = network_nics(builder_network(b), &nics);
    struct tiny_end end = { .nic = NULL };

    for (size_t i = 0; i < n; i++) {
        if (wanted->nic && ascii_equal(nics[i]->resource.name, wanted->nic)) {
            end.nic = nics[i];
        }
    }
    if (!end.nic) {
        return end;
    }
    for (size_t i = 0; wanted->any && i < end.nic->n_ip_configurations; i++) {
        choose_ip(&end, &end.nic->ip_configurations[i]);
    }
    if (!wanted->any && !wanted->n_addresses) {
        choose_ip(&end, &end.nic->ip_configurations[0]);
    }
    for (size_t i = 0; i < wanted->n_addresses; i++) {
        bool found = false;
        for (size_t j = 0; j < end.nic->n_ip_configurations && !found; j++) {
            const struct ip_configuration *ip = &end.nic->ip_configurations[j];
            found = ip->address.family == wanted->addresses[i].family
                    && ip->address.value == wanted->addresses[i].span.first;
            if (found) {
                choose_ip(&end, ip);
            }
        }
        if (!found) {
            end.reason = REASON_ADDRESS_NOT_ON_NIC;
        }
    }
    return end;
}

/* Is the address one of the remote end's, as the NIC's subnet sees it? */
static bool
is_remote(struct builder *b, const struct flow_end *remote,
          const struct linear_end *local, struct address address)
{
    struct linear_view view = { .network = builder_network(b),
                                .settings = builder_settings_const(b),
                                .end = local };

    view.subnet = network_find_subnet(view.network, local->ip->subnet_id,
                                      &view.virtual_network);
    for (size_t i = 0; i < remote->n_addresses; i++) {
        const struct address_range *range = &remote->addresses[i];
        if (range->family == address.family
            && range->span.first <= address.value
            && address.value <= range->span.last) {
            return true;
        }
    }
    for (size_t i = 0; i < remote->n_tags; i++) {
        if (linear_tag(&view, remote->tags[i], address) == YES) {
            return true;
        }
    }
    return remote->any;
}

static void
add_packet(struct expected *expected, const struct linear_answer *answer,
           struct wide weight)
{
    bool known = answer->can_allow != answer->can_deny;
    struct expected_region region = {
        .kind = !known              ? VERDICT_UNKNOWN
                : answer->can_allow ? VERDICT_ALLOW
                                    : VERDICT_DENY,
        .place = known ? answer->place : -2,
        .rule = known ? answer->rule : NULL,
        .packets = weight,
    };
    size_t i = 0;

    expected->packets = wide_add(expected->packets, weight);
    expected->totals[region.kind] =
        wide_add(expected->totals[region.kind], weight);
    expected->certain &= known && answer->certain;
    expected->reasons |= known ? 0 : answer->reasons;
    while (i < expected->n_regions
           && (expected->regions[i].kind != region.kind
               || expected->regions[i].place != region.place
               || expected->regions[i].rule != region.rule)) {
        i++;
    }
    if (i < expected->n_regions) {
        expected->regions[i].packets =
            wide_add(expected->regions[i].packets, weight);
    } else {
        assert_true(i < COUNT_OF(expected->regions));
        expected->regions[expected->n_regions++] = region;
    }
    for (i = 0; i < LINEAR_LAYERS; i++) {
        unsigned int outcomes = answer->layers[i].outcomes;
        expected->layers[i].exists |= answer->layers[i].exists;
        expected->layers[i].denies |= answer->layers[i].denies;
        if (answer->layers[i].reached) {
            expected->layers[i].reached = true;
            expected->layers[i].outcomes |= outcomes;
            expected->layers[i].uncertain |= (outcomes & (outcomes - 1)) != 0;
        }
    }
}

/* One pair of addresses: every protocol and port. */
static void
add_pair(struct builder *b, const struct flow *flow,
         const struct linear_end ends[2], const struct sample *source,
         const struct sample *destination, struct expected *expected)
{
    struct samples from;
    struct samples to;
    struct wide pair = wide_multiply(source->weight, destination->weight);

    for (int p = 0; p < N_PROTOCOLS; p++) {
        bool portless = !(PROTOCOLS_WITH_PORTS >> p & 1);
        if (!(flow->protocols >> p & 1)) {
            continue;
        }
        fill_ports(&from, flow->source.ports, portless);
        fill_ports(&to, flow->destination.ports, portless);
        for (size_t i = 0; i < from.n * to.n; i++) {
            const struct sample *x = &from.items[i / to.n];
            const struct sample *y = &to.items[i % to.n];
            struct packet packet = { .protocol = (enum protocol) p,
                                     .source = source->address,
                                     .destination = destination->address,
                                     .source_port = x->port,
                                     .destination_port = y->port };
            struct linear_answer answer =
                linear_judge(builder_network(b), builder_settings_const(b),
                             &ends[0], &ends[1], &packet);
            add_packet(
                expected, &answer,
                wide_multiply(pair, wide_multiply(x->weight, y->weight)));
        }
    }
}

/* Calls add_pair() for all pairs of addresses of the flow. */
static void
add_pairs(struct builder *b, const struct flow *flow,
          const struct tiny_end ends[2], struct expected *expected)
{
    struct samples everywhere;
    const struct tiny_end *local = ends[0].nic ? &ends[0] : &ends[1];

    fill_addresses(&everywhere);
    for (size_t i = 0; i < local->n_ips; i++) {
        bool outbound = local == &ends[0];
        const struct tiny_end *other = outbound ? &ends[1] : &ends[0];
        size_t n = other->nic ? other->n_ips : everywhere.n;
        for (size_t j = 0; j < n; j++) {
            struct linear_end here = { local->nic, local->ips[i] };
            struct linear_end there = { other->nic,
                                        other->nic ? other->ips[j] : NULL };
            struct sample near = { local->ips[i]->address, 0, wide_from(1) };
            struct sample far = other->nic
                                    ? (struct sample){ other->ips[j]->address,
                                                       0, wide_from(1) }
                                    : everywhere.items[j];
            if (far.address.family != near.address.family
                || (!other->nic
                    && !is_remote(
                        b, outbound ? &flow->destination : &flow->source,
                        &here, far.address))) {
                continue;
            }
            const struct linear_end pair[2] = { outbound ? here : there,
                                                outbound ? there : here };
            add_pair(b, flow, pair, outbound ? &near : &far,
                     outbound ? &far : &near, expected);
        }
    }
}

/* Default rules have no ids of their own: the group tells them apart. */
static bool
is_of_ruleset(struct builder *b, const struct rule *rule, const char *id)
{
    const struct security_group *group =
        network_find_security_group(builder_network(b), id);

    return rule->kind == RULE_ADMIN
           || (group && rule >= group->rules
               && rule < group->rules + group->n_rules);
}

static bool
same_rule(struct builder *b, const struct policy_rule *a,
          const struct rule *rule)
{
    return a ? rule && ascii_equal(a->name, rule->name)
                   && ascii_equal(a->id, rule->id)
                   && is_of_ruleset(b, rule, a->ruleset_id)
             : !rule;
}

static int
place_of(const struct verdict *verdict, const struct decision *decision)
{
    for (size_t i = 0; i < verdict->n_layers; i++) {
        if (verdict->layers[i].side == decision->side
            && verdict->layers[i].layer == decision->layer) {
            return (int) i;
        }
    }
    return -1;
}

static const struct expected_region *
find_region(struct builder *b, const struct expected *expected,
            const struct verdict *verdict, enum verdict_kind kind,
            const struct decision *decision)
{
    for (size_t i = 0; i < expected->n_regions; i++) {
        const struct expected_region *region = &expected->regions[i];
        if (region->kind == kind && same_rule(b, decision->rule, region->rule)
            && region->place == place_of(verdict, decision)) {
            return region;
        }
    }
    return NULL;
}

/* The deciding rule has the largest share; ties go by layer order, then by
 * priority. */
static bool
is_best(const struct expected *expected, const struct expected_region *chosen)
{
    for (size_t i = 0; i < expected->n_regions; i++) {
        const struct expected_region *other = &expected->regions[i];
        int shares = wide_compare(other->packets, chosen->packets);
        if (other->kind != chosen->kind || shares < 0) {
            continue;
        }
        if (shares > 0 || other->place < chosen->place
            || (other->place == chosen->place && other->rule && chosen->rule
                && other->rule->priority > 0 && chosen->rule->priority > 0
                && other->rule->priority < chosen->rule->priority)) {
            return false;
        }
    }
    return true;
}

static const char *
compare_layers(const struct expected *expected, const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->n_layers; i++) {
        const struct layer_result *layer = &verdict->layers[i];
        unsigned int outcomes = expected->layers[i].outcomes;
        if (!expected->layers[i].exists) {
            if (layer->outcome != OUTCOME_NO_RULESET
                && layer->outcome != OUTCOME_NOT_APPLICABLE) {
                return "a layer that does not exist";
            }
            continue;
        }
        enum layer_outcome outcome =
            !expected->layers[i].reached             ? OUTCOME_NOT_CONSULTED
            : expected->layers[i].uncertain          ? OUTCOME_UNCERTAIN
            : outcomes & (outcomes - 1)              ? OUTCOME_MIXED
            : outcomes == 1U << OUTCOME_ALLOW        ? OUTCOME_ALLOW
            : outcomes == 1U << OUTCOME_DENY         ? OUTCOME_DENY
            : outcomes == 1U << OUTCOME_ALWAYS_ALLOW ? OUTCOME_ALWAYS_ALLOW
                                                     : OUTCOME_NO_MATCH;
        if (layer->outcome != outcome) {
            return "outcome of a layer";
        }
        if (layer->denies != expected->layers[i].denies) {
            return "denies of a layer";
        }
    }
    return NULL;
}

static const char *
compare_regions(struct builder *b, const struct expected *expected,
                const struct verdict *verdict)
{
    struct wide sum = wide_from(0);

    for (size_t i = 0; i < verdict->n_regions; i++) {
        const struct region *region = &verdict->regions[i];
        sum = wide_add(sum, region->count);
        if (region->kind == VERDICT_UNKNOWN) {
            continue;
        }
        const struct expected_region *known =
            find_region(b, expected, verdict, region->kind, &region->decision);
        if (!known || wide_compare(known->packets, region->count) != 0) {
            return "packets of a region";
        }
    }
    if (!verdict->n_more_regions && wide_compare(sum, verdict->packets) != 0) {
        return "sum of the regions";
    }
    return NULL;
}

/* Judges the examples again, each as the packet that it is. */
static const char *
compare_examples(struct builder *b, const struct tiny_end ends[2],
                 const struct verdict *verdict)
{
    for (size_t i = 0; i < verdict->n_regions; i++) {
        const struct region *region = &verdict->regions[i];
        struct linear_end pair[2] = { { NULL, NULL }, { NULL, NULL } };
        for (int side = 0; side < 2; side++) {
            struct address address =
                side ? region->example.destination : region->example.source;
            for (size_t j = 0; j < ends[side].n_ips; j++) {
                if (address_equal(ends[side].ips[j]->address, address)) {
                    pair[side] = (struct linear_end){ ends[side].nic,
                                                      ends[side].ips[j] };
                }
            }
            if (ends[side].nic && !pair[side].nic) {
                return "address of an example";
            }
        }
        struct linear_answer answer =
            linear_judge(builder_network(b), builder_settings_const(b),
                         &pair[0], &pair[1], &region->example);
        bool known = answer.can_allow != answer.can_deny;
        if (known != (region->kind != VERDICT_UNKNOWN)
            || (known && answer.can_allow != (region->kind == VERDICT_ALLOW))
            || (known && !same_rule(b, region->decision.rule, answer.rule))) {
            return "fate of an example";
        }
    }
    return NULL;
}

/* Returns what differs, or NULL. */
static const char *
compare(struct builder *b, const struct tiny_end ends[2],
        const struct expected *expected, const struct verdict *verdict)
{
    bool allowed = !wide_is_zero(expected->totals[VERDICT_ALLOW]);
    bool denied = !wide_is_zero(expected->totals[VERDICT_DENY]);
    bool unknown = !wide_is_zero(expected->totals[VERDICT_UNKNOWN]);
    enum verdict_kind kind = allowed && denied ? VERDICT_PARTIAL
                             : unknown         ? VERDICT_UNKNOWN
                             : denied          ? VERDICT_DENY
                                               : VERDICT_ALLOW;

    if (verdict->kind != kind) {
        return "verdict";
    }
    if (wide_compare(verdict->packets, expected->packets) != 0
        || wide_compare(verdict->allowed, expected->totals[VERDICT_ALLOW])
               != 0) {
        return "packets";
    }
    if (fabs(verdict->allowed_ratio
             - wide_to_double(expected->totals[VERDICT_ALLOW])
                   / wide_to_double(expected->packets))
        > 1e-12) {
        return "allowed_ratio";
    }
    if (verdict->certain != expected->certain) {
        return "certain";
    }
    if (kind == VERDICT_UNKNOWN) {
        if (!(expected->reasons >> verdict->reason & 1)
            || !*verdict->reason_detail) {
            return "reason";
        }
    } else {
        const struct expected_region *region =
            find_region(b, expected, verdict,
                        kind == VERDICT_ALLOW ? VERDICT_ALLOW : VERDICT_DENY,
                        &verdict->decision);
        if (!region || !is_best(expected, region)) {
            return "deciding rule";
        }
    }
    const char *what = compare_layers(expected, verdict);
    what = what ? what : compare_regions(b, expected, verdict);
    return what ? what : compare_examples(b, ends, verdict);
}

/* The reason for which the flow cannot be judged at all, or NONE. */
static enum reason
hopeless(const struct flow *flow, const struct tiny_end ends[2],
         const struct expected *expected)
{
    const struct flow_end *remote =
        ends[0].nic ? &flow->destination : &flow->source;

    for (int i = 0; i < 2; i++) {
        if (ends[i].reason != REASON_NONE) {
            return ends[i].reason;
        }
    }
    for (size_t i = 0; i < remote->n_tags; i++) {
        if (ascii_equal(remote->tags[i], "NoSuchTag")) {
            return REASON_UNKNOWN_TAG;
        }
    }
    return wide_is_zero(expected->packets) ? REASON_EMPTY_FLOW : REASON_NONE;
}

static void
check_flow(struct builder *b, const struct flow *flow, size_t round)
{
    static struct expected expected;
    const struct tiny_end ends[2] = { find_end(b, &flow->source),
                                      find_end(b, &flow->destination) };
    struct verdict *verdict = estate_judge(builder_estate(b), flow, NULL);
    const char *what = NULL;

    memset(&expected, 0, sizeof expected);
    expected.certain = true;
    add_pairs(b, flow, ends, &expected);
    enum reason reason = hopeless(flow, ends, &expected);
    if (reason != REASON_NONE) {
        what = verdict->kind == VERDICT_UNKNOWN && verdict->reason == reason
                   ? NULL
                   : "reason of a hopeless flow";
    } else {
        what = compare(b, ends, &expected, verdict);
    }
    if (what) {
        print_message("estate %zu, flow %s: %s differs (%s; reasons %x)\n",
                      round, flow->name, what, verdict_words(b, verdict),
                      expected.reasons);
    }
    assert_null(what);
    verdict_unref(verdict);
}

static void
test_engine_agrees_with_linear_evaluator(void **state)
{
    size_t n = random_rounds(ESTATES);

    (void) state;
    for (size_t i = 0; i < n; i++) {
        struct random random = random_start(1000 + i);
        struct builder *b = random_estate(&random);
        for (size_t j = 0; j < FLOWS; j++) {
            check_flow(b, random_flow(b, &random), i);
        }
        builder_destroy(b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine_agrees_with_linear_evaluator),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
