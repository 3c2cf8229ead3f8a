#include "engine/judge/sweep_levels.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/judge/example.h"
#include "engine/judge/sweep_colours.h"
#include "engine/judge/sweep_plan.h"
#include "engine/judge/sweep_states.h"

enum {
    /* Bytes of states at one level: 10,000 flows are judged by a daemon that
     * has 40 MB in all. */
    STATES_SIZE_MAX = 12 * 1024 * 1024
};

struct levels {
    struct sweep_plan *plan;
    /* The fields in the order of the sweep, fewest classes first. */
    const struct sweep_field *fields[N_CLASS_FIELDS];
    /* Certain bits that match all values of field i and those behind it. */
    uint64_t *covers[N_CLASS_FIELDS + 1];
    struct sweep_states states[N_CLASS_FIELDS]; /* Before field i. */
    unsigned int at;                            /* Fields done. */
};

static void
order_fields(struct levels *levels)
{
    for (unsigned int i = 0; i < N_CLASS_FIELDS; i++) {
        const struct sweep_field *field = &levels->plan->fields[i];
        unsigned int j = i;
        while (j && levels->fields[j - 1]->n > field->n) {
            levels->fields[j] = levels->fields[j - 1];
            j--;
        }
        levels->fields[j] = field;
    }
}

static void
cover_fields(struct levels *levels)
{
    struct sweep_plan *plan = levels->plan;
    uint32_t words = plan->words;
    uint64_t *covers = arena_alloc_array(
        plan->arena, (size_t) words * (N_CLASS_FIELDS + 1), sizeof *covers);

    for (unsigned int i = N_CLASS_FIELDS + 1; i-- > 0;) {
        levels->covers[i] = covers + (size_t) i * words;
        for (uint32_t j = 0; j < words; j++) {
            levels->covers[i][j] =
                i == N_CLASS_FIELDS
                    ? plan->certain[j]
                    : levels->covers[i + 1][j] & levels->fields[i]->all[j];
        }
    }
}

/* Writes what is left of a state in one class.  Returns false if no marked
 * rule is left. */
static bool
next_state(const struct sweep_plan *plan, const uint64_t *state,
           const uint64_t *class, const uint64_t *cover, uint64_t *next)
{
    uint64_t marked = plan->marked ? 0 : 1;

    for (size_t i = 0; i < plan->n_chains; i++) {
        const struct sweep_chain *chain = &plan->chains[i];
        uint32_t end = chain->first_word + chain->n_words;
        for (uint32_t j = chain->first_word; j < end; j++) {
            uint64_t word = state[j] & class[j];
            uint64_t last = word & cover[j];
            if (last) {
                word &= last ^ (last - 1);
            }
            next[j] = word;
            if (plan->marked) {
                marked |= word & plan->marked[j];
            }
            if (last) {
                memset(next + j + 1, 0, (end - j - 1) * sizeof *next);
                break;
            }
        }
    }
    return marked;
}

/* Goes through one field.  Returns false if that would pass the limit. */
static bool
step(struct levels *levels)
{
    struct sweep_plan *plan = levels->plan;
    const struct sweep_field *field = levels->fields[levels->at];
    const uint64_t *cover = levels->covers[levels->at + 1];
    const struct sweep_states *from = &levels->states[levels->at];
    struct sweep_states *to = &levels->states[levels->at + 1];
    uint32_t words = plan->words;
    uint64_t *next = arena_alloc_array(plan->arena, words, sizeof *next);
    size_t state_size = words * sizeof *next + sizeof(struct wide) + 16;

    states_init(to, words);
    /* What the field costs is known before anything is spent on it. */
    uint64_t work = (uint64_t) field->n * (words + 3);
    if (plan->work + from->bitmaps.n * work > plan->limit) {
        return false;
    }
    for (uint32_t i = 0; i < from->bitmaps.n; i++) {
        const uint64_t *state = bitmap_set_at(&from->bitmaps, i);
        for (uint32_t j = 0; j < field->n; j++) {
            if (next_state(plan, state, field->bitmaps + (size_t) j * words,
                           cover, next)) {
                states_add(to, next,
                           count_times(from->counts[i], field->counts[j]), i,
                           j);
            }
        }
        plan->work += work;
        if (to->bitmaps.n * state_size > STATES_SIZE_MAX) {
            return false;
        }
    }
    levels->at++;
    return true;
}

/* Fills the fields that lead to state 'number' before the last field. */
static void
set_example(const struct levels *levels, uint32_t number,
            struct packet *packet)
{
    for (unsigned int i = levels->at; i > 0; i--) {
        const struct sweep_field *field = levels->fields[i - 1];
        uint32_t class = levels->states[i].classes[number];
        example_set(packet, field->field, field->examples[class]);
        number = levels->states[i].parents[number];
    }
}

/* Emits all states; the last field is coloured. */
static void
finish(struct levels *levels, sweep_emit *emit, void *aux,
       struct wide *undecided)
{
    struct sweep_plan *plan = levels->plan;
    const struct sweep_field *field = levels->fields[levels->at];
    const struct sweep_states *states = &levels->states[levels->at];
    struct colours colours;

    colours_init(&colours, plan, field, emit, aux);
    for (uint32_t i = 0; i < states->bitmaps.n; i++) {
        if (plan->work > plan->budget) {
            *undecided = wide_add(
                *undecided, count_times(states->counts[i], field->total));
            continue;
        }
        set_example(levels, i, &colours.example);
        colours_emit(&colours, bitmap_set_at(&states->bitmaps, i),
                     states->counts[i]);
    }
}

bool
sweep_levels(struct sweep_plan *plan, sweep_emit *emit, void *aux,
             struct wide *undecided)
{
    struct levels levels = { .plan = plan };
    bool done = true;

    order_fields(&levels);
    cover_fields(&levels);
    states_init(&levels.states[0], plan->words);
    states_add(&levels.states[0], plan->alive, wide_from(1), 0, 0);
    while (done && levels.at < N_CLASS_FIELDS - 1) {
        done = step(&levels);
    }
    if (done) {
        finish(&levels, emit, aux, undecided);
    }
    for (unsigned int i = 0; i < N_CLASS_FIELDS; i++) {
        states_clear(&levels.states[i]);
    }
    return done;
}
