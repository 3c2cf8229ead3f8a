#include "engine/judge/align.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/compile/classifier.h"
#include "engine/judge/diff.h"

/* A rule's fingerprint and its place. */
struct print {
    struct hash hash;
    uint32_t place;
};

static int
compare_prints(const void *a_, const void *b_)
{
    const struct print *a = a_;
    const struct print *b = b_;

    if (a->hash.high != b->hash.high) {
        return a->hash.high < b->hash.high ? -1 : 1;
    }
    if (a->hash.low != b->hash.low) {
        return a->hash.low < b->hash.low ? -1 : 1;
    }
    return a->place < b->place ? -1 : a->place > b->place;
}

static struct print *
make_prints(const struct diff_side *side)
{
    struct print *prints = memory_calloc(side->n + 1, sizeof *prints);

    for (size_t i = 0; i < side->n; i++) {
        prints[i].hash = classifier_key(&side->rules[i], 1);
        prints[i].place = (uint32_t) i;
    }
    return prints;
}

/* Finds for each rule before the rule after that is its equal, the first with
 * the first where there are several; UINT32_MAX if there is none. */
static void
pair_rules(struct print *before, size_t n_before, struct print *after,
           size_t n_after, uint32_t pairs[])
{
    size_t j = 0;

    qsort(before, n_before, sizeof *before, compare_prints);
    qsort(after, n_after, sizeof *after, compare_prints);
    for (size_t i = 0; i < n_before; i++) {
        struct print print = before[i];
        print.place = 0;
        while (j < n_after && !hash_equal(after[j].hash, print.hash)
               && compare_prints(&after[j], &print) < 0) {
            j++;
        }
        bool equal = j < n_after && hash_equal(after[j].hash, print.hash);
        pairs[before[i].place] = equal ? after[j++].place : UINT32_MAX;
    }
}

/* Marks all pairs that are not on a longest run in the same order (patience
 * sorting).  Returns the length of the run. */
static size_t
keep_longest_run(const uint32_t pairs[], size_t n, uint64_t *marks[2])
{
    uint32_t *tails = memory_calloc(n + 1, sizeof *tails);
    uint32_t *previous = memory_calloc(n + 1, sizeof *previous);
    size_t length = 0;

    for (uint32_t i = 0; i < n; i++) {
        size_t low = 0;
        size_t high = length;
        if (pairs[i] == UINT32_MAX) {
            continue;
        }
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (pairs[tails[middle]] < pairs[i]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        previous[i] = low ? tails[low - 1] : UINT32_MAX;
        tails[low] = i;
        length += low == length;
    }
    for (uint32_t i = length ? tails[length - 1] : UINT32_MAX; i != UINT32_MAX;
         i = previous[i]) {
        marks[0][i / 64] &= ~(UINT64_C(1) << (i % 64));
        marks[1][pairs[i] / 64] &= ~(UINT64_C(1) << (pairs[i] % 64));
    }
    free(tails);
    free(previous);
    return length;
}

static uint64_t *
mark_all(size_t n, struct arena *arena)
{
    uint64_t *marks = arena_alloc_array(arena, n / 64 + 1, sizeof *marks);

    memset(marks, 0xff, (n / 64 + 1) * sizeof *marks);
    return marks;
}

size_t
align_rules(const struct diff_side *before, const struct diff_side *after,
            uint64_t *marks[2], struct arena *arena)
{
    struct print *prints_before = make_prints(before);
    struct print *prints_after = make_prints(after);
    uint32_t *pairs = memory_calloc(before->n + 1, sizeof *pairs);
    size_t most = before->n > after->n ? before->n : after->n;

    marks[0] = mark_all(before->n, arena);
    marks[1] = mark_all(after->n, arena);
    pair_rules(prints_before, before->n, prints_after, after->n, pairs);
    size_t run = keep_longest_run(pairs, before->n, marks);
    free(prints_before);
    free(prints_after);
    free(pairs);
    return most - run;
}
