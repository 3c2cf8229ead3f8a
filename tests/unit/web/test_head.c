/* Header lines that stand more than once, and those that must not. */

#include "tests/support/test.h"

#include <string.h>

#include "exporter/web/head.h"

enum { BODY_MAX = 1000, LINES_MAX = 4 };

static void
test_a_list_on_several_lines_is_one_list(void **state)
{
    (void) state;
    struct head head;
    head_init(&head);

    head_add(&head, "Accept", "text/plain;q=0.5");
    head_add(&head, "X-Other", "accept");
    head_add(&head, "accept", "application/openmetrics-text");
    head_add(&head, "ACCEPT", NULL);
    head_add(&head, "Accept-Encoding", "gzip");

    assert_string_equal(head.values[HEAD_ACCEPT],
                        "text/plain;q=0.5, application/openmetrics-text, ");
    assert_string_equal(head.values[HEAD_ACCEPT_ENCODING], "gzip");
    assert_null(head.values[HEAD_IF_NONE_MATCH]);
    head_clear(&head);
}

static void
test_where_a_body_ends_is_told_once(void **state)
{
    (void) state;
    static const struct {
        const char *what, *version;
        const char *lines[LINES_MAX][2];
        unsigned int status;
    } cases[] = {
        { "no body", "HTTP/1.1", { { "Host", "x" } }, 0 },
        { "a length",
          "HTTP/1.1",
          { { "Host", "x" }, { "Content-Length", "1000" } },
          0 },
        { "chunks",
          "HTTP/1.1",
          { { "Host", "x" }, { "Transfer-Encoding", "Chunked" } },
          0 },
        { "an empty host", "HTTP/1.1", { { "Host", "" } }, 0 },
        { "an old client", "HTTP/1.0", { { "X", "x" } }, 0 },
        { "no host", "HTTP/1.1", { { "X", "x" } }, 400 },
        { "two hosts", "HTTP/1.1", { { "Host", "x" }, { "host", "x" } }, 400 },
        { "two hosts of an old client",
          "HTTP/1.0",
          { { "Host", "x" }, { "host", "x" } },
          400 },
        { "two lengths",
          "HTTP/1.1",
          { { "Host", "x" },
            { "Content-Length", "5" },
            { "content-length", "5" } },
          400 },
        { "length and chunks",
          "HTTP/1.1",
          { { "Host", "x" },
            { "Content-Length", "5" },
            { "Transfer-Encoding", "chunked" } },
          400 },
        { "chunks, and something else",
          "HTTP/1.1",
          { { "Host", "x" },
            { "Transfer-Encoding", "chunked" },
            { "Transfer-Encoding", "identity" } },
          400 },
        { "chunks of an old client",
          "HTTP/1.0",
          { { "Transfer-Encoding", "chunked" } },
          400 },
        { "a blank in the name",
          "HTTP/1.1",
          { { "Host", "x" }, { "Transfer-Encoding ", "chunked" } },
          400 },
        { "another coding",
          "HTTP/1.1",
          { { "Host", "x" }, { "Transfer-Encoding", "gzip, chunked" } },
          501 },
        { "no coding",
          "HTTP/1.1",
          { { "Host", "x" }, { "Transfer-Encoding", "" } },
          501 },
        { "too large",
          "HTTP/1.1",
          { { "Host", "x" }, { "Content-Length", "1001" } },
          413 },
        { "far too large",
          "HTTP/1.1",
          { { "Host", "x" }, { "Content-Length", "99999999999999999999999" } },
          413 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct head head;
        head_init(&head);
        for (size_t k = 0; k < LINES_MAX && cases[i].lines[k][0]; k++) {
            head_add(&head, cases[i].lines[k][0], cases[i].lines[k][1]);
        }

        struct refusal refusal = head_check(&head, cases[i].version, BODY_MAX);

        if (refusal.status != cases[i].status) {
            fail_msg("%s: %u", cases[i].what, refusal.status);
        }
        assert_int_equal(refusal.cause != NULL, refusal.status != 0);
        head_clear(&head);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list_on_several_lines_is_one_list),
        cmocka_unit_test(test_where_a_body_ends_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
