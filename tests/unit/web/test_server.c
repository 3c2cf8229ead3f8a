/* The server on a loopback port: formats, methods, limits, passwords. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "exporter/log.h"
#include "exporter/web/server.h"
#include "tests/support/folder.h"
#include "tests/support/loopback.h"

/* bcrypt of "secret" with the least cost. */
#define HASH "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"

static void
test_format_encoding_and_method_are_independent(void **state)
{
    static const struct {
        const char *header, *type;
    } accepts[] = {
        { "", "text/plain; version=0.0.4; charset=utf-8" },
        { "Accept: */*\r\n", "text/plain; version=0.0.4; charset=utf-8" },
        { "Accept: broken;;q=\r\n",
          "text/plain; version=0.0.4; charset=utf-8" },
        { "Accept: application/openmetrics-text;version=1.0.0\r\n",
          "application/openmetrics-text; version=1.0.0; charset=utf-8" },
    };
    static const struct {
        const char *header;
        bool gzip;
    } encodings[] = {
        { "", false },
        { "Accept-Encoding: gzip\r\n", true },
        { "Accept-Encoding: identity\r\n", false },
        { "Accept-Encoding: gzip;q=0\r\n", false },
    };
    static const char *const methods[] = { "GET", "HEAD", "POST" };
    struct loopback loopback;
    struct text answer, headers, type;
    loopback_start(&loopback, *state, NULL);
    text_init(&answer);
    text_init(&headers);
    text_init(&type);

    for (size_t a = 0; a < COUNT_OF(accepts); a++) {
        for (size_t e = 0; e < COUNT_OF(encodings); e++) {
            for (size_t m = 0; m < COUNT_OF(methods); m++) {
                text_reset(&headers);
                text_printf(&headers, "%s%s", accepts[a].header,
                            encodings[e].header);
                loopback_ask(&loopback, methods[m], "/metrics", headers.data,
                             &answer);
                const char *body = strstr(answer.data, "\r\n\r\n");
                assert_non_null(body);
                size_t body_size =
                    answer.length - (size_t) (body + 4 - answer.data);
                if (!strcmp(methods[m], "POST")) {
                    assert_int_equal(loopback_status(&answer), 405);
                    continue;
                }
                text_reset(&type);
                text_printf(&type, "Content-Type: %s\r\n", accepts[a].type);
                assert_int_equal(loopback_status(&answer), 200);
                assert_non_null(strstr(answer.data, type.data));
                assert_non_null(
                    strstr(answer.data, "Vary: Accept, Accept-Encoding\r\n"));
                bool gzip =
                    strstr(answer.data, "Content-Encoding: gzip") != NULL;
                assert_int_equal(gzip, encodings[e].gzip);
                assert_int_equal(body_size > 0, !strcmp(methods[m], "GET"));
            }
        }
    }
    text_clear(&answer);
    text_clear(&headers);
    text_clear(&type);
    loopback_stop(&loopback);
}

