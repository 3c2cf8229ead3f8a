#include "engine/judge/explain.h"

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/text.h"
#include "engine/compile/settings.h"
#include "engine/judge/explain_words.h"
#include "engine/judge/judge.h"
#include "engine/judge/question.h"
#include "engine/model/flow.h"
#include "engine/model/port.h"

/* An explanation in the making. */
struct making {
    const struct questions *questions;
    const struct verdict *verdict;
    struct tally tally;
    struct flow_words words;
    struct arena *arena;
};

static void fill_words(struct making *making, const struct flow *flow);
static void tally_questions(struct making *making, uint64_t budget);
static void explain_layer(struct making *making, int place,
                          struct explained_layer *layer);

const char *
field_name(enum field field)
{
    static const char *const names[] = {
        [FIELD_PROTOCOL] = "protocol",
        [FIELD_SOURCE] = "source",
        [FIELD_SOURCE_PORT] = "source port",
        [FIELD_DESTINATION] = "destination",
        [FIELD_DESTINATION_PORT] = "destination port",
    };

    return names[field];
}

/* The end on one side, if it has a NIC. */
static const struct end *
end_on(const struct questions *questions, enum side side)
{
    for (int i = 0; i < questions->n_ends; i++) {
        if (questions->sides[i] == side) {
            return &questions->ends[i];
        }
    }
    return NULL;
}

const struct explanation *
explain(struct estate *estate, const struct flow *flow,
        const struct verdict *verdict, struct arena *arena)
{
    struct questions questions = questions_prepare(estate, flow, arena);
    struct explanation *explanation = arena_alloc(arena, sizeof *explanation);
    struct making making = { .questions = &questions,
                             .verdict = verdict,
                             .arena = arena };

    questions_fill(&questions, flow, arena);
    fill_words(&making, flow);
    tally_init(&making.tally);
    tally_questions(&making, estate_settings(estate)->budget);

    explanation->verdict = verdict;
    explanation->source =
        words_for_end(&flow->source, end_on(&questions, SIDE_SOURCE), arena);
    explanation->destination = words_for_end(
        &flow->destination, end_on(&questions, SIDE_DESTINATION), arena);
    struct explained_layer *layers =
        arena_alloc_array(arena, verdict->n_layers, sizeof *layers);
    explanation->layers = layers;
    /* A verdict of another state of the data may have other layers. */
    if (questions.n) {
        explanation->n_layers = verdict->n_layers;
    }
    for (size_t i = 0; i < explanation->n_layers; i++) {
        explain_layer(&making, (int) i, &layers[i]);
    }
    explanation->sentence =
        words_for_verdict(explanation, &making.words, arena);
    explanation->n_notes = words_for_notes(explanation, flow, &questions,
                                           &explanation->notes, arena);
    tally_clear(&making.tally);
    return explanation;
}

static const char *
port_words(struct span_set ports, struct arena *arena)
{
    struct text text;

    text_init(&text);
    port_set_format(ports, &text);
    const char *words = arena_strndup(arena, text.data, text.length);
    text_clear(&text);
    return words;
}

static void
fill_words(struct making *making, const struct flow *flow)
{
    const struct questions *questions = making->questions;
    struct arena *arena = making->arena;
    const char **fields = making->words.fields;

    fields[FIELD_PROTOCOL] = words_for_protocols(flow->protocols, arena);
    fields[FIELD_SOURCE] = words_for_addresses(
        &flow->source, end_on(questions, SIDE_SOURCE), arena);
    fields[FIELD_DESTINATION] = words_for_addresses(
        &flow->destination, end_on(questions, SIDE_DESTINATION), arena);
    fields[FIELD_SOURCE_PORT] = port_words(flow->source.ports, arena);
    fields[FIELD_DESTINATION_PORT] =
        port_words(flow->destination.ports, arena);
}

static void
tally_questions(struct making *making, uint64_t budget)
{
    const struct questions *questions = making->questions;
    const struct classifier *chains[QUESTION_CHAINS_MAX];
    struct wide undecided;

    for (size_t i = 0; i < questions->n; i++) {
        size_t n = question_chains(&questions->items[i], chains);
        making->tally.question = &questions->items[i];
        sweep(chains, n, &questions->items[i].query, budget, tally_add,
              &making->tally, &undecided);
    }
}

static enum field_match
match_spans(struct span_set asked, struct span_set certain,
            struct span_set possible)
{
    if (!span_set_overlaps(asked, possible)) {
        return FIELD_DIFFERS;
    }
    if (span_set_covers(certain, asked)) {
        return FIELD_MATCHES;
    }
    return span_set_equal(certain, possible) ? FIELD_MATCHES_PART
                                             : FIELD_UNCERTAIN;
}

static enum field_match
match_protocols(protocol_set asked, protocol_set certain,
                protocol_set possible)
{
    if (!(asked & possible)) {
        return FIELD_DIFFERS;
    }
    if (!(asked & ~certain)) {
        return FIELD_MATCHES;
    }
    return certain == possible ? FIELD_MATCHES_PART : FIELD_UNCERTAIN;
}

static void
match_fields(const struct query *query, const struct policy_rule *rule,
             enum field_match fields[N_FIELDS])
{
    const struct box *certain = &rule->certain;
    const struct box *possible = &rule->possible;
    enum family family = query->family;

