/* The threads around the cycle, with a clock that the test moves. */

#include "tests/support/test.h"

#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "config/config.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/changes.h"
#include "exporter/counters.h"
#include "exporter/log.h"
#include "exporter/scheduler.h"
#include "exporter/scheduler_plan.h"
#include "exporter/snapshot.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_source.h"
#include "tests/support/folder.h"

enum { MINUTE_MS = 60000, PATIENCE_S = 20 };

struct world {
    const char *folder;
    char path[256];
    struct fake_clock clock;
    struct fake_source *source; /* The newest that was opened. */
    unsigned int n_opened;
    unsigned int n_destroyed;
    bool open_fails;
    struct publisher *publisher;
    struct changes *changes;
    struct scheduler *scheduler;
    sem_t published;
};

static void
write_config(struct world *world, const char *source, const char *flow)
{
    struct text content;

    text_init(&content);
    text_append(&content, "interval = \"60s\"; max_age = \"10m\";\n");
    text_printf(&content, "source = { kind = \"directory\"; path = \"%s\"; };",
                source);
    text_printf(&content,
                "flows = ( { name = \"%s\"; nic = \"rg/nic-web\";\n"
                "  direction = \"Inbound\"; protocol = \"Tcp\";\n"
                "  local_port = 443; remote_address = \"192.0.2.1\"; } );\n",
                flow);
    (void) snprintf(world->path, sizeof world->path, "%s",
                    folder_write(world->folder, "f.cfg", content.data));
    text_clear(&content);
}

static struct config *
load(void *aux, struct text *errors)
{
    struct world *world = aux;

    return config_load(world->path, errors);
}

/* There is one world at a time, and open() has no pointer of its own. */
static struct world *opening;

static struct source *
open_source(const struct config *config, const char *storage,
            struct clock *clock, struct error *error)
{
    (void) config;
    (void) storage;
    if (opening->open_fails) {
        error_set(error, "the source cannot be opened");
        return NULL;
    }
    opening->source = fake_source_create(clock);
    opening->source->n_destroyed = &opening->n_destroyed;
    opening->n_opened++;
    fake_source_put_estate(opening->source);
    fake_source_put_rule(opening->source, "web-in", "Allow");
    return &opening->source->source;
}

static void
note_alive(void *aux, const struct snapshot *snapshot)
{
    struct world *world = aux;

    if (snapshot) {
        sem_post(&world->published);
    }
}

static void
swallow(void *aux, const char *line)
{
    (void) aux;
    (void) line;
}

static void
world_init(struct world *world, void **state)
{
    memset(world, 0, sizeof *world);
    world->folder = *state;
    opening = world;
    fake_clock_init(&world->clock);
    sem_init(&world->published, 0, 0);
    write_config(world, "one", "web");
    world->publisher = publisher_create();
    world->changes = changes_create();
    log_redirect(swallow, NULL);
}

static void
world_start(struct world *world)
{
    struct text errors;

    text_init(&errors);
    world->scheduler = scheduler_start(
        &(struct scheduler_options){
            .load = load,
            .open = open_source,
            .clock = &world->clock.clock,
            .publisher = world->publisher,
            .changes = world->changes,
            .seed = 1,
            .alive = note_alive,
            .aux = world,
        },
        &errors);
    assert_string_equal(errors.data, "");
    assert_non_null(world->scheduler);
}

static void
world_end(struct world *world)
{
    scheduler_stop(world->scheduler);
    publisher_destroy(world->publisher);
    changes_destroy(world->changes);
    sem_destroy(&world->published);
    log_redirect(NULL, NULL);
}

/* Waits for the next snapshot. */
static void
await_snapshot(struct world *world)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    if (sem_timedwait(&world->published, &until)) {
        fail_msg("no snapshot was published");
    }
}

static void
pass_time(struct world *world, int64_t ms)
{
    fake_clock_advance(&world->clock, ms);
    scheduler_wake(world->scheduler);
}

static enum verdict_kind
newest_verdict(struct world *world, const char *flow)
{
    const struct snapshot *snapshot = publisher_acquire(world->publisher);
    const struct flow_result *result = snapshot_find(snapshot, flow);

    assert_non_null(result);
    enum verdict_kind kind = result->verdict->kind;
    snapshot_unref(snapshot);
    return kind;
}

static uint64_t
newest_cycles(struct world *world)
{
    const struct snapshot *snapshot = publisher_acquire(world->publisher);
    uint64_t cycles = snapshot->cycles;

    snapshot_unref(snapshot);
    return cycles;
}

static void
test_a_snapshot_is_there_before_the_first_cycle(void **state)
{
    struct world world;
    world_init(&world, state);

    world_start(&world);
    const struct snapshot *snapshot = publisher_acquire(world.publisher);

    assert_non_null(snapshot);
    assert_int_equal(snapshot->n_results, 1);
    snapshot_unref(snapshot);
    world_end(&world);
}

