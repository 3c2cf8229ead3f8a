#include "engine/judge/question.h"

#include "engine/base/arena.h"
#include "engine/compile/settings.h"
#include "engine/model/flow.h"
#include "engine/model/network.h"
#include "engine/model/port.h"

static void find_ends(struct questions *questions, struct estate *estate,
                      const struct flow *flow, struct arena *arena);
static void hash_flow(struct hasher *hasher, const struct flow *flow);
static void hash_end(struct hasher *hasher, const struct end *end);
static void check_remote(struct questions *questions, const struct flow *flow,
                         struct hasher *hasher, struct arena *arena);

/* A question in the making. */
struct shape {
    const struct flow *flow;
    struct arena *arena;
    struct question *items;
    size_t n;
};

struct questions
questions_prepare(struct estate *estate, const struct flow *flow,
                  struct arena *arena)
{
    struct questions questions = { .detail = "" };
    struct hasher hasher;

    hasher_init(&hasher);
    hasher_add_u64(&hasher, estate_settings(estate)->budget);
    hash_flow(&hasher, flow);
    find_ends(&questions, estate, flow, arena);
    for (int i = 0; i < questions.n_ends; i++) {
        const struct end *end = &questions.ends[i];
        hash_end(&hasher, end);
        if (end->nic) {
            origins_add(&questions.origins, end->nic->resource.origin, arena);
        }
        for (size_t j = 0; j < end->n_parts; j++) {
            const struct origins *more = &end->parts[j].site->origins;
            origins_add_all(&questions.origins, more->items, more->n, arena);
        }
    }
    check_remote(&questions, flow, &hasher, arena);
    hasher_add_u64(&hasher, questions.reason);
    hasher_add_string(&hasher, questions.detail);
    hasher_add(&hasher, questions.origins.items,
               questions.origins.n * sizeof *questions.origins.items);
    questions.basis = hasher_finish(&hasher);
    return questions;
}

/* Spec verdict 9: the first of these, source side first. */
static void
choose_reason(struct questions *questions)
{
    static const enum reason order[] = { REASON_NIC_NOT_FOUND,
                                         REASON_ADDRESS_NOT_ON_NIC,
                                         REASON_NETWORK_MISSING,
                                         REASON_EMPTY_FLOW };

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        for (int j = 0; j < questions->n_ends; j++) {
            if (questions->ends[j].reason == order[i]) {
                questions->reason = order[i];
                questions->detail = questions->ends[j].detail;
                return;
            }
        }
    }
}

static void
find_ends(struct questions *questions, struct estate *estate,
          const struct flow *flow, struct arena *arena)
{
    if (flow_end_is_judged(&flow->source)) {
        questions->sides[questions->n_ends] = SIDE_SOURCE;
        questions->ends[questions->n_ends++] =
            end_find(estate, &flow->source, DIRECTION_OUTBOUND, arena);
    }
    if (flow_end_is_judged(&flow->destination)) {
        questions->sides[questions->n_ends] = SIDE_DESTINATION;
        questions->ends[questions->n_ends++] =
            end_find(estate, &flow->destination, DIRECTION_INBOUND, arena);
    }
    if (!questions->n_ends) {
        questions->reason = REASON_NIC_NOT_FOUND;
        questions->detail = "the flow names no NIC";
    }
    choose_reason(questions);
}

static void
hash_flow_end(struct hasher *hasher, const struct flow_end *end)
{
    hasher_add_string(hasher, end->nic);
    hasher_add_string(hasher, end->vm);
    hasher_add_u64(hasher, end->any);
    hasher_add_u64(hasher, end->n_addresses);
    for (size_t i = 0; i < end->n_addresses; i++) {
        hasher_add_u64(hasher, end->addresses[i].family);
        hasher_add(hasher, &end->addresses[i].span,
                   sizeof end->addresses[i].span);
    }
    hasher_add_u64(hasher, end->n_tags);
    for (size_t i = 0; i < end->n_tags; i++) {
        hasher_add_string(hasher, end->tags[i]);
    }
    span_set_hash(end->ports, hasher);
}

static void
hash_flow(struct hasher *hasher, const struct flow *flow)
{
    hash_flow_end(hasher, &flow->source);
    hash_flow_end(hasher, &flow->destination);
    hasher_add_u64(hasher, flow->protocols);
}

static void
hash_end(struct hasher *hasher, const struct end *end)
{
    hasher_add_u64(hasher, end->reason);
    hasher_add_string(hasher, end->detail);
    hasher_add_u64(hasher, end->n_parts);
    for (size_t i = 0; i < end->n_parts; i++) {
        hasher_add(hasher, &end->parts[i].site->key,
                   sizeof end->parts[i].site->key);
        address_set_hash(end->parts[i].addresses, hasher);
    }
}

static const struct flow_end *
remote_end(const struct flow *flow)
{
    return flow_end_is_judged(&flow->source) ? &flow->destination
                                             : &flow->source;
}

