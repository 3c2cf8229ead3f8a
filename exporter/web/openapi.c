/* The OpenAPI 3.1 document, made from the table of routes. */

#include <stdio.h>
#include <string.h>

#include "exporter/build.h"
#include "exporter/render/json_write.h"
#include "exporter/web/handlers.h"
#include "exporter/web/web.h"

static void append_route(struct text *out, const struct web *web,
                         const struct web_route *route);
static void append_server(struct text *out, const char *base);
static bool is_hidden(const struct web *web, const struct web_route *route);
static void append_path(struct text *out, const char *pattern);
static void append_parameter(struct text *out, const struct web_route *route,
                             const struct route_parameter *parameter);
static void append_values(struct text *out, const char *values);
static void append_body(struct text *out);
static void append_answer(struct text *out, const char *status,
                          const char *description, const char *type);
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
    json_open(out, "responses", '{');
    append_answer(out, "200", "Success", route->answers);
    append_answer(out, "default", "Failure",
                  route->style == ROUTE_PLAIN ? "text/plain"
                                              : "application/json");
    json_close(out, '}');
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
    json_open(out, "schema", '{');
    json_string(out, "type", "string");
    if (parameter->values) {
        append_values(out, parameter->values);
    }
    json_close(out, '}');
    json_close(out, '}');
}

static void
append_values(struct text *out, const char *values)
{
    char word[32];
    json_open(out, "enum", '[');
    while (*values) {
        size_t length = strcspn(values, ",");
        (void) snprintf(word, sizeof word, "%.*s", (int) length, values);
        json_string(out, NULL, word);
        values += length + (values[length] == ',');
    }
    json_close(out, ']');
}

static void
append_body(struct text *out)
{
    static const char *const members[] = {
        "targetResourceId", "direction",          "protocol",
        "localIPAddress",   "localPort",          "remoteIPAddress",
        "remotePort",       "targetNicResourceId"
    };
    size_t n = sizeof members / sizeof *members;

    json_open(out, "requestBody", '{');
    json_bool(out, "required", true);
    json_open(out, "content", '{');
    json_open(out, "application/json", '{');
    json_open(out, "schema", '{');
    json_string(out, "type", "object");
    json_open(out, "required", '[');
    for (size_t i = 0; i + 1 < n; i++) {
        json_string(out, NULL, members[i]);
    }
    json_close(out, ']');
    json_open(out, "properties", '{');
    for (size_t i = 0; i < n; i++) {
        json_open(out, members[i], '{');
        json_string(out, "type", "string");
        json_close(out, '}');
    }
    for (int i = 0; i < 5; i++) {
        json_close(out, '}');
    }
}

static void
append_answer(struct text *out, const char *status, const char *description,
              const char *type)
{
    json_open(out, status, '{');
    json_string(out, "description", description);
    json_open(out, "content", '{');
    json_open(out, type, '{');
    json_close(out, '}');
    json_close(out, '}');
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
