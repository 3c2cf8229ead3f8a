#include "exporter/web/web.h"

#include <stdarg.h>
#include <stdio.h>

#include "exporter/render/json_write.h"

/* How the kinds of failure are called. */
static const struct status_words {
    unsigned int status;
    const char *api;   /* "errorType", as in Prometheus' API. */
    const char *azure; /* "code", as in Azure's answers. */
} statuses[] = {
    { 400, "bad_data", "BadRequest" },
    { 401, "unauthorized", "AuthenticationFailed" },
    { 404, "not_found", "ResourceNotFound" },
    { 405, "method_not_allowed", "MethodNotAllowed" },
    { 413, "bad_data", "RequestContentTooLarge" },
    { 429, "too_many_requests", "TooManyRequests" },
    { 500, "internal", "InternalServerError" },
    { 503, "unavailable", "ServiceUnavailable" },
};

static const struct status_words *words_of(unsigned int status);

void
response_init(struct response *response)
{
    *response = (struct response){ .status = 200 };
    text_init(&response->body);
}

void
response_clear(struct response *response)
{
    text_clear(&response->body);
    exposition_answer_clear(&response->answer);
    exposition_unref(response->exposition);
    response->exposition = NULL;
}

void
response_plain(struct response *response, unsigned int status,
               const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);

    response->status = status;
    response->content_type = "text/plain; charset=utf-8";
    text_reset(&response->body);
    text_append(&response->body, line);
    text_append_char(&response->body, '\n');
}

void
response_api_error(struct response *response, unsigned int status,
                   const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);

    response->status = status;
    response->content_type = "application/json";
    text_reset(&response->body);
    json_open(&response->body, NULL, '{');
    json_string(&response->body, "status", "error");
    json_string(&response->body, "errorType", words_of(status)->api);
    json_string(&response->body, "error", line);
    json_close(&response->body, '}');
    text_append_char(&response->body, '\n');
}

void
response_azure_error(struct response *response, unsigned int status,
                     const char *code, const char *message)
{
    struct text *out = &response->body;
    response->status = status;
    response->content_type = "application/json; charset=utf-8";
    text_reset(out);
    json_open(out, NULL, '{');
    json_open(out, "error", '{');
    json_string(out, "code", code);
    json_string(out, "message", message);
    json_open(out, "details", '[');
    json_close(out, ']');
    json_close(out, '}');
    json_close(out, '}');
}

void
response_refuse(struct response *response, enum route_style style,
                unsigned int status, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);

    switch (style) {
    case ROUTE_API: response_api_error(response, status, "%s", line); break;
    case ROUTE_AZURE:
        response_azure_error(response, status, words_of(status)->azure, line);
        break;
    case ROUTE_PLAIN:
    default: response_plain(response, status, "%s", line); break;
    }
}

void
response_api_begin(struct response *response)
{
    response->status = 200;
    response->content_type = "application/json";
    text_reset(&response->body);
    text_append(&response->body, "{\"status\":\"success\",\"data\":");
}

void
response_api_end(struct response *response)
{
    text_append(&response->body, "}\n");
}

/* An unlisted status is called a bad request. */
static const struct status_words *
words_of(unsigned int status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (statuses[i].status == status) {
            return &statuses[i];
        }
    }
    return &statuses[0];
}
