#include "engine/judge/sweep_colours.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/bits.h"
#include "engine/judge/example.h"
#include "engine/judge/sweep_plan.h"
#include "engine/judge/sweep_states.h"

static void colour_chain(struct colours *colours, size_t chain, uint64_t *set);

/* How deep the stack of sets may grow: one level for each chain, and one for
 * each rule that may match. */
static size_t
stack_depth(const struct sweep_plan *plan)
{
    size_t depth = plan->n_chains + 1;

    for (uint32_t i = 0; i < plan->words; i++) {
        depth += bits_count(plan->alive[i] & ~plan->certain[i]);
    }
    return depth;
}

void
colours_init(struct colours *colours, struct sweep_plan *plan,
             const struct sweep_field *field, sweep_emit *emit, void *aux)
{
    uint32_t words = (field->n + 63) / 64;
    uint64_t *rows = arena_alloc_array(
        plan->arena, (size_t) plan->words * 64 * words, sizeof *rows);

    for (uint32_t i = 0; i < field->n; i++) {
        const uint64_t *bitmap = field->bitmaps + (size_t) i * plan->words;
        for (uint32_t j = 0; j < plan->words; j++) {
            for (uint64_t word = bitmap[j]; word; word &= word - 1) {
                uint32_t bit = j * 64 + (uint32_t) __builtin_ctzll(word);
                rows[(size_t) bit * words + i / 64] |= UINT64_C(1) << i % 64;
            }
        }
    }
    *colours = (struct colours){ .plan = plan,
                                 .field = field,
                                 .words = words,
                                 .rows = rows,
                                 .emit = emit,
                                 .aux = aux };
    colours->sets = arena_alloc_array(plan->arena, stack_depth(plan) * words,
                                      sizeof *colours->sets);
    colours->example.source.family = plan->family;
    colours->example.destination.family = plan->family;
    for (size_t i = 0; i < plan->n_chains; i++) {
        colours->matches[i] = plan->chains[i].match;
    }
}

/* Emits the classes in 'set', which is not empty. */
static void
emit_set(struct colours *colours, const uint64_t *set)
{
    const struct sweep_field *field = colours->field;
    uint128 values = 0;
    uint32_t first = UINT32_MAX;

    for (uint32_t i = 0; i < colours->words; i++) {
        for (uint64_t word = set[i]; word; word &= word - 1) {
            uint32_t class = i * 64 + (uint32_t) __builtin_ctzll(word);
            values += field->counts[class];
            first = first == UINT32_MAX ? class : first;
        }
    }
    /* The classes with the best examples come first. */
    example_set(&colours->example, field->field, field->examples[first]);
    colours->emit(colours->aux, colours->matches,
                  count_times(colours->count, values), &colours->example);
    colours->plan->work += colours->words + 8;
}

/* Moves what 'set' shares with the row of 'bit' to 'hit'.  Returns false if
 * that is nothing; '*left' says whether 'set' holds anything afterwards. */
static bool
take(struct colours *colours, uint32_t bit, uint64_t *set, uint64_t *hit,
     bool *left)
{
    const uint64_t *row = colours->rows + (size_t) bit * colours->words;
    uint64_t any = 0;
    uint64_t rest = 0;

    for (uint32_t i = 0; i < colours->words; i++) {
        hit[i] = set[i] & row[i];
        set[i] &= ~row[i];
        any |= hit[i];
        rest |= set[i];
    }
    colours->plan->work += colours->words / 4 + 1;
    *left = rest;
    return any;
}

/* Colours 'set' by the bits of one chain from 'from' on; 'set' is used up, and
 * so is the stack behind it. */
static void
colour_bits(struct colours *colours, size_t chain, uint32_t from,
            uint64_t *set)
{
    const struct sweep_chain *own = &colours->plan->chains[chain];
    uint64_t *hit = set + colours->words;
    uint32_t end = (own->first_word + own->n_words) * 64;
    struct match before = colours->matches[chain];
    bool left = true;

    for (uint32_t i = from; i < end; i++) {
        uint64_t word = colours->state[i / 64] >> (i % 64);
        if (!word) {
            i |= 63;
            continue;
        }
        i += (uint32_t) __builtin_ctzll(word);
        const struct class_bit *bit = &colours->plan->bits[i];
        if (!take(colours, i, set, hit, &left)) {
            continue;
        }
        if (bit->certain) {
            colours->matches[chain].rule = bit->rule;
            colour_chain(colours, chain + 1, hit);
        } else {
            if (before.first_maybe == SWEEP_NO_RULE) {
                colours->matches[chain].first_maybe = bit->rule;
            }
            colours->matches[chain].maybe |= bit->accesses;
            colour_bits(colours, chain, i + 1, hit);
        }
        colours->matches[chain] = before;
        if (!left) {
            return;
        }
    }
    colour_chain(colours, chain + 1, set);
}

/* Colours 'set' by the chains from 'chain' on. */
static void
colour_chain(struct colours *colours, size_t chain, uint64_t *set)
{
    const struct sweep_plan *plan = colours->plan;

    while (chain < plan->n_chains && !plan->chains[chain].n_words) {
        chain++;
    }
    if (chain == plan->n_chains) {
        emit_set(colours, set);
        return;
    }
    colours->matches[chain] =
        (struct match){ SWEEP_NO_RULE, SWEEP_NO_RULE, 0 };
    colour_bits(colours, chain, plan->chains[chain].first_word * 64, set);
}

void
colours_emit(struct colours *colours, const uint64_t *state, struct wide count)
{
    uint32_t n = colours->field->n;

    colours->state = state;
    colours->count = count;
    memset(colours->sets, 0xff, colours->words * sizeof *colours->sets);
    if (n % 64) {
        colours->sets[colours->words - 1] = (UINT64_C(1) << n % 64) - 1;
    }
    colour_chain(colours, 0, colours->sets);
}
