/* Rules from bytes are compiled; packets near their bounds are looked up and
 * judged by the plain evaluator, too. */

#include <stdlib.h>

#include "engine/judge/lookup.h"
#include "tests/fuzz/input.h"
#include "tests/oracle/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RULES_MAX = 24, PACKETS = 32 };

static struct packet
input_packet(struct input *input)
{
    uint8_t kind = input_byte(input);
    enum family family = (enum family)(kind & 1);
    enum protocol protocol = (enum protocol)((kind >> 1) % N_PROTOCOLS);
    bool has_ports = protocol <= PROTOCOL_UDP;
    uint128 source_port = input_value(input, PORT_MAX);
    uint128 port = input_value(input, PORT_MAX);

    return (struct packet){
        .protocol = protocol,
        .source = { family, input_value(input, family_max(family)) },
        .destination = { family, input_value(input, family_max(family)) },
        .source_port = has_ports ? (uint32_t) source_port : PORT_NONE,
        .destination_port = has_ports ? (uint32_t) port : PORT_NONE,
    };
}

static void
check_batch(const struct classifier *chain, const struct packet *packet,
            uint32_t rule)
{
    uint32_t source = (uint32_t) packet->source.value;
    uint32_t destination = (uint32_t) packet->destination.value;
    uint32_t ports =
        packet->source_port << 16 | (packet->destination_port & 0xffff);
    uint8_t protocol = (uint8_t) packet->protocol;
    struct packets_ipv4 one = { &source, &destination, &ports, &protocol, 1 };
    uint32_t found;

    classifier_lookup_batch(chain, &one, &found);
    if (found != rule) {
        abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, size, arena_create() };
    struct policy_rule rules[RULES_MAX];
    size_t n = input_rules(&input, rules, RULES_MAX);
    struct classifier *chain = classifier_compile(rules, n);

    for (size_t i = 0; i < PACKETS; i++) {
        struct packet packet = input_packet(&input);
        struct match plain = plain_match(rules, n, &packet);
        struct match fast = classifier_lookup(chain, &packet);
        if (!match_equal(&plain, &fast)) {
            abort();
        }
        if (packet.source.family == FAMILY_IPV4) {
            check_batch(chain, &packet, plain.rule);
        }
    }
    classifier_unref(chain);
    arena_unref(input.arena);
    return 0;
}
