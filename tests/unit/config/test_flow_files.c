/* Flow lists that are split over files. */

#include "tests/support/test.h"

#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "config/setting.h"
#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "tests/support/folder.h"

#define DIRECTORY "source = { kind = \"directory\"; path = \"x\"; };\n"
#define FLOW(name)                                                            \
    "{ name = \"" name "\"; nic = \"n\"; direction = \"Inbound\"; protocol "  \
    "= \"*\"; remote_address = \"*\"; }"

/* Loads "main.cfg" with the list of files; 'names' becomes the names of its
 * flows, or the errors without the folder. */
static void
load(void **state, const char *content, struct text *names)
{
    struct text errors;

    text_init(names);
    text_init(&errors);
    struct config *config =
        config_load(folder_write(*state, "main.cfg", content), &errors);
    for (size_t i = 0; config && i < config->n_flows; i++) {
        text_printf(names, "%s%s", i ? " " : "", config->flows[i].flow.name);
    }
    for (const char *at = errors.data; *at;) {
        size_t length = strlen(*state);
        if (!strncmp(at, *state, length)) {
            at += length + 1;
        } else {
            text_append_char(names, *at++);
        }
    }
    config_unref(config);
    text_clear(&errors);
}

static void
expect(void **state, const char *content, const char *expected)
{
    struct text names;

    load(state, content, &names);

    assert_string_equal(names.data, expected);
    text_clear(&names);
}

static void
test_flows_of_files_follow_those_of_the_main_file(void **state)
{
    folder_write(*state, "d/b.cfg",
                 "flows = ( " FLOW("b1") ", " FLOW("b2") " );");
    folder_write(*state, "d/a.cfg", "flows = ( " FLOW("a1") " );");

    expect(state,
           DIRECTORY
           "flows_files = [ \"d/*.cfg\" ];\nflows = ( " FLOW("m") " );",
           "m a1 b1 b2");
}

static void
test_a_pattern_may_match_nothing(void **state)
{
    expect(state, DIRECTORY "flows_files = [ \"none.d/*.cfg\" ];", "");
}

static void
test_a_named_file_must_exist(void **state)
{
    expect(state, DIRECTORY "flows_files = [ \"none.cfg\" ];",
           "main.cfg:2: flows_files: \"none.cfg\" does not exist\n");
}

static void
test_a_file_counts_once(void **state)
{
    folder_write(*state, "a.cfg", "flows = ( " FLOW("a") " );");

    expect(state,
           DIRECTORY "flows_files = [ \"a.cfg\", \"./a.cfg\", \"a*.cfg\" ];",
           "a");
}

static void
test_the_main_file_is_no_file_of_flows(void **state)
{
    expect(state,
           DIRECTORY
           "flows_files = [ \"*.cfg\" ];\nflows = ( " FLOW("m") " );",
           "m");
}

static void
test_a_folder_is_no_file_of_flows(void **state)
{
    folder_write(*state, "d/x/y", "");

    expect(state, DIRECTORY "flows_files = [ \"d/*\" ];",
           "d/x:1: cannot read the file: it is a folder\n");
}

static void
test_a_name_is_unique_over_all_files(void **state)
{
    folder_write(*state, "a.cfg", "flows = (\n " FLOW("same") " );");
    folder_write(*state, "b.cfg", "flows = (\n\n " FLOW("same") " );");

    expect(state, DIRECTORY "flows_files = [ \"a.cfg\", \"b.cfg\" ];",
           "b.cfg:3: name: \"same\" is taken by the flow at a.cfg:2\n");
}

static void
test_names_with_other_case_are_other_names(void **state)
{
    expect(state, DIRECTORY "flows = ( " FLOW("web") ", " FLOW("Web") " );",
           "web Web");
}

static void
test_a_file_of_flows_holds_nothing_else(void **state)
{
    folder_write(*state, "a.cfg",
                 "interval = \"60s\";\nflows = ( );\nflows_files = [ ];");

    expect(state, DIRECTORY "flows_files = [ \"a.cfg\" ];",
           "a.cfg:1: interval: a file of flows holds only flows\n"
           "a.cfg:3: flows_files: a file of flows holds only flows\n");
}

