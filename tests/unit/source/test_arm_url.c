#include "tests/support/test.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/source/arm_url.h"

static struct origin
origin_of(const char *url)
{
    struct origin origin;
    struct error error;

    assert_true(origin_parse(url, &origin, NULL, &error));
    return origin;
}

static void
test_links_are_followed_to_the_pinned_origin_only(void **state)
{
    (void) state;
    static const struct {
        const char *link;
        const char *followed; /* NULL: refused. */
    } cases[] = {
        { "https://management.azure.com/a?x=1",
          "https://management.azure.com/a?x=1" },
        { "https://management.azure.com:443/a",
          "https://management.azure.com/a" },
        { "HTTPS://Management.AZURE.com/a", "https://management.azure.com/a" },
        { "https://management.azure.com//subscriptions/1",
          "https://management.azure.com//subscriptions/1" },
        { "/a?b", "https://management.azure.com/a?b" },
        { "https://management.azure.com?x",
          "https://management.azure.com/?x" },
        { "https://management.azure.com/a?$filter=b c",
          "https://management.azure.com/a?$filter=b%20c" },
        { "https://management.azure.com/a#b",
          "https://management.azure.com/a" },
        { "https://evil.example/a", NULL },
        { "https://management.azure.com.evil.example/a", NULL },
        { "https://management.azure.com@evil.example/a", NULL },
        { "https://u:p@management.azure.com/a", NULL },
        { "https://management.azure.com:8443/a", NULL },
        { "http://management.azure.com/a", NULL },
        { "//evil.example/a", NULL },
        { "https://evil.example\\@management.azure.com/", NULL },
        { "https://management.azure.com\\@evil.example/",
          "https://management.azure.com/%5C@evil.example/" },
        { "https:///a", NULL },
        { "https://management.azure.com:0/a", NULL },
        { "https://management.azure.com:/a", NULL },
        { "ftp://management.azure.com/a", NULL },
        { "javascript:alert(1)", NULL },
        { "", NULL },
    };
    struct origin pinned = origin_of("https://management.azure.com");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error error;
        struct text url;
        text_init(&url);

        bool followed = origin_follow(&pinned, cases[i].link, &url, &error);

        if (followed != (cases[i].followed != NULL)) {
            fail_msg("%s", cases[i].link);
        }
        if (followed) {
            assert_string_equal(url.data, cases[i].followed);
        }
        text_clear(&url);
    }
}

static void
test_only_loopback_addresses_are_loopback(void **state)
{
    (void) state;
    static const struct {
        const char *url;
        bool loopback;
    } cases[] = {
        { "http://127.0.0.1:80", true },
        { "http://127.9.9.9", true },
        { "http://localhost:99", true },
        { "http://[::1]:9", true },
        { "http://127.0.0.1.example", false },
        { "http://10.0.0.1", false },
        { "http://[::2]", false },
        { "http://128.0.0.1", false },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct origin origin = origin_of(cases[i].url);
        if (origin_is_loopback(&origin) != cases[i].loopback) {
            fail_msg("%s", cases[i].url);
        }
    }
}

static void
test_logs_show_no_query(void **state)
{
    (void) state;
    struct text line;
    text_init(&line);

    url_append_for_log(&line, "https://a.example/operations/1?s=signature");

    assert_string_equal(line.data, "/operations/1");
    text_clear(&line);
}

static void
test_values_are_encoded(void **state)
{
    (void) state;
    struct text url;
    text_init(&url);

    url_append_encoded(&url, "a~b+/=&%\xc3\xa4");

    assert_string_equal(url.data, "a~b%2B%2F%3D%26%25%C3%A4");
    text_clear(&url);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links_are_followed_to_the_pinned_origin_only),
        cmocka_unit_test(test_only_loopback_addresses_are_loopback),
        cmocka_unit_test(test_logs_show_no_query),
        cmocka_unit_test(test_values_are_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
