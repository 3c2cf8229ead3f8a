/* Flags: one table for parsing and help. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/daemon.h"
#include "exporter/options.h"

struct values {
    const char *file;
    const char *plain;
    struct option_words addresses;
    bool check;
    bool help;
};

#define MEMBER(name) offsetof(struct values, name)

static const struct option flags[] = {
    { "config.file", OPTION_WORD, "PATH", "/etc/standard", "A file.",
      MEMBER(file) },
    { "plain", OPTION_WORD, "WORD", NULL, "A word.", MEMBER(plain) },
    { "address", OPTION_WORDS, "ADDR", ":1", "Where to listen.",
      MEMBER(addresses) },
    { "check", OPTION_SWITCH, NULL, NULL, "Only check.", MEMBER(check) },
    { "help", OPTION_SWITCH, NULL, NULL, "Help.", MEMBER(help) },
};

static const struct option_table table = { "program [FLAGS]", "About.", flags,
                                           COUNT_OF(flags) };

enum { ARGUMENTS_MAX = 8, WORD_MAX = 32 };

/* An argument list that may be written to. */
struct arguments {
    char words[ARGUMENTS_MAX][WORD_MAX];
    char *argv[ARGUMENTS_MAX + 1];
    int argc;
};

static void
arguments_init(struct arguments *arguments, const char *const words[])
{
    arguments->argc = 0;
    for (int i = 0; i < ARGUMENTS_MAX && words[i]; i++) {
        assert_true(strlen(words[i]) < WORD_MAX);
        strcpy(arguments->words[i], words[i]);
        arguments->argv[i] = arguments->words[i];
        arguments->argc++;
    }
    arguments->argv[arguments->argc] = NULL;
}

static bool
parse(struct arguments *arguments, const char *const words[],
      struct values *values, size_t *n_operands, struct error *error)
{
    memset(values, 0, sizeof *values);
    arguments_init(arguments, words);
    return options_parse(&table, arguments->argc, arguments->argv, values,
                         n_operands, error);
}

static void
test_defaults_hold_where_no_flag_is_given(void **state)
{
    (void) state;
    static const char *const words[] = { "program", NULL };
    struct arguments arguments;
    struct values values;
    struct error error;
    size_t n = 99;

    assert_true(parse(&arguments, words, &values, &n, &error));

    assert_string_equal(values.file, "/etc/standard");
    assert_null(values.plain);
    assert_int_equal(values.addresses.n, 0);
    assert_false(values.check);
    assert_int_equal(n, 0);
}

static void
test_a_value_stands_behind_equals_or_in_the_next_word(void **state)
{
    (void) state;
    static const char *const words[] = { "program", "--config.file=a=b",
                                         "--plain", "--check", NULL };
    struct arguments arguments;
    struct values values;
    struct error error;
    size_t n;

    assert_true(parse(&arguments, words, &values, &n, &error));

    assert_string_equal(values.file, "a=b");
    assert_string_equal(values.plain, "--check");
    assert_false(values.check);
}

static void
test_a_repeated_flag_gathers_its_values_or_the_last_counts(void **state)
{
    (void) state;
    static const char *const words[] = { "program",   "--address=:1",
                                         "--address", ":2",
                                         "--plain=a", "--plain=b",
                                         NULL };
    struct arguments arguments;
    struct values values;
    struct error error;
    size_t n;

    assert_true(parse(&arguments, words, &values, &n, &error));

    assert_int_equal(values.addresses.n, 2);
    assert_string_equal(values.addresses.words[0], ":1");
    assert_string_equal(values.addresses.words[1], ":2");
    assert_string_equal(values.plain, "b");
    options_clear(&table, &values);
}

static void
test_switches(void **state)
{
    (void) state;
    static const struct {
        const char *word;
        bool on;
    } cases[] = {
        { "--check", true },
        { "--check=true", true },
        { "--check=false", false },
        { "--no-check", false },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *words[] = { "program", cases[i].word, NULL };
        struct arguments arguments;
        struct values values;
        struct error error;
        size_t n;
        assert_true(parse(&arguments, words, &values, &n, &error));
        assert_int_equal(values.check, cases[i].on);
    }
}

