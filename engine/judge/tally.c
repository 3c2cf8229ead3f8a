#include "engine/judge/tally.h"

#include <stdlib.h>

#include "engine/base/ascii.h"
#include "engine/base/memory.h"

/* Up to so many counts are searched one by one. */
enum { LINEAR_MAX = 16 };

static void count_packets(struct counts *counts, const struct count *what);
static void tally_layers(struct tally *tally, int side,
                         const struct side_treatment *treatment,
                         struct wide packets);

void
tally_init(struct tally *tally)
{
    *tally = (struct tally){ .question = NULL };
}

static void
counts_clear(struct counts *counts)
{
    free(counts->items);
    free(counts->slots);
}

void
tally_clear(struct tally *tally)
{
    counts_clear(&tally->regions);
    for (int i = 0; i < LAYERS_MAX; i++) {
        counts_clear(&tally->layers[i].rules);
    }
    tally_init(tally);
}

static size_t
n_chains(const struct site *site)
{
    size_t n = 0;

    for (int i = 0; i < SITE_LAYERS; i++) {
        n += site->layers[i].policy ? site->layers[i].policy->n_chains : 0;
    }
    return n;
}

void
tally_add(void *tally_, const struct match matches[], struct wide packets,
          const struct packet *example)
{
    struct tally *tally = tally_;
    const struct question *question = tally->question;
    struct side_treatment sides[COMBINE_SIDES_MAX];

    for (int i = 0; i < question->n_sides; i++) {
        combine_side(question->sites[i], matches, &sides[i]);
        matches += n_chains(question->sites[i]);
        tally_layers(tally, i, &sides[i], packets);
    }
    struct packet_treatment packet = combine_sides(sides, question->n_sides);
    const struct policy_doubt *doubt =
        packet.kind == VERDICT_UNKNOWN && packet.rule
                && packet.reason == packet.rule->reason
            ? tally_doubt(packet.rule, example)
            : NULL;
    struct count what = {
        .rule = packet.rule,
        .place =
            packet.side < 0 ? -1 : packet.side * SITE_LAYERS + packet.layer,
        .kind = packet.kind,
        .reason = doubt ? doubt->reason : packet.reason,
        .certain = packet.certain,
        .packets = packets,
        .example = *example,
        .largest = packets,
        .question = question,
    };
    tally->totals[packet.kind] = wide_add(tally->totals[packet.kind], packets);
    count_packets(&tally->regions, &what);
}

/* Returns true if it is the doubt that keeps the rule from matching the packet
 * for certain. */
static bool
doubt_concerns(const struct policy_doubt *doubt, const struct box *certain,
               const struct packet *packet)
{
    switch (doubt->field) {
    case DOUBT_RULE: break;
    case DOUBT_SOURCE:
        return !address_set_contains(certain->source, packet->source)
               && address_set_contains(doubt->possible, packet->source);
    case DOUBT_SOURCE_PORT:
        return !span_set_contains(certain->source_ports, packet->source_port);
    case DOUBT_DESTINATION:
        return !address_set_contains(certain->destination, packet->destination)
               && address_set_contains(doubt->possible, packet->destination);
    case DOUBT_DESTINATION_PORT:
        return !span_set_contains(certain->destination_ports,
                                  packet->destination_port);
    }
    return true;
}

const struct policy_doubt *
tally_doubt(const struct policy_rule *rule, const struct packet *packet)
{
    const struct policy_doubt *found = NULL;

    for (const struct policy_doubt *doubt = rule->doubts; doubt;
         doubt = doubt->next) {
        /* The list ends with the first. */
        if (doubt_concerns(doubt, &rule->certain, packet)) {
            found = doubt;
        }
    }
    return found;
}

static bool
is_single(outcome_set outcomes)
{
    return outcomes && !(outcomes & (outcomes - 1U));
}

static void
tally_layers(struct tally *tally, int side,
             const struct side_treatment *treatment, struct wide packets)
{
    for (int i = 0; i < SITE_LAYERS; i++) {
        const struct layer_treatment *here = &treatment->layers[i];
        struct layer_tally *layer = &tally->layers[side * SITE_LAYERS + i];
        if (here->outcomes == 1U << OUTCOME_DENY) {
            layer->denies = true;
        }
        if (!here->reached) {
            continue;
        }
        layer->reached = true;
        layer->packets = wide_add(layer->packets, packets);
        layer->uncertain |= !is_single(here->outcomes);
        layer->outcomes |= here->outcomes;
        if (here->rule) {
            struct count what = { .rule = here->rule,
                                  .place = side * SITE_LAYERS + i,
                                  .certain = true,
                                  .packets = packets,
                                  .question = tally->question };
            count_packets(&layer->rules, &what);
        }
    }
}

static bool
is_same(const struct count *a, const struct count *b)
{
    return a->rule == b->rule && a->place == b->place && a->kind == b->kind
           && a->reason == b->reason;
}

static size_t
hash_count(const struct count *count)
{
    uint64_t mixed = (uintptr_t) count->rule >> 4;

    mixed = mixed * 31 + (uint64_t) (count->place + 1);
    mixed = mixed * 31 + count->kind;
    mixed = mixed * 31 + count->reason;
    return (size_t) ((mixed * 0x9e3779b97f4a7c15U) >> 32);
}

