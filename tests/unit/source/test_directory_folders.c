/* The directory source: folders, links, and what is no document. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "exporter/clock.h"
#include "exporter/source/source.h"
#include "tests/unit/source/directory_world.h"

static void
test_a_missing_folder_keeps_the_last_good_data(void **state)
{
    struct world *world = *state;
    char away[80];
    write_file(world, "a.json", NSG("n1"));
    collect(world);
    int64_t good_ms = world->now_ms;
    snprintf(away, sizeof away, "%s-away", world->folder);

    assert_int_equal(rename(world->folder, away), 0);
    const struct collection *collection = collect(world);

    assert_false(collection->changed);
    assert_true(collection->complete);
    assert_int_equal(count_groups(collection), 1);
    for (size_t i = 0; i < N_FEEDS; i++) {
        assert_false(collection->feeds[i].up);
        assert_int_equal(collection->feeds[i].last_success_ms, good_ms);
    }
    assert_finding(collection, "No such file or directory");

    assert_int_equal(rename(away, world->folder), 0);
    assert_true(collect(world)->succeeded);
    assert_false(world->last->changed);
}

static void
test_a_folder_that_never_was_there_is_no_data(void **state)
{
    struct world *world = *state;
    world->config.source.path = "/nonexistent/estate";

    const struct collection *collection = collect(world);

    assert_false(collection->complete);
    assert_false(collection->succeeded);
    assert_false(collection->changed);
    assert_int_equal(collection->n_parts, 0);
    for (size_t i = 0; i < N_FEEDS; i++) {
        assert_false(collection->feeds[i].has_data);
        assert_int_equal(collection->feeds[i].last_success_ms, 0);
    }

    /* An empty one is data: there is nothing. */
    world->config.source.path = world->folder;
    assert_true(collect(world)->complete);
    assert_true(world->last->changed);
    assert_true(world->last->succeeded);
}

static void
test_a_subfolder_out_of_sight_is_not_gone(void **state)
{
    struct world *world = *state;
    char path[256];
    char away[256];
    make_folder(world, "sub");
    write_file(world, "sub/a.json", NSG("n1"));
    collect(world);
    int64_t good_ms = world->now_ms;

    /* A link that leads to itself cannot be read, not even by root. */
    path_of(world, "sub", path);
    path_of(world, ".away", away);
    assert_int_equal(rename(path, away), 0);
    assert_int_equal(symlink("sub", path), 0);

    assert_false(collect(world)->changed);
    assert_int_equal(count_groups(world->last), 1);
    assert_false(feed_of(world->last, FEED_NSG)->up);
    assert_int_equal(feed_of(world->last, FEED_NSG)->last_success_ms, good_ms);
    assert_finding(world->last, "sub: Too many levels of symbolic links");

    assert_int_equal(remove(path), 0);
    assert_int_equal(rename(away, path), 0);
    assert_true(collect(world)->succeeded);
    assert_int_equal(count_groups(world->last), 1);
}

static void
test_links_that_go_round_end(void **state)
{
    struct world *world = *state;
    char path[256];
    make_folder(world, "sub");
    write_file(world, "sub/a.json", NSG("n1"));
    path_of(world, "sub/up", path);
    assert_int_equal(symlink(world->folder, path), 0);
    path_of(world, "zub", path);
    assert_int_equal(symlink("sub", path), 0);

    const struct collection *collection = collect(world);

    assert_int_equal(collection->n_parts, 1);
    assert_true(collection->succeeded);
}

/* Kubernetes mounts a ConfigMap as links into a hidden folder, and changes
 * all of them at once by moving one link. */
static void
test_a_mounted_config_map_is_read_once(void **state)
{
    struct world *world = *state;
    char path[256];
    make_folder(world, "..v1");
    make_folder(world, "..v2");
    write_file(world, "..v1/a.json", NSG("n1"));
    write_file(world, "..v2/a.json", NSG("n2"));
    path_of(world, "..data", path);
    assert_int_equal(symlink("..v1", path), 0);
    path_of(world, "a.json", path);
    assert_int_equal(symlink("..data/a.json", path), 0);
    collect(world);
    assert_int_equal(count_groups(world->last), 1);
    collect(world);

    path_of(world, "..data", path);
    assert_int_equal(remove(path), 0);
    assert_int_equal(symlink("..v2", path), 0);

    assert_true(collect(world)->changed);
    assert_string_equal(
        world->last->parts[0]->security_groups[0].resource.name, "n2");
}

static void
test_a_link_to_nowhere_is_a_broken_file(void **state)
{
    struct world *world = *state;
    char path[256];
    path_of(world, "a.json", path);
    assert_int_equal(symlink("nowhere", path), 0);

    const struct collection *collection = collect(world);

    assert_false(collection->succeeded);
    assert_finding(collection, "a.json: No such file or directory");

    write_file(world, "nowhere", NSG("n1"));
    assert_true(collect(world)->succeeded);
    assert_int_equal(count_groups(world->last), 1);
}

static void
test_what_is_no_file_is_not_opened(void **state)
{
    struct world *world = *state;
    char path[256];
    path_of(world, "pipe.json", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    make_folder(world, "folder.json");

    assert_true(collect(world)->succeeded);
    assert_int_equal(world->last->n_parts, 0);
}

static void
test_a_file_that_is_too_large_is_not_read(void **state)
{
    struct world *world = *state;
    char path[256];
    write_file(world, "a.json", "");
    path_of(world, "a.json", path);
    assert_int_equal(truncate(path, 128 * 1024 * 1024 + 1), 0);

    assert_false(collect(world)->succeeded);
    assert_finding(world->last, "a.json: File too large");

    write_file(world, "a.json", NSG("n1"));
    assert_true(collect(world)->succeeded);
}

static void
test_folders_have_a_greatest_depth(void **state)
{
    struct world *world = *state;
    char name[160] = "d";
    for (size_t depth = 1; depth < 40; depth++) {
        make_folder(world, name);
        strcat(name, "/d");
    }

    assert_false(collect(world)->succeeded);
    assert_finding(world->last, "folders nested too deep");
}

static void
test_a_slash_at_the_end_of_the_path_changes_nothing(void **state)
{
    struct world *world = *state;
    char path[64];
    write_file(world, "a.json", NSG("n1"));
    const struct network_part *part = collect(world)->parts[0];
    snprintf(path, sizeof path, "%s//", world->folder);
    world->config.source.path = path;

    assert_false(collect(world)->changed);
    assert_ptr_equal(world->last->parts[0], part);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_missing_folder_keeps_the_last_good_data),
        TEST(test_a_folder_that_never_was_there_is_no_data),
        TEST(test_a_subfolder_out_of_sight_is_not_gone),
        TEST(test_links_that_go_round_end),
        TEST(test_a_mounted_config_map_is_read_once),
        TEST(test_a_link_to_nowhere_is_a_broken_file),
        TEST(test_what_is_no_file_is_not_opened),
        TEST(test_a_file_that_is_too_large_is_not_read),
        TEST(test_folders_have_a_greatest_depth),
        TEST(test_a_slash_at_the_end_of_the_path_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
