#include "engine/judge/sweep_joint.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/bits.h"
#include "engine/base/memory.h"
#include "engine/compile/bitmap_set.h"
#include "engine/judge/example.h"
#include "engine/judge/sweep_plan.h"

/* One chain under the cut. */
struct cursor {
    const struct sweep_chain *chain;
    const struct partition *partition;
    uint32_t interval;
    uint128 end;    /* Of the interval. */
    uint64_t *rows; /* Packed bitmaps of classes seen before, or NULL. */
    uint8_t *known; /* Which classes those are. */
    const struct bits_gather *gathers; /* Of each word, with 'rows'. */
};

/* A joint class in the making. */
struct joint {
    uint128 count;
    uint128 example;
    unsigned int rank;
};

struct join {
    struct sweep_plan *plan;
    struct sweep_field *field;
    struct cursor cursors[SWEEP_CHAINS_MAX];
    size_t n;
    struct bitmap_set classes;
    struct joint *joints;
    size_t capacity;
    uint64_t *bitmap; /* Of the interval at hand. */
};

/* Writes the bits of 'bitmap' that are alive, without gaps. */
static void
pack_bits(const struct sweep_chain *chain, const uint64_t *bitmap,
          uint64_t *packed)
{
    uint32_t offset = 0;

    memset(packed, 0, chain->n_words * sizeof *packed);
    for (uint32_t i = 0; i < chain->classifier->words; i++) {
        uint64_t alive = chain->alive[i];
        uint64_t word = bitmap[i] & alive;
        for (; word; word &= word - 1) {
            uint64_t below = (word & -word) - 1;
            uint32_t bit = offset + bits_count(alive & below);
            packed[bit / 64] |= UINT64_C(1) << (bit % 64);
        }
        offset += alive ? bits_count(alive) : 0;
    }
}

/* The same for those who do it often. */
static void
gather_bits(const struct sweep_chain *chain, const struct bits_gather *gathers,
            const uint64_t *bitmap, uint64_t *packed)
{
    uint32_t offset = 0;

    memset(packed, 0, chain->n_words * sizeof *packed);
    for (uint32_t i = 0; i < chain->classifier->words; i++) {
        if (!chain->alive[i]) {
            continue;
        }
        uint64_t word = bits_gather(&gathers[i], bitmap[i]);
        uint32_t shift = offset % 64;
        packed[offset / 64] |= word << shift;
        if (shift && word >> (64 - shift)) {
            packed[offset / 64 + 1] = word >> (64 - shift);
        }
        offset += bits_count(chain->alive[i]);
    }
}

static void
cursor_read(const struct cursor *cursor, uint64_t *packed)
{
    uint32_t class = cursor->partition->classes[cursor->interval];
    const struct sweep_chain *chain = cursor->chain;
    const uint64_t *bitmap =
        cursor->partition->bitmaps + (size_t) class * chain->classifier->words;

    if (!cursor->rows) {
        pack_bits(chain, bitmap, packed);
        return;
    }
    uint64_t *row = cursor->rows + (size_t) class * chain->n_words;
    if (!cursor->known[class]) {
        gather_bits(chain, cursor->gathers, bitmap, row);
        cursor->known[class] = 1;
    }
    memcpy(packed, row, chain->n_words * sizeof *packed);
}

static void
cursor_set(struct cursor *cursor, uint32_t interval)
{
    cursor->interval = interval;
    cursor->end = partition_end(cursor->partition, interval);
}

static const struct bits_gather *
make_gathers(const struct sweep_chain *chain, struct arena *arena)
{
    struct bits_gather *gathers =
        arena_alloc_array(arena, chain->classifier->words, sizeof *gathers);

    for (uint32_t i = 0; i < chain->classifier->words; i++) {
        if (chain->alive[i]) {
            gathers[i] = bits_gather_init(chain->alive[i]);
        }
    }
    return gathers;
}

/* Remembers packed bitmaps where the query is likely to meet each class more
 * than once. */
static void
cursor_init(struct join *join, struct cursor *cursor,
            const struct sweep_chain *chain)
{
    enum { FEW = 32 };
    struct span_set values = join->field->values;
    struct arena *arena = join->plan->arena;

    cursor->chain = chain;
    cursor->partition = classifier_field(chain->classifier, join->plan->family,
                                         join->field->field);
    uint32_t low = partition_find(cursor->partition, values.spans[0].first);
    uint32_t high =
        partition_find(cursor->partition, values.spans[values.n - 1].last);
    cursor->rows = NULL;
    if (high - low > FEW) {
        uint32_t n = cursor->partition->n_classes;
        cursor->rows = arena_alloc_array(arena, (size_t) n * chain->n_words,
                                         sizeof *cursor->rows);
        cursor->known = arena_alloc(arena, n);
        cursor->gathers = make_gathers(chain, arena);
    }
}

