/* Flags that say where the routes are and where links lead. */

#include "tests/support/test.h"

#include "engine/base/error.h"
#include "exporter/web/paths.h"

static void
test_routes_and_links_follow_the_flags(void **state)
{
    (void) state;
    static const struct {
        const char *telemetry_path, *external_url, *route_prefix;
        const char *telemetry, *prefix, *base;
    } cases[] = {
        { "/metrics", NULL, NULL, "/metrics", "", "/" },
        { "metrics", "", "", "/metrics", "", "/" },
        { "/", NULL, "/", "/", "", "/" },
        { "/a/m", NULL, "/x", "/a/m", "/x", "/x/" },
        { "/m", NULL, "x/y/", "/m", "/x/y", "/x/y/" },
        { "/m", "http://h", NULL, "/m", "", "/" },
        { "/m", "https://h:1/f", NULL, "/m", "/f", "/f/" },
        { "/m", "HTTPS://h/f/", "/", "/m", "", "/f/" },
        { "/m", "https://h/f", "/x", "/m", "/x", "/f/" },
        { "/m", "https://h/a%20b", NULL, "/m", "/a b", "/a%20b/" },
    };
    struct error error;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct paths paths;
        if (!paths_read(&paths, cases[i].telemetry_path, cases[i].external_url,
                        cases[i].route_prefix, &error)) {
            fail_msg("case %zu: %s", i, error.message);
        }
        assert_string_equal(paths.telemetry, cases[i].telemetry);
        assert_string_equal(paths.prefix, cases[i].prefix);
        assert_string_equal(paths.base, cases[i].base);
        paths_clear(&paths);
    }
}

static void
test_what_is_no_path_is_refused(void **state)
{
    (void) state;
    static const struct {
        const char *telemetry_path, *external_url, *route_prefix;
    } cases[] = {
        { "", NULL, NULL },
        { "/m?x", NULL, NULL },
        { "/m x", NULL, NULL },
        { "/m%20", NULL, NULL },
        { "/-/healthy", NULL, NULL },
        { "/api/v1/flows", NULL, NULL },
        { "flows/x", NULL, NULL },
        { "/m", "h/f", NULL },
        { "/m", "ftp://h/f", NULL },
        { "/m", "http://", NULL },
        { "/m", "http:///f", NULL },
        { "/m", "http://h/f?x=1", NULL },
        { "/m", "http://h/f#x", NULL },
        { "/m", "http://h/%zz", NULL },
        { "/m", "http://h/\r\nX: y", NULL },
        { "/m", NULL, "/\"x" },
        { "/m", NULL, "/%0" },
    };
    struct error error;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct paths paths;
        if (paths_read(&paths, cases[i].telemetry_path, cases[i].external_url,
                       cases[i].route_prefix, &error)) {
            fail_msg("case %zu is taken", i);
        }
        assert_null(paths.telemetry);
        assert_null(paths.prefix);
        assert_null(paths.base);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes_and_links_follow_the_flags),
        cmocka_unit_test(test_what_is_no_path_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
