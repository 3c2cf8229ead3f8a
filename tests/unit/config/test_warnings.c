/* What a good configuration is warned of. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "tests/support/folder.h"

#define DIRECTORY "source = { kind = \"directory\"; path = \"estate\"; };\n"
#define ID "00000000-0000-0000-0000-000000000001"

/* Loads the text and returns what it is warned of, all lines of it. */
static const char *
warnings_of(void **state, const char *content, struct text *warnings)
{
    struct text errors;

    text_init(&errors);
    struct config *config =
        config_load(folder_write(*state, "f.cfg", content), &errors);
    assert_string_equal(errors.data, "");
    text_clear(&errors);
    assert_non_null(config);
    text_init(warnings);
    config_warn(config, warnings);
    config_unref(config);
    return warnings->data;
}

static void
test_an_age_below_the_interval_is_warned_of(void **state)
{
    struct text warnings;

    folder_write(*state, "estate/a.json", "{}");
    assert_string_equal(
        warnings_of(state, DIRECTORY "interval = \"60s\"; max_age = \"60s\";",
                    &warnings),
        "");
    text_clear(&warnings);

    warnings_of(state, DIRECTORY "interval = \"60s\"; max_age = \"59s\";",
                &warnings);
    assert_non_null(strstr(warnings.data,
                           "/f.cfg: warning: max_age (59 s) is less than "
                           "interval (60 s): verdicts turn unknown between "
                           "cycles\n"));
    text_clear(&warnings);
}

static void
test_a_folder_that_is_not_there_is_warned_of(void **state)
{
    struct text warnings;

    warnings_of(state, DIRECTORY, &warnings);
    assert_non_null(strstr(warnings.data, "/f.cfg: warning: source.path: "));
    assert_non_null(
        strstr(warnings.data, "/estate: No such file or directory\n"));
    text_clear(&warnings);

    folder_write(*state, "estate", "a file");
    warnings_of(state, DIRECTORY, &warnings);
    assert_non_null(strstr(warnings.data, "/estate: it is no folder\n"));
    text_clear(&warnings);
}

/* They may be on another machine than the one that checks: no errors. */
static void
test_secret_files_that_cannot_be_read_are_warned_of(void **state)
{
    static const struct {
        const char *what;
        const char *credential;
        const char *line; /* NULL: there is none. */
    } table[] = {
        { "missing secret",
          "kind = \"client_secret\"; tenant_id = \"t\"; client_id = \"c\"; "
          "secret_file = \"missing\";",
          "source.credential.secret_file: %s/missing: No such file or "
          "directory\n" },
        { "missing certificate",
          "kind = \"client_certificate\"; tenant_id = \"t\"; client_id = "
          "\"c\"; certificate_file = \"missing\";",
          "source.credential.certificate_file: %s/missing: No such file or "
          "directory\n" },
        { "folder as password",
          "kind = \"client_certificate\"; tenant_id = \"t\"; client_id = "
          "\"c\"; certificate_file = \"good\"; certificate_password_file = "
          "\".\";",
          "source.credential.certificate_password_file: %s/.: it is a "
          "folder\n" },
        { "empty token",
          "kind = \"workload_identity\"; token_file = \"empty\";",
          "source.credential.token_file: %s/empty: it is empty\n" },
        { "authority, which stands beside it",
          "kind = \"managed_identity\"; }; ca_file = \"missing\"; refresh = "
          "{ ",
          "source.ca_file: %s/missing: No such file or directory\n" },
        { "good",
          "kind = \"client_secret\"; tenant_id = \"t\"; client_id = \"c\"; "
          "secret_file = \"good\";",
          NULL },
        { "none", "kind = \"managed_identity\";", NULL },
    };

    folder_write(*state, "good", "x");
    folder_write(*state, "empty", "");
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char line[512] = "";
        struct text content;
        struct text warnings;

        text_init(&content);
        text_printf(&content,
                    "source = { kind = \"azure\"; subscriptions = ( { id = "
                    "\"" ID "\"; } ); credential = { %s }; };",
                    table[i].credential);
        warnings_of(state, content.data, &warnings);

        if (table[i].line) {
            int n = snprintf(line, sizeof line,
                             "%s/f.cfg: warning: ", (const char *) *state);
            const char *folder = strstr(table[i].line, "%s");
            snprintf(line + n, sizeof line - (size_t) n, "%.*s%s%s",
                     (int) (folder - table[i].line), table[i].line,
                     (const char *) *state, folder + 2);
        }
        if (strcmp(warnings.data, line) != 0) {
            fail_msg("%s: \"%s\"", table[i].what, warnings.data);
        }
        text_clear(&content);
        text_clear(&warnings);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_an_age_below_the_interval_is_warned_of),
        FOLDER_TEST(test_a_folder_that_is_not_there_is_warned_of),
        FOLDER_TEST(test_secret_files_that_cannot_be_read_are_warned_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
