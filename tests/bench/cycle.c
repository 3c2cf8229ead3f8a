/* A cycle over a large estate: 1,000 groups, each on a NIC of its own, and
 * 10,000 configured flows. */

#include <string.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/model/flow.h"
#include "engine/model/network.h"
#include "exporter/cycle_flow.h"
#include "exporter/cycle_world.h"
#include "exporter/source/source.h"
#include "tests/bench/bench.h"
#include "tests/oracle/world.h"

enum { GROUPS = 1000, FLOWS = 10000, RULES = 12 };

#define SCOPE                                                                 \
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/"  \
    "providers/Microsoft.Network/"

struct estate_data {
    struct arena *arena;
    struct network_part part;
    struct config config;
};

static struct resource
make_resource(struct arena *arena, const char *kind, const char *prefix,
              size_t i)
{
    const char *name = arena_printf(arena, "%s-%04zu", prefix, i);

    return (struct resource){
        .id = arena_printf(arena, SCOPE "%s/%s", kind, name),
        .name = name,
        .resource_group = "rg",
        .location = "westeurope",
    };
}

static struct rule_side
make_side(struct arena *arena, const char *word, const char *port)
{
    struct term *term = arena_alloc(arena, sizeof *term);
    const char **ports = arena_alloc(arena, sizeof(const char *));

    *term = (struct term){ TERM_ADDRESS, word };
    *ports = port;
    return (struct rule_side){ term, 1, ports, 1 };
}

static struct rule
make_rule(struct arena *arena, struct random *random, size_t i)
{
    const char *net = arena_printf(arena, "10.%u.%u.0/24",
                                   (unsigned int) random_below(random, 4),
                                   (unsigned int) random_below(random, 256));
    const char *port = arena_printf(
        arena, "%u", (unsigned int) (1 + random_below(random, 9000)));
    bool allow = random_chance(random, 70);

    return (struct rule){
        .name = arena_printf(arena, "rule-%zu", i),
        .id = "",
        .description = "",
        .protocol = "Tcp",
        .access_text = allow ? "Allow" : "Deny",
        .kind = RULE_CUSTOM,
        .direction = DIRECTION_INBOUND,
        .access = allow ? ACCESS_ALLOW : ACCESS_DENY,
        .priority = (int) (100 + i),
        .source = make_side(arena, i % 4 ? net : "VirtualNetwork", "*"),
        .destination = make_side(arena, "*", port),
    };
}

static struct security_group
make_group(struct arena *arena, size_t i, uint64_t seed)
{
    struct random random = random_start(seed);
    size_t n_defaults;
    const struct rule *defaults = default_rules(&n_defaults);
    struct rule *rules =
        arena_alloc_array(arena, RULES + n_defaults, sizeof *rules);
    uint64_t identity[2] = { i, seed };

    for (size_t j = 0; j < RULES; j++) {
        rules[j] = make_rule(arena, &random, j);
    }
    memcpy(rules + RULES, defaults, n_defaults * sizeof *rules);
    return (struct security_group){
        .resource = make_resource(arena, "networkSecurityGroups", "nsg", i),
        .rules = rules,
        .n_rules = RULES + n_defaults,
        .hash = hash_bytes(identity, sizeof identity),
    };
}

static struct nic
make_nic(struct arena *arena, size_t i, const char *subnet_id,
         const char *nsg_id)
{
    struct ip_configuration *ip = arena_alloc(arena, sizeof *ip);

    *ip = (struct ip_configuration){
        .name = "ipconfig1",
        .has_address = true,
        .address = { FAMILY_IPV4, (UINT32_C(10) << 24) + 1000 + i },
        .primary = true,
        .subnet_id = subnet_id,
    };
    return (struct nic){
        .resource = make_resource(arena, "networkInterfaces", "nic", i),
        .vm_id = "",
        .nsg_id = nsg_id,
        .primary = true,
        .ip_configurations = ip,
        .n_ip_configurations = 1,
    };
}

