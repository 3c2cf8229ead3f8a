/* The directory source, cycle by cycle. */

#include "tests/support/test.h"

#include <string.h>
#include <sys/stat.h>

#include "config/config.h"
#include "exporter/clock.h"
#include "exporter/source/source.h"
#include "tests/unit/source/directory_world.h"

static void
test_all_json_files_in_any_subfolder_are_read(void **state)
{
    struct world *world = *state;
    make_folder(world, "a");
    make_folder(world, "a/b");
    write_file(world, "a/b/one.json", NSG("n1"));
    write_file(world, "two.JSON", "[" NSG("n2") "," NSG("n3") "]");
    write_file(world, "notes.txt", "no JSON");
    write_file(world, ".hidden.json", "no JSON");
    write_file(world, "json", "no JSON");

    const struct collection *collection = collect(world);

    assert_int_equal(count_groups(collection), 3);
    assert_true(collection->changed);
    assert_true(collection->complete);
    assert_true(collection->succeeded);
    assert_int_equal(collection->absent, ADMIN_RULES_ABSENT_IS_NONE);
    assert_int_equal(collection->n_findings, 0);
    assert_int_equal(collection->n_feeds, N_FEEDS);
    const struct feed_state *nsg = feed_of(collection, FEED_NSG);
    assert_true(nsg->up);
    assert_int_equal(nsg->objects, 3);
    assert_int_equal(nsg->last_success_ms, world->now_ms);
    assert_int_equal(nsg->changes, 0);
    assert_true(feed_of(collection, FEED_ADMIN_RULES)->has_data);
}

static void
test_parts_come_in_the_order_of_their_paths(void **state)
{
    struct world *world = *state;
    write_file(world, "c.json", NSG("n3"));
    write_file(world, "a.json", NSG("n1"));
    write_file(world, "b.json", NSG("n2"));

    const struct collection *collection = collect(world);

    for (size_t i = 0; i < 3; i++) {
        char name[3] = { 'n', (char) ('1' + i), '\0' };
        assert_string_equal(
            collection->parts[i]->security_groups[0].resource.name, name);
    }
}

static void
test_what_did_not_change_is_not_parsed_again(void **state)
{
    struct world *world = *state;
    write_file(world, "a.json", NSG("n1"));
    write_file(world, "b.json", NSG("n2"));
    const struct network_part *a = collect(world)->parts[0];
    const struct network_part *b = world->last->parts[1];

    assert_false(collect(world)->changed);
    assert_ptr_equal(world->last->parts[0], a);

    /* Written anew with the same content. */
    write_file(world, "a.json", NSG("n1"));
    assert_false(collect(world)->changed);
    assert_ptr_equal(world->last->parts[0], a);

    write_file(world, "a.json", NSG("n4"));
    assert_true(collect(world)->changed);
    assert_string_equal(
        world->last->parts[0]->security_groups[0].resource.name, "n4");
    assert_ptr_equal(world->last->parts[1], b);
    assert_int_equal(feed_of(world->last, FEED_NSG)->changes, 1);
    assert_int_equal(feed_of(world->last, FEED_ASG)->changes, 0);
    assert_int_equal(feed_of(world->last, FEED_ASG)->last_success_ms,
                     world->now_ms);
}

/* However little time there is between two writings, the second is seen. */
static void
test_a_change_of_equal_size_at_once_is_seen(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < 50; i++) {
        write_file(world, "a.json", i % 2 ? NSG("n1") : NSG("n2"));
        assert_true(collect(world)->changed);
        assert_false(collect(world)->changed);
        assert_false(collect(world)->changed);
    }
}

static void
test_a_settled_file_is_seen_to_change(void **state)
{
    struct world *world = *state;
    struct stat status;
    char path[256];
    write_file(world, "a.json", NSG("n1"));
    path_of(world, "a.json", path);
    assert_int_equal(stat(path, &status), 0);
    world->now_ms = (int64_t) status.st_ctim.tv_sec * 1000 + 60 * 1000;
    for (int i = 0; i < 5; i++) {
        collect(world);
    }
    assert_false(world->last->changed);

    /* Times of the file system tick every few milliseconds. */
    struct timespec before = status.st_ctim;
    do {
        write_file(world, "a.json", NSG("n2"));
        assert_int_equal(stat(path, &status), 0);
    } while (before.tv_sec == status.st_ctim.tv_sec
             && before.tv_nsec == status.st_ctim.tv_nsec);

    assert_true(collect(world)->changed);
}