static size_t
find_slot(const struct counts *counts, const struct count *what)
{
    size_t slot = hash_count(what) & (counts->n_slots - 1);

    while (counts->slots[slot]
           && !is_same(&counts->items[counts->slots[slot] - 1], what)) {
        slot = (slot + 1) & (counts->n_slots - 1);
    }
    return slot;
}

static struct count *
find_count(const struct counts *counts, const struct count *what)
{
    if (counts->n_slots) {
        uint32_t number = counts->slots[find_slot(counts, what)];
        return number ? &counts->items[number - 1] : NULL;
    }
    for (size_t i = 0; i < counts->n; i++) {
        if (is_same(&counts->items[i], what)) {
            return &counts->items[i];
        }
    }
    return NULL;
}

static void
index_counts(struct counts *counts)
{
    if (counts->n < LINEAR_MAX) {
        return;
    }
    if (counts->n * 2 < counts->n_slots) {
        counts->slots[find_slot(counts, &counts->items[counts->n - 1])] =
            (uint32_t) counts->n;
        return;
    }
    free(counts->slots);
    counts->n_slots = counts->n_slots ? counts->n_slots * 2 : LINEAR_MAX * 4;
    counts->slots = memory_calloc(counts->n_slots, sizeof *counts->slots);
    for (size_t i = 0; i < counts->n; i++) {
        counts->slots[find_slot(counts, &counts->items[i])] =
            (uint32_t) (i + 1);
    }
}

/* The example is one of the largest group: what is allowed to the Internet is
 * better shown by a server in it than by Azure's own address, which is a group
 * of its own.  The family stays that which comes first. */
static void
join(struct count *count, const struct count *more)
{
    if (more->example.source.family == count->example.source.family
        && wide_compare(more->largest, count->largest) > 0) {
        count->example = more->example;
        count->largest = more->largest;
        count->question = more->question;
    }
    count->packets = wide_add(count->packets, more->packets);
    count->certain &= more->certain;
}

static void
count_packets(struct counts *counts, const struct count *what)
{
    struct count *known = find_count(counts, what);

    if (known) {
        join(known, what);
        return;
    }
    counts->items = memory_grow(counts->items, counts->n, &counts->capacity,
                                sizeof *counts->items);
    counts->items[counts->n++] = *what;
    index_counts(counts);
}

struct decision
count_decision(const struct count *count)
{
    if (count->place < 0) {
        return (struct decision){ SIDE_NONE, LAYER_NONE, NULL };
    }
    int side = count->place / SITE_LAYERS;
    const struct site *site = count->question->sites[side];
    return (struct decision){ count->question->sides[side],
                              site->layers[count->place % SITE_LAYERS].layer,
                              count->rule };
}

/* Orders by what decision_equal() looks at. */
static int
compare_identities(const void *a_, const void *b_)
{
    const struct count *a = a_;
    const struct count *b = b_;

    if (a->place != b->place) {
        return a->place < b->place ? -1 : 1;
    }
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (a->reason != b->reason) {
        return a->reason < b->reason ? -1 : 1;
    }
    if (a->rule == b->rule || !a->rule || !b->rule) {
        return !b->rule - !a->rule;
    }
    int order = ascii_compare(a->rule->ruleset_id, b->rule->ruleset_id);
    order = order ? order : ascii_compare(a->rule->ruleset, b->rule->ruleset);
    order = order ? order : ascii_compare(a->rule->id, b->rule->id);
    order = order ? order : ascii_compare(a->rule->name, b->rule->name);
    return order ? order : (int) a->rule->kind - (int) b->rule->kind;
}

/* The largest share first.  A rule that decides as much as none does is the
 * better answer. */
static int
compare_shares(const void *a_, const void *b_)
{
    const struct count *a = a_;
    const struct count *b = b_;
    int shares = wide_compare(b->packets, a->packets);

    if (shares) {
        return shares;
    }
    if ((a->place < 0) != (b->place < 0)) {
        return a->place < 0 ? 1 : -1;
    }
    if (a->place != b->place) {
        return a->place < b->place ? -1 : 1;
    }
    int a_priority = a->rule ? a->rule->priority : 0;
    int b_priority = b->rule ? b->rule->priority : 0;
    if (a_priority != b_priority) {
        return a_priority < b_priority ? -1 : 1;
    }
    return compare_identities(a, b);
}

void
counts_settle(struct counts *counts)
{
    size_t n = 0;

    if (!counts->n) {
        return;
    }
    qsort(counts->items, counts->n, sizeof *counts->items, compare_identities);
    for (size_t i = 0; i < counts->n; i++) {
        if (n
            && !compare_identities(&counts->items[n - 1], &counts->items[i])) {
            join(&counts->items[n - 1], &counts->items[i]);
        } else {
            counts->items[n++] = counts->items[i];
        }
    }
    counts->n = n;
    qsort(counts->items, n, sizeof *counts->items, compare_shares);
}