static void
check_remote(struct questions *questions, const struct flow *flow,
             struct hasher *hasher, struct arena *arena)
{
    const struct flow_end *remote = remote_end(flow);

    if (questions->n_ends != 1) {
        return;
    }
    for (size_t i = 0; i < questions->ends[0].n_parts; i++) {
        const char *unknown =
            remote_check(remote, questions->ends[0].parts[i].site, hasher,
                         &questions->origins, arena);
        if (unknown && questions->reason == REASON_NONE) {
            questions->reason = REASON_UNKNOWN_TAG;
            questions->detail = unknown;
        }
    }
}

static struct span_set
no_port(void)
{
    static const struct span none = { PORT_NONE, PORT_NONE };

    return (struct span_set){ &none, 1 };
}

/* Adds the questions of one pair of address sets: one a family for protocols
 * with ports, and one for those without. */
static void
add_questions(struct shape *shape, const struct question *like,
              struct address_set source, struct address_set destination)
{
    const struct flow *flow = shape->flow;
    const protocol_set kinds[] = {
        flow->protocols & PROTOCOLS_WITH_PORTS,
        flow->protocols & PROTOCOLS_ALL & ~PROTOCOLS_WITH_PORTS,
    };

    for (int family = 0; family < N_FAMILIES; family++) {
        for (int i = 0; i < 2; i++) {
            struct query query = {
                .family = (enum family) family,
                .protocols = kinds[i],
                .source = source.families[family],
                .source_ports = i ? no_port() : flow->source.ports,
                .destination = destination.families[family],
                .destination_ports = i ? no_port() : flow->destination.ports,
            };
            if (query.protocols && query.source.n && query.destination.n
                && query.source_ports.n && query.destination_ports.n) {
                struct question *question = &shape->items[shape->n++];
                *question = *like;
                question->query = query;
            }
        }
    }
}

static void
fill_two_sided(struct shape *shape, const struct questions *questions)
{
    const struct end *source = &questions->ends[0];
    const struct end *destination = &questions->ends[1];

    for (size_t i = 0; i < source->n_parts; i++) {
        for (size_t j = 0; j < destination->n_parts; j++) {
            struct question like = {
                .sites = { source->parts[i].site, destination->parts[j].site },
                .sides = { SIDE_SOURCE, SIDE_DESTINATION },
                .n_sides = 2,
            };
            add_questions(shape, &like, source->parts[i].addresses,
                          destination->parts[j].addresses);
        }
    }
}

static void
fill_one_sided(struct shape *shape, const struct questions *questions)
{
    const struct end *end = &questions->ends[0];
    const struct flow_end *remote = remote_end(shape->flow);

    for (size_t i = 0; i < end->n_parts; i++) {
        const struct end_part *part = &end->parts[i];
        struct question like = { .sites = { part->site },
                                 .sides = { questions->sides[0] },
                                 .n_sides = 1 };
        struct address_set away =
            remote_addresses(remote, part->site, shape->arena);
        if (questions->sides[0] == SIDE_SOURCE) {
            add_questions(shape, &like, part->addresses, away);
        } else {
            add_questions(shape, &like, away, part->addresses);
        }
    }
}

void
questions_fill(struct questions *questions, const struct flow *flow,
               struct arena *arena)
{
    struct shape shape = { .flow = flow, .arena = arena };
    size_t n_pairs = 1;

    if (questions->reason != REASON_NONE) {
        return;
    }
    for (int i = 0; i < questions->n_ends; i++) {
        n_pairs *= questions->ends[i].n_parts;
    }
    shape.items = arena_alloc_array(arena, n_pairs * 2 * N_FAMILIES,
                                    sizeof *shape.items);
    if (questions->n_ends == 2) {
        fill_two_sided(&shape, questions);
    } else {
        fill_one_sided(&shape, questions);
    }
    questions->items = shape.items;
    questions->n = shape.n;
    if (!shape.n) {
        questions->reason = REASON_EMPTY_FLOW;
        questions->detail = "no packet is left: the ends have no address "
                            "family in common";
    }
}

size_t
question_chains(const struct question *question,
                const struct classifier *chains[QUESTION_CHAINS_MAX])
{
    size_t n = 0;

    for (int i = 0; i < question->n_sides; i++) {
        for (int j = 0; j < SITE_LAYERS; j++) {
            const struct policy *policy = question->sites[i]->layers[j].policy;
            for (size_t k = 0; policy && k < policy->n_chains; k++) {
                chains[n++] = policy->classifiers[k];
            }
        }
    }
    return n;
}

struct wide
query_count(const struct query *query)
{
    unsigned int n_protocols = 0;

    for (int i = 0; i < N_PROTOCOLS; i++) {
        n_protocols += (unsigned int) query->protocols >> i & 1U;
    }
    struct wide count = wide_from(n_protocols);
    count = wide_multiply(count, span_set_count(query->source));
    count = wide_multiply(count, span_set_count(query->source_ports));
    count = wide_multiply(count, span_set_count(query->destination));
    return wide_multiply(count, span_set_count(query->destination_ports));
}
