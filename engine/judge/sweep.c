#include "engine/judge/sweep.h"

#include "engine/compile/classes.h"
#include "engine/judge/lookup.h"

/* A sweep under way. */
struct walk {
    const struct classifier *const *chains;
    size_t n;
    const struct query *query;
    struct span_set sets[N_CLASS_FIELDS];
    struct span protocols[N_PROTOCOLS];
    struct packet packet;
    sweep_emit *emit;
    void *aux;
};

static void
set_value(struct packet *packet, enum class_field field, uint128 value)
{
    switch (field) {
    case CLASS_PROTOCOL: packet->protocol = (enum protocol) value; break;
    case CLASS_SOURCE_PORT: packet->source_port = (uint32_t) value; break;
    case CLASS_DESTINATION_PORT:
        packet->destination_port = (uint32_t) value;
        break;
    case CLASS_DESTINATION: packet->destination.value = value; break;
    case CLASS_SOURCE: packet->source.value = value; break;
    case N_CLASS_FIELDS: break;
    }
}

static void
walk_field(struct walk *walk, unsigned int field, struct wide count)
{
    struct match matches[SWEEP_CHAINS_MAX];

    if (field == N_CLASS_FIELDS) {
        for (size_t i = 0; i < walk->n; i++) {
            matches[i] = classifier_lookup(walk->chains[i], &walk->packet);
        }
        walk->emit(walk->aux, matches, count, &walk->packet);
        return;
    }
    for (size_t i = 0; i < walk->sets[field].n; i++) {
        struct span span = walk->sets[field].spans[i];
        for (uint128 at = span.first;;) {
            uint128 end = span.last;
            for (size_t j = 0; j < walk->n; j++) {
                const struct partition *partition = classifier_field(
                    walk->chains[j], walk->query->family, field);
                uint128 own =
                    partition_end(partition, partition_find(partition, at));
                end = own < end ? own : end;
            }
            set_value(&walk->packet, field, at);
            walk_field(walk, field + 1,
                       wide_multiply(count, wide_from_span(at, end)));
            if (end == span.last) {
                break;
            }
            at = end + 1;
        }
    }
}

bool
sweep(const struct classifier *const chains[], size_t n,
      const struct query *query, uint64_t budget, sweep_emit *emit, void *aux,
      struct wide *undecided)
{
    struct walk walk = {
        .chains = chains, .n = n, .query = query, .emit = emit, .aux = aux
    };

    (void) budget;
    *undecided = wide_from(0);
    walk.packet.source.family = query->family;
    walk.packet.destination.family = query->family;
    walk.sets[CLASS_PROTOCOL].spans = walk.protocols;
    for (unsigned int i = 0; i < N_PROTOCOLS; i++) {
        if (query->protocols >> i & 1) {
            walk.protocols[walk.sets[CLASS_PROTOCOL].n++] =
                (struct span){ i, i };
        }
    }
    walk.sets[CLASS_SOURCE_PORT] = query->source_ports;
    walk.sets[CLASS_DESTINATION_PORT] = query->destination_ports;
    walk.sets[CLASS_DESTINATION] = query->destination;
    walk.sets[CLASS_SOURCE] = query->source;
    walk_field(&walk, 0, wide_from(1));
    return true;
}
