/* Text from outside is made safe in one place. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/text.h"
#include "exporter/render/escape.h"
#include "exporter/render/number.h"

#define BAD "\xef\xbf\xbd"
#define ELLIPSIS "\xe2\x80\xa6"

static void
test_each_format_gets_its_own_escapes(void **state)
{
    (void) state;
    static const struct {
        const char *in, *label, *json, *html, *url;
    } cases[] = {
        { "plain", "plain", "\"plain\"", "plain", "plain" },
        { "", "", "\"\"", "", "" },
        { "a\"b", "a\\\"b", "\"a\\\"b\"", "a&quot;b", "a%22b" },
        { "a\\b", "a\\\\b", "\"a\\\\b\"", "a\\b", "a%5Cb" },
        { "a\nb", "a\\nb", "\"a\\nb\"", "a\nb", "a%0Ab" },
        { "a\rb", "a" BAD "b", "\"a\\rb\"", "a" BAD "b", "a%0Db" },
        { "<a&'>", "<a&'>", "\"<a&'>\"", "&lt;a&amp;&#39;&gt;",
          "%3Ca%26%27%3E" },
        { "\x01\x7f", "\x01\x7f", "\"\\u0001\\u007f\"", BAD BAD, "%01%7F" },
        { "/a b?", "/a b?", "\"/a b?\"", "/a b?", "%2Fa%20b%3F" },
    };
    struct text out;
    text_init(&out);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        text_reset(&out);
        escape_label(&out, cases[i].in, 0);
        assert_string_equal(out.data, cases[i].label);
        text_reset(&out);
        escape_json(&out, cases[i].in);
        assert_string_equal(out.data, cases[i].json);
        text_reset(&out);
        escape_html(&out, cases[i].in);
        assert_string_equal(out.data, cases[i].html);
        text_reset(&out);
        escape_url(&out, cases[i].in);
        assert_string_equal(out.data, cases[i].url);
    }
    text_clear(&out);
}

static void
test_what_is_no_utf8_is_replaced_byte_by_byte(void **state)
{
    (void) state;
    static const struct {
        const char *what, *in, *out;
    } cases[] = {
        { "two bytes", "\xc3\xa9", "\xc3\xa9" },
        { "three bytes", "\xe2\x82\xac", "\xe2\x82\xac" },
        { "four bytes", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
        { "the last one", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
        { "stray byte", "a\x80z", "a" BAD "z" },
        { "cut at the end", "a\xe2\x82", "a" BAD BAD },
        { "overlong slash", "\xc0\xaf", BAD BAD },
        { "overlong in three", "\xe0\x80\xaf", BAD BAD BAD },
        { "surrogate", "\xed\xa0\x80", BAD BAD BAD },
        { "past the last one", "\xf4\x90\x80\x80", BAD BAD BAD BAD },
        { "lead and ASCII", "\xc3(", BAD "(" },
        { "0xff", "\xff", BAD },
    };
    struct text out;
    text_init(&out);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        text_reset(&out);
        escape_label(&out, cases[i].in, 0);
        if (strcmp(out.data, cases[i].out) != 0) {
            fail_msg("%s: '%s'", cases[i].what, out.data);
        }
    }
    text_clear(&out);
}

static void
test_a_long_value_is_cut_between_characters(void **state)
{
    (void) state;
    static const struct {
        const char *in;
        size_t max;
        const char *out;
    } cases[] = {
        { "abcd", 4, "abcd" },
        { "abcde", 4, "abc" ELLIPSIS },
        { "\xc3\xa9\xc3\xa9\xc3\xa9", 2, "\xc3\xa9" ELLIPSIS },
        { "\"\"\"", 2, "\\\"" ELLIPSIS },
        { "ab", 1, ELLIPSIS },
        { "abc", 0, "abc" },
    };
    struct text out;
    text_init(&out);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        text_reset(&out);
        escape_label(&out, cases[i].in, cases[i].max);
        assert_string_equal(out.data, cases[i].out);
    }
    text_clear(&out);
}

static void
test_numbers_are_as_short_as_they_can_be(void **state)
{
    (void) state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        { 0, "0" },
        { 1, "1" },
        { 0.1, "0.1" },
        { 1.0 / 3, "0.3333333333333333" },
        { 1e-9, "1e-09" },
        { 9007199254740992.0, "9007199254740992" },
        { 1e300, "1e+300" },
        { 18446744073709551615.0, "1.8446744073709552e+19" },
        { -1, "-1" },
        { 2.5, "2.5" },
    };
    struct text out;
    text_init(&out);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        text_reset(&out);
        number_append(&out, cases[i].value);
        assert_string_equal(out.data, cases[i].text);
    }
    text_clear(&out);
}

static void
test_milliseconds_become_seconds_exactly(void **state)
{
    (void) state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        { 0, "0" },       { 1, "0.001" },  { 10, "0.01" },
        { 100, "0.1" },   { 1000, "1" },   { 1732240000123, "1732240000.123" },
        { -5, "-0.005" }, { 1500, "1.5" },
    };
    struct text out;
    text_init(&out);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        text_reset(&out);
        number_append_ms(&out, cases[i].ms);
        assert_string_equal(out.data, cases[i].text);
    }
    text_clear(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_format_gets_its_own_escapes),
        cmocka_unit_test(test_what_is_no_utf8_is_replaced_byte_by_byte),
        cmocka_unit_test(test_a_long_value_is_cut_between_characters),
        cmocka_unit_test(test_numbers_are_as_short_as_they_can_be),
        cmocka_unit_test(test_milliseconds_become_seconds_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