static void
test_operands_and_flags_may_be_mixed(void **state)
{
    (void) state;
    static const char *const words[] = { "program", "one",   "--check", "-",
                                         "--",      "--two", NULL };
    struct arguments arguments;
    struct values values;
    struct error error;
    size_t n;

    assert_true(parse(&arguments, words, &values, &n, &error));

    assert_int_equal(n, 3);
    assert_string_equal(arguments.argv[1], "one");
    assert_string_equal(arguments.argv[2], "-");
    assert_string_equal(arguments.argv[3], "--two");
    assert_true(values.check);
}

static void
test_what_is_no_flag_is_refused_with_its_name(void **state)
{
    (void) state;
    static const struct {
        const char *word;
        const char *message;
    } cases[] = {
        { "--unknown", "unknown flag --unknown" },
        { "--unknown=x", "unknown flag --unknown" },
        { "--conf", "unknown flag --conf" },
        { "--no-plain", "unknown flag --no-plain" },
        { "--no-check=true", "unknown flag --no-check" },
        { "-x", "unknown flag -x" },
        { "--check=yes", "--check: 'yes' is not true or false" },
        { "--plain", "--plain needs a value: --plain=WORD" },
        { "---", "unknown flag ---" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *words[] = { "program", cases[i].word, NULL };
        struct arguments arguments;
        struct values values;
        struct error error;
        size_t n;
        assert_false(parse(&arguments, words, &values, &n, &error));
        assert_string_equal(error.message, cases[i].message);
    }
}

static void
test_help_names_every_flag_and_fits_the_width(void **state)
{
    (void) state;
    struct text help;
    text_init(&help);

    options_describe(&daemon_flags, &help);

    for (size_t i = 0; i < daemon_flags.n; i++) {
        char flag[64] = "--";
        strcat(flag, daemon_flags.options[i].name);
        assert_non_null(strstr(help.data, flag));
    }
    for (const char *line = help.data; *line;) {
        size_t length = strcspn(line, "\n");
        assert_true(length <= 79);
        line += length + 1;
    }
    text_clear(&help);
}

static void
test_the_daemon_refuses_flags_that_make_no_sense(void **state)
{
    (void) state;
    static const struct {
        const char *word;
        const char *message;
    } cases[] = {
        { "extra", "unexpected argument 'extra'" },
        { "--log.level=loud",
          "--log.level: 'loud' is not debug, info, warn or error" },
        { "--log.format=xml", "--log.format: 'xml' is not logfmt or json" },
        { "--shard=4/4", "--shard: '4/4' is not I/N with I from 0 to N - 1" },
        { "--shard=1", "--shard: '1' is not I/N with I from 0 to N - 1" },
        { "--shard=-1/2",
          "--shard: '-1/2' is not I/N with I from 0 to N - 1" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *words[] = { "program", cases[i].word, NULL };
        struct daemon_options options = { .help = false };
        struct arguments arguments;
        struct error error;
        arguments_init(&arguments, words);

        assert_false(
            daemon_parse(arguments.argc, arguments.argv, &options, &error));

        assert_string_equal(error.message, cases[i].message);
    }
}

static void
test_a_shard_is_a_number_or_the_name_of_a_pod(void **state)
{
    (void) state;
    static const struct {
        const char *word;
        size_t shard;
        size_t n_shards;
    } cases[] = {
        { "--shard=0/1", 0, 1 },
        { "--shard=3/4", 3, 4 },
        { "--shard=flow-verify-3/4", 3, 4 },
        { "--version", 0, 1 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *words[] = { "program", cases[i].word, NULL };
        struct daemon_options options = { .help = false };
        struct arguments arguments;
        struct error error;
        arguments_init(&arguments, words);

        assert_true(
            daemon_parse(arguments.argc, arguments.argv, &options, &error));

        assert_int_equal(options.shard, cases[i].shard);
        assert_int_equal(options.n_shards, cases[i].n_shards);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults_hold_where_no_flag_is_given),
        cmocka_unit_test(
            test_a_value_stands_behind_equals_or_in_the_next_word),
        cmocka_unit_test(
            test_a_repeated_flag_gathers_its_values_or_the_last_counts),
        cmocka_unit_test(test_switches),
        cmocka_unit_test(test_operands_and_flags_may_be_mixed),
        cmocka_unit_test(test_what_is_no_flag_is_refused_with_its_name),
        cmocka_unit_test(test_help_names_every_flag_and_fits_the_width),
        cmocka_unit_test(test_the_daemon_refuses_flags_that_make_no_sense),
        cmocka_unit_test(test_a_shard_is_a_number_or_the_name_of_a_pod),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
