/* Where one request ends and the next begins, and forms of the target. */

#include "tests/support/test.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/text.h"
#include "tests/support/folder.h"
#include "tests/support/loopback.h"

/* Since its version 1, libmicrohttpd refuses by itself what it cannot read. */
enum { UNKNOWN_CODING = MHD_VERSION >= 0x01000000 ? 400 : 501 };

#define NEXT "GET /-/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

/* A proxy that goes by the other header would take NEXT for a body, or a body
 * for a request. */
static void
test_no_request_is_smuggled_in_a_body(void **state)
{
    static const struct {
        const char *what, *bytes;
        unsigned int status;
    } cases[] = {
        { "two lengths",
          "POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
          "Content-Length: 0\r\n\r\nhello" NEXT,
          400 },
        { "length and chunks",
          "POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT,
          400 },
        { "chunks and length",
          "POST /-/reload HTTP/1.1\r\nHost: x\r\n"
          "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n"
          "\r\n" NEXT,
          400 },
        { "a blank before the colon",
          "POST /-/reload HTTP/1.1\r\nHost: x\r\n"
          "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" NEXT,
          400 },
        { "an unknown coding",
          "POST /-/reload HTTP/1.1\r\nHost: x\r\n"
          "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" NEXT,
          UNKNOWN_CODING },
        { "no host", "GET /-/ready HTTP/1.1\r\n\r\n" NEXT, 400 },
    };
    struct loopback loopback;
    struct text answer;
    loopback_start(&loopback, *state, NULL);
    text_init(&answer);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        loopback_talk(&loopback, cases[i].bytes, strlen(cases[i].bytes),
                      &answer);
        if (loopback_status(&answer) != cases[i].status
            || strstr(answer.data, "is ready")) {
            fail_msg("%s: %s", cases[i].what, answer.data);
        }
    }
    text_clear(&answer);
    loopback_stop(&loopback);
}

static void
test_the_target_may_be_a_whole_url(void **state)
{
    static const struct {
        const char *target;
        unsigned int status;
    } cases[] = {
        { "http://x/-/ready", 200 },
        { "HTTPS://x:80/api/v1/flows?limit=1", 200 },
        { "http://x", 200 },
        { "http://x?limit=1", 200 },
        { "http:/-/ready", 400 },
        { "ftp://x/-/ready", 400 },
        { "*", 400 },
    };
    struct loopback loopback;
    struct text answer;
    loopback_start(&loopback, *state, NULL);
    text_init(&answer);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        loopback_ask(&loopback, "GET", cases[i].target, "", &answer);
        if (loopback_status(&answer) != cases[i].status) {
            fail_msg("%s: %s", cases[i].target, answer.data);
        }
    }
    text_clear(&answer);
    loopback_stop(&loopback);
}

static void
test_a_list_may_stand_on_several_lines(void **state)
{
    struct loopback loopback;
    struct text answer;
    loopback_start(&loopback, *state, NULL);
    text_init(&answer);

    loopback_ask(&loopback, "HEAD", "/metrics",
                 "Accept: text/plain;q=0.5\r\nAccept-Encoding: br\r\n"
                 "Accept: application/openmetrics-text\r\n"
                 "Accept-Encoding: gzip\r\n",
                 &answer);

    assert_non_null(
        strstr(answer.data, "Content-Type: application/openmetrics-text"));
    assert_non_null(strstr(answer.data, "Content-Encoding: gzip"));
    text_clear(&answer);
    loopback_stop(&loopback);
}

static void
test_what_a_client_has_is_not_sent_again(void **state)
{
    static const char asset[] = "/assets/style.css";
    struct loopback loopback;
    struct text answer, header;
    loopback_start(&loopback, *state, NULL);
    text_init(&answer);
    text_init(&header);

    loopback_ask(&loopback, "GET", asset, "", &answer);
    const char *etag = strstr(answer.data, "ETag: ");
    assert_non_null(etag);
    text_printf(&header, "If-None-Match: \"x\"\r\nIf-None-Match: W/%.18s\r\n",
                etag + 6);
    loopback_ask(&loopback, "GET", asset, header.data, &answer);
    assert_int_equal(loopback_status(&answer), 304);
    loopback_ask(&loopback, "GET", asset, "If-None-Match: *\r\n", &answer);
    assert_int_equal(loopback_status(&answer), 304);
    loopback_ask(&loopback, "GET", asset, "If-None-Match: \"x\"\r\n", &answer);
    assert_int_equal(loopback_status(&answer), 200);
    text_clear(&answer);
    text_clear(&header);
    loopback_stop(&loopback);
}

