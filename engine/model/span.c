#include "engine/model/span.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/hash.h"
#include "engine/base/memory.h"

void
span_list_init(struct span_list *list)
{
    *list = (struct span_list){ .spans = NULL };
}

void
span_list_clear(struct span_list *list)
{
    free(list->spans);
    span_list_init(list);
}

void
span_list_add(struct span_list *list, uint128 first, uint128 last)
{
    list->spans = memory_grow(list->spans, list->n, &list->capacity,
                              sizeof *list->spans);
    list->spans[list->n++] = (struct span){ first, last };
}

void
span_list_add_set(struct span_list *list, struct span_set set)
{
    for (size_t i = 0; i < set.n; i++) {
        span_list_add(list, set.spans[i].first, set.spans[i].last);
    }
}

static int
compare_spans(const void *a_, const void *b_)
{
    const struct span *a = a_;
    const struct span *b = b_;

    return a->first < b->first ? -1 : a->first > b->first;
}

static bool
are_sorted(const struct span *spans, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (spans[i].first < spans[i - 1].first) {
            return false;
        }
    }
    return true;
}

/* Sorts the spans and joins those that overlap or touch.  Returns how many
 * are left. */
static size_t
join_spans(struct span *spans, size_t n)
{
    size_t n_joined = 0;

    /* What was made from sets often is sorted. */
    if (!are_sorted(spans, n)) {
        qsort(spans, n, sizeof *spans, compare_spans);
    }
    for (size_t i = 0; i < n; i++) {
        struct span *last = n_joined ? &spans[n_joined - 1] : NULL;
        /* 'last->last + 1' would overflow at the top of IPv6. */
        if (last
            && (spans[i].first <= last->last
                || spans[i].first - last->last == 1)) {
            if (spans[i].last > last->last) {
                last->last = spans[i].last;
            }
        } else {
            spans[n_joined++] = spans[i];
        }
    }
    return n_joined;
}

struct span_set
span_list_finish(struct span_list *list, struct arena *arena)
{
    struct span_set set = { NULL, 0 };

    if (list->n) {
        set.n = join_spans(list->spans, list->n);
        set.spans =
            arena_memdup(arena, list->spans, set.n * sizeof *set.spans);
    }
    span_list_clear(list);
    return set;
}

struct span_set
span_set_of(struct arena *arena, uint128 first, uint128 last)
{
    struct span span = { first, last };

    return (struct span_set){ arena_memdup(arena, &span, sizeof span), 1 };
}

struct span_set
span_set_union(struct arena *arena, struct span_set a, struct span_set b)
{
    struct span_list list;

    if (!a.n || !b.n) {
        return a.n ? a : b;
    }
    span_list_init(&list);
    span_list_add_set(&list, a);
    span_list_add_set(&list, b);
    return span_list_finish(&list, arena);
}

struct span_set
span_set_intersect(struct arena *arena, struct span_set a, struct span_set b)
{
    struct span_list list;
    size_t i = 0;
    size_t j = 0;

    span_list_init(&list);
    while (i < a.n && j < b.n) {
        struct span x = a.spans[i];
        struct span y = b.spans[j];
        uint128 first = x.first > y.first ? x.first : y.first;
        uint128 last = x.last < y.last ? x.last : y.last;
        if (first <= last) {
            span_list_add(&list, first, last);
        }
        if (x.last < y.last) {
            i++;
        } else {
            j++;
        }
    }
    return span_list_finish(&list, arena);
}

struct span_set
span_set_subtract(struct arena *arena, struct span_set a, struct span_set b)
{
    struct span_list list;
    size_t j = 0;

    span_list_init(&list);
    for (size_t i = 0; i < a.n; i++) {
        uint128 first = a.spans[i].first;
        uint128 last = a.spans[i].last;
        bool used_up = false;
        while (j < b.n && b.spans[j].last < first) {
            j++;
        }
        for (size_t k = j; k < b.n && b.spans[k].first <= last; k++) {
            if (b.spans[k].first > first) {
                span_list_add(&list, first, b.spans[k].first - 1);
            }
            if (b.spans[k].last >= last) {
                used_up = true;
                break;
            }
            first = b.spans[k].last + 1;
        }
        if (!used_up) {
            span_list_add(&list, first, last);
        }
    }
    return span_list_finish(&list, arena);
}

/* Returns the number of the first span that ends at or after 'value'. */
static size_t
find_span(struct span_set set, uint128 value)
{
    size_t low = 0;
    size_t high = set.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set.spans[middle].last < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool
span_set_contains(struct span_set set, uint128 value)
{
    size_t i = find_span(set, value);

    return i < set.n && set.spans[i].first <= value;
}

bool
span_set_covers(struct span_set outer, struct span_set inner)
{
    for (size_t i = 0; i < inner.n; i++) {
        size_t j = find_span(outer, inner.spans[i].first);
        if (j == outer.n || outer.spans[j].first > inner.spans[i].first
            || outer.spans[j].last < inner.spans[i].last) {
            return false;
        }
    }
    return true;
}

bool
span_set_overlaps(struct span_set a, struct span_set b)
{
    struct span_set few = a.n < b.n ? a : b;
    struct span_set many = a.n < b.n ? b : a;

    for (size_t i = 0; i < few.n; i++) {
        size_t j = find_span(many, few.spans[i].first);
        if (j < many.n && many.spans[j].first <= few.spans[i].last) {
            return true;
        }
    }
    return false;
}

bool
span_set_equal(struct span_set a, struct span_set b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (a.spans[i].first != b.spans[i].first
            || a.spans[i].last != b.spans[i].last) {
            return false;
        }
    }
    return true;
}

struct wide
span_set_count(struct span_set set)
{
    uint128 count = 0;

    /* All values of 128 bits are one more than such a count can hold, so each
     * span's last value is counted apart. */
    for (size_t i = 0; i < set.n; i++) {
        count += set.spans[i].last - set.spans[i].first;
    }
    return wide_add(wide_from(count), wide_from(set.n));
}

void
span_set_hash(struct span_set set, struct hasher *hasher)
{
    hasher_add_u64(hasher, set.n);
    hasher_add(hasher, set.spans, set.n * sizeof *set.spans);
}
