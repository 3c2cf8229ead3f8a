#include "engine/judge/align.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/compile/box.h"
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

/* What classifier_key() tells apart. */
static bool
rules_equal(const struct policy_rule *a, const struct policy_rule *b)
{
    return a->accesses == b->accesses && a->uncertain == b->uncertain
           && box_equal(&a->certain, &b->certain)
           && (!a->uncertain || box_equal(&a->possible, &b->possible));
}

/* Pairs the rules that both versions begin with and end with: most, as a rule,
 * and comparing them costs less than their fingerprints.  Returns those that
 * are left, of each version 'n'. */
static uint32_t
pair_ends(const struct diff_side *before, const struct diff_side *after,
          uint32_t pairs[], uint32_t n[2])
{
    uint32_t first = 0;

    n[0] = (uint32_t) before->n;
    n[1] = (uint32_t) after->n;
    while (first < n[0] && first < n[1]
           && rules_equal(&before->rules[first], &after->rules[first])) {
        pairs[first] = first;
        first++;
    }
    while (n[0] > first && n[1] > first
           && rules_equal(&before->rules[n[0] - 1], &after->rules[n[1] - 1])) {
        pairs[--n[0]] = --n[1];
    }
    n[0] -= first;
    n[1] -= first;
    return first;
}

static struct print *
make_prints(const struct diff_side *side, uint32_t first, uint32_t n)
{
    struct print *prints = memory_calloc((size_t) n + 1, sizeof *prints);

    for (uint32_t i = 0; i < n; i++) {
        prints[i].hash = classifier_key(&side->rules[first + i], 1);
        prints[i].place = first + i;
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
    uint32_t *pairs = memory_calloc(before->n + 1, sizeof *pairs);
    size_t most = before->n > after->n ? before->n : after->n;
    uint32_t n[2];
    uint32_t first = pair_ends(before, after, pairs, n);
    struct print *prints_before = make_prints(before, first, n[0]);
    struct print *prints_after = make_prints(after, first, n[1]);

    marks[0] = mark_all(before->n, arena);
    marks[1] = mark_all(after->n, arena);
    pair_rules(prints_before, n[0], prints_after, n[1], pairs);
    size_t run = keep_longest_run(pairs, before->n, marks);
    free(prints_before);
    free(prints_after);
    free(pairs);
    return most - run;
}
