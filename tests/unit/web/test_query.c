/* Paths and queries as they come over the wire. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "exporter/web/json_object.h"
#include "exporter/web/query.h"

static void
test_percent_decoding_is_strict(void **state)
{
    (void) state;
    static const struct {
        const char *in;
        bool plus;
        const char *out; /* NULL: refused. */
    } cases[] = {
        { "", false, "" },         { "abc", false, "abc" },
        { "%2F%2f", false, "//" }, { "a%20b", false, "a b" },
        { "a+b", false, "a+b" },   { "a+b", true, "a b" },
        { "%", false, NULL },      { "%2", false, NULL },
        { "%zz", false, NULL },    { "%00", false, NULL },
        { "%ff", false, "\xff" },  { "%25", false, "%" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char word[32];
        strcpy(word, cases[i].in);
        bool good = percent_decode(word, cases[i].plus);
        assert_int_equal(good, cases[i].out != NULL);
        if (cases[i].out) {
            assert_string_equal(word, cases[i].out);
        }
    }
}

static void
test_a_query_is_taken_apart(void **state)
{
    (void) state;
    struct query query;
    struct error error;

    assert_true(query_parse(&query, "a=1&b=x%26y+z&&c&d=", &error));

    assert_int_equal(query.n, 4);
    assert_string_equal(query_get(&query, "a"), "1");
    assert_string_equal(query_get(&query, "b"), "x&y z");
    assert_string_equal(query_get(&query, "c"), "");
    assert_string_equal(query_get(&query, "d"), "");
    assert_null(query_get(&query, "e"));
    query_clear(&query);
}

static void
test_a_broken_query_is_refused(void **state)
{
    (void) state;
    struct query query;
    struct error error;
    char many[8 * QUERY_ITEMS_MAX] = "";
    size_t length = 0;
    for (unsigned int i = 0; i <= QUERY_ITEMS_MAX; i++) {
        length += (size_t) sprintf(many + length, "a%u&", i);
    }

    assert_false(query_parse(&query, "a=1&a=2", &error));
    assert_string_equal(error.message, "parameter 'a' is given twice");
    assert_false(query_parse(&query, "a=%", &error));
    assert_false(query_parse(&query, many, &error));
    assert_int_equal(query.n, 0);
    assert_true(query_parse(&query, NULL, &error));
    query_clear(&query);
}

static void
test_a_flat_object_is_read(void **state)
{
    (void) state;
    struct arena *arena = arena_create();
    struct json_member members[] = {
        { "name", NULL }, { "port", NULL }, { "none", NULL }, { "gone", NULL }
    };
    const char *body = " {\"NAME\":\"a\\u00e9\\ud83d\\ude00\\n\\/\", "
                       "\"port\": 443, \"none\": null,\n"
                       "\"other\":[1,{\"x\":[]},true,-1.5e3]} ";
    struct error error;

    assert_true(
        json_object_read(body, strlen(body), members, 4, arena, &error));

    assert_string_equal(members[0].value, "a\xc3\xa9\xf0\x9f\x98\x80\n/");
    assert_string_equal(members[1].value, "443");
    assert_null(members[2].value);
    assert_null(members[3].value);
    arena_unref(arena);
}

static void
test_what_is_no_flat_object_is_refused(void **state)
{
    (void) state;
    static const char *const bodies[] = {
        "",
        "null",
        "[]",
        "{",
        "}",
        "{}x",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "{\"name\":{}}",
        "{\"name\":true}",
        "{\"name\":\"a\",\"Name\":\"b\"}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":+1}",
        "{\"a\":\"\x01\"}",
        "{\"a\":\"\\q\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"",
        "{\"a\":\"\\",
        "{\"a\":nul}",
        "{\"a\":tru}",
        "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]",
    };
    struct arena *arena = arena_create();
    struct error error;

    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct json_member members[] = { { "name", NULL } };
        if (json_object_read(bodies[i], strlen(bodies[i]), members, 1, arena,
                             &error)) {
            fail_msg("%s", bodies[i]);
        }
    }
    arena_unref(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percent_decoding_is_strict),
        cmocka_unit_test(test_a_query_is_taken_apart),
        cmocka_unit_test(test_a_broken_query_is_refused),
        cmocka_unit_test(test_a_flat_object_is_read),
        cmocka_unit_test(test_what_is_no_flat_object_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
