/* The exporter's own counters: requests to Azure, requests served.  They are
 * born 0 and outlive reloads.
 *
 * Threads: any (C11 atomics). */

#ifndef EXPORTER_COUNTERS_H
#define EXPORTER_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

/* What is asked of Azure: a fixed short list, never a URL. */
enum api {
    API_TOKEN,
    API_NSG,
    API_NIC,
    API_VMSS_NIC,
    API_VNET,
    API_ASG,
    API_ROUTE_TABLE,
    API_SERVICE_TAGS,
    API_EFFECTIVE_ADMIN_RULES,
    API_ACTIVE_ADMIN_RULES,
    API_NETWORK_MANAGER,
    API_NETWORK_GROUP,
    API_RESOURCE_GRAPH,
    API_SUBSCRIPTION,
    N_APIS
};
const char *api_name(enum api api);

enum fetch_failure {
    FETCH_TIMEOUT,
    FETCH_DNS,
    FETCH_CONNECT,
    FETCH_TLS,
    FETCH_ABORTED,
    FETCH_AUTH,
    FETCH_THROTTLED,
    FETCH_HTTP_4XX,
    FETCH_HTTP_5XX,
    FETCH_PARSE,
    FETCH_LIMIT,
    FETCH_REFUSED,
    N_FETCH_FAILURES
};
const char *fetch_failure_name(enum fetch_failure failure);

enum { FETCH_BUCKETS = 10 };
/* Upper bounds of fetch_duration_seconds, without +Inf. */
extern const double fetch_buckets[FETCH_BUCKETS];

void counters_fetch_request(enum api api);
void counters_fetch_retry(enum api api);
void counters_fetch_bytes(enum api api, uint64_t bytes);
void counters_fetch_throttle_wait(enum api api, double seconds);
void counters_fetch_failure(enum api api, enum fetch_failure failure);
void counters_fetch_duration(enum api api, double seconds);
void counters_token_expiry(int64_t wall_ms);
/* The last value of a rate limit header; 'limit' is "subscription_reads" and
 * the like. */
void counters_ratelimit(const char *scope, const char *limit, int64_t left);

/* What was served. */
enum handler {
    HANDLER_INDEX,
    HANDLER_FLOW,
    HANDLER_STATIC,
    HANDLER_METRICS,
    HANDLER_HEALTHY,
    HANDLER_READY,
    HANDLER_RELOAD,
    HANDLER_API_FLOWS,
    HANDLER_API_FLOW,
    HANDLER_API_CHANGES,
    HANDLER_API_VERIFY,
    HANDLER_API_STATUS,
    HANDLER_API_OPENAPI,
    HANDLER_IP_FLOW_VERIFY,
    HANDLER_OTHER,
    N_HANDLERS
};
const char *handler_name(enum handler handler);
void counters_http_request(enum handler handler, unsigned int code);
/* Returns true for what a successful scrape counts. */
bool counters_is_scrape(enum handler handler, unsigned int code);

void counters_reload(bool succeeded, int64_t wall_ms);

/* Reading, for the metrics. */
struct fetch_counts {
    uint64_t requests, retries, bytes;
    double throttle_wait_seconds;
    uint64_t failures[N_FETCH_FAILURES];
    uint64_t buckets[FETCH_BUCKETS + 1]; /* Not cumulative; +Inf last. */
    double duration_sum;
};
struct fetch_counts counters_fetch(enum api api);
int64_t counters_token_expiry_ms(void);
typedef void counters_ratelimit_visit(void *aux, const char *scope,
                                      const char *limit, int64_t left);
void counters_each_ratelimit(counters_ratelimit_visit *visit, void *aux);
typedef void counters_http_visit(void *aux, enum handler handler,
                                 unsigned int code, uint64_t n);
void counters_each_http(counters_http_visit *visit, void *aux);
uint64_t counters_scrapes(void);
void counters_last_reload(bool *succeeded, int64_t *success_wall_ms);
/* A number that goes up with each reload, and with each HTTP request but
 * scrapes. */
uint64_t counters_version(void);

#endif
