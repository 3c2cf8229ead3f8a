#include "engine/judge/sweep.h"

#include "engine/base/arena.h"
#include "engine/judge/example.h"
#include "engine/judge/lookup.h"
#include "engine/judge/sweep_levels.h"
#include "engine/judge/sweep_plan.h"

enum {
    /* In words of bitmaps that are looked at; 0.4 to 0.7 seconds. */
    BUDGET_DEFAULT = 100 * 1000 * 1000,
    /* What a query may spend before it is split: this part of the budget, */
    SHARE = 4,
    /* or, once one had to be split, this besides twice the cost of cutting
     * its fields.  Rules that overlap in every field are told apart much
     * sooner in many small pieces; others are done at the first try. */
    PIECE = 30 * 1000
};

/* A sweep with all that it was asked. */
struct task {
    const struct classifier *const *chains;
    size_t n;
    const struct sweep_options *options;
    uint64_t budget; /* That is left. */
    bool split;      /* A query was too much work. */
    sweep_emit *emit;
    void *aux;
    struct wide undecided;
};

static void sweep_query(struct task *task, const struct query *query);

/* Returns the set of one field inside a query; protocols have none. */
static struct span_set *
query_set(struct query *query, enum class_field field)
{
    switch (field) {
    case CLASS_SOURCE_PORT: return &query->source_ports;
    case CLASS_DESTINATION_PORT: return &query->destination_ports;
    case CLASS_DESTINATION: return &query->destination;
    case CLASS_SOURCE: return &query->source;
    case CLASS_PROTOCOL:
    case N_CLASS_FIELDS: break;
    }
    return NULL;
}

static struct wide
query_count(const struct query *query)
{
    struct wide count = wide_from(1);

    for (unsigned int i = 0; i < N_CLASS_FIELDS; i++) {
        struct span protocols[N_PROTOCOLS];
        struct span_set values =
            query_values(query, (enum class_field) i, protocols);
        count = wide_multiply(count, span_set_count(values));
    }
    return count;
}

static bool
is_empty(const struct query *query)
{
    return !query->protocols || !query->source.n || !query->source_ports.n
           || !query->destination.n || !query->destination_ports.n;
}

static bool
is_one_packet(const struct query *query)
{
    const struct span_set *sets[] = { &query->source, &query->destination,
                                      &query->source_ports,
                                      &query->destination_ports };

    if (query->protocols & (query->protocols - 1)) {
        return false;
    }
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        if (sets[i]->n != 1
            || sets[i]->spans[0].first != sets[i]->spans[0].last) {
            return false;
        }
    }
    return true;
}

static void
emit_one_packet(const struct task *task, const struct query *query)
{
    struct match matches[SWEEP_CHAINS_MAX];
    struct packet packet = {
        .protocol = (enum protocol) __builtin_ctz(query->protocols),
        .source = { query->family, query->source.spans[0].first },
        .destination = { query->family, query->destination.spans[0].first },
        .source_port = (uint32_t) query->source_ports.spans[0].first,
        .destination_port = (uint32_t) query->destination_ports.spans[0].first,
    };

    for (size_t i = 0; i < task->n; i++) {
        matches[i] = classifier_lookup(task->chains[i], &packet);
    }
    task->emit(task->aux, matches, wide_from(1), &packet);
}

/* Emits all packets of the plan's query: no chain tells them apart. */
static void
emit_alike(const struct task *task, const struct sweep_plan *plan,
           const struct query *query)
{
    /* Enough to find a good example among the prefixes of a service tag. */
    enum { LOOKED_AT = 64 };
    struct match matches[SWEEP_CHAINS_MAX];
    struct packet example = { .source = { query->family, 0 },
                              .destination = { query->family, 0 } };

    for (unsigned int i = 0; i < N_CLASS_FIELDS; i++) {
        const struct sweep_field *field = &plan->fields[i];
        unsigned int best = 0;
        for (size_t j = 0; j < field->values.n && j < LOOKED_AT; j++) {
            struct span span = field->values.spans[j];
            uint128 value;
            unsigned int rank = example_pick(field->field, query->family,
                                             span.first, span.last, &value);
            if (!j || rank > best) {
                best = rank;
                example_set(&example, field->field, value);
            }
        }
    }
    for (size_t i = 0; i < task->n; i++) {
        matches[i] = plan->chains[i].match;
    }
    task->emit(task->aux, matches, query_count(query), &example);
}

/* Cuts 'set' in the middle of its spans, or of its only span.  Returns false
 * if it is a single value. */
