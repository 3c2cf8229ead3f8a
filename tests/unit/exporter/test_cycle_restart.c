/* What a pass knows of the process before it, and how much it keeps. */

#include "tests/support/test.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/changes.h"
#include "exporter/cycle.h"
#include "exporter/snapshot.h"
#include "exporter/state.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_source.h"
#include "tests/support/folder.h"
#include "tests/unit/exporter/cycle_world.h"

/* Returns the path of a state folder, from the heap. */
static char *
open_storage(const char *folder)
{
    struct text path;
    struct error error;

    text_init(&path);
    text_append(&path, folder_path(folder, "state"));
    assert_true(state_open(path.data, &error));
    return text_steal(&path);
}

static void
test_a_change_while_the_process_was_down_is_seen(void **state)
{
    struct world world;
    char *storage = open_storage(*state);
    world_start(&world, state, storage);
    (void) run(&world);
    fake_source_put_rule(world.source, "other", "Allow");
    (void) run(&world);
    world_end(&world);

    world_start(&world, state, storage);
    fake_source_put_rule(world.source, "other", "Deny");
    fake_clock_advance(&world.clock, MINUTE_MS);
    struct snapshot *first = cycle_first(world.cycle);
    assert_int_equal(snapshot_find(first, "web")->last_change_ms,
                     FAKE_CLOCK_START_MS);
    assert_int_equal(snapshot_find(first, "web")->decision_changes, 1);
    assert_int_equal(n_changes(&world), 1);
    snapshot_unref(first);
    struct flow_result result = run(&world);

    assert_int_equal(result.verdict_changes, 1);
    assert_int_equal(result.decision_changes, 2);
    assert_int_equal(result.last_change_ms, FAKE_CLOCK_START_MS + MINUTE_MS);
    assert_int_equal(n_changes(&world), 2);
    world_end(&world);
    free(storage);
}

static void
test_an_unchanged_verdict_after_a_restart_is_no_change(void **state)
{
    struct world world;
    char *storage = open_storage(*state);
    world_start(&world, state, storage);
    (void) run(&world);
    world_end(&world);

    world_start(&world, state, storage);
    fake_clock_advance(&world.clock, MINUTE_MS);
    snapshot_unref(cycle_first(world.cycle));
    struct flow_result result = run(&world);

    assert_int_equal(result.verdict_changes, 0);
    assert_int_equal(result.decision_changes, 0);
    assert_int_equal(result.last_change_ms, FAKE_CLOCK_START_MS);
    assert_string_equal(world.log.data, "");
    world_end(&world);
    free(storage);
}

static void
test_kept_state_that_makes_no_sense_is_put_aside(void **state)
{
    static const char *const documents[] = {
        "",
        "something else\n",
        "flowverify flows 1\nflow\tweb\tallow\n",
        "flowverify flows 1\nflow\tweb\tmaybe\ts\tl\tr\tr\ti\t1\t1\t1\t1\n",
        "flowverify flows 1\nflow\tweb\tallow\ts\tl\tr\tr\ti\t-1\t1\t1\t1\n",
        "flowverify flows 1\nrule\ta\tb\tc\td\te\tf\tg\t1\n",
        "flowverify flows 1\nunknown\n",
        "flowverify flows 1\nflow\\",
        ("flowverify flows 1\n"
         "change\t1\tweb\ta\tb\tc\td\te\tf\tg\th\t1\t9999\n"),
    };
    char *storage = open_storage(*state);

    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        struct world world;
        struct error error;
        assert_true(state_save(storage, "flows", documents[i],
                               strlen(documents[i]), &error));
        world_start(&world, state, storage);
        snapshot_unref(cycle_first(world.cycle));

        struct flow_result result = run(&world);

        assert_int_equal(result.verdict->kind, VERDICT_ALLOW);
        assert_int_equal(n_lines(&world, "put aside"), 1);
        world_end(&world);
    }
    free(storage);
}

/* Lets the rule flip in every pass. */
static void
run_flips(struct world *world, int n)
{
    for (int i = 0; i < n; i++) {
        fake_source_put_rule(world->source, "web-in",
                             i % 2 ? "Allow" : "Deny");
        fake_clock_advance(&world->clock, MINUTE_MS);
        (void) run(world);
        text_reset(&world->log);
    }
}

static void
test_memory_does_not_grow_with_the_number_of_cycles(void **state)
{
#ifdef __GLIBC__
    enum { TOLERANCE = 16384 };
    struct world world;
    world_start(&world, state, NULL);
    run_flips(&world, 1100); /* The change log is full from here on. */
    struct mallinfo2 before = mallinfo2();

    run_flips(&world, 300);

    struct mallinfo2 after = mallinfo2();
    assert_true(after.uordblks <= before.uordblks + TOLERANCE);
    world_end(&world);
#else
    (void) state;
    skip();
#endif
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_a_change_while_the_process_was_down_is_seen),
        FOLDER_TEST(test_an_unchanged_verdict_after_a_restart_is_no_change),
        FOLDER_TEST(test_kept_state_that_makes_no_sense_is_put_aside),
        FOLDER_TEST(test_memory_does_not_grow_with_the_number_of_cycles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