static void
make_network(struct estate_data *data)
{
    struct arena *arena = data->arena;
    struct virtual_network *vnet = arena_alloc(arena, sizeof *vnet);
    struct subnet *subnet = arena_alloc(arena, sizeof *subnet);
    struct security_group *groups =
        arena_alloc_array(arena, GROUPS, sizeof *groups);
    struct nic *nics = arena_alloc_array(arena, GROUPS, sizeof *nics);
    struct address_list space;

    vnet->resource = make_resource(arena, "virtualNetworks", "vnet", 0);
    address_list_init(&space);
    address_list_add(
        &space, (struct address_range){
                    FAMILY_IPV4,
                    { UINT32_C(10) << 24, (UINT32_C(10) << 24) + 0xffffff } });
    vnet->address_space = address_list_finish(&space, arena);
    subnet->id = arena_printf(arena, "%s/subnets/default", vnet->resource.id);
    subnet->name = "default";
    subnet->nsg_id = "";
    subnet->route_table_id = "";
    vnet->subnets = subnet;
    vnet->n_subnets = 1;
    for (size_t i = 0; i < GROUPS; i++) {
        groups[i] = make_group(arena, i, i);
        nics[i] = make_nic(arena, i, subnet->id, groups[i].resource.id);
    }
    data->part = (struct network_part){
        .arena = arena,
        .label = "bench",
        .nics = nics,
        .n_nics = GROUPS,
        .virtual_networks = vnet,
        .n_virtual_networks = 1,
        .security_groups = groups,
        .n_security_groups = GROUPS,
    };
}

static void
make_flows(struct estate_data *data)
{
    struct arena *arena = data->arena;
    struct random random = random_start(10000);

    struct config_flow *flows = arena_alloc_array(arena, FLOWS, sizeof *flows);
    for (size_t i = 0; i < FLOWS; i++) {
        struct flow *flow = &flows[i].flow;
        struct address_range *remote = arena_alloc(arena, sizeof *remote);
        uint64_t address =
            (UINT64_C(10) << 24) + random_below(&random, 1 << 18);
        uint64_t port = 1 + random_below(&random, 9000);
        *remote = (struct address_range){ FAMILY_IPV4, { address, address } };
        flow->name = arena_printf(arena, "flow-%zu", i);
        flow->source.addresses = remote;
        flow->source.n_addresses = 1;
        flow->source.ports = span_set_of(arena, 0, 65535);
        flow->destination.nic = data->part.nics[i % GROUPS].resource.id;
        flow->destination.ports = span_set_of(arena, port, port);
        flow->protocols = 1 << PROTOCOL_TCP;
    }
    data->config.flows = flows;
    data->config.n_flows = FLOWS;
}

/* One pass, as a cycle does it: the network is put together and the flows
 * are judged, as far as something changed.  Returns milliseconds. */
static double
pass(const struct estate_data *data, struct world *world,
     struct cycle_flow *flows, const struct network_part *part, bool changed)
{
    const struct network_part *const parts[] = { part };
    struct collection collection = {
        .parts = parts,
        .n_parts = 1,
        .changed = changed,
        .complete = true,
        .succeeded = true,
        .absent = ADMIN_RULES_ABSENT_IS_NONE,
    };
    double start = bench_now();

    world_take(world, &collection);
    world_judge(world, &data->config, flows);
    world_settle(world);
    return (bench_now() - start) * 1e3;
}

/* The part with one group edited. */
static struct network_part
edit_part(const struct estate_data *data, struct arena *arena)
{
    struct security_group *groups = arena_memdup(
        arena, data->part.security_groups, GROUPS * sizeof *groups);
    struct network_part part = data->part;

    groups[500] = make_group(arena, 500, 424242);
    part.security_groups = groups;
    part.arena = arena;
    arena_keep(arena, data->arena);
    return part;
}

void
bench_cycle(void)
{
    struct estate_data data = { .arena = arena_create() };
    struct arena *arena = arena_create();
    struct world *world = world_create();

    make_network(&data);
    make_flows(&data);
    struct cycle_flow *flows = cycle_flows_create(&data.config, NULL, 0);
    struct network_part edited = edit_part(&data, arena);
    bench_row("10,000 flows over 1,000 groups: first cycle",
              pass(&data, world, flows, &data.part, true), "ms", GOAL_NONE, 0);
    bench_row("10,000 flows over 1,000 groups: nothing changed",
              pass(&data, world, flows, &data.part, false), "ms", GOAL_AT_MOST,
              5);
    bench_row("10,000 flows over 1,000 groups: read anew, but the same",
              pass(&data, world, flows, &data.part, true), "ms", GOAL_NONE, 0);
    bench_row("10,000 flows over 1,000 groups: one group changed",
              pass(&data, world, flows, &edited, true), "ms", GOAL_AT_MOST,
              60);
    cycle_flows_destroy(flows, FLOWS);
    world_destroy(world);
    arena_unref(arena);
    arena_unref(data.arena);
}
