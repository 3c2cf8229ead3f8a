#include "exporter/counters.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const double fetch_buckets[FETCH_BUCKETS] = { 0.05, 0.1, 0.25, 0.5,  1.0,
                                              2.5,  5.0, 10.0, 20.0, 30.0 };

static const char *const api_names[N_APIS] = {
    [API_TOKEN] = "token",
    [API_NSG] = "nsg",
    [API_NIC] = "nic",
    [API_VMSS_NIC] = "vmss_nic",
    [API_VNET] = "vnet",
    [API_ASG] = "asg",
    [API_ROUTE_TABLE] = "route_table",
    [API_SERVICE_TAGS] = "service_tags",
    [API_EFFECTIVE_ADMIN_RULES] = "effective_admin_rules",
    [API_ACTIVE_ADMIN_RULES] = "active_admin_rules",
    [API_NETWORK_MANAGER] = "network_manager",
    [API_NETWORK_GROUP] = "network_group",
    [API_RESOURCE_GRAPH] = "resource_graph",
    [API_SUBSCRIPTION] = "subscription",
};

static const char *const failure_names[N_FETCH_FAILURES] = {
    [FETCH_TIMEOUT] = "timeout",     [FETCH_DNS] = "dns",
    [FETCH_CONNECT] = "connect",     [FETCH_TLS] = "tls",
    [FETCH_ABORTED] = "aborted",     [FETCH_AUTH] = "auth",
    [FETCH_THROTTLED] = "throttled", [FETCH_HTTP_4XX] = "http_4xx",
    [FETCH_HTTP_5XX] = "http_5xx",   [FETCH_PARSE] = "parse",
    [FETCH_LIMIT] = "limit",         [FETCH_REFUSED] = "refused",
};

/* The status codes that are told apart; any other counts as the first of its
 * hundred.  Bit i of a handler's 'born' is code i of this table. */
static const unsigned int codes[] = { 200, 204, 300, 301, 302, 304, 308,
                                      400, 401, 403, 404, 405, 406, 408,
                                      409, 411, 413, 414, 415, 417, 429,
                                      431, 500, 501, 503, 505 };
enum { N_CODES = sizeof codes / sizeof *codes, CODES_BORN_MAX = 6 };

/* What a handler is expected to answer exists from the start on, at 0. */
static const struct {
    const char *name;
    unsigned int born[CODES_BORN_MAX];
} handlers[N_HANDLERS] = {
    [HANDLER_INDEX] = { "index", { 200, 401 } },
    [HANDLER_FLOW] = { "flow", { 200, 401, 404 } },
    [HANDLER_STATIC] = { "static", { 200, 401 } },
    [HANDLER_METRICS] = { "metrics", { 200, 401, 503 } },
    [HANDLER_HEALTHY] = { "healthy", { 200 } },
    [HANDLER_READY] = { "ready", { 200, 503 } },
    [HANDLER_RELOAD] = { "reload", { 200, 401, 403, 405, 500 } },
    [HANDLER_API_FLOWS] = { "api_flows", { 200, 400, 401, 503 } },
    [HANDLER_API_FLOW] = { "api_flow", { 200, 401, 404, 503 } },
    [HANDLER_API_CHANGES] = { "api_changes", { 200, 400, 401 } },
    [HANDLER_API_VERIFY] = { "api_verify", { 200, 400, 401, 503 } },
    [HANDLER_API_STATUS] = { "api_status", { 200, 401 } },
    [HANDLER_API_OPENAPI] = { "api_openapi", { 200, 401 } },
    [HANDLER_IP_FLOW_VERIFY] = { "ip_flow_verify",
                                 { 200, 400, 401, 404, 503 } },
    [HANDLER_OTHER] = { "other", { 400, 401, 404, 405 } },
};

/* Sums of fractions are kept in whole millionths, which atomics can add. */
static struct {
    atomic_uint_fast64_t requests, retries, bytes, wait_us;
    atomic_uint_fast64_t failures[N_FETCH_FAILURES];
    atomic_uint_fast64_t buckets[FETCH_BUCKETS + 1];
    atomic_uint_fast64_t duration_us;
} fetches[N_APIS];

static atomic_int_fast64_t token_expiry_ms;
static atomic_uint_fast64_t http_requests[N_HANDLERS][N_CODES];

static struct {
    atomic_bool succeeded;
    atomic_int_fast64_t success_ms;
} last_reload;

/* Goes up after what it speaks of: who reads it first misses nothing. */
static atomic_uint_fast64_t version;

enum { RATELIMITS_MAX = 128, RATELIMIT_TEXT_SIZE = 96 };