    fields[FIELD_PROTOCOL] = match_protocols(
        query->protocols, certain->protocols, possible->protocols);
    fields[FIELD_SOURCE] =
        match_spans(query->source, certain->source.families[family],
                    possible->source.families[family]);
    fields[FIELD_SOURCE_PORT] = match_spans(
        query->source_ports, certain->source_ports, possible->source_ports);
    fields[FIELD_DESTINATION] =
        match_spans(query->destination, certain->destination.families[family],
                    possible->destination.families[family]);
    fields[FIELD_DESTINATION_PORT] =
        match_spans(query->destination_ports, certain->destination_ports,
                    possible->destination_ports);
}

/* How a field matches all questions, from how it matches each. */
static enum field_match
join_matches(enum field_match a, enum field_match b)
{
    if (a == b) {
        return a;
    }
    return a == FIELD_UNCERTAIN || b == FIELD_UNCERTAIN ? FIELD_UNCERTAIN
                                                        : FIELD_MATCHES_PART;
}

/* Fills how each field of the rule matches the flow.  Returns true if some
 * question has no field that differs. */
static bool
match_rule(const struct making *making, int place, const struct policy *policy,
           struct explained_rule *explained)
{
    const struct questions *questions = making->questions;
    bool touches = false;
    bool first = true;

    for (size_t i = 0; i < questions->n; i++) {
        const struct question *question = &questions->items[i];
        const struct site *site = question->sites[place / SITE_LAYERS];
        enum field_match fields[N_FIELDS];
        bool differs = false;
        if (site->layers[place % SITE_LAYERS].policy != policy) {
            continue;
        }
        match_fields(&question->query, explained->rule, fields);
        for (int j = 0; j < N_FIELDS; j++) {
            differs |= fields[j] == FIELD_DIFFERS;
            explained->fields[j] =
                first ? fields[j]
                      : join_matches(explained->fields[j], fields[j]);
        }
        touches |= !differs;
        first = false;
    }
    return touches;
}

/* How many packets the rule decides in its layer. */
static struct wide
packets_of(const struct layer_tally *layer, const struct policy_rule *rule)
{
    struct wide packets = wide_from(0);

    for (size_t i = 0; i < layer->rules.n; i++) {
        const struct count *count = &layer->rules.items[i];
        /* An echo of a rule counts for it. */
        if (count->rule == rule
            || (rule->kind == RULE_ADMIN
                && ascii_equal(count->rule->id, rule->id)
                && ascii_equal(count->rule->name, rule->name))) {
            packets = wide_add(packets, count->packets);
        }
    }
    return packets;
}

static void
explain_rule(struct making *making, int place, const struct policy *policy,
             const struct policy_rule *rule, struct wide *left,
             struct explained_rule *explained)
{
    struct wide packets = packets_of(&making->tally.layers[place], rule);

    explained->rule = rule;
    bool touches = match_rule(making, place, policy, explained);
    explained->share = wide_ratio(packets, making->verdict->packets);
    if (!touches) {
        explained->match = RULE_DIFFERS;
    } else if (rule->uncertain && wide_is_zero(packets)) {
        explained->match = RULE_UNCERTAIN;
    } else if (wide_is_zero(packets)) {
        explained->match = RULE_HIDDEN;
    } else {
        explained->match = wide_compare(packets, *left) < 0 ? RULE_MATCHES_PART
                                                            : RULE_MATCHES;
    }
    *left = wide_compare(packets, *left) < 0 ? wide_subtract(*left, packets)
                                             : wide_from(0);
    explained->why = words_for_rule(explained, &making->words, making->arena);
}

/* Adds the rules of one policy up to the one after which no packet is left,
 * and counts the others. */
static void
explain_policy(struct making *making, int place, const struct policy *policy,
               struct wide *left, struct explained_rule *rules,
               struct explained_layer *layer)
{
    arena_keep(making->arena, policy->arena);
    for (size_t i = 0; i < policy->n_chains; i++) {
        const struct policy_chain *chain = &policy->chains[i];
        for (size_t j = 0; j < chain->n && !chain->echo; j++) {
            if (wide_is_zero(*left)) {
                layer->n_more_rules++;
                continue;
            }
            explain_rule(making, place, policy,
                         &policy->rules[chain->first + j], left,
                         &rules[layer->n_rules++]);
        }
    }
}

/* The policies that the questions meet in one place, each once. */
static size_t
policies_in(const struct questions *questions, int place,
            const struct policy **policies)
{
    size_t n = 0;

    for (size_t i = 0; i < questions->n; i++) {
        const struct policy *policy = questions->items[i]
                                          .sites[place / SITE_LAYERS]
                                          ->layers[place % SITE_LAYERS]
                                          .policy;
        size_t known = 0;
        while (known < n && policies[known] != policy) {
            known++;
        }
        if (policy && known == n) {
            policies[n++] = policy;
        }
    }
    return n;
}

static void
explain_layer(struct making *making, int place, struct explained_layer *layer)
{
    const struct questions *questions = making->questions;
    const struct policy **policies =
        arena_alloc_array(making->arena, questions->n, sizeof *policies);
    size_t n = policies_in(questions, place, policies);
    size_t n_rules = 0;
    struct wide left = making->tally.layers[place].packets;

    for (size_t i = 0; i < n; i++) {
        n_rules += policies[i]->n_rules;
    }
    struct explained_rule *rules =
        arena_alloc_array(making->arena, n_rules, sizeof *rules);
    layer->result = &making->verdict->layers[place];
    layer->rules = rules;
    for (size_t i = 0; i < n; i++) {
        explain_policy(making, place, policies[i], &left, rules, layer);
    }
}
