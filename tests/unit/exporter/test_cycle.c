/* What a pass makes of what was collected: verdicts, changes, counters. */

#include "tests/support/test.h"

#include <string.h>

#include "config/config.h"
#include "exporter/cycle.h"
#include "exporter/snapshot.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_source.h"
#include "tests/unit/exporter/cycle_world.h"

static const char two_flows[] =
    "interval = \"60s\"; max_age = \"10m\";\n"
    "source = { kind = \"directory\"; path = \".\"; };\n"
    "flows = ( { name = \"new\"; nic = \"rg/nic-web\";\n"
    "  direction = \"Inbound\"; protocol = \"Tcp\"; local_port = 22;\n"
    "  remote_address = \"192.0.2.1\"; expect = \"deny\"; },\n"
    "  { name = \"web\"; nic = \"rg/nic-web\";\n"
    "  direction = \"Inbound\"; protocol = \"Tcp\"; local_port = 443;\n"
    "  remote_address = \"192.0.2.1\"; expect = \"allow\"; } );\n";

static void
test_before_the_first_collection_every_flow_is_unknown(void **state)
{
    struct world world;
    world_start(&world, state, NULL);

    struct snapshot *snapshot = cycle_first(world.cycle);

    const struct flow_result *result = snapshot_find(snapshot, "web");
    assert_int_equal(result->verdict->kind, VERDICT_UNKNOWN);
    assert_int_equal(result->verdict->reason, REASON_NO_DATA);
    assert_false(result->violated);
    assert_int_equal(result->last_change_ms, 0);
    assert_int_equal(result->data_timestamp_ms, 0);
    assert_int_equal(result->evaluation_failures, 0);
    assert_false(snapshot->ready);
    assert_int_equal(snapshot->cycles, 0);
    assert_non_null(snapshot->exposition);
    snapshot_unref(snapshot);
    world_end(&world);
}

/* Series that only appear with the first success cannot be alerted on. */
static void
test_before_the_first_collection_every_feed_is_shown_as_down(void **state)
{
    struct world world;
    world_start(&world, state, NULL);

    struct snapshot *snapshot = cycle_first(world.cycle);

    assert_int_equal(snapshot->n_feeds, N_FEEDS);
    for (size_t i = 0; i < N_FEEDS; i++) {
        assert_false(snapshot->feeds[i].up);
        assert_int_equal(snapshot->feeds[i].last_success_ms, 0);
        assert_string_equal(snapshot->feeds[i].scope, "test");
    }
    assert_null(cycle_age(world.cycle));
    snapshot_unref(snapshot);
    world_end(&world);
}

static void
test_a_first_verdict_is_no_change(void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    snapshot_unref(cycle_first(world.cycle));

    struct snapshot *snapshot = cycle_run(world.cycle);

    const struct flow_result *result = snapshot_find(snapshot, "web");
    assert_int_equal(result->verdict->kind, VERDICT_ALLOW);
    assert_string_equal(result->verdict->decision.rule->name, "web-in");
    assert_int_equal(result->last_change_ms, FAKE_CLOCK_START_MS);
    assert_int_equal(result->data_timestamp_ms, FAKE_CLOCK_START_MS);
    assert_int_equal(result->verdict_changes, 0);
    assert_int_equal(result->decision_changes, 0);
    assert_true(snapshot->ready);
    assert_int_equal(snapshot->cycles, 1);
    assert_int_equal(snapshot->rules.nsgs, 1);
    assert_int_equal(n_changes(&world), 0);
    assert_string_equal(world.log.data, "");
    snapshot_unref(snapshot);
    world_end(&world);
}

static void
test_an_edited_rule_changes_the_verdict_and_is_told_once(void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    (void) run(&world);
    fake_source_put_rule(world.source, "web-in", "Deny");
    fake_clock_advance(&world.clock, MINUTE_MS);

    struct flow_result result = run(&world);

    assert_int_equal(result.verdict->kind, VERDICT_DENY);
    assert_true(result.violated);
    assert_int_equal(result.verdict_changes, 1);
    assert_int_equal(result.decision_changes, 1);
    assert_int_equal(result.last_change_ms, FAKE_CLOCK_START_MS + MINUTE_MS);
    assert_int_equal(n_changes(&world), 1);
    assert_non_null(strstr(
        world.log.data,
        "level=warn msg=\"verdict changed\" flow=web from=allow to=deny "
        "violated=true layer=subnet_nsg ruleset=rg/nsg-web rule=web-in"));

    (void) run(&world);
    assert_int_equal(n_changes(&world), 1);
    assert_int_equal(n_lines(&world, "verdict changed"), 1);
    world_end(&world);
}

