/* The table of keys, and the two configurations that the project ships. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "tests/support/folder.h"

/* Loads a file of the project; the tests run in its root. */
static struct config *
load(const char *path)
{
    struct text errors;

    text_init(&errors);
    struct config *config = config_load(path, &errors);
    assert_string_equal(errors.data, "");
    text_clear(&errors);
    return config;
}

static void
test_every_key_says_what_it_is(void **state)
{
    const struct config_key *keys;
    size_t n = config_keys(&keys);
    (void) state;

    assert_true(n > 60);
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(keys[i].help);
        assert_true(length > 7);
        assert_int_equal(keys[i].help[length - 1], '.');
        assert_non_null(keys[i].standard);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(keys[i].path, keys[j].path);
        }
    }
}

static void
test_the_annotated_configuration_loads_with_the_defaults(void **state)
{
    (void) state;

    struct config *config = load("config/flowverify.cfg");

    assert_int_equal(config->source.kind, SOURCE_AZURE);
    assert_int_equal(config->interval_ms, 60000);
    assert_int_equal(config->max_age_ms, 600000);
    assert_int_equal(config->n_flows, 0);
    config_unref(config);
}

/* Every key stands in the annotated file, if only in a comment. */
static void
test_the_annotated_configuration_names_every_key(void **state)
{
    const struct config_key *keys;
    size_t n = config_keys(&keys);
    struct text content;
    char line[256];
    (void) state;

    text_init(&content);
    FILE *file = fopen("config/flowverify.cfg", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        text_append(&content, line);
    }
    fclose(file);
    for (size_t i = 0; i < n; i++) {
        const char *dot = strrchr(keys[i].path, '.');
        const char *name = dot ? dot + 1 : keys[i].path;
        if (!strstr(content.data, name)) {
            print_error("%s is not in config/flowverify.cfg\n", keys[i].path);
            fail();
        }
    }
    text_clear(&content);
}

static void
test_the_example_loads(void **state)
{
    (void) state;

    struct config *config = load("config/example/flowverify.cfg");

    assert_int_equal(config->interval_ms, 5000);
    assert_string_equal(config->source.path, "config/example/estate");
    assert_int_equal(config->n_flows, 18);
    config_unref(config);
}

/* A key of the table is known to the loader: as a group, a list or whatever
 * its type asks for, it is never called unknown. */
static void
test_every_key_is_known_where_the_table_has_it(void **state)
{
    const struct config_key *keys;
    size_t n = config_keys(&keys);

    for (size_t i = 0; i < n; i++) {
        struct text content;
        struct text errors;
        char path[128];
        size_t depth = 0;
        text_init(&content);
        text_init(&errors);
        snprintf(path, sizeof path, "%s", keys[i].path);
        for (char *word = path; word;) {
            char *dot = strchr(word, '.');
            if (dot) {
                *dot = '\0';
                bool list = !strcmp(word, "flows")
                            || !strcmp(word, "subscriptions")
                            || !strcmp(word, "on_premises");
                text_printf(&content, "%s = %s{ ", word, list ? "( " : "");
                path[depth++] = list ? ')' : '}';
                word = dot + 1;
            } else {
                text_printf(&content, "%s = 1.5;", word);
                word = NULL;
            }
        }
        while (depth) {
            text_append(&content, path[--depth] == ')' ? " } );" : " };");
        }

        assert_null(
            config_load(folder_write(*state, "f.cfg", content.data), &errors));

        /* What may be a secret is not shown. */
        bool named = strstr(errors.data, "1.5")
                     || strstr(errors.data, "the value is a float");
        if (strstr(errors.data, "unknown") || !named) {
            print_error("%s\n%s", content.data, errors.data);
            fail();
        }
        text_clear(&content);
        text_clear(&errors);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_says_what_it_is),
        cmocka_unit_test(
            test_the_annotated_configuration_loads_with_the_defaults),
        cmocka_unit_test(test_the_annotated_configuration_names_every_key),
        cmocka_unit_test(test_the_example_loads),
        cmocka_unit_test_setup_teardown(
            test_every_key_is_known_where_the_table_has_it, folder_setup,
            folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
