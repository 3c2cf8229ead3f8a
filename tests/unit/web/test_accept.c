/* What a client accepts decides format and encoding. */

#include "tests/support/test.h"

#include "exporter/web/accept.h"

#define PROMETHEUS_3                                                          \
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"  \
    "application/openmetrics-text;version=0.0.1;q=0.5,"                       \
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"                    \
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

static void
test_openmetrics_is_given_to_those_who_prefer_it(void **state)
{
    (void) state;
    static const struct {
        const char *accept;
        enum exposition_format format;
    } cases[] = {
        { NULL, EXPOSITION_TEXT },
        { "", EXPOSITION_TEXT },
        { "*/*", EXPOSITION_TEXT },
        { "text/html,application/xhtml+xml,*/*;q=0.8", EXPOSITION_TEXT },
        { "text/plain", EXPOSITION_TEXT },
        { "application/openmetrics-text", EXPOSITION_OPENMETRICS },
        { "application/openmetrics-text; version=1.0.0",
          EXPOSITION_OPENMETRICS },
        { "Application/OpenMetrics-Text;VERSION=\"1.0.0\"",
          EXPOSITION_OPENMETRICS },
        { "application/openmetrics-text;version=0.0.1", EXPOSITION_TEXT },
        { "application/openmetrics-text;version=2.0.0,text/plain",
          EXPOSITION_TEXT },
        { PROMETHEUS_3, EXPOSITION_OPENMETRICS },
        { "application/openmetrics-text;q=0.5,text/plain;q=0.6",
          EXPOSITION_TEXT },
        { "application/openmetrics-text;q=0.6,text/plain;q=0.6",
          EXPOSITION_OPENMETRICS },
        { "application/openmetrics-text;q=0", EXPOSITION_TEXT },
        { "application/openmetrics-text;q=0.000,*/*", EXPOSITION_TEXT },
        { "application/openmetrics-text;q=0.2,*/*;q=0.1",
          EXPOSITION_OPENMETRICS },
        { "application/openmetrics-text;q=0.2,text/*;q=0.9", EXPOSITION_TEXT },
        { "text/plain;version=0.0.4;q=0,application/openmetrics-text;q=0.1",
          EXPOSITION_OPENMETRICS },
        { "application/openmetrics-text;q=2", EXPOSITION_TEXT },
        { "application/openmetrics-text;q=0.1234", EXPOSITION_TEXT },
        { "application/openmetrics-text;q=abc", EXPOSITION_TEXT },
        { ",,;;q=1,=;\"", EXPOSITION_TEXT },
        { "application/openmetrics-text;x=\"a,b;q=0\";q=1",
          EXPOSITION_OPENMETRICS },
        { "application/*", EXPOSITION_TEXT },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (accept_format(cases[i].accept) != cases[i].format) {
            fail_msg("'%s'", cases[i].accept ? cases[i].accept : "(none)");
        }
    }
}

static void
test_gzip_is_given_to_those_who_take_it(void **state)
{
    (void) state;
    static const struct {
        const char *accept;
        bool gzip;
    } cases[] = {
        { NULL, false },
        { "", false },
        { "gzip", true },
        { "GZIP", true },
        { "x-gzip", true },
        { "identity", false },
        { "deflate, gzip;q=1.0, *;q=0.5", true },
        { "gzip;q=0", false },
        { "gzip;q=0, *", false },
        { "*", true },
        { "*;q=0", false },
        { "identity;q=1, gzip;q=0.5", false },
        { "identity;q=0.5, gzip;q=1", true },
        { "br, zstd", false },
        { "gzip;q=nonsense", false },
        { "gzipped", false },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (accept_gzip(cases[i].accept) != cases[i].gzip) {
            fail_msg("'%s'", cases[i].accept ? cases[i].accept : "(none)");
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_openmetrics_is_given_to_those_who_prefer_it),
        cmocka_unit_test(test_gzip_is_given_to_those_who_take_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
