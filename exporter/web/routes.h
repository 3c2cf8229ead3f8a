/* The one table of routes: it drives dispatching, 404, 405 and the OpenAPI
 * document. */

#ifndef EXPORTER_WEB_ROUTES_H
#define EXPORTER_WEB_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "exporter/web/web.h"

typedef void route_handler(const struct web *web,
                           const struct request *request,
                           struct response *response);

/* One parameter of the query or, as '{name}', of the path. */
struct route_parameter {
    const char *name;
    const char *help;
    const char *type; /* See openapi_schemas.h; NULL: any string. */
    bool required;
};

struct web_route {
    const char *method; /* "GET" (and HEAD with it) or "POST". */
    /* Literal segments and {places}; {a...} takes all that is left, slashes
     * included.  NULL: the telemetry path. */
    const char *pattern;
    enum handler counter;
    enum route_style style;
    bool open;       /* Without a password. */
    bool any_case;   /* Literal segments compare without case. */
    bool needs_data; /* 503 before the first snapshot. */
    bool lifecycle;  /* Only with --web.enable-lifecycle. */
    route_handler *handle;
    const char *summary; /* NULL: not in the OpenAPI document. */
    const char *answers; /* Content type, for the OpenAPI document. */
    const char *schema;  /* Of what is answered, see openapi_schemas.h. */
    const struct route_parameter *parameters; /* Ends with a NULL name. */
};

size_t routes(const struct web_route **first);

/* Returns true if the metrics cannot be at 'path' because another route is.
 * At "/" they can be: they are before the status page. */
bool route_is_taken(const char *path);

/* How errors of a decoded path, known or not, are spelled. */
enum route_style route_style_of(const char *path);

/* Finds the route of 'method' and request->path, and fills request->place and
 * request->counter.  Returns NULL if there is none; then 'response' says 404
 * or 405. */
const struct web_route *route_find(const struct web *web,
                                   struct request *request,
                                   struct response *response);

/* Answers 'request': finds the route, calls its handler. */
void route_handle(const struct web *web, const struct web_route *route,
                  const struct request *request, struct response *response);

#endif