static void
test_bad_requests_get_a_clear_status(void **state)
{
    struct loopback loopback;
    struct text answer, request;
    loopback_start(&loopback, *state, NULL);
    text_init(&answer);
    text_init(&request);

    /* A target, and a header, larger than a connection may hold. */
    text_append(&request, "GET /");
    for (size_t i = 0; i < 40000; i++) {
        text_append_char(&request, 'a');
    }
    text_append(&request, " HTTP/1.1\r\nHost: x\r\n\r\n");
    loopback_talk(&loopback, request.data, request.length, &answer);
    assert_true(loopback_status(&answer) == 414
                || loopback_status(&answer) == 431 || !answer.length);
    text_reset(&request);
    text_append(&request, "GET / HTTP/1.1\r\nHost: x\r\nX-Long: ");
    for (size_t i = 0; i < 40000; i++) {
        text_append_char(&request, 'a');
    }
    text_append(&request, "\r\n\r\n");
    loopback_talk(&loopback, request.data, request.length, &answer);
    assert_true(loopback_status(&answer) == 431 || !answer.length);

    static const struct {
        const char *bytes;
        unsigned int status;
    } cases[] = {
        { "GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400 },
        { "GET /%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400 },
        { "GET /?a=%q HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400 },
        { "GET /?a=1&a=2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
          400 },
        { "GET x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400 },
        { "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
          "\r\n",
          404 },
        { "POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n"
          "\r\n",
          413 },
        { "POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n"
          "Connection: close\r\n\r\n",
          0 },
        { "TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405 },
        { "\r\n\r\n\x01\x02\x03\r\n\r\n", 0 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        loopback_talk(&loopback, cases[i].bytes, strlen(cases[i].bytes),
                      &answer);
        if (cases[i].status && loopback_status(&answer) != cases[i].status) {
            fail_msg("case %zu: %.60s", i, answer.data);
        }
    }
    /* After all that it still serves. */
    loopback_ask(&loopback, "GET", "/-/healthy", "", &answer);
    assert_int_equal(loopback_status(&answer), 200);
    text_clear(&answer);
    text_clear(&request);
    loopback_stop(&loopback);
}

static void
test_pipelined_requests_are_answered_in_order(void **state)
{
    static const char requests[] =
        "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET /none HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET /-/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    struct loopback loopback;
    struct text answer;
    loopback_start(&loopback, *state, NULL);
    text_init(&answer);

    loopback_talk(&loopback, requests, strlen(requests), &answer);

    const char *healthy = strstr(answer.data, "flowverify is healthy");
    const char *none = strstr(answer.data, "404 Not Found");
    const char *ready = strstr(answer.data, "flowverify is ready");
    assert_true(healthy && none && ready && healthy < none && none < ready);
    text_clear(&answer);
    loopback_stop(&loopback);
}

static void
test_who_sends_slowly_does_not_keep_others_out(void **state)
{
    enum { SLOW = 600 };
    static const char *const starts[] = {
        "GET / HT",
        "POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n"
        "\r\nabc",
        "POST /-/reload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
        "\r\n\r\n5\r\na",
    };
    struct loopback loopback;
    struct text answer;
    int fds[SLOW];
    loopback_start(&loopback, *state, NULL);
    text_init(&answer);

    for (size_t k = 0; k < COUNT_OF(starts); k++) {
        for (size_t i = 0; i < SLOW; i++) {
            fds[i] = loopback_dial(&loopback);
            (void) send(fds[i], starts[k], strlen(starts[k]), MSG_NOSIGNAL);
        }
        loopback_ask(&loopback, "GET", "/-/healthy", "", &answer);

        if (loopback_status(&answer) != 200) {
            fail_msg("beside %s", starts[k]);
        }
        for (size_t i = 0; i < SLOW; i++) {
            (void) close(fds[i]);
        }
    }
    text_clear(&answer);
    loopback_stop(&loopback);
}

static void
test_only_health_is_open_without_a_password(void **state)
{
    static const struct {
        const char *target, *header;
        unsigned int status;
    } cases[] = {
        { "/-/healthy", "", 200 },
        { "/-/ready", "", 200 },
        { "/metrics", "", 401 },
        { "/none", "", 401 },
        { "/", "Authorization: Basic !!!\r\n", 401 },
        { "/", "Authorization: Bearer x\r\n", 401 },
        /* alice:wrong, bob:secret */
        { "/", "Authorization: Basic YWxpY2U6d3Jvbmc=\r\n", 401 },
        { "/", "Authorization: Basic Ym9iOnNlY3JldA==\r\n", 401 },
        /* alice:secret, twice: compared, then remembered */
        { "/", "Authorization: Basic YWxpY2U6c2VjcmV0\r\n", 200 },
        { "/metrics", "Authorization: basic YWxpY2U6c2VjcmV0\r\n", 200 },
        { "/none", "Authorization: Basic YWxpY2U6c2VjcmV0\r\n", 404 },
    };
    struct loopback loopback;
    struct text answer;
    loopback_start(&loopback, *state,
                   "basic_auth_users:\n  alice: " HASH "\n");
    text_init(&answer);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        loopback_ask(&loopback, "GET", cases[i].target, cases[i].header,
                     &answer);
        if (loopback_status(&answer) != cases[i].status) {
            fail_msg("%s %s: %u", cases[i].target, cases[i].header,
                     loopback_status(&answer));
        }
        if (cases[i].status == 401) {
            assert_non_null(strstr(answer.data, "WWW-Authenticate: Basic"));
            assert_null(strstr(answer.data, "Allow:"));
        }
    }
    text_clear(&answer);
    loopback_stop(&loopback);
}

/* bcrypt of a cost that takes seconds: who stops must not wait for it. */
static void
test_stopping_does_not_wait_for_a_password(void **state)
{
    static const char request[] =
        "GET / HTTP/1.1\r\nHost: x\r\n"
        "Authorization: Basic YWxpY2U6d3Jvbmc=\r\n\r\n";
    struct loopback loopback;
    struct clock *clock = clock_system();
    char answer[64] = "";
    loopback_start(
        &loopback, *state,
        "basic_auth_users:\n"
        "  alice: $2b$17$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4"
        "UpFFP8WIrW\n");
    int fd = loopback_dial(&loopback);
    (void) send(fd, request, strlen(request), MSG_NOSIGNAL);
    /* It waits for the password once another one is answered at once. */
    struct text healthy;
    text_init(&healthy);
    loopback_ask(&loopback, "GET", "/-/healthy", "", &healthy);
    assert_int_equal(loopback_status(&healthy), 200);
    text_clear(&healthy);

    int64_t start = clock->monotonic_ms(clock);
    loopback_stop(&loopback);

    assert_true(clock->monotonic_ms(clock) - start < 2000);
    (void) recv(fd, answer, sizeof answer - 1, 0);
    assert_true(!*answer || !strncmp(answer, "HTTP/1.1 401", 12));
    (void) close(fd);
}

static void
test_the_rate_limit_answers_429(void **state)
{
    struct loopback loopback;
    struct text answer;
    loopback_start(&loopback, *state,
                   "rate_limit:\n  interval: 1h\n  burst: 2\n");
    text_init(&answer);

    static const unsigned int statuses[] = { 200, 200, 429, 429 };
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        loopback_ask(&loopback, "GET", "/metrics", "", &answer);
        assert_int_equal(loopback_status(&answer), statuses[i]);
    }
    loopback_ask(&loopback, "GET", "/-/healthy", "", &answer);
    assert_int_equal(loopback_status(&answer), 200);
    text_clear(&answer);
    loopback_stop(&loopback);
}

static void
keep_line(void *aux, const char *line)
{
    text_append(aux, line);
}

/* Whoever asks for port 0 learns it from nowhere else. */
static void
test_the_real_address_is_logged(void **state)
{
    struct loopback loopback;
    struct text log;
    char expected[64];
    text_init(&log);
    log_redirect(keep_line, &log);

    loopback_start(&loopback, *state, NULL);

    (void) snprintf(expected, sizeof expected,
                    "msg=listening address=127.0.0.1:%u", loopback.port);
    assert_non_null(strstr(log.data, expected));
    loopback_stop(&loopback);
    log_redirect(NULL, NULL);
    text_clear(&log);
}

static void
test_every_answer_of_reload_is_counted_from_the_start(void **state)
{
    static const unsigned int codes[] = { 200, 401, 403, 405, 500 };
    struct loopback loopback;
    struct text answer;
    loopback_start(&loopback, *state, NULL);
    text_init(&answer);

    loopback_ask(&loopback, "GET", "/metrics", "", &answer);

    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        char sample[96];
        (void) snprintf(sample, sizeof sample,
                        "http_requests_total{handler=\"reload\",code=\"%u\"} "
                        "0",
                        codes[i]);
        assert_non_null(strstr(answer.data, sample));
    }
    text_clear(&answer);
    loopback_stop(&loopback);
}

static void
test_a_bad_address_is_refused(void **state)
{
    (void) state;
    static const char *const words[] = { "",
                                         "16863",
                                         "127.0.0.1",
                                         ":65536",
                                         ":-1",
                                         "::1:80",
                                         "[::1:80",
                                         "[]:80",
                                         "127.0.0.1:80x"
                                         "no.such.host.invalid:80" };
    struct error error;

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct server *server = server_start(
            &(struct server_options){ .listen_addresses = &words[i],
                                      .n_listen_addresses = 1,
                                      .telemetry_path = "/m",
                                      .clock = clock_system() },
            &error);
        if (server) {
            fail_msg("'%s' was taken", words[i]);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_format_encoding_and_method_are_independent),
        FOLDER_TEST(test_bad_requests_get_a_clear_status),
        FOLDER_TEST(test_pipelined_requests_are_answered_in_order),
        FOLDER_TEST(test_who_sends_slowly_does_not_keep_others_out),
        FOLDER_TEST(test_only_health_is_open_without_a_password),
        FOLDER_TEST(test_stopping_does_not_wait_for_a_password),
        FOLDER_TEST(test_the_rate_limit_answers_429),
        FOLDER_TEST(test_the_real_address_is_logged),
        FOLDER_TEST(test_every_answer_of_reload_is_counted_from_the_start),
        cmocka_unit_test(test_a_bad_address_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
