/* When a request is made again (reference: Azure's own clients; retry 408,
 * 429, 500, 502, 503, 504 and lost connections, three times, with jitter).
 * Pure. */

#ifndef EXPORTER_SOURCE_ARM_RETRY_H
#define EXPORTER_SOURCE_ARM_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "exporter/counters.h"

struct http_response;

enum { ARM_RETRIES_MAX = 3 };

/* What kind of failure the response is; only for one that is no success. */
enum fetch_failure arm_failure_of(const struct http_response *response);

/* True if asking again may help: not after a refusal, a limit or a timeout,
 * which has used up its share of the cycle. */
bool arm_is_transient(const struct http_response *response);

/* How long the server wants to be left alone, in milliseconds: retry-after-ms,
 * x-ms-retry-after-ms, Retry-After (seconds or a date), or
 * x-ms-user-quota-resets-after.  False if it does not say. */
bool arm_retry_after(const struct http_response *response, int64_t wall_ms,
                     int64_t *delay_ms);

/* The wait before attempt 'attempt' (1 is the first repetition): 0.8 s times
 * 2^n - 1, times 0.8 to 1.3 by 'random', at most a minute. */
int64_t arm_backoff(unsigned int attempt, uint32_t random);

#endif
