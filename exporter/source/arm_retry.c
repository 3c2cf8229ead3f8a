#include "exporter/source/arm_retry.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "exporter/source/http.h"
#include "exporter/source/instant.h"

enum { BACKOFF_BASE_MS = 800, BACKOFF_MAX_MS = 60000 };

/* A server that asks for a day means no less, but sums must not overflow. */
static const int64_t delay_max_ms = INT64_C(7) * 24 * 3600 * 1000;

enum fetch_failure
arm_failure_of(const struct http_response *response)
{
    if (!response->status) {
        return response->failure;
    }
    if (response->status == 401 || response->status == 403) {
        return FETCH_AUTH;
    }
    if (response->status == 429) {
        return FETCH_THROTTLED;
    }
    if (response->status >= 500) {
        return FETCH_HTTP_5XX;
    }
    if (response->status >= 400) {
        return FETCH_HTTP_4XX;
    }
    if (response->status >= 300) {
        return FETCH_REFUSED;
    }
    return FETCH_PARSE;
}

bool
arm_is_transient(const struct http_response *response)
{
    switch (response->status) {
    case 0:
        return response->failure == FETCH_DNS
               || response->failure == FETCH_CONNECT
               || response->failure == FETCH_ABORTED;
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504: return true;
    default: return false;
    }
}

static bool
read_delay(const char *value, int64_t unit_ms, int64_t wall_ms,
           int64_t *delay_ms)
{
    uint64_t number;
    int64_t seconds;
    unsigned int h;
    unsigned int m;
    unsigned int s;
    int used = 0;

    if (number_parse(value, strlen(value), UINT32_MAX, &number)) {
        *delay_ms = (int64_t) number * unit_ms;
    } else if (sscanf(value, "%4u:%2u:%2u%n", &h, &m, &s, &used) == 3
               && !value[used]) {
        *delay_ms = (int64_t) (h * 3600 + m * 60 + s) * 1000;
    } else if (instant_parse(value, &seconds)) {
        *delay_ms = seconds * 1000 - wall_ms;
    } else {
        return false;
    }
    if (*delay_ms < 0) {
        *delay_ms = 0;
    }
    if (*delay_ms > delay_max_ms) {
        *delay_ms = delay_max_ms;
    }
    return true;
}

bool
arm_retry_after(const struct http_response *response, int64_t wall_ms,
                int64_t *delay_ms)
{
    static const struct {
        const char *name;
        int64_t unit_ms;
    } headers[] = {
        { "retry-after-ms", 1 },
        { "x-ms-retry-after-ms", 1 },
        { "retry-after", 1000 },
        { "x-ms-user-quota-resets-after", 1000 },
    };
    struct text value;
    bool found = false;

    text_init(&value);
    for (size_t i = 0; !found && i < sizeof headers / sizeof *headers; i++) {
        text_reset(&value);
        found =
            http_response_header(response, headers[i].name, &value)
            && read_delay(value.data, headers[i].unit_ms, wall_ms, delay_ms);
    }
    text_clear(&value);
    return found;
}

int64_t
arm_backoff(unsigned int attempt, uint32_t random)
{
    int64_t steps = (INT64_C(1) << (attempt < 16 ? attempt : 16)) - 1;
    int64_t delay = BACKOFF_BASE_MS * steps;

    delay = delay * (800 + (int64_t) (random % 500)) / 1000;
    return delay < BACKOFF_MAX_MS ? delay : BACKOFF_MAX_MS;
}
