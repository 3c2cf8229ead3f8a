#include "tests/support/test.h"

#include <string.h>

#include "engine/base/text.h"
#include "exporter/source/arm_error.h"
#include "exporter/source/arm_page.h"
#include "exporter/source/instant.h"

static void
test_envelopes_are_read_without_a_tree(void **state)
{
    (void) state;
    static const struct {
        const char *what;
        const char *json;
        bool scanned;
        const char *array; /* NULL: none. */
        const char *next;  /* NULL: none. */
    } cases[] = {
        { "list", "{\"value\":[1,2],\"nextLink\":\"n\"}", true, "1,2", "n" },
        { "empty list", "{\"value\":[]}", true, "", NULL },
        { "blanks", " { \"value\" : [ ] , \"nextLink\" : null }\r\n", true,
          " ", NULL },
        { "empty link", "{\"nextLink\":\"\",\"value\":[]}", true, "", NULL },
        { "escapes", "{\"nextLink\":\"a\\u0026b\\/\",\"value\":[]}", true, "",
          "a&b/" },
        { "brackets in strings", "{\"value\":[\"]}\\\"\"]}", true,
          "\"]}\\\"\"", NULL },
        { "inner members do not count",
          "{\"a\":{\"value\":[1],\"nextLink\":\"x\"}}", true, NULL, NULL },
        { "no list", "{\"value\":null}", true, NULL, NULL },
        { "null", "null", true, NULL, NULL },
        { "byte order mark", "\xef\xbb\xbf{\"value\":[]}", true, "", NULL },
        { "cut in a list", "{\"value\":[1,", false, NULL, NULL },
        { "cut in a string", "{\"value\":[\"a", false, NULL, NULL },
        { "cut before the end", "{\"value\":[]", false, NULL, NULL },
        { "html", "<html></html>", true, NULL, NULL },
        { "nothing", "", false, NULL, NULL },
        { "other letters", "{\"Value\":[1],\"NextLink\":\"n\"}", true, "1",
          "n" },
        /* Read as the end of the list, these would cut it. */
        { "a link that is no string", "{\"value\":[],\"nextLink\":{}}", false,
          NULL, NULL },
        { "a link that is a number", "{\"value\":[],\"nextLink\":1}", false,
          NULL, NULL },
        { "a link that cannot be read",
          "{\"value\":[],\"nextLink\":\"\\uZZZZ\"}", false, NULL, NULL },
        { "two links", "{\"value\":[],\"nextLink\":\"a\",\"nextLink\":\"b\"}",
          false, NULL, NULL },
        { "two lists", "{\"value\":[1],\"value\":[2]}", false, NULL, NULL },
        { "something behind", "{\"value\":[]}x", false, NULL, NULL },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arm_page page;

        bool scanned = arm_page_scan(cases[i].json, strlen(cases[i].json),
                                     "value", &page);

        if (scanned != cases[i].scanned
            || (scanned && page.has_array != (cases[i].array != NULL))) {
            fail_msg("%s", cases[i].what);
        }
        if (cases[i].array) {
            size_t length = page.array_end - page.array_start;
            assert_int_equal(length, strlen(cases[i].array));
            assert_memory_equal(cases[i].json + page.array_start,
                                cases[i].array, length);
        }
        if (cases[i].next) {
            assert_string_equal(page.next_link, cases[i].next);
        } else {
            assert_null(page.next_link);
        }
        arm_page_clear(&page);
    }
}

static void
test_nesting_has_a_limit(void **state)
{
    (void) state;
    struct text deep;
    struct arm_page page;
    text_init(&deep);
    text_append(&deep, "{\"value\":");
    for (int i = 0; i < 200; i++) {
        text_append(&deep, "[");
    }

    bool scanned = arm_page_scan(deep.data, deep.length, "value", &page);

    assert_false(scanned);
    assert_true(page.too_deep);
    text_clear(&deep);
}

static void
test_error_bodies_are_understood(void **state)
{
    (void) state;
    static const struct {
        const char *body;
        const char *code;
        const char *message;
        bool busy, gone;
    } cases[] = {
        { "{\"error\":{\"code\":\"A\",\"message\":\"b\\r\\nc\"}}", "A", "b  c",
          false, false },
        { "{\"code\":\"BadRequest\",\"message\":\"m\"}", "BadRequest", "m",
          false, false },
        { "{\"error\":\"text\"}", "", "text", false, false },
        { "{\"error\":{\"code\":\"RetryableError\",\"details\":null}}",
          "RetryableError", "", true, false },
        { "{\"error\":{\"code\":\"X\",\"details\":[{\"code\":"
          "\"ReferencedResourceNotProvisioned\"}]}}",
          "X", "", true, false },
        { "{\"error\":{\"code\":\"ResourceNotFound\"}}", "ResourceNotFound",
          "", false, true },
        { "{\"error\":{\"code\":\"ParentResourceNotFound\"}}",
          "ParentResourceNotFound", "", false, true },
        { "{\"error\":{\"code\":\"SubscriptionNotFound\"}}",
          "SubscriptionNotFound", "", false, false },
        { "<html>", "", "", false, false },
        { "", "", "", false, false },
        { "null", "", "", false, false },
        { "{\"error\":null}", "", "", false, false },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arm_error error;

        arm_error_parse(cases[i].body, strlen(cases[i].body), &error);

        assert_string_equal(error.code, cases[i].code);
        assert_string_equal(error.message, cases[i].message);
        assert_int_equal(error.busy, cases[i].busy);
        assert_int_equal(error.gone, cases[i].gone);
    }
}

static void
test_instants_in_all_spellings(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        int64_t seconds; /* -1: refused. */
    } cases[] = {
        { "1700000000", 1700000000 },
        { "11/14/2023 22:13:20", 1700000000 },
        { "11/14/2023 22:13:20 +00:00", 1700000000 },
        { "2023-11-14 22:13:20", 1700000000 },
        { "2023-11-14 22:13:20.123456", 1700000000 },
        { "2023-11-14T22:13:20Z", 1700000000 },
        { "2023-11-14T23:13:20+01:00", 1700000000 },
        { "Tue, 14 Nov 2023 22:13:20 GMT", 1700000000 },
        { "2024-02-29T00:00:00Z", 1709164800 },
        { "", -1 },
        { "soon", -1 },
        { "2023-13-01 00:00:00", -1 },
        { "2023-11-14 22:13:20 tomorrow", -1 },
        { "Tue, 14 Nov 2023", -1 },
        { "-5", -1 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t seconds = -1;
        instant_parse(cases[i].text, &seconds);
        if (seconds != cases[i].seconds) {
            fail_msg("%s: %lld", cases[i].text, (long long) seconds);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_envelopes_are_read_without_a_tree),
        cmocka_unit_test(test_nesting_has_a_limit),
        cmocka_unit_test(test_error_bodies_are_understood),
        cmocka_unit_test(test_instants_in_all_spellings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
