#include "engine/judge/sweep_plan.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/bits.h"
#include "engine/judge/sweep_joint.h"

/* Bits that some value of the query has in a field, and that all have. */
struct touched {
    uint64_t *any;
    uint64_t *all;
};

struct span_set
query_values(const struct query *query, enum class_field field,
             struct span protocols[N_PROTOCOLS])
{
    struct span_set set = { protocols, 0 };

    switch (field) {
    case CLASS_PROTOCOL:
        for (unsigned int i = 0; i < N_PROTOCOLS; i++) {
            if (query->protocols >> i & 1) {
                protocols[set.n++] = (struct span){ i, i };
            }
        }
        return set;
    case CLASS_SOURCE_PORT: return query->source_ports;
    case CLASS_DESTINATION_PORT: return query->destination_ports;
    case CLASS_DESTINATION: return query->destination;
    case CLASS_SOURCE: return query->source;
    case N_CLASS_FIELDS: break;
    }
    return set;
}

/* Returns how many values a set holds; 0 stands for 2^128. */
static uint128
count_values(struct span_set values)
{
    uint128 count = 0;

    for (size_t i = 0; i < values.n; i++) {
        count += values.spans[i].last - values.spans[i].first + 1;
    }
    return count;
}

/* Returns how a chain treats packets that match the bits of 'bitmap'. */
static struct match
match_of(const struct class_bit bits[], const uint64_t bitmap[],
         uint32_t words)
{
    struct match match = { SWEEP_NO_RULE, SWEEP_NO_RULE, 0 };

    for (uint32_t i = 0; i < words; i++) {
        for (uint64_t word = bitmap[i]; word; word &= word - 1) {
            const struct class_bit *bit =
                &bits[i * 64 + (uint32_t) __builtin_ctzll(word)];
            if (bit->certain) {
                match.rule = bit->rule;
                return match;
            }
            if (match.first_maybe == SWEEP_NO_RULE) {
                match.first_maybe = bit->rule;
            }
            match.maybe |= bit->accesses;
        }
    }
    return match;
}

static void
touch_class(struct touched *touched, const uint64_t *bitmap, uint32_t words)
{
    for (uint32_t i = 0; i < words; i++) {
        touched->any[i] |= bitmap[i];
        touched->all[i] &= bitmap[i];
    }
}

/* Joins the classes of the intervals 'low' to 'high'; 'seen' has a bit for
 * each class that was joined already, or is NULL where that costs more. */
static void
touch_intervals(struct touched *touched, const struct partition *partition,
                uint32_t low, uint32_t high, uint32_t words, uint64_t *seen)
{
    for (uint32_t i = low; i <= high; i++) {
        uint32_t class = partition->classes[i];
        if (seen) {
            uint64_t bit = UINT64_C(1) << (class % 64);
            if (seen[class / 64] & bit) {
                continue;
            }
            seen[class / 64] |= bit;
        }
        touch_class(touched, partition->bitmaps + (size_t) class * words,
                    words);
    }
}

static void
touch_field(struct sweep_plan *plan, struct touched *touched,
            const struct partition *partition, struct span_set values,
            uint32_t words)
{
    enum { FEW = 64 };
    uint64_t *seen = NULL;

    memset(touched->any, 0, words * sizeof *touched->any);
    memset(touched->all, 0xff, words * sizeof *touched->all);
    if (values.n == 1 && !values.spans[0].first
        && values.spans[0].last == partition->max) {
        touched->any =
            memcpy(touched->any, partition->any, words * sizeof *touched->any);
        touched->all =
            memcpy(touched->all, partition->all, words * sizeof *touched->all);
        return;
    }
    if (partition->n > FEW && partition->n_classes < partition->n / 2
        && (values.n > 1
            || partition_find(partition, values.spans[0].last)
                       - partition_find(partition, values.spans[0].first)
                   > FEW)) {
        seen = arena_alloc(plan->arena,
                           (partition->n_classes / 64 + 1) * sizeof *seen);
    }
    for (size_t i = 0; i < values.n; i++) {
        uint32_t low = partition_find(partition, values.spans[i].first);
        uint32_t high = low;
        if (partition_end(partition, low) < values.spans[i].last) {
            high = partition_find(partition, values.spans[i].last);
        }
        touch_intervals(touched, partition, low, high, words, seen);
        plan->work += high - low + 1;
    }
}

static void
hide_rule(const struct sweep_chain *chain, uint64_t *alive)
{
    const struct classifier *classifier = chain->classifier;

    if (chain->hidden == SWEEP_NO_RULE) {
        return;
    }
    for (uint32_t i = 0; i < classifier->n_bits; i++) {
        if (classifier->bits[i].rule == chain->hidden) {
            alive[i / 64] &= ~(UINT64_C(1) << (i % 64));
        }
    }
}

/* Drops all bits behind the first that is certain and in 'cover'. */
static void
truncate_chain(uint64_t *alive, const uint64_t *cover, const uint64_t *certain,
               uint32_t words)
{
    for (uint32_t i = 0; i < words; i++) {
        uint64_t last = alive[i] & cover[i] & certain[i];
        if (last) {
            /* All bits up to the lowest of 'last'. */
            alive[i] &= last ^ (last - 1);
            memset(alive + i + 1, 0, (words - i - 1) * sizeof *alive);
            return;
        }
    }
}