static void
test_the_cycle_is_repeated_when_the_interval_is_over(void **state)
{
    struct world world;
    world_init(&world, state);
    world_start(&world);
    await_snapshot(&world);
    assert_int_equal(newest_cycles(&world), 1);
    assert_int_equal(newest_verdict(&world, "web"), VERDICT_ALLOW);

    pass_time(&world, MINUTE_MS);
    await_snapshot(&world);

    assert_int_equal(newest_cycles(&world), 2);
    assert_int_equal(fake_source_collects(world.source), 2);
    world_end(&world);
}

static void
test_verdicts_age_while_a_collection_hangs_and_cycles_do_not_pile_up(
    void **state)
{
    struct world world;
    world_init(&world, state);
    world_start(&world);
    await_snapshot(&world);
    fake_source_hang(world.source, true);
    pass_time(&world, MINUTE_MS);
    fake_source_await(world.source, 2);

    pass_time(&world, 9 * MINUTE_MS);
    await_snapshot(&world);

    assert_int_equal(newest_verdict(&world, "web"), VERDICT_UNKNOWN);
    assert_int_equal(newest_cycles(&world), 1);
    assert_int_equal(fake_source_collects(world.source), 2);
    fake_source_hang(world.source, false);
    await_snapshot(&world);
    assert_int_equal(newest_verdict(&world, "web"), VERDICT_ALLOW);
    assert_int_equal(newest_cycles(&world), 2);
    world_end(&world);
}

static void
test_stopping_does_not_wait_for_a_hanging_collection(void **state)
{
    struct world world;
    struct timespec before;
    struct timespec after;
    world_init(&world, state);
    world_start(&world);
    await_snapshot(&world);
    fake_source_hang(world.source, true);
    pass_time(&world, MINUTE_MS);
    fake_source_await(world.source, 2);

    clock_gettime(CLOCK_MONOTONIC, &before);
    world_end(&world);
    clock_gettime(CLOCK_MONOTONIC, &after);

    /* Seconds of margin for a loaded machine: it hangs for good. */
    assert_true(after.tv_sec - before.tv_sec < PATIENCE_S);
    assert_int_equal(world.n_destroyed, world.n_opened);
}

static void
test_a_reload_is_taken_over_at_once(void **state)
{
    struct world world;
    struct error error;
    bool succeeded;
    int64_t success_ms;
    world_init(&world, state);
    world_start(&world);
    await_snapshot(&world);
    write_config(&world, "one", "renamed");
    fake_clock_advance(&world.clock, 1);

    assert_true(scheduler_reload(world.scheduler, &error));
    await_snapshot(&world);

    assert_int_equal(newest_verdict(&world, "renamed"), VERDICT_ALLOW);
    counters_last_reload(&succeeded, &success_ms);
    assert_true(succeeded);
    assert_int_equal(success_ms, FAKE_CLOCK_START_MS + 1);
    world_end(&world);
    assert_int_equal(world.n_destroyed, world.n_opened);
}

static void
test_a_bad_configuration_is_refused_whole(void **state)
{
    struct world world;
    struct error error;
    bool succeeded;
    int64_t success_ms;
    world_init(&world, state);
    world_start(&world);
    await_snapshot(&world);
    folder_write(world.folder, "f.cfg", "interval = \"1s\";\nflows = 7;\n");

    assert_false(scheduler_reload(world.scheduler, &error));
    pass_time(&world, MINUTE_MS);
    await_snapshot(&world);

    assert_non_null(strstr(error.message, "f.cfg:1: "));
    assert_int_equal(newest_verdict(&world, "web"), VERDICT_ALLOW);
    counters_last_reload(&succeeded, &success_ms);
    assert_false(succeeded);
    assert_int_equal(success_ms, FAKE_CLOCK_START_MS);
    world_end(&world);
}

static void
test_a_source_that_cannot_be_opened_refuses_the_reload(void **state)
{
    struct world world;
    struct error error;
    world_init(&world, state);
    world_start(&world);
    await_snapshot(&world);
    world.open_fails = true;
    write_config(&world, "two", "renamed");

    assert_false(scheduler_reload(world.scheduler, &error));

    assert_string_equal(error.message, "the source cannot be opened");
    assert_int_equal(newest_verdict(&world, "web"), VERDICT_ALLOW);
    world_end(&world);
}

static void
test_the_source_stays_unless_its_settings_change(void **state)
{
    struct world world;
    struct error error;
    world_init(&world, state);
    world_start(&world);
    await_snapshot(&world);
    struct fake_source *first = world.source;

    assert_true(scheduler_reload(world.scheduler, &error));
    await_snapshot(&world);
    assert_int_equal(fake_source_collects(first), 2);
    write_config(&world, "two", "web");
    assert_true(scheduler_reload(world.scheduler, &error));
    await_snapshot(&world);

    assert_int_equal(fake_source_collects(world.source), 1);
    assert_int_equal(world.n_destroyed, 2);
    world_end(&world);
}

