/* Azure Resource Manager: lists with their pages, single resources, lists by
 * POST, long-running operations; in parallel, with retries, within the time of
 * one cycle.
 *
 * A bearer token is attached only to requests to the configured origin.  Each
 * call belongs to a scope (a subscription), which throttling pauses alone.
 * Resource Graph has a quota of its own, so its calls are paused apart.
 *
 * Threads: one at a time. */

#ifndef EXPORTER_SOURCE_ARM_H
#define EXPORTER_SOURCE_ARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/error.h"
#include "exporter/counters.h"

struct arm;
struct arm_page;
struct clock;
struct http;
struct text;
struct token;

enum {
    ARM_PARALLEL = 8,       /* Requests at a time. */
    ARM_PARALLEL_SCOPE = 2, /* In one of several scopes. */
    ARM_PAGES_MAX = 1000,
    ARM_ANSWER_MAX = 32 << 20, /* Bytes of one answer... */
    ARM_LIST_MAX = 512 << 20   /* ... and of all pages of a list. */
};

struct arm_options {
    struct http *http;
    struct clock *clock;
    struct token *token;
    const char *endpoint; /* "https://management.azure.com" */
    int64_t request_timeout_ms;
    uint32_t seed; /* Of the jitter. */
};

struct arm *arm_create(const struct arm_options *options, struct error *error);
void arm_destroy(struct arm *arm);

enum arm_kind {
    ARM_POINT,     /* GET: an object with an id. */
    ARM_LIST,      /* GET: an array, pages by nextLink. */
    ARM_POST_LIST, /* POST: an array, pages by skipToken. */
    ARM_GRAPH,     /* POST to Resource Graph: the same by "$skipToken". */
    ARM_OPERATION  /* POST: an object, at once or after polling. */
};

struct arm_request {
    enum api api;
    enum arm_kind kind;
    size_t scope;           /* A small number. */
    const char *scope_name; /* For metrics and messages. */
    const char *path;       /* With its query. */
    const char *array;      /* "value" or "values". */
    const char *members;    /* Of a POST's body: "\"a\":1", or "". */
    bool may_be_gone;       /* 404 is an answer, not a failure. */
};

struct arm_result {
    bool ok;
    bool gone;    /* 404 of a single resource: it does not exist. */
    bool refused; /* For good: 403, 404 and the like. */
    bool interrupted;
    enum fetch_failure failure;
    struct error error; /* One line without secrets. */
    int64_t duration_ms;
};

/* Told about each page in turn, and at last about the end.  'page' may take
 * the body; it returns false, with a line in 'error', if the answer is not
 * what was asked for.  Both may call arm_submit(). */
struct arm_handler {
    bool (*page)(void *aux, struct text *body, const struct arm_page *page,
                 struct error *error);
    void (*done)(void *aux, const struct arm_result *result);
};

/* Everything but 'handler' and 'aux' is copied. */
void arm_submit(struct arm *arm, const struct arm_request *request,
                const struct arm_handler *handler, void *aux);

/* Makes all calls that were submitted.  Waits for quota and retries end at
 * 'patience_ms', everything ends at 'deadline_ms', both of the monotonic
 * clock; whatever is left then has failed. */
void arm_run(struct arm *arm, int64_t patience_ms, int64_t deadline_ms);

#endif