static void
test_another_rule_with_the_same_verdict_is_a_decision_change(void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    (void) run(&world);
    fake_source_put_rule(world.source, "other", "Allow");
    fake_clock_advance(&world.clock, MINUTE_MS);

    struct flow_result result = run(&world);

    assert_int_equal(result.verdict_changes, 0);
    assert_int_equal(result.decision_changes, 1);
    assert_int_equal(result.last_change_ms, FAKE_CLOCK_START_MS);
    assert_int_equal(n_changes(&world), 1);
    assert_int_equal(n_lines(&world, "level=info msg=\"decision changed\""),
                     1);
    world_end(&world);
}

static void
test_an_unchanged_world_is_not_judged_again(void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    const struct verdict *before = run(&world).verdict;
    fake_clock_advance(&world.clock, MINUTE_MS);

    struct flow_result result = run(&world);

    assert_ptr_equal(result.verdict, before);
    assert_int_equal(result.data_timestamp_ms,
                     FAKE_CLOCK_START_MS + MINUTE_MS);
    world_end(&world);
}

static void
test_a_failed_feed_keeps_the_verdict_and_stops_its_time(void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    (void) run(&world);
    world.source->fails[FEED_NSG] = true;
    fake_clock_advance(&world.clock, MINUTE_MS);

    struct snapshot *snapshot = cycle_run(world.cycle);

    const struct flow_result *result = snapshot_find(snapshot, "web");
    assert_int_equal(result->verdict->kind, VERDICT_ALLOW);
    assert_int_equal(result->data_timestamp_ms, FAKE_CLOCK_START_MS);
    assert_int_equal(snapshot->cycle_failures, 1);
    assert_int_equal(snapshot->cycle_last_success_ms, FAKE_CLOCK_START_MS);
    assert_false(snapshot->feeds[FEED_NSG].up);
    assert_int_equal(n_lines(&world, "feed failed"), 1);
    snapshot_unref(snapshot);

    (void) run(&world);
    assert_int_equal(n_lines(&world, "feed failed"), 1);
    world.source->fails[FEED_NSG] = false;
    (void) run(&world);
    assert_int_equal(n_lines(&world, "feed recovered"), 1);
    world_end(&world);
}

static void
test_old_data_makes_the_verdict_unknown_and_new_data_brings_it_back(
    void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    (void) run(&world);
    world.source->fails[FEED_NSG] = true;
    fake_clock_advance(&world.clock, 10 * MINUTE_MS);

    struct flow_result old = run(&world);

    assert_int_equal(old.verdict->kind, VERDICT_UNKNOWN);
    assert_int_equal(old.verdict->reason, REASON_DATA_EXPIRED);
    assert_non_null(strstr(old.verdict->reason_detail, "HTTP 503"));
    assert_false(old.violated);
    assert_int_equal(old.evaluation_failures, 1);
    assert_int_equal(old.verdict_changes, 1);

    world.source->fails[FEED_NSG] = false;
    struct flow_result young = run(&world);
    assert_int_equal(young.verdict->kind, VERDICT_ALLOW);
    assert_int_equal(young.verdict_changes, 2);
    world_end(&world);
}

static void
test_a_feed_that_the_verdict_does_not_rest_on_does_not_age_it(void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    (void) run(&world);
    world.source->fails[FEED_ROUTE_TABLE] = true;
    fake_clock_advance(&world.clock, 20 * MINUTE_MS);

    struct flow_result result = run(&world);

    assert_int_equal(result.verdict->kind, VERDICT_ALLOW);
    world_end(&world);
}

static void
test_age_counts_while_a_collection_hangs(void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    (void) run(&world);
    fake_clock_advance(&world.clock, 9 * MINUTE_MS);
    assert_null(cycle_age(world.cycle));
    fake_clock_advance(&world.clock, MINUTE_MS);

    struct snapshot *snapshot = cycle_age(world.cycle);

    assert_non_null(snapshot);
    const struct flow_result *result = snapshot_find(snapshot, "web");
    assert_int_equal(result->verdict->reason, REASON_DATA_EXPIRED);
    assert_int_equal(result->verdict_changes, 1);
    assert_int_equal(result->evaluation_failures, 1);
    assert_true(snapshot->ready);
    assert_int_equal(snapshot->n_feeds, N_FEEDS);
    snapshot_unref(snapshot);
    assert_null(cycle_age(world.cycle));
    world_end(&world);
}