static bool
split_set(struct span_set set, struct span_set halves[2],
          struct span middle[2])
{
    if (set.n > 1) {
        halves[0] = (struct span_set){ set.spans, set.n / 2 };
        halves[1] =
            (struct span_set){ set.spans + set.n / 2, set.n - set.n / 2 };
        return true;
    }
    struct span span = set.spans[0];
    if (span.first == span.last) {
        return false;
    }
    uint128 end = span.first + (span.last - span.first) / 2;
    middle[0] = (struct span){ span.first, end };
    middle[1] = (struct span){ end + 1, span.last };
    halves[0] = (struct span_set){ &middle[0], 1 };
    halves[1] = (struct span_set){ &middle[1], 1 };
    return true;
}

/* Splits a query that was too much work along the field with the most joint
 * classes, or, before these are known, the most addresses. */
static void
split_query(struct task *task, const struct query *query,
            const struct sweep_plan *plan)
{
    enum class_field order[N_CLASS_FIELDS] = { CLASS_SOURCE, CLASS_DESTINATION,
                                               CLASS_DESTINATION_PORT,
                                               CLASS_SOURCE_PORT,
                                               CLASS_PROTOCOL };
    struct query halves[2] = { *query, *query };
    struct span middle[2];
    enum class_field widest = CLASS_PROTOCOL;
    uint32_t most = 0;

    for (size_t i = 0; i < N_CLASS_FIELDS; i++) {
        struct span_set *set = query_set(&halves[0], order[i]);
        uint32_t n = plan->fields[order[i]].n;
        if (set && (set->n > 1 || set->spans[0].first < set->spans[0].last)
            && n + 1 > most) {
            widest = order[i];
            most = n + 1;
        }
    }
    if (widest == CLASS_PROTOCOL) {
        protocol_set low =
            (protocol_set) (1u << __builtin_ctz(query->protocols));
        halves[0].protocols = low;
        halves[1].protocols &= (protocol_set) ~low;
    } else {
        struct span_set sets[2];
        split_set(*query_set(&halves[0], widest), sets, middle);
        *query_set(&halves[0], widest) = sets[0];
        *query_set(&halves[1], widest) = sets[1];
    }
    sweep_query(task, &halves[0]);
    sweep_query(task, &halves[1]);
}

/* Cuts the fields of a query and goes through them.  Returns false if that is
 * more work than it is worth; then nothing was emitted. */
static bool
try_plan(struct task *task, struct sweep_plan *plan)
{
    if (!sweep_plan_cut(plan)) {
        return false;
    }
    uint64_t piece = 2 * plan->work + PIECE;
    if (task->split && piece < plan->limit) {
        plan->limit = piece;
    }
    return sweep_levels(plan, task->emit, task->aux, &task->undecided);
}

/* Sweeps one query, or splits it. */
static void
sweep_query(struct task *task, const struct query *query)
{
    struct sweep_plan plan = { .limit = task->budget / SHARE,
                               .budget = task->budget };
    bool done = true;

    if (is_empty(query)) {
        return;
    }
    if (!task->budget) {
        task->undecided = wide_add(task->undecided, query_count(query));
        return;
    }
    plan.arena = arena_create();
    sweep_plan_init(&plan, task->chains, task->n, query, task->options);
    if (!plan.words) {
        emit_alike(task, &plan, query);
    } else {
        done = try_plan(task, &plan);
    }
    /* Even the smallest query costs something, so that this comes to an
     * end. */
    plan.work += 1;
    task->budget -= plan.work < task->budget ? plan.work : task->budget;
    arena_unref(plan.arena);
    if (!done) {
        task->split = true;
        split_query(task, query, &plan);
    }
}

bool
sweep_with(const struct classifier *const chains[], size_t n,
           const struct query *query, const struct sweep_options *options,
           sweep_emit *emit, void *aux, struct wide *undecided)
{
    struct task task = {
        .chains = chains, .n = n, .options = options, .emit = emit, .aux = aux
    };

    task.budget = options->budget ? options->budget : BUDGET_DEFAULT;
    if (!is_empty(query)) {
        if (is_one_packet(query) && !options->hidden) {
            emit_one_packet(&task, query);
        } else {
            sweep_query(&task, query);
        }
    }
    *undecided = task.undecided;
    return wide_is_zero(task.undecided);
}

bool
sweep(const struct classifier *const chains[], size_t n,
      const struct query *query, uint64_t budget, sweep_emit *emit, void *aux,
      struct wide *undecided)
{
    struct sweep_options options = { .budget = budget };

    return sweep_with(chains, n, query, &options, emit, aux, undecided);
}
