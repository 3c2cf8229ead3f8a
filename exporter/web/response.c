#include "exporter/web/web.h"

#include <stdarg.h>
#include <stdio.h>

#include "exporter/render/json_write.h"

static const char *error_type(unsigned int status);

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
    json_string(&response->body, "errorType", error_type(status));
    json_string(&response->body, "error", line);
    json_close(&response->body, '}');
    text_append_char(&response->body, '\n');
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

static const char *
error_type(unsigned int status)
{
    switch (status) {
    case 401: return "unauthorized";
    case 404: return "not_found";
    case 405: return "method_not_allowed";
    case 429: return "too_many_requests";
    case 500: return "internal";
    case 503: return "unavailable";
    default: return "bad_data";
    }
}
