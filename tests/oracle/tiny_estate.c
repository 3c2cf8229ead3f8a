#include "tests/oracle/tiny_estate.h"

#include <string.h>

#include "engine/base/arena.h"
#include "tests/oracle/world.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

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
    size_t n = random_below(random, random_chance(random, 12) ? 28 : 5);
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
                         pick(random, managers, n_managers), (i * 7) % 32);
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
        build_admin_rule(b, "a",
                         arena_printf(arena,
                                      "m1/c/g Inbound 3 Deny * group=%s * * *",
                                      random_chance(random, 50)   ? "known"
                                      : random_chance(random, 50) ? "half"
                                                                  : "lost"));
    }
    build_network_group(b, "known", "10.0.0.8/29");
    build_network_group(b, "half", "10.0.0.4/30")->incomplete = true;
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

struct builder *
tiny_estate(struct random *random)
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

const struct flow *
tiny_flow(struct builder *b, struct random *random)
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
