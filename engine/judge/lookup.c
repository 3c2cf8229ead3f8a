#include "engine/judge/lookup.h"

#include "engine/compile/classes.h"

static uint128
packet_value(const struct packet *packet, enum class_field field)
{
    switch (field) {
    case CLASS_PROTOCOL: return packet->protocol;
    case CLASS_SOURCE_PORT: return packet->source_port;
    case CLASS_DESTINATION_PORT: return packet->destination_port;
    case CLASS_DESTINATION: return packet->destination.value;
    case CLASS_SOURCE: return packet->source.value;
    case N_CLASS_FIELDS: break;
    }
    return 0;
}

struct match
classifier_lookup(const struct classifier *chain, const struct packet *packet)
{
    struct match match = { SWEEP_NO_RULE, SWEEP_NO_RULE, 0 };
    const uint64_t *bitmaps[N_CLASS_FIELDS];

    for (unsigned int i = 0; i < N_CLASS_FIELDS; i++) {
        enum class_field field = (enum class_field) i;
        const struct partition *partition =
            classifier_field(chain, packet->source.family, field);
        uint32_t interval =
            partition_find(partition, packet_value(packet, field));
        bitmaps[i] = partition->bitmaps
                     + (size_t) partition->classes[interval] * chain->words;
    }
    for (uint32_t i = 0; i < chain->words; i++) {
        uint64_t word = bitmaps[0][i] & bitmaps[1][i] & bitmaps[2][i]
                        & bitmaps[3][i] & bitmaps[4][i];
        while (word) {
            uint32_t number = i * 64 + (uint32_t) __builtin_ctzll(word);
            const struct class_bit *bit = &chain->bits[number];
            if (bit->certain) {
                match.rule = bit->rule;
                return match;
            }
            if (match.first_maybe == SWEEP_NO_RULE) {
                match.first_maybe = bit->rule;
            }
            match.maybe |= bit->accesses;
            word &= word - 1;
        }
    }
    return match;
}

void
classifier_lookup_batch(const struct classifier *chain,
                        const struct packets_ipv4 *packets, uint32_t rules[])
{
    for (size_t i = 0; i < packets->n; i++) {
        bool has_ports = packets->protocols[i] <= PROTOCOL_UDP;
        struct packet packet = {
            .protocol = packets->protocols[i],
            .source = { FAMILY_IPV4, packets->source[i] },
            .destination = { FAMILY_IPV4, packets->destination[i] },
            .source_port = has_ports ? packets->ports[i] >> 16 : 65536,
            .destination_port = has_ports ? packets->ports[i] & 0xffff : 65536,
        };
        rules[i] = classifier_lookup(chain, &packet).rule;
    }
}

size_t
lookup_paths(const char *const **names)
{
    static const char *const paths[] = { "portable" };

    *names = paths;
    return 1;
}

void
lookup_force_path(const char *name)
{
    (void) name;
}