static void
add_interval(struct join *join, uint128 first, uint128 last)
{
    struct sweep_plan *plan = join->plan;
    uint128 example;

    for (size_t i = 0; i < join->n; i++) {
        cursor_read(&join->cursors[i],
                    join->bitmap + join->cursors[i].chain->first_word);
    }
    uint32_t before = join->classes.n;
    uint32_t class = bitmap_set_add(&join->classes, join->bitmap);
    unsigned int rank =
        example_pick(join->field->field, plan->family, first, last, &example);
    if (class == before) {
        join->joints = memory_grow(join->joints, before, &join->capacity,
                                   sizeof *join->joints);
        join->joints[class] = (struct joint){ 0, example, rank };
    } else if (rank > join->joints[class].rank) {
        join->joints[class].rank = rank;
        join->joints[class].example = example;
    }
    join->joints[class].count += last - first + 1;
    plan->work += plan->words + 4;
}

/* Walks all chains through one span of the query. */
static void
cut_span(struct join *join, struct span span)
{
    uint128 at = span.first;

    for (size_t i = 0; i < join->n; i++) {
        cursor_set(&join->cursors[i],
                   partition_find(join->cursors[i].partition, at));
    }
    for (;;) {
        uint128 end = span.last;
        for (size_t i = 0; i < join->n; i++) {
            if (join->cursors[i].end < end) {
                end = join->cursors[i].end;
            }
        }
        add_interval(join, at, end);
        if (end == span.last) {
            return;
        }
        at = end + 1;
        for (size_t i = 0; i < join->n; i++) {
            if (join->cursors[i].end == end) {
                cursor_set(&join->cursors[i], join->cursors[i].interval + 1);
            }
        }
    }
}

/* Copies the classes to the arena, those with the best examples first. */
static void
keep_classes(struct join *join)
{
    struct sweep_field *field = join->field;
    struct arena *arena = join->plan->arena;
    uint32_t words = join->plan->words;
    uint32_t n = join->classes.n;
    uint64_t *bitmaps =
        arena_alloc_array(arena, (size_t) n * words, sizeof *bitmaps);
    uint128 *counts = arena_alloc_array(arena, n, sizeof *counts);
    uint128 *examples = arena_alloc_array(arena, n, sizeof *examples);
    uint32_t to = 0;

    field->all = arena_alloc_array(arena, words, sizeof *field->all);
    memset(field->all, 0xff, words * sizeof *field->all);
    for (unsigned int rank = EXAMPLE_RANKS; rank-- > 0;) {
        for (uint32_t i = 0; i < n; i++) {
            if (join->joints[i].rank != rank) {
                continue;
            }
            const uint64_t *bitmap = bitmap_set_at(&join->classes, i);
            memcpy(bitmaps + (size_t) to * words, bitmap,
                   words * sizeof *bitmaps);
            for (uint32_t j = 0; j < words; j++) {
                field->all[j] &= bitmap[j];
            }
            counts[to] = join->joints[i].count;
            examples[to++] = join->joints[i].example;
        }
    }
    field->n = n;
    field->bitmaps = bitmaps;
    field->counts = counts;
    field->examples = examples;
}

bool
sweep_join(struct sweep_plan *plan, struct sweep_field *field)
{
    struct join join = { .plan = plan, .field = field };

    for (size_t i = 0; i < plan->n_chains; i++) {
        if (plan->chains[i].n_words) {
            cursor_init(&join, &join.cursors[join.n++], &plan->chains[i]);
        }
    }
    join.bitmap =
        arena_alloc_array(plan->arena, plan->words, sizeof *join.bitmap);
    bitmap_set_init(&join.classes, plan->words);
    for (size_t i = 0; i < field->values.n && plan->work <= plan->limit; i++) {
        cut_span(&join, field->values.spans[i]);
    }
    if (plan->work <= plan->limit) {
        keep_classes(&join);
    }
    bitmap_set_clear(&join.classes);
    free(join.joints);
    return plan->work <= plan->limit;
}
