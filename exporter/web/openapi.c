/* The OpenAPI 3.1 document, made from the table of routes. */

#include <stdio.h>
#include <string.h>

#include "exporter/build.h"
#include "exporter/render/json_write.h"
#include "exporter/web/handlers.h"
#include "exporter/web/openapi_schemas.h"
#include "exporter/web/web.h"

static void append_route(struct text *out, const struct web *web,
                         const struct web_route *route);
static void append_server(struct text *out, const char *base);
static bool is_hidden(const struct web *web, const struct web_route *route);
static void append_path(struct text *out, const char *pattern);
static void append_parameter(struct text *out, const struct web_route *route,
                             const struct route_parameter *parameter);
static void append_body(struct text *out);
static void append_answers(struct text *out, const struct web_route *route);
static void append_content(struct text *out, const char *type,
                           const struct web_route *route);
static bool is_in_path(const struct web_route *route, const char *name);

void
handle_api_openapi(const struct web *web, const struct request *request,
                   struct response *response)
{
    (void) request;
    const struct web_route *table;
    size_t n = routes(&table);
    struct text *out = &response->body;

    response->content_type = "application/json";
    json_open(out, NULL, '{');
    json_string(out, "openapi", "3.1.0");
    json_open(out, "info", '{');
    json_string(out, "title", "flowverify exporter");
    json_string(out, "version", build_version());
    json_string(out, "description",
                "Answers Azure's IP flow verify question for configured "
                "flows, continuously.");
    json_close(out, '}');
    json_open(out, "servers", '[');
    json_open(out, NULL, '{');
    append_server(out, web->base);
    json_close(out, '}');
    json_close(out, ']');
    json_open(out, "paths", '{');
    for (size_t i = 0; i < n; i++) {
        if (table[i].summary && !is_hidden(web, &table[i])) {
            append_route(out, web, &table[i]);
        }
    }
    json_close(out, '}');
    openapi_components(out);
    json_close(out, '}');
    text_append_char(out, '\n');
}

/* The paths, which begin with a slash, are put behind it as they are. */
static void
append_server(struct text *out, const char *base)
{
    struct text url;
    size_t length = strlen(base);

    text_init(&url);
    text_append_bytes(&url, base, length > 1 ? length - 1 : length);
    json_string(out, "url", url.data);
    text_clear(&url);
}

static bool
is_hidden(const struct web *web, const struct web_route *route)
{
    return (route->lifecycle && !web->enable_lifecycle)
           || (route->pattern && !strcmp(route->pattern, web->telemetry_path));
}

static void
append_route(struct text *out, const struct web *web,
             const struct web_route *route)
{
    bool post = !strcmp(route->method, "POST");
    const char *pattern =
        route->pattern ? route->pattern : web->telemetry_path;

    struct text path;
    text_init(&path);
    append_path(&path, pattern);
    json_open(out, path.data, '{');
    text_clear(&path);
    json_open(out, post ? "post" : "get", '{');
    json_string(out, "operationId", handler_name(route->counter));
    json_string(out, "summary", route->summary);
    if (route->parameters) {
        json_open(out, "parameters", '[');
        for (const struct route_parameter *p = route->parameters; p->name;
             p++) {
            append_parameter(out, route, p);
        }
        json_close(out, ']');
    }
    if (route->style == ROUTE_AZURE) {
        append_body(out);
    }
    append_answers(out, route);
    json_close(out, '}');
    json_close(out, '}');
}

/* "{name...}" is our word for "the rest of the path". */
static void
append_path(struct text *out, const char *pattern)
{
    for (const char *c = pattern; *c; c++) {
        if (*c != '.' || strncmp(c, "...}", 4) != 0) {
            text_append_char(out, *c);
        } else {
            c += 2;
        }
    }
}

static void
append_parameter(struct text *out, const struct web_route *route,
                 const struct route_parameter *parameter)
{
    bool in_path = is_in_path(route, parameter->name);
    json_open(out, NULL, '{');
    json_string(out, "name", parameter->name);
    json_string(out, "in", in_path ? "path" : "query");
    json_bool(out, "required", in_path || parameter->required);
    json_string(out, "description", parameter->help);
    openapi_type(out, "schema", parameter->type ? parameter->type : "string");
    json_close(out, '}');
}

static void
append_body(struct text *out)
{
    json_open(out, "requestBody", '{');
    json_bool(out, "required", true);
    json_open(out, "content", '{');
    json_open(out, "application/json", '{');
    openapi_type(out, "schema", "VerificationIPFlowParameters");
    json_close(out, '}');
    json_close(out, '}');
    json_close(out, '}');
}

static void
append_answers(struct text *out, const struct web_route *route)
{
    static const char *const failures[] = {
        [ROUTE_PLAIN] = "string",
        [ROUTE_API] = "Failure",
        [ROUTE_AZURE] = "ErrorResponse",
    };
    bool plain = route->style == ROUTE_PLAIN;

    json_open(out, "responses", '{');
    json_open(out, "200", '{');
    json_string(out, "description", "Success");
    json_open(out, "content", '{');
    append_content(out, route->answers, route);
    if (!route->pattern) {
        append_content(out, "application/openmetrics-text", route);
    }
    json_close(out, '}');
    json_close(out, '}');
    json_open(out, "default", '{');
    json_string(out, "description", "Failure");
    json_open(out, "content", '{');
    json_open(out, plain ? "text/plain" : "application/json", '{');
    openapi_type(out, "schema", failures[route->style]);
    json_close(out, '}');
    json_close(out, '}');
    json_close(out, '}');
    json_close(out, '}');
}

/* The API wraps what it answers as Prometheus' does. */
static void
append_content(struct text *out, const char *type,
               const struct web_route *route)
{
    json_open(out, type, '{');
    if (!route->schema || route->style != ROUTE_API) {
        const char *whole =
            strcmp(type, "application/json") ? "string" : "object";
        openapi_type(out, "schema", route->schema ? route->schema : whole);
    } else {
        json_open(out, "schema", '{');
        json_string(out, "type", "object");
        json_open(out, "required", '[');
        json_string(out, NULL, "status");
        json_string(out, NULL, "data");
        json_close(out, ']');
        json_open(out, "properties", '{');
        json_open(out, "status", '{');
        json_string(out, "const", "success");
        json_close(out, '}');
        openapi_type(out, "data", route->schema);
        json_close(out, '}');
        json_close(out, '}');
    }
    json_close(out, '}');
}

static bool
is_in_path(const struct web_route *route, const char *name)
{
    char place[64];
    (void) snprintf(place, sizeof place, "{%s", name);
    const char *at = route->pattern ? strstr(route->pattern, place) : NULL;
    return at && (at[strlen(place)] == '}' || at[strlen(place)] == '.');
}
