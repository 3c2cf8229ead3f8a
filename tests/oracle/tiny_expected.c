#include "tests/oracle/tiny_expected.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "engine/model/port.h"
#include "tests/oracle/linear_match.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

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

/* What the estates may hold is known; more would need larger tables. */
static void
check(bool true_here)
{
    if (!true_here) {
        fputs("tiny_expected: a table is too small\n", stderr);
        abort();
    }
}

static void
add_sample(struct samples *samples, enum family family, uint128 value,
           struct wide weight)
{
    check(samples->n < COUNT_OF(samples->items));
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
        check(address_parse(named[i], &address));
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

struct tiny_end
tiny_find_end(struct builder *b, const struct flow_end *wanted)
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
        check(i < COUNT_OF(expected->regions));
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

void
tiny_expect(struct builder *b, const struct flow *flow,
            const struct tiny_end ends[2], struct expected *expected)
{
    struct samples everywhere;
    const struct tiny_end *local = ends[0].nic ? &ends[0] : &ends[1];

    memset(expected, 0, sizeof *expected);
    expected->certain = true;
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
