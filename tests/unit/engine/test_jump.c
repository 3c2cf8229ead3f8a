/* Addresses find their interval by jumps as they do by plain search, however
 * the intervals lie. */

#include "tests/support/test.h"

#include "engine/base/arena.h"
#include "engine/compile/jump.h"
#include "engine/compile/partition.h"
#include "engine/model/span.h"
#include "tests/oracle/world.h"

/* Hosts and prefixes that cut the addresses. */
struct layout {
    const char *what;
    uint32_t base;
    uint32_t stride; /* Between prefixes; 0: anywhere. */
    uint32_t n;
    unsigned int host_bits;
    uint32_t most_steps; /* 'step' of the jumps may be this. */
};

static uint32_t
jump_class(const struct jump *jump, uint32_t address)
{
    uint32_t at = jump_start(jump, address);

    for (uint32_t step = jump->step; step >= JUMP_ENDS; step /= 2) {
        at = jump_forward(jump, address, at, step);
    }
    return jump->classes[jump_end(jump, address, at)];
}

static void
check_address(const struct jump *jump, const struct partition *partition,
              uint32_t address)
{
    uint32_t interval = partition_find(partition, address);

    assert_int_equal(jump_class(jump, address), partition->classes[interval]);
}

/* The partition of three rules, among which the prefixes are dealt out. */
static void
cut(struct partition *partition, const struct layout *layout,
    struct random *random, struct arena *arena)
{
    struct span_list lists[3];
    struct span_set sets[3];

    for (size_t i = 0; i < 3; i++) {
        span_list_init(&lists[i]);
    }
    for (uint32_t i = 0; i < layout->n; i++) {
        uint32_t size = UINT32_C(1) << layout->host_bits;
        uint32_t first = layout->stride ? layout->base + i * layout->stride
                                        : (uint32_t) random_next(random);
        first &= ~(size - 1);
        span_list_add(&lists[i % 3], first, first + (size - 1));
    }
    for (size_t i = 0; i < 3; i++) {
        sets[i] = span_list_finish(&lists[i], arena);
    }
    partition_init(partition, sets, 3, UINT32_MAX);
}

static void
check_layout(const struct layout *layout)
{
    struct arena *arena = arena_create();
    struct random random = random_start(layout->n);
    struct partition partition;

    cut(&partition, layout, &random, arena);
    struct jump jump = jump_build(arena, &partition);

    for (uint32_t i = 0; i < partition.n; i++) {
        uint32_t start = partition.starts[i];
        check_address(&jump, &partition, start);
        check_address(&jump, &partition, start - 1);
        check_address(&jump, &partition, start + 1);
    }
    for (size_t i = 0; i < 20000; i++) {
        check_address(&jump, &partition, (uint32_t) random_next(&random));
    }
    check_address(&jump, &partition, UINT32_MAX);
    if (jump.step > layout->most_steps) {
        fail_msg("%s: a first step of %u, not %u", layout->what, jump.step,
                 layout->most_steps);
    }

    partition_clear(&partition);
    arena_unref(arena);
}

static void
test_jumps_find_what_a_plain_search_finds(void **state)
{
    static const struct layout layouts[] = {
        { "no prefix", 0, 0, 0, 0, 4 },
        { "the first address", 0, 1, 1, 0, 4 },
        { "the last address", UINT32_MAX, 1, 1, 0, 4 },
        { "both halves", 0, UINT32_C(1) << 31, 2, 31, 4 },
        { "a prefix of each block", 0, UINT32_C(1) << 20, 4096, 20, 4 },
        { "halves of all blocks", 0, UINT32_C(1) << 20, 4096, 19, 4 },
        { "neighbours over the edge of a block", 0x0a0ffff0, 1, 32, 0, 16 },
        { "every other host of a network", 0x0a000000, 2, 40000, 0, 8 },
        { "networks of an estate", 0x0a000000, 256, 4000, 8, 4 },
        { "hosts anywhere", 0, 0, 20000, 0, 4 },
        { "prefixes anywhere", 0, 0, 60000, 8, 4 },
    };
    (void) state;

    for (size_t i = 0; i < COUNT_OF(layouts); i++) {
        check_layout(&layouts[i]);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jumps_find_what_a_plain_search_finds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