/* Each part of the surface refuses in its own words, whoever finds the fault:
 * the handler, the table of routes or what stands before both. */
static void
test_errors_are_spelled_as_the_path_asks(void **state)
{
    static const char api[] = "{\"status\":\"error\",\"errorType\":\"";
    static const char azure[] = "{\"error\":{\"code\":\"";
    static const struct {
        const char *method, *target, *headers;
        unsigned int status;
        const char *type, *body;
    } cases[] = {
        { "GET", "/none", "", 404, "text/plain", "There is no" },
        { "GET", "/?a=%q", "", 400, "text/plain", "Bad request" },
        { "GET", "/api/v1/none", "", 404, "application/json", api },
        { "POST", "/api/v1/flows", "", 405, "application/json", api },
        { "GET", "/api/v1/flows?a=%q", "", 400, "application/json", api },
        { "GET", "/api/v1/flows?a=1&a=2", "", 400, "application/json", api },
        { "POST", "/api/v1/flows", "Content-Length: 70000\r\n", 413,
          "application/json", api },
        { "GET", "/subscriptions/s/ipFlowVerify", "", 404, "application/json",
          azure },
        { "POST", "/Subscriptions/s?%q", "", 400, "application/json", azure },
    };
    struct loopback loopback;
    struct text answer;
    loopback_start(&loopback, *state, NULL);
    text_init(&answer);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        loopback_ask(&loopback, cases[i].method, cases[i].target,
                     cases[i].headers, &answer);
        const char *body = strstr(answer.data, "\r\n\r\n");
        if (loopback_status(&answer) != cases[i].status || !body
            || strncmp(body + 4, cases[i].body, strlen(cases[i].body)) != 0
            || !strstr(answer.data, cases[i].type)) {
            fail_msg("%s %s: %s", cases[i].method, cases[i].target,
                     answer.data);
        }
    }
    text_clear(&answer);
    loopback_stop(&loopback);
}

static void
test_a_refusal_counts_for_what_was_asked(void **state)
{
    struct loopback loopback;
    struct text answer;
    loopback_start(&loopback, *state,
                   "rate_limit:\n  interval: 1h\n"
                   "  burst: 2\n");
    text_init(&answer);

    loopback_ask(&loopback, "DELETE", "/-/reload", "", &answer);
    loopback_ask(&loopback, "GET", "/metrics", "", &answer);

    assert_non_null(strstr(
        answer.data,
        "flowverify_http_requests_total{handler=\"reload\",code=\"405\"} 1"));
    text_clear(&answer);
    loopback_stop(&loopback);
}

static void
test_who_closed_one_side_is_not_waited_for(void **state)
{
    static const char request[] = "GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n";
    struct loopback loopback;
    char piece[4096];
    ssize_t n;
    loopback_start(&loopback, *state, NULL);
    int fd = loopback_dial(&loopback);

    /* In one segment with the end, so that no event announces the end. */
    int on = 1;
    (void) setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    (void) send(fd, request, strlen(request), MSG_NOSIGNAL);
    (void) shutdown(fd, SHUT_WR);
    do {
        n = recv(fd, piece, sizeof piece, 0); /* For at most ten seconds. */
    } while (n > 0);

    assert_int_equal(n, 0);
    (void) close(fd);
    loopback_stop(&loopback);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_no_request_is_smuggled_in_a_body),
        FOLDER_TEST(test_the_target_may_be_a_whole_url),
        FOLDER_TEST(test_a_list_may_stand_on_several_lines),
        FOLDER_TEST(test_what_a_client_has_is_not_sent_again),
        FOLDER_TEST(test_errors_are_spelled_as_the_path_asks),
        FOLDER_TEST(test_a_refusal_counts_for_what_was_asked),
        FOLDER_TEST(test_who_closed_one_side_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
