/* Structure of JSON text. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/error.h"
#include "exporter/parse/json_scan.h"

static struct json_span
span_of(const char *text)
{
    return (struct json_span){ text, strlen(text) };
}

static void
test_whole_documents_pass(void **state)
{
    (void) state;
    static const char *const documents[] = {
        "{}",
        "[]",
        " \r\n\t[1, 2.5e3, null, true, \"x\"] \n",
        "\xef\xbb\xbf{\"a\": {\"b\": [[]]}}",
        "{\"quotes \\\" and brackets ]}\": \"\\\\\"}",
        "{\"\xc3\xa9\": \"\xe2\x82\xac \xf0\x9f\x98\x80\"}",
    };

    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        struct json_span root;
        struct error error;
        if (!json_scan(span_of(documents[i]), &root, &error)) {
            fail_msg("%s: %s", documents[i], error.message);
        }
        assert_true(*root.at == '{' || *root.at == '[');
        assert_true(root.at[root.length - 1] == '}'
                    || root.at[root.length - 1] == ']');
    }
}

static void
test_what_is_not_whole_is_refused_with_its_place(void **state)
{
    (void) state;
    static const struct {
        const char *what;
        const char *document;
        const char *error;
    } cases[] = {
        { "nothing", "", "empty" },
        { "blanks only", " \n ", "empty" },
        { "a number", "12", "byte 0): neither an object nor a list" },
        { "null", "null", "neither an object nor a list" },
        { "half a file", "{\"a\": [1,\n2", "line 2, column 2 (byte 11)" },
        { "half a string", "[\"abc", "a string that does not end" },
        { "an escape at the end", "[\"abc\\", "does not end" },
        { "crossed brackets", "[{]}", "a bracket that does not match" },
        { "two documents", "{}\n{}", "line 2, column 1 (byte 3): more text" },
        { "a line feed in a string", "[\"a\nb\"]", "a control character" },
        { "a NUL escape", "[\"10.0.0.0/8\\u0000x\"]", "a NUL character" },
        { "Latin-1", "[\"Z\xfcrich\"]", "(byte 3): not UTF-8" },
        { "an overlong form", "[\"\xc0\xaf\"]", "not UTF-8" },
        { "half of a surrogate pair", "[\"\xed\xa0\x80\"]", "not UTF-8" },
        { "a cut character", "[\"\xe2\x82", "not UTF-8" },
        { "UTF-16", "\xff\xfe{", "UTF-16" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_span root;
        struct error error = { "" };
        if (json_scan(span_of(cases[i].document), &root, &error)
            || !strstr(error.message, cases[i].error)) {
            fail_msg("%s: %s", cases[i].what, error.message);
        }
    }
}

static void
test_nul_bytes_are_refused(void **state)
{
    (void) state;
    static const char document[] = "[\"a\0b\"]";
    struct json_span span = { document, sizeof document - 1 };
    struct json_span root;
    struct error error;

    assert_false(json_scan(span, &root, &error));
}

static void
test_depth_has_a_limit(void **state)
{
    (void) state;
    char document[4 * JSON_DEPTH_MAX];
    struct json_span root;
    struct error error;

    for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(document, '[', depth);
        memset(document + depth, ']', depth);
        struct json_span span = { document, 2 * depth };
        assert_int_equal(json_scan(span, &root, &error),
                         depth == JSON_DEPTH_MAX);
    }
    assert_non_null(strstr(error.message, "nested deeper than 64 levels"));
}

static void
test_a_million_brackets_do_not_end_the_stack(void **state)
{
    (void) state;
    size_t size = 1000 * 1000;
    char *document = test_malloc(size);
    struct json_span root;
    struct error error;

    memset(document, '[', size);

    assert_false(
        json_scan((struct json_span){ document, size }, &root, &error));
    test_free(document);
}

static void
test_values_have_a_limit(void **state)
{
    (void) state;
    size_t size = 2 * (JSON_VALUES_MAX + 4);
    char *document = test_malloc(size);
    struct json_span root;
    struct error error;

    for (size_t i = 0; i < size; i += 2) {
        memcpy(document + i, "0,", 2);
    }
    document[0] = '[';
    document[1] = '0';
    document[size - 1] = ']';

    assert_false(
        json_scan((struct json_span){ document, size }, &root, &error));
    assert_non_null(strstr(error.message, "more than 8000000 values"));
    test_free(document);
}

static void
test_next_steps_through_members(void **state)
{
    (void) state;
    struct json_span object =
        span_of("{ \"a\" : [1,{\"x\":\"]\"}], \"b\":true ,\"c\":\"\\\"\"}");
    static const char *const keys[] = { "a", "b", "c" };
    static const char *const values[] = { "[1,{\"x\":\"]\"}]", "true",
                                          "\"\\\"\"" };
    size_t cursor = 0;
    struct json_span key;
    struct json_span value;

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(json_next(object, &cursor, &key, &value),
                         JSON_STEP_VALUE);
        assert_true(json_span_equals(key, keys[i]));
        assert_true(json_span_equals(value, values[i]));
    }
    assert_int_equal(json_next(object, &cursor, &key, &value), JSON_STEP_END);
}

static void
test_next_tells_what_is_no_list(void **state)
{
    (void) state;
    static const char *const documents[] = {
        "[1 2]",    "[1,]",  "[,1]",       "[,]",        "{\"a\" 1}",
        "{\"a\":}", "{a:1}", "{\"a\":1,}", "{\"a\":1:}", "{\"a\":1 \"b\":2}",
        "[1:2]",    "{1:2}"
    };

    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        struct json_span root;
        struct error error;
        struct json_span key;
        struct json_span value;
        size_t cursor = 0;
        enum json_step step;

        assert_true(json_scan(span_of(documents[i]), &root, &error));
        do {
            step = json_next(root, &cursor, &key, &value);
        } while (step == JSON_STEP_VALUE);

        if (step != JSON_STEP_BAD) {
            fail_msg("%s passed", documents[i]);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_documents_pass),
        cmocka_unit_test(test_what_is_not_whole_is_refused_with_its_place),
        cmocka_unit_test(test_nul_bytes_are_refused),
        cmocka_unit_test(test_depth_has_a_limit),
        cmocka_unit_test(test_a_million_brackets_do_not_end_the_stack),
        cmocka_unit_test(test_values_have_a_limit),
        cmocka_unit_test(test_next_steps_through_members),
        cmocka_unit_test(test_next_tells_what_is_no_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
