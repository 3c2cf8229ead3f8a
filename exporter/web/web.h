/* What the handlers of HTTP requests get and give.  They know nothing of
 * sockets and of the HTTP library, so they are tested without both. */

#ifndef EXPORTER_WEB_WEB_H
#define EXPORTER_WEB_WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/text.h"
#include "exporter/counters.h"
#include "exporter/render/exposition.h"
#include "exporter/web/query.h"

struct changes;
struct clock;
struct error;
struct publisher;
struct snapshot;
struct what_if;

/* What all handlers share.  Threads: immutable but for what guards itself. */
struct web {
    struct publisher *publisher;
    struct changes *changes;
    struct clock *clock;
    struct what_if *what_if;
    const char *telemetry_path; /* "/metrics" */
    const char *prefix;         /* Before every route: "" or "/flowverify". */
    const char *base;           /* Before every link that a browser follows. */
    bool enable_lifecycle;
    bool (*reload)(void *aux, struct error *error);
    void *aux;
};

/* How errors are spelled: a line of text, Prometheus' API, Azure's. */
enum route_style { ROUTE_PLAIN, ROUTE_API, ROUTE_AZURE };

struct request {
    const char *method;
    const char *path;       /* Decoded, behind the prefix. */
    enum route_style style; /* That of the path. */
    enum handler counter;   /* That counts the answer. */
    struct query query;
    const char *accept;          /* Or NULL. */
    const char *accept_encoding; /* Or NULL. */
    const char *if_none_match;   /* Or NULL. */
    struct text body;
    /* What stands in the last {place} of the route's pattern, up to the end
     * of the path; NULL if it has none. */
    const char *place;
    const struct snapshot *snapshot; /* The newest; NULL before the first. */
};

struct response {
    unsigned int status;
    const char *content_type; /* NULL: none. */
    struct text body;
    const void *constant; /* Bytes that outlive all, instead of 'body'. */
    size_t constant_size;
    /* Instead of both: ready bytes, and the exposition that holds them. */
    struct exposition_answer answer;
    struct exposition *exposition;
    bool gzip;            /* What is sent is compressed. */
    bool vary;            /* It depends on Accept and Accept-Encoding. */
    bool close;           /* No further request is read. */
    const char *etag;     /* Or NULL: must not be kept by caches. */
    char allow[32];       /* Of a 405; "" otherwise. */
    const char *location; /* Of a redirection, in 'body'; or NULL. */
};

void response_init(struct response *response);
void response_clear(struct response *response);

/* A line of plain text. */
void response_plain(struct response *response, unsigned int status,
                    const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* {"status":"error",...} as in Prometheus' API. */
void response_api_error(struct response *response, unsigned int status,
                        const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Azure's {"error":{"code":...,"message":...,"details":[]}}. */
void response_azure_error(struct response *response, unsigned int status,
                          const char *code, const char *message);

/* The one of those three that 'style' asks for. */
void response_refuse(struct response *response, enum route_style style,
                     unsigned int status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* {"status":"success","data": -- the caller appends the value and then calls
 * response_api_end(). */
void response_api_begin(struct response *response);
void response_api_end(struct response *response);

#endif