static struct {
    pthread_mutex_t lock;
    struct ratelimit {
        char scope[RATELIMIT_TEXT_SIZE];
        char limit[RATELIMIT_TEXT_SIZE];
        int64_t left;
    } entries[RATELIMITS_MAX]; /* Guarded by 'lock'. */
    size_t n;                  /* Guarded by 'lock'. */
} ratelimits = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
add(atomic_uint_fast64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t
get(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static uint64_t
to_us(double seconds)
{
    return seconds > 0 ? (uint64_t) (seconds * 1e6) : 0;
}

const char *
api_name(enum api api)
{
    return api_names[api];
}

const char *
fetch_failure_name(enum fetch_failure failure)
{
    return failure_names[failure];
}

void
counters_fetch_request(enum api api)
{
    add(&fetches[api].requests, 1);
}

void
counters_fetch_retry(enum api api)
{
    add(&fetches[api].retries, 1);
}

void
counters_fetch_bytes(enum api api, uint64_t bytes)
{
    add(&fetches[api].bytes, bytes);
}

void
counters_fetch_throttle_wait(enum api api, double seconds)
{
    add(&fetches[api].wait_us, to_us(seconds));
}

void
counters_fetch_failure(enum api api, enum fetch_failure failure)
{
    add(&fetches[api].failures[failure], 1);
}

void
counters_fetch_duration(enum api api, double seconds)
{
    size_t bucket = 0;

    while (bucket < FETCH_BUCKETS && seconds > fetch_buckets[bucket]) {
        bucket++;
    }
    add(&fetches[api].buckets[bucket], 1);
    add(&fetches[api].duration_us, to_us(seconds));
}

void
counters_token_expiry(int64_t wall_ms)
{
    atomic_store(&token_expiry_ms, wall_ms);
}

void
counters_ratelimit(const char *scope, const char *limit, int64_t left)
{
    pthread_mutex_lock(&ratelimits.lock);
    struct ratelimit *entry = ratelimits.entries;
    const struct ratelimit *end = entry + ratelimits.n;
    while (entry < end
           && (strcmp(entry->scope, scope) || strcmp(entry->limit, limit))) {
        entry++;
    }
    if (entry == end && ratelimits.n < RATELIMITS_MAX) {
        ratelimits.n++;
        (void) snprintf(entry->scope, sizeof entry->scope, "%s", scope);
        (void) snprintf(entry->limit, sizeof entry->limit, "%s", limit);
        end = entry + 1;
    }
    if (entry < end) {
        entry->left = left;
    }
    pthread_mutex_unlock(&ratelimits.lock);
}

const char *
handler_name(enum handler handler)
{
    return handlers[handler].name;
}

static size_t
find_code(unsigned int code)
{
    for (size_t i = 0; i < N_CODES; i++) {
        if (codes[i] == code) {
            return i;
        }
    }
    unsigned int hundred = code / 100 * 100;
    return hundred == code || hundred < 200 || hundred > 500
               ? find_code(500)
               : find_code(hundred);
}

void
counters_http_request(enum handler handler, unsigned int code)
{
    add(&http_requests[handler][find_code(code)], 1);
    if (!counters_is_scrape(handler, code)) {
        atomic_fetch_add(&version, 1);
    }
}

bool
counters_is_scrape(enum handler handler, unsigned int code)
{
    return handler == HANDLER_METRICS && code == 200;
}

void
counters_reload(bool succeeded, int64_t wall_ms)
{
    atomic_store(&last_reload.succeeded, succeeded);
    if (succeeded) {
        atomic_store(&last_reload.success_ms, wall_ms);
    }
    atomic_fetch_add(&version, 1);
}

struct fetch_counts
counters_fetch(enum api api)
{
    struct fetch_counts counts = {
        .requests = get(&fetches[api].requests),
        .retries = get(&fetches[api].retries),
        .bytes = get(&fetches[api].bytes),
        .throttle_wait_seconds = (double) get(&fetches[api].wait_us) / 1e6,
        .duration_sum = (double) get(&fetches[api].duration_us) / 1e6,
    };

    for (size_t i = 0; i < N_FETCH_FAILURES; i++) {
        counts.failures[i] = get(&fetches[api].failures[i]);
    }
    for (size_t i = 0; i <= FETCH_BUCKETS; i++) {
        counts.buckets[i] = get(&fetches[api].buckets[i]);
    }
    return counts;
}

int64_t
counters_token_expiry_ms(void)
{
    return atomic_load(&token_expiry_ms);
}

void
counters_each_ratelimit(counters_ratelimit_visit *visit, void *aux)
{
    pthread_mutex_lock(&ratelimits.lock);
    for (size_t i = 0; i < ratelimits.n; i++) {
        const struct ratelimit *entry = &ratelimits.entries[i];
        visit(aux, entry->scope, entry->limit, entry->left);
    }
    pthread_mutex_unlock(&ratelimits.lock);
}

static bool
is_born(enum handler handler, unsigned int code)
{
    for (size_t i = 0; i < CODES_BORN_MAX; i++) {
        if (handlers[handler].born[i] == code) {
            return true;
        }
    }
    return false;
}

void
counters_each_http(counters_http_visit *visit, void *aux)
{
    for (int handler = 0; handler < N_HANDLERS; handler++) {
        for (size_t i = 0; i < N_CODES; i++) {
            uint64_t n = get(&http_requests[handler][i]);
            if (n || is_born((enum handler) handler, codes[i])) {
                visit(aux, (enum handler) handler, codes[i], n);
            }
        }
    }
}

uint64_t
counters_scrapes(void)
{
    return get(&http_requests[HANDLER_METRICS][find_code(200)]);
}

void
counters_last_reload(bool *succeeded, int64_t *success_wall_ms)
{
    *succeeded = atomic_load(&last_reload.succeeded);
    *success_wall_ms = atomic_load(&last_reload.success_ms);
}

uint64_t
counters_version(void)
{
    return atomic_load(&version);
}
