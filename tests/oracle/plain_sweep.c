#include "tests/oracle/plain_sweep.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/base/memory.h"
#include "tests/oracle/world.h"

enum plain_field {
    PLAIN_SOURCE,
    PLAIN_SOURCE_PORT,
    PLAIN_DESTINATION,
    PLAIN_DESTINATION_PORT,
    N_PLAIN_FIELDS
};

/* The pieces of one field: nothing tells the values of one piece apart. */
struct pieces {
    struct span *spans; /* From the heap. */
    size_t n;
    size_t capacity;
};

static struct span_set
field_of_box(const struct box *box, enum plain_field field, enum family family)
{
    switch (field) {
    case PLAIN_SOURCE: return box->source.families[family];
    case PLAIN_SOURCE_PORT: return box->source_ports;
    case PLAIN_DESTINATION: return box->destination.families[family];
    case PLAIN_DESTINATION_PORT:
    case N_PLAIN_FIELDS: break;
    }
    return box->destination_ports;
}

static struct span_set
field_of_query(const struct query *query, enum plain_field field)
{
    const struct span_set sets[N_PLAIN_FIELDS] = {
        [PLAIN_SOURCE] = query->source,
        [PLAIN_SOURCE_PORT] = query->source_ports,
        [PLAIN_DESTINATION] = query->destination,
        [PLAIN_DESTINATION_PORT] = query->destination_ports,
    };

    return sets[field];
}

static void
add_piece(struct pieces *pieces, uint128 first, uint128 last)
{
    pieces->spans = memory_grow(pieces->spans, pieces->n, &pieces->capacity,
                                sizeof *pieces->spans);
    pieces->spans[pieces->n++] = (struct span){ first, last };
}

/* Cuts every piece so that a new one begins at 'value'. */
static void
cut_at(struct pieces *pieces, uint128 value)
{
    for (size_t i = 0; i < pieces->n; i++) {
        uint128 last = pieces->spans[i].last;
        if (pieces->spans[i].first < value && value <= last) {
            pieces->spans[i].last = value - 1;
            add_piece(pieces, value, last);
            return;
        }
    }
}

static void
cut_at_set(struct pieces *pieces, struct span_set set, uint128 max)
{
    for (size_t i = 0; i < set.n; i++) {
        cut_at(pieces, set.spans[i].first);
        if (set.spans[i].last < max) {
            cut_at(pieces, set.spans[i].last + 1);
        }
    }
}

static struct pieces
cut_field(const struct plain_chain chains[], size_t n,
          const struct query *query, enum plain_field field)
{
    struct span_set whole = field_of_query(query, field);
    uint128 max = whole.spans[whole.n - 1].last;
    struct pieces pieces = { .n = 0 };

    for (size_t i = 0; i < whole.n; i++) {
        add_piece(&pieces, whole.spans[i].first, whole.spans[i].last);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < chains[i].n; j++) {
            const struct policy_rule *rule = &chains[i].rules[j];
            cut_at_set(&pieces,
                       field_of_box(&rule->certain, field, query->family),
                       max);
            cut_at_set(&pieces,
                       field_of_box(&rule->possible, field, query->family),
                       max);
        }
    }
    return pieces;
}

static void
try_piece(const struct plain_chain chains[], size_t n,
          const struct query *query, const struct span *const at[],
          sweep_emit *emit, void *aux)
{
    struct match matches[SWEEP_CHAINS_MAX];
    struct wide count = wide_from(1);

    for (int field = 0; field < N_PLAIN_FIELDS; field++) {
        /* All of IPv6 needs 129 bits. */
        struct wide size = wide_add(
            wide_from(at[field]->last - at[field]->first), wide_from(1));
        count = wide_multiply(count, size);
    }
    for (int protocol = 0; protocol < N_PROTOCOLS; protocol++) {
        struct packet packet = {
            .protocol = (enum protocol) protocol,
            .source = { query->family, at[PLAIN_SOURCE]->first },
            .destination = { query->family, at[PLAIN_DESTINATION]->first },
            .source_port = (uint32_t) at[PLAIN_SOURCE_PORT]->first,
            .destination_port = (uint32_t) at[PLAIN_DESTINATION_PORT]->first,
        };
        if (!(query->protocols >> protocol & 1)) {
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            matches[i] = plain_match(chains[i].rules, chains[i].n, &packet);
        }
        emit(aux, matches, count, &packet);
    }
}

void
plain_sweep(const struct plain_chain chains[], size_t n,
            const struct query *query, sweep_emit *emit, void *aux)
{
    struct pieces pieces[N_PLAIN_FIELDS];
    const struct span *at[N_PLAIN_FIELDS];
    size_t total = 1;

    assert(n <= SWEEP_CHAINS_MAX);
    for (int field = 0; field < N_PLAIN_FIELDS; field++) {
        if (!field_of_query(query, (enum plain_field) field).n) {
            return;
        }
    }
    for (int field = 0; field < N_PLAIN_FIELDS; field++) {
        pieces[field] = cut_field(chains, n, query, (enum plain_field) field);
        total *= pieces[field].n;
    }
    for (size_t i = 0; i < total; i++) {
        size_t rest = i;
        for (int field = 0; field < N_PLAIN_FIELDS; field++) {
            at[field] = &pieces[field].spans[rest % pieces[field].n];
            rest /= pieces[field].n;
        }
        try_piece(chains, n, query, at, emit, aux);
    }
    for (int field = 0; field < N_PLAIN_FIELDS; field++) {
        free(pieces[field].spans);
    }
}
