#include "tests/support/test.h"

#include <string.h>

#include "engine/base/error.h"
#include "exporter/source/http.h"
#include "exporter/source/http_curl.h"
#include "exporter/source/http_curl_library.h"

static void
test_system_has_a_library_that_will_do(void **state)
{
    (void) state;
    struct error error = { "" };

    const struct curl_library *library = curl_library_get(&error);

    assert_string_equal(error.message, "");
    assert_non_null(library);
    assert_true(library->version_info(CURLVERSION_NOW)->version_num
                >= 0x075700);
    assert_ptr_equal(curl_library_get(&error), library);
}

static void
test_a_library_that_is_missing_is_named(void **state)
{
    (void) state;
    static const char start[] = "source azure needs curl: ";
    struct curl_library library;
    struct error error = { "" };

    assert_false(curl_library_load(&library, "libcurl-none.so.4", &error));

    assert_memory_equal(error.message, start, sizeof start - 1);
    assert_non_null(strstr(error.message, "libcurl-none.so.4"));
    assert_null(strchr(error.message, '\n'));
}

static void
test_a_library_that_lacks_a_function_is_refused(void **state)
{
    (void) state;
    struct curl_library library;
    struct error error = { "" };

    assert_false(curl_library_load(&library, "libz.so.1", &error));

    assert_string_equal(
        error.message,
        "source azure needs curl: libz.so.1 has no curl_easy_cleanup");
}

static void
test_a_request_goes_through_it(void **state)
{
    (void) state;
    struct http_request request = { .url = "http://192.0.2.1/",
                                    .body = "a=b",
                                    .timeout_ms = 1000,
                                    .max_bytes = 1000 };
    struct http_response response;
    struct error error;
    struct http *http = http_curl_create("", &error);
    assert_non_null(http);
    http_request_header(&request, "X-Test", "1");

    /* Not encrypted, which curl refuses before anything is sent. */
    http_response_init(&response);
    assert_true(http_fetch(http, &request, &response));

    assert_int_equal(response.failure, FETCH_REFUSED);
    http_response_clear(&response);
    http_destroy(http);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_library_that_is_missing_is_named),
        cmocka_unit_test(test_a_library_that_lacks_a_function_is_refused),
        cmocka_unit_test(test_system_has_a_library_that_will_do),
        cmocka_unit_test(test_a_request_goes_through_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
