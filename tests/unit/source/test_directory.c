/* The directory source, cycle by cycle. */

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "exporter/clock.h"
#include "exporter/source/source.h"

#define ID(type, name)                                                        \
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/" type    \
    "/" name
#define NSG(name)                                                             \
    "{\"id\":\"" ID("networkSecurityGroups", name) "\",\"properties\":{}}"
#define ASG(name)                                                             \
    "{\"id\":\"" ID("applicationSecurityGroups", name) "\",\"properties\":{}" \
                                                       "}"

struct world {
    struct clock clock; /* Must be first: the functions find the rest. */
    int64_t now_ms;
    char folder[32];
    struct config config;
    struct source *source;
    const struct collection *last;
};

static int64_t
tell_time(struct clock *clock)
{
    struct world *world = (struct world *) clock;

    return world->now_ms;
}

static int
set_up(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);

    world->clock = (struct clock){ tell_time, tell_time };
    world->now_ms = 1000;
    snprintf(world->folder, sizeof world->folder, "/tmp/fv-dir-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    world->config.source.path = world->folder;
    world->config.source.admin_rules = true;
    world->source = directory_create(&world->config, &world->clock);
    *state = world;
    return 0;
}

static int
tear_down(void **state)
{
    struct world *world = *state;
    char command[128];

    source_destroy(world->source);
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    assert_int_equal(system(command), 0);
    test_free(world);
    return 0;
}

static void
path_of(const struct world *world, const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", world->folder, name);
}

static void
write_file(const struct world *world, const char *name, const char *text)
{
    char path[256];

    path_of(world, name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void
remove_file(const struct world *world, const char *name)
{
    char path[256];

    path_of(world, name, path);
    assert_int_equal(remove(path), 0);
}

static void
make_folder(const struct world *world, const char *name)
{
    char path[256];

    path_of(world, name, path);
    assert_int_equal(mkdir(path, 0700), 0);
}

static const struct collection *
collect(struct world *world)
{
    world->now_ms += 60 * 1000;
    world->last = source_collect(world->source, &world->config);
    return world->last;
}

static size_t
count_groups(const struct collection *collection)
{
    size_t n = 0;

    for (size_t i = 0; i < collection->n_parts; i++) {
        n += collection->parts[i]->n_security_groups;
    }
    return n;
}

static const struct feed_state *
feed_of(const struct collection *collection, enum feed feed)
{
    assert_int_equal(collection->feeds[feed].feed, feed);
    assert_string_equal(collection->feeds[feed].scope, "directory");
    return &collection->feeds[feed];
}

static void
assert_finding(const struct collection *collection, const char *words)
{
    for (size_t i = 0; i < collection->n_findings; i++) {
        if (strstr(collection->findings[i], words)) {
            return;
        }
    }
    fail_msg("no finding says \"%s\"", words);
}

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
        TEST(test_admin_rules_may_be_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