static bool
is_subset(const uint64_t *inner, const uint64_t *outer, uint32_t words)
{
    for (uint32_t i = 0; i < words; i++) {
        if (inner[i] & ~outer[i]) {
            return false;
        }
    }
    return true;
}

/* Finds the bits of one chain that can matter.  If every packet of the query
 * matches all of them, the chain's answer is known already. */
static void
plan_chain(struct sweep_plan *plan, struct sweep_chain *chain)
{
    const struct classifier *classifier = chain->classifier;
    uint32_t words = classifier->words;
    uint64_t *scratch =
        arena_alloc(plan->arena, (size_t) words * 4 * sizeof *scratch);
    uint64_t *alive = scratch;
    uint64_t *cover = scratch + words;
    struct touched touched = { scratch + 2 * (size_t) words,
                               scratch + 3 * (size_t) words };

    memset(alive, 0xff, 2 * (size_t) words * sizeof *alive);
    for (unsigned int i = 0; i < N_CLASS_FIELDS; i++) {
        touch_field(
            plan, &touched,
            classifier_field(classifier, plan->family, (enum class_field) i),
            plan->fields[i].values, words);
        for (uint32_t j = 0; j < words; j++) {
            alive[j] &= touched.any[j];
            cover[j] &= touched.all[j];
        }
    }
    hide_rule(chain, alive);
    truncate_chain(alive, cover, classifier->certain, words);
    chain->alive = alive;
    chain->n_words = 0;
    if (is_subset(alive, cover, words)) {
        chain->match = match_of(classifier->bits, alive, words);
        return;
    }
    uint32_t n_bits = 0;
    for (uint32_t i = 0; i < words; i++) {
        n_bits += bits_count(alive[i]);
    }
    chain->n_words = (n_bits + 63) / 64;
}

/* Returns true if a marked rule has a part in the answer of a chain that is
 * known already. */
static bool
is_marked(const struct sweep_chain *chain, const uint64_t *marks)
{
    for (uint32_t i = 0; marks && i < chain->classifier->words; i++) {
        for (uint64_t word = chain->alive[i]; word; word &= word - 1) {
            uint32_t number = i * 64 + (uint32_t) __builtin_ctzll(word);
            uint32_t rule = chain->classifier->bits[number].rule;
            if (marks[rule / 64] >> (rule % 64) & 1) {
                return true;
            }
        }
    }
    return false;
}

/* Numbers the packed bits of one chain. */
static void
number_bits(struct sweep_plan *plan, const struct sweep_chain *chain,
            const uint64_t *marks)
{
    uint32_t packed = chain->first_word * 64;

    for (uint32_t i = 0; i < chain->classifier->words; i++) {
        for (uint64_t word = chain->alive[i]; word; word &= word - 1) {
            uint32_t number = i * 64 + (uint32_t) __builtin_ctzll(word);
            const struct class_bit *bit = &chain->classifier->bits[number];
            uint64_t mask = UINT64_C(1) << (packed % 64);
            plan->bits[packed] = *bit;
            plan->alive[packed / 64] |= mask;
            plan->certain[packed / 64] |= bit->certain ? mask : 0;
            if (plan->marked && marks
                && (marks[bit->rule / 64] >> (bit->rule % 64) & 1)) {
                plan->marked[packed / 64] |= mask;
            }
            packed++;
        }
    }
}

void
sweep_plan_init(struct sweep_plan *plan,
                const struct classifier *const chains[], size_t n,
                const struct query *query, const struct sweep_options *options)
{
    struct span *protocols =
        arena_alloc_array(plan->arena, N_PROTOCOLS, sizeof *protocols);

    const uint64_t *const *marks = options->marks;

    plan->family = query->family;
    plan->n_chains = n;
    plan->words = 0;
    for (unsigned int i = 0; i < N_CLASS_FIELDS; i++) {
        struct sweep_field *field = &plan->fields[i];
        field->field = (enum class_field) i;
        field->values = query_values(query, field->field, protocols);
        field->total = count_values(field->values);
    }
    for (size_t i = 0; i < n; i++) {
        plan->chains[i].classifier = chains[i];
        plan->chains[i].hidden =
            options->hidden ? options->hidden[i] : SWEEP_NO_RULE;
        plan_chain(plan, &plan->chains[i]);
        plan->chains[i].first_word = plan->words;
        plan->words += plan->chains[i].n_words;
    }
    if (!plan->words) {
        return;
    }
    uint64_t *masks = arena_alloc_array(plan->arena, (size_t) plan->words * 3,
                                        sizeof *masks);
    plan->alive = masks;
    plan->certain = masks + plan->words;
    plan->marked = marks ? masks + 2 * (size_t) plan->words : NULL;
    plan->bits = arena_alloc_array(plan->arena, (size_t) plan->words * 64,
                                   sizeof *plan->bits);
    for (size_t i = 0; i < n; i++) {
        if (plan->chains[i].n_words) {
            number_bits(plan, &plan->chains[i], marks ? marks[i] : NULL);
        } else if (marks && is_marked(&plan->chains[i], marks[i])) {
            /* Then no packet can be left out. */
            plan->marked = NULL;
            marks = NULL;
        }
    }
}

bool
sweep_plan_cut(struct sweep_plan *plan)
{
    for (unsigned int i = 0; i < N_CLASS_FIELDS; i++) {
        if (!sweep_join(plan, &plan->fields[i])) {
            return false;
        }
    }
    return true;
}
