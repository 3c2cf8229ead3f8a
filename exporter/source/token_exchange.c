/* Requests for a token, with patience, and what token files share. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "exporter/clock.h"
#include "exporter/counters.h"
#include "exporter/source/arm_retry.h"
#include "exporter/source/token_kind.h"

static bool is_patient(const struct http_response *response,
                       const short *statuses);
static bool wait_until(const struct token_attempt *attempt, int64_t until_ms);
static void count_answer(const struct http_response *response);

bool
token_exchange(const struct token_attempt *attempt,
               const struct http_request *request,
               const struct token_patience *patience,
               struct http_response *response, struct error *error)
{
    struct clock *clock = attempt->clock;
    unsigned int tries = attempt->proactive ? 1 : patience->tries;
    int64_t delay_ms = patience->first_delay_ms;

    for (unsigned int i = 0;; i++) {
        struct http_request bounded = *request;
        int64_t left = attempt->deadline_ms - clock->monotonic_ms(clock);
        if (left <= 0) {
            return error_set(error, "no time is left in this cycle");
        }
        bounded.timeout_ms =
            left < request->timeout_ms ? left : request->timeout_ms;
        counters_fetch_request(API_TOKEN);
        if (!http_fetch(attempt->http, &bounded, response)) {
            return error_set(error, "interrupted");
        }
        count_answer(response);
        int64_t wait_ms = delay_ms;
        bool told = arm_retry_after(response, clock->wall_ms(clock), &wait_ms);
        if (told && response->status != 200 && attempt->rest_ms) {
            *attempt->rest_ms = wait_ms;
        }
        int64_t until_ms = clock->monotonic_ms(clock) + wait_ms;
        if (i + 1 >= tries || !is_patient(response, patience->statuses)
            || until_ms >= attempt->deadline_ms) {
            break;
        }
        http_response_clear(response);
        counters_fetch_retry(API_TOKEN);
        if (!wait_until(attempt, until_ms)) {
            return error_set(error, "interrupted");
        }
        delay_ms = delay_ms * 2 < patience->max_delay_ms
                       ? delay_ms * 2
                       : patience->max_delay_ms;
    }
    if (response->status) {
        return true;
    }
    error_set(error, "%s", response->detail);
    http_response_clear(response);
    return false;
}

bool
token_request(const struct token_attempt *attempt,
              const struct http_request *request,
              const struct token_patience *patience,
              struct token_answer *answer, struct error *error)
{
    struct http_response response = { 0 };
    int64_t now_s = attempt->clock->wall_ms(attempt->clock) / 1000;
    bool got = false;

    if (!token_exchange(attempt, request, patience, &response, error)) {
        return false;
    }
    if (response.status != 200) {
        token_refusal(&response, error);
    } else {
        got = token_answer_parse(response.body.data, response.body.length,
                                 now_s, answer, error);
        if (!got) {
            counters_fetch_failure(API_TOKEN, FETCH_PARSE);
        }
    }
    token_wipe(&response.body);
    http_response_clear(&response);
    return got;
}

bool
token_read_file(const char *path, struct text *content, struct error *error)
{
    char bytes[TOKEN_FILE_MAX];
    size_t size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    while (fd >= 0 && size < sizeof bytes
           && (n = read(fd, bytes + size, sizeof bytes - size)) > 0) {
        size += (size_t) n;
    }
    int reason = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (n < 0) {
        return error_set(error, "%s: %s", path, strerror(reason));
    }
    /* Editors on Windows put a byte order mark before the text. */
    size_t start = size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (start < size && strchr(" \t\r\n", bytes[start])) {
        start++;
    }
    while (size > start && strchr(" \t\r\n", bytes[size - 1])) {
        size--;
    }
    if (size == start || memchr(bytes + start, '\0', size - start)
        || size == sizeof bytes) {
        error_set(error, "%s is empty, too large, or no text", path);
        size = start;
    }
    text_append_bytes(content, bytes + start, size - start);
    explicit_bzero(bytes, sizeof bytes);
    return size > start;
}

void
token_wipe(struct text *text)
{
    if (text->capacity) {
        explicit_bzero(text->data, text->capacity);
    }
    text_clear(text);
}

static bool
is_patient(const struct http_response *response, const short *statuses)
{
    if (!response->status) {
        return arm_is_transient(response);
    }
    if (response->status >= 500) {
        return true;
    }
    for (; *statuses; statuses++) {
        if (response->status == *statuses) {
            return true;
        }
    }
    return false;
}

static bool
wait_until(const struct token_attempt *attempt, int64_t until_ms)
{
    struct clock *clock = attempt->clock;

    for (;;) {
        int64_t left = until_ms - clock->monotonic_ms(clock);
        if (http_interrupted(attempt->http)) {
            return false;
        }
        if (left <= 0) {
            return true;
        }
        http_run(attempt->http, left);
    }
}

static void
count_answer(const struct http_response *response)
{
    counters_fetch_duration(API_TOKEN, (double) response->duration_ms / 1000);
    counters_fetch_bytes(API_TOKEN, response->body.length);
    if (response->status != 200) {
        counters_fetch_failure(API_TOKEN, arm_failure_of(response));
    }
}
