/* One call in progress.  Private to exporter/source/arm*.c. */

#ifndef EXPORTER_SOURCE_ARM_CALL_H
#define EXPORTER_SOURCE_ARM_CALL_H

#include "engine/base/text.h"
#include "exporter/source/arm.h"
#include "exporter/source/arm_url.h"

struct arm_page;
struct http_response;
struct map;

struct arm_call {
    struct arm_call *next;
    struct arm *arm;
    struct arena *arena;
    struct arm_request request;
    const struct arm_handler *handler;
    void *aux;
    struct text url;  /* What is asked next. */
    struct text body; /* Of a POST. */
    bool post;        /* The next request is a POST. */
    bool running;
    bool ended;           /* To be taken off the queue. */
    bool renewed;         /* Asked again with another token. */
    unsigned int retries; /* Of the present request. */
    uint64_t generation;  /* Of the token that was sent. */
    int64_t started_ms;
    int64_t not_before_ms;
    int64_t waits_since_ms;
    bool throttled; /* It waits because the server said so. */
    long status;    /* Of the last answer. */
    size_t pages;
    size_t bytes;
    struct map *seen; /* Links that were followed. */
    /* Long-running operations. */
    bool polling;
    bool status_url;      /* 'url' answers with a "status". */
    struct text location; /* Where the result will be; "" if unsaid. */
    int64_t poll_delay_ms;
    int64_t poll_end_ms;
};

struct arm_scope {
    int64_t paused_until_ms;
    unsigned int running;
};

struct arm {
    struct arm_options options;
    struct origin origin;
    struct arm_call *calls; /* In the order of their submission. */
    struct arm_call **last;
    struct arm_scope *scopes;
    size_t n_scopes;
    struct arm_scope graph; /* Resource Graph, whoever asks it. */
    unsigned int n_running;
    uint32_t random;
    int64_t patience_ms;
    int64_t deadline_ms;
};

int64_t arm_now(const struct arm *arm);

/* What the call shares its quota with. */
struct arm_scope *arm_call_scope(const struct arm_call *call);
/* Lets calls that share a quota wait until then, if that is later. */
void arm_scope_pause(struct arm_scope *scope, int64_t until_ms);

/* What an answer means for its call (arm_answer.c). */
void arm_call_answered(struct arm_call *call, struct http_response *response);

/* Ends the call: tells the handler. */
void arm_call_succeed(struct arm_call *call);
void arm_call_fail(struct arm_call *call, enum fetch_failure failure,
                   const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The failure of an answer is counted apart from the end of a call: a call
 * that is made again has failed, too. */
void arm_call_refuse(struct arm_call *call, enum fetch_failure failure,
                     const struct error *why);
/* Lets the call go on at once with the request in 'url' and 'body'. */
void arm_call_continue(struct arm_call *call);

/* Writes the body of a list by POST, for the page that 'token' leads to; NULL:
 * the first (arm_post.c). */
void arm_call_write_body(struct arm_call *call, const char *token);
/* Whether Resource Graph left out a part of its answer. */
bool arm_graph_is_cut(const struct arm_call *call, const struct arm_page *page,
                      const struct http_response *response);
/* Lets all its calls wait for the next window of its quota. */
void arm_graph_await(const struct arm_call *call,
                     const struct http_response *response);

/* Long-running operations (arm_poll.c): returns whether the answer belongs to
 * one and was dealt with. */
bool arm_call_poll(struct arm_call *call, struct http_response *response);

#endif