static void
test_a_nic_cannot_be_missing_while_nics_were_never_read(void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    fake_source_put(world.source, "nic", NULL);
    world.source->fails[FEED_NIC] = true;

    struct snapshot *unread = cycle_run(world.cycle);

    const struct verdict *verdict = snapshot_find(unread, "web")->verdict;
    assert_int_equal(verdict->reason, REASON_NO_DATA);
    assert_non_null(strstr(verdict->reason_detail, "never read"));
    assert_non_null(strstr(verdict->reason_detail, "HTTP 503"));
    assert_false(unread->ready);
    snapshot_unref(unread);

    world.source->fails[FEED_NIC] = false;
    struct flow_result read = run(&world);
    assert_int_equal(read.verdict->reason, REASON_NIC_NOT_FOUND);
    assert_int_equal(read.verdict_changes, 0);
    world_end(&world);
}

static void
test_failures_are_counted_by_reason_in_every_evaluation(void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    fake_source_put(world.source, "nic", NULL);
    (void) run(&world);

    struct snapshot *snapshot = cycle_run(world.cycle);

    assert_int_equal(snapshot->failures_by_reason[REASON_NIC_NOT_FOUND], 2);
    assert_int_equal(snapshot->failures_by_reason[REASON_NO_DATA], 0);
    assert_int_equal(snapshot_find(snapshot, "web")->evaluation_failures, 2);
    snapshot_unref(snapshot);
    world_end(&world);
}

static void
test_a_reload_keeps_the_counters_of_flows_that_stay(void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    (void) run(&world);
    fake_source_put_rule(world.source, "web-in", "Deny");
    (void) run(&world);
    const struct config *config = load(world.folder, two_flows);

    cycle_reconfigure(world.cycle, config, &world.source->source);
    struct snapshot *snapshot = cycle_run(world.cycle);

    assert_int_equal(snapshot->n_results, 2);
    assert_int_equal(snapshot_find(snapshot, "web")->verdict_changes, 1);
    assert_int_equal(snapshot_find(snapshot, "new")->verdict_changes, 0);
    assert_int_equal(snapshot_find(snapshot, "new")->verdict->kind,
                     VERDICT_DENY);
    assert_false(snapshot_find(snapshot, "new")->violated);
    snapshot_unref(snapshot);
    config_unref(config);
    world_end(&world);
}

static void
test_findings_are_told_when_they_appear(void **state)
{
    struct world world;
    world_start(&world, state, NULL);
    world.source->findings[0] = "a.json: odd\n";
    world.source->n_findings = 1;
    (void) run(&world);
    (void) run(&world);
    assert_int_equal(n_lines(&world, "finding=\"a.json: odd\""), 1);
    world.source->n_findings = 0;
    (void) run(&world);
    world.source->n_findings = 1;

    (void) run(&world);

    assert_int_equal(n_lines(&world, "finding=\"a.json: odd\""), 2);
    world_end(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_before_the_first_collection_every_flow_is_unknown),
        FOLDER_TEST(
            test_before_the_first_collection_every_feed_is_shown_as_down),
        FOLDER_TEST(test_a_first_verdict_is_no_change),
        FOLDER_TEST(test_an_edited_rule_changes_the_verdict_and_is_told_once),
        FOLDER_TEST(
            test_another_rule_with_the_same_verdict_is_a_decision_change),
        FOLDER_TEST(test_an_unchanged_world_is_not_judged_again),
        FOLDER_TEST(test_a_failed_feed_keeps_the_verdict_and_stops_its_time),
        FOLDER_TEST(
            test_old_data_makes_the_verdict_unknown_and_new_data_brings_it_back),
        FOLDER_TEST(
            test_a_feed_that_the_verdict_does_not_rest_on_does_not_age_it),
        FOLDER_TEST(test_age_counts_while_a_collection_hangs),
        FOLDER_TEST(test_a_nic_cannot_be_missing_while_nics_were_never_read),
        FOLDER_TEST(test_failures_are_counted_by_reason_in_every_evaluation),
        FOLDER_TEST(test_a_reload_keeps_the_counters_of_flows_that_stay),
        FOLDER_TEST(test_findings_are_told_when_they_appear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