static void
test_a_reload_to_another_source_ends_a_hanging_collection(void **state)
{
    struct world world;
    struct error error;
    world_init(&world, state);
    world_start(&world);
    await_snapshot(&world);
    fake_source_hang(world.source, true);
    pass_time(&world, MINUTE_MS);
    fake_source_await(world.source, 2);
    write_config(&world, "two", "renamed");

    assert_true(scheduler_reload(world.scheduler, &error));
    await_snapshot(&world);

    assert_int_equal(newest_verdict(&world, "renamed"), VERDICT_ALLOW);
    world_end(&world);
    assert_int_equal(world.n_destroyed, world.n_opened);
}

static void
test_a_bad_configuration_does_not_start(void **state)
{
    struct world world;
    struct text errors;
    world_init(&world, state);
    folder_write(world.folder, "f.cfg", "interval = 7;\nflows = 7;\n");
    text_init(&errors);

    world.scheduler = scheduler_start(
        &(struct scheduler_options){
            .load = load,
            .open = open_source,
            .clock = &world.clock.clock,
            .publisher = world.publisher,
            .aux = &world,
        },
        &errors);

    assert_null(world.scheduler);
    assert_non_null(strstr(errors.data, "f.cfg:1: "));
    assert_non_null(strstr(errors.data, "f.cfg:2: "));
    text_clear(&errors);
    world_end(&world);
}

static void
test_cycles_begin_at_most_a_tenth_early_and_never_late(void **state)
{
    (void) state;
    struct plan plan;
    int64_t earliest = INT64_MAX;
    int64_t latest = 0;
    plan_init(&plan, 42, 1000);
    assert_int_equal(plan.due_ms, 1000);

    for (int64_t now = 1000; now < 1000 * MINUTE_MS; now = plan.due_ms) {
        plan_began(&plan, now);
        plan_ended(&plan, MINUTE_MS, now + 100);
        int64_t gap = plan.due_ms - now;
        earliest = gap < earliest ? gap : earliest;
        latest = gap > latest ? gap : latest;
    }

    assert_in_range(earliest, MINUTE_MS * 9 / 10, MINUTE_MS * 91 / 100);
    assert_in_range(latest, MINUTE_MS * 99 / 100, MINUTE_MS);
}

static void
test_a_long_cycle_is_followed_by_a_pause(void **state)
{
    (void) state;
    struct plan plan;
    plan_init(&plan, 42, 0);
    plan_began(&plan, 0);

    plan_ended(&plan, MINUTE_MS, 5 * MINUTE_MS);

    assert_int_equal(plan.due_ms, 5 * MINUTE_MS + MINUTE_MS / 10);
    plan_hurry(&plan, 5 * MINUTE_MS + 1);
    assert_int_equal(plan.due_ms, 5 * MINUTE_MS + 1);
}

static void
test_equal_seeds_give_equal_times(void **state)
{
    (void) state;
    struct plan a;
    struct plan b;
    struct plan c;
    plan_init(&a, 7, 0);
    plan_init(&b, 7, 0);
    plan_init(&c, 8, 0);

    plan_ended(&a, 1000 * MINUTE_MS, 0);
    plan_ended(&b, 1000 * MINUTE_MS, 0);
    plan_ended(&c, 1000 * MINUTE_MS, 0);

    assert_int_equal(a.due_ms, b.due_ms);
    assert_int_not_equal(a.due_ms, c.due_ms);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_a_snapshot_is_there_before_the_first_cycle),
        FOLDER_TEST(test_the_cycle_is_repeated_when_the_interval_is_over),
        FOLDER_TEST(
            test_verdicts_age_while_a_collection_hangs_and_cycles_do_not_pile_up),
        FOLDER_TEST(test_stopping_does_not_wait_for_a_hanging_collection),
        FOLDER_TEST(test_a_reload_is_taken_over_at_once),
        FOLDER_TEST(test_a_bad_configuration_is_refused_whole),
        FOLDER_TEST(test_a_source_that_cannot_be_opened_refuses_the_reload),
        FOLDER_TEST(test_the_source_stays_unless_its_settings_change),
        FOLDER_TEST(test_a_reload_to_another_source_ends_a_hanging_collection),
        FOLDER_TEST(test_a_bad_configuration_does_not_start),
        FOLDER_TEST(test_cycles_begin_at_most_a_tenth_early_and_never_late),
        FOLDER_TEST(test_a_long_cycle_is_followed_by_a_pause),
        FOLDER_TEST(test_equal_seeds_give_equal_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