static void
test_errors_of_all_files_are_reported(void **state)
{
    folder_write(*state, "a.cfg", "flows = ( ; );");
    folder_write(*state, "b.cfg", "\nflows = 5;");
    folder_write(*state, "c.cfg", "flows = ( " FLOW("a b") " );");

    expect(state,
           DIRECTORY "colour = 1;\nflows_files = [ \"a.cfg\", \"b.cfg\", "
                     "\"c.cfg\" ];",
           "main.cfg:2: colour: unknown key\n"
           "a.cfg:1: syntax error\n"
           "b.cfg:2: flows: not a list of groups\n"
           "c.cfg:1: name: \"a b\" has other characters than letters, digits "
           "and _ . : / -\n");
}

static void
test_includes_name_their_own_file(void **state)
{
    folder_write(*state, "d/inc.cfg", "interval = \"60s\";\ncolour = 1;\n");

    expect(state, DIRECTORY "@include \"d/inc.cfg\"\n",
           "d/inc.cfg:2: colour: unknown key\n");
}

/* All versions of libconfig lead to one path. */
static void
test_an_included_file_has_one_path(void **state)
{
    (void) state;
    static const struct {
        const char *file, *name, *path;
    } table[] = {
        { "main.cfg", "d/inc.cfg", "d/inc.cfg" },
        { "main.cfg", "./d/inc.cfg", "d/inc.cfg" },
        { "etc/main.cfg", "d/inc.cfg", "etc/d/inc.cfg" },
        { "etc/main.cfg", "etc/./d/inc.cfg", "etc/d/inc.cfg" },
        { "/etc/main.cfg", "d/inc.cfg", "/etc/d/inc.cfg" },
        { "/etc/main.cfg", "/etc/./d/inc.cfg", "/etc/d/inc.cfg" },
        { "/main.cfg", "/./d/inc.cfg", "/d/inc.cfg" },
    };
    struct arena *arena = arena_create();

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        assert_string_equal(
            path_of_included(arena, table[i].file, table[i].name),
            table[i].path);
    }
    arena_unref(arena);
}

static void
test_a_change_of_any_file_changes_the_hash(void **state)
{
    static const char main_file[] =
        DIRECTORY "flows_files = [ \"a.cfg\" ];\n@include \"i.cfg\"\n";
    struct config *configs[3];

    for (size_t i = 0; i < 3; i++) {
        struct text errors;
        text_init(&errors);
        folder_write(*state, "a.cfg", i == 1 ? "flows = ();" : "flows = ( );");
        folder_write(*state, "i.cfg",
                     i == 2 ? "interval = \"5s\";" : "interval = \"6s\";");
        configs[i] =
            config_load(folder_write(*state, "main.cfg", main_file), &errors);
        assert_string_equal(errors.data, "");
        text_clear(&errors);
    }

    assert_false(hash_equal(configs[0]->hash, configs[1]->hash));
    assert_false(hash_equal(configs[0]->hash, configs[2]->hash));
    for (size_t i = 0; i < 3; i++) {
        config_unref(configs[i]);
    }
}

static void
test_a_folder_with_pattern_characters_is_itself(void **state)
{
    struct text errors;

    text_init(&errors);
    folder_write(*state, "x[1]/a.cfg", "flows = ( " FLOW("a") " );");
    struct config *config =
        config_load(folder_write(*state, "x[1]/main.cfg",
                                 DIRECTORY "flows_files = [ \"a.cfg\" ];"),
                    &errors);

    assert_string_equal(errors.data, "");
    assert_int_equal(config->n_flows, 1);
    config_unref(config);
    text_clear(&errors);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_flows_of_files_follow_those_of_the_main_file),
        FOLDER_TEST(test_a_pattern_may_match_nothing),
        FOLDER_TEST(test_a_named_file_must_exist),
        FOLDER_TEST(test_a_file_counts_once),
        FOLDER_TEST(test_the_main_file_is_no_file_of_flows),
        FOLDER_TEST(test_a_folder_is_no_file_of_flows),
        FOLDER_TEST(test_a_name_is_unique_over_all_files),
        FOLDER_TEST(test_names_with_other_case_are_other_names),
        FOLDER_TEST(test_a_file_of_flows_holds_nothing_else),
        FOLDER_TEST(test_errors_of_all_files_are_reported),
        FOLDER_TEST(test_includes_name_their_own_file),
        cmocka_unit_test(test_an_included_file_has_one_path),
        FOLDER_TEST(test_a_change_of_any_file_changes_the_hash),
        FOLDER_TEST(test_a_folder_with_pattern_characters_is_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
