/* The fast sweep against the obvious one, over the whole range of every
 * field: the same packets, treated alike. */

#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/compile/classifier.h"
#include "tests/oracle/plain_sweep.h"
#include "tests/oracle/world.h"

enum { CHAINS = 3, ROUNDS = 400 };

/* How many packets are treated in one way. */
struct heap {
    struct match matches[CHAINS];
    struct wide count;
};

struct heaps {
    struct heap *items; /* From the heap. */
    size_t n;
    size_t capacity;
};

static bool
is_alike(const struct match a[], const struct match b[])
{
    for (int i = 0; i < CHAINS; i++) {
        if (!match_equal(&a[i], &b[i])) {
            return false;
        }
    }
    return true;
}

static void
add_to_heap(void *aux, const struct match matches[], struct wide count,
            const struct packet *example)
{
    struct heaps *heaps = aux;

    (void) example;
    for (size_t i = 0; i < heaps->n; i++) {
        if (is_alike(heaps->items[i].matches, matches)) {
            heaps->items[i].count = wide_add(heaps->items[i].count, count);
            return;
        }
    }
    heaps->items = memory_grow(heaps->items, heaps->n, &heaps->capacity,
                               sizeof *heaps->items);
    struct heap *heap = &heaps->items[heaps->n++];
    memcpy(heap->matches, matches, sizeof heap->matches);
    heap->count = count;
}

static void
assert_same_heaps(const struct heaps *a, const struct heaps *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        size_t j = 0;
        while (j < b->n
               && !is_alike(a->items[i].matches, b->items[j].matches)) {
            j++;
        }
        assert_true(j < b->n);
        assert_int_equal(wide_compare(a->items[i].count, b->items[j].count),
                         0);
    }
}

static void
compare_sweeps(struct random *random)
{
    const struct world world = { .uncertain_percent = 20,
                                 .any_percent = 35,
                                 .spans_max = 2,
                                 .n_rules = 1 + random_below(random, 3) };
    struct arena *arena = arena_create();
    struct plain_chain chains[CHAINS];
    struct classifier *compiled[CHAINS];
    const struct classifier *views[CHAINS];
    struct heaps plain = { .n = 0 };
    struct heaps fast = { .n = 0 };
    struct wide undecided;

    for (int i = 0; i < CHAINS; i++) {
        chains[i] = (struct plain_chain){ world_rules(&world, random, arena),
                                          world.n_rules };
        compiled[i] = classifier_compile(chains[i].rules, chains[i].n);
        views[i] = compiled[i];
    }
    struct query query = world_query(&world, random, arena);
    plain_sweep(chains, CHAINS, &query, add_to_heap, &plain);
    assert_true(
        sweep(views, CHAINS, &query, 0, add_to_heap, &fast, &undecided));
    assert_same_heaps(&plain, &fast);
    for (int i = 0; i < CHAINS; i++) {
        classifier_unref(compiled[i]);
    }
    free(plain.items);
    free(fast.items);
    arena_unref(arena);
}

static void
test_sweeps_agree(void **state)
{
    struct random random = random_start(77);
    size_t n = random_rounds(ROUNDS);

    (void) state;
    for (size_t i = 0; i < n; i++) {
        compare_sweeps(&random);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sweeps_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