static void
test_a_broken_file_keeps_what_it_gave_and_ages(void **state)
{
    struct world *world = *state;
    write_file(world, "nsg.json", NSG("n1"));
    write_file(world, "asg.json", ASG("a1"));
    collect(world);
    int64_t good_ms = world->now_ms;

    write_file(world, "nsg.json", "[{\"id\":");
    const struct collection *collection = collect(world);

    assert_false(collection->changed);
    assert_true(collection->complete);
    assert_false(collection->succeeded);
    assert_int_equal(count_groups(collection), 1);
    const struct feed_state *nsg = feed_of(collection, FEED_NSG);
    assert_false(nsg->up);
    assert_int_equal(nsg->last_success_ms, good_ms);
    assert_int_equal(nsg->last_attempt_ms, world->now_ms);
    assert_int_equal(nsg->objects, 1);
    assert_non_null(strstr(nsg->error, "nsg.json: line 1, column 8"));
    const struct feed_state *asg = feed_of(collection, FEED_ASG);
    assert_true(asg->up);
    assert_int_equal(asg->last_success_ms, world->now_ms);
    assert_finding(collection, "nsg.json: line 1");

    write_file(world, "nsg.json", NSG("n2"));
    assert_true(collect(world)->succeeded);
    assert_true(world->last->changed);
    assert_int_equal(world->last->n_findings, 0);
    assert_true(feed_of(world->last, FEED_NSG)->up);
    assert_int_equal(feed_of(world->last, FEED_NSG)->last_success_ms,
                     world->now_ms);
}

static void
test_a_file_that_heals_to_what_it_was_is_no_change(void **state)
{
    struct world *world = *state;
    write_file(world, "a.json", NSG("n1"));
    const struct network_part *part = collect(world)->parts[0];
    write_file(world, "a.json", "{");
    for (int i = 0; i < 3; i++) {
        assert_false(collect(world)->succeeded);
    }

    write_file(world, "a.json", NSG("n1"));

    assert_true(collect(world)->succeeded);
    assert_false(world->last->changed);
    assert_ptr_equal(world->last->parts[0], part);
    assert_int_equal(feed_of(world->last, FEED_NSG)->changes, 0);
    assert_int_equal(feed_of(world->last, FEED_NSG)->last_success_ms,
                     world->now_ms);
}

static void
test_a_file_that_never_was_good_takes_all_feeds_down(void **state)
{
    struct world *world = *state;
    write_file(world, "nsg.json", NSG("n1"));
    write_file(world, "vm.json",
               "{\"type\":\"Microsoft.Compute/virtualMachines\"}");

    const struct collection *collection = collect(world);

    assert_true(collection->complete);
    assert_false(collection->succeeded);
    assert_int_equal(count_groups(collection), 1);
    for (size_t i = 0; i < N_FEEDS; i++) {
        assert_false(collection->feeds[i].up);
        assert_true(collection->feeds[i].has_data);
        assert_int_equal(collection->feeds[i].last_success_ms, world->now_ms);
    }
    assert_finding(collection, "vm.json: a resource of an unknown kind");
}

static void
test_a_resource_that_is_left_out_takes_its_feed_down(void **state)
{
    struct world *world = *state;
    write_file(world, "nsg.json",
               "[" NSG("n1") ",{\"type\":\"Microsoft.Network/"
                             "networkSecurityGroups\",\"properties\":{}}]");

    const struct collection *collection = collect(world);

    assert_int_equal(count_groups(collection), 1);
    assert_false(feed_of(collection, FEED_NSG)->up);
    assert_int_equal(feed_of(collection, FEED_NSG)->last_success_ms,
                     world->now_ms);
    assert_true(feed_of(collection, FEED_NIC)->up);
    assert_finding(collection, "left out: it has no id");
}

static void
test_a_deleted_file_drops_its_resources(void **state)
{
    struct world *world = *state;
    write_file(world, "a.json", NSG("n1"));
    write_file(world, "b.json", NSG("n2"));
    collect(world);

    remove_file(world, "a.json");

    assert_true(collect(world)->changed);
    assert_int_equal(count_groups(world->last), 1);
    assert_true(world->last->succeeded);
    assert_int_equal(feed_of(world->last, FEED_NSG)->objects, 1);
    assert_int_equal(feed_of(world->last, FEED_NSG)->changes, 1);
    assert_false(collect(world)->changed);
}

static void
test_admin_rules_may_be_off(void **state)
{
    struct world *world = *state;
    world->config.source.admin_rules = false;

    assert_int_equal(collect(world)->absent, ADMIN_RULES_OFF);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_all_json_files_in_any_subfolder_are_read),
        TEST(test_parts_come_in_the_order_of_their_paths),
        TEST(test_what_did_not_change_is_not_parsed_again),
        TEST(test_a_change_of_equal_size_at_once_is_seen),
        TEST(test_a_settled_file_is_seen_to_change),
        TEST(test_a_broken_file_keeps_what_it_gave_and_ages),
        TEST(test_a_file_that_heals_to_what_it_was_is_no_change),
        TEST(test_a_file_that_never_was_good_takes_all_feeds_down),
        TEST(test_a_resource_that_is_left_out_takes_its_feed_down),
        TEST(test_a_deleted_file_drops_its_resources),
        TEST(test_admin_rules_may_be_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
