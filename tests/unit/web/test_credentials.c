/* Names and passwords in an Authorization header. */

#include "tests/support/test.h"

#include <string.h>

#include "exporter/web/credentials.h"

static void
test_basic_is_base64_of_name_and_password(void **state)
{
    (void) state;
    static const struct {
        const char *header, *user, *password;
    } cases[] = {
        { "Basic YWxpY2U6c2VjcmV0", "alice", "secret" },
        { "bASIC   YWxpY2U6c2VjcmV0", "alice", "secret" },
        { "Basic YTpiOmM=", "a", "b:c" },
        { "Basic Og==", "", "" },
        { "Basic w7w6w7wg", "\xc3\xbc", "\xc3\xbc " },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char user[CREDENTIALS_MAX + 1], *password;
        if (!credentials_read(cases[i].header, user, &password)) {
            fail_msg("'%s'", cases[i].header);
        }
        assert_string_equal(user, cases[i].user);
        assert_string_equal(password, cases[i].password);
    }
}

static void
test_what_is_not_basic_holds_nothing(void **state)
{
    (void) state;
    static const char *const headers[] = {
        NULL,
        "",
        "Basic",
        "Basic ",
        "Bearer YWxpY2U6c2VjcmV0",
        "BasicYWxpY2U6c2VjcmV0",
        "Basic YWxpY2U",    /* No colon. */
        "Basic YTpi\tYTpi", /* A character that is not base64. */
        "Basic YTpi=YTpi",  /* More behind the end. */
        "Basic YTpiAA==",   /* A NUL. */
    };
    char user[CREDENTIALS_MAX + 1], *password;

    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        if (credentials_read(headers[i], user, &password)) {
            fail_msg("'%s'", headers[i]);
        }
    }
}

static void
test_credentials_have_a_limit(void **state)
{
    (void) state;
    char header[2048] = "Basic ";
    char user[CREDENTIALS_MAX + 1], *password;
    memset(header + 6, 'O', sizeof header - 7);

    assert_false(credentials_read(header, user, &password));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_basic_is_base64_of_name_and_password),
        cmocka_unit_test(test_what_is_not_basic_holds_nothing),
        cmocka_unit_test(test_credentials_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
