#include "tests/support/fake_arm.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/ascii.h"

#define ORIGIN "https://arm.example"

static int64_t answer(void *aux, const struct http_request *request,
                      struct http_response *response);

void
fake_arm_init(struct fake_arm *arm)
{
    *arm = (struct fake_arm){ .n = 0 };
    fake_http_init(&arm->http, answer, arm);
    text_init(&arm->asked);
}

void
fake_arm_clear(struct fake_arm *arm)
{
    for (size_t i = 0; i < arm->n; i++) {
        free(arm->bodies[i]);
    }
    text_clear(&arm->asked);
}

static size_t
find(const struct fake_arm *arm, const char *path, size_t length)
{
    size_t i = 0;

    while (i < arm->n
           && (strlen(arm->paths[i]) != length
               || !ascii_equal_n(arm->paths[i], path, length))) {
        i++;
    }
    return i;
}

void
fake_arm_put(struct fake_arm *arm, const char *path, const char *format, ...)
{
    size_t i = find(arm, path, strlen(path));
    char body[4096];
    va_list args;

    va_start(args, format);
    int length = vsnprintf(body, sizeof body, format, args);
    va_end(args);
    if (length < 0 || (size_t) length >= sizeof body || i >= FAKE_ARM_MAX) {
        abort();
    }
    if (i == arm->n) {
        arm->n++;
        arm->bodies[i] = NULL;
    }
    arm->paths[i] = path;
    free(arm->bodies[i]);
    arm->bodies[i] = strdup(body);
}

void
fake_arm_remove(struct fake_arm *arm, const char *path)
{
    size_t i = find(arm, path, strlen(path));

    if (i < arm->n) {
        free(arm->bodies[i]);
        arm->n--;
        arm->paths[i] = arm->paths[arm->n];
        arm->bodies[i] = arm->bodies[arm->n];
    }
}

/* "/subscriptions/S/providers/Microsoft.Network/TYPE", or the NICs of a scale
 * set. */
static bool
is_listed(const char *path, const char *list, size_t length)
{
    static const char middle[] = "/providers/Microsoft.Network/";
    const char *last = list + length;
    const char *mark = ascii_find(list, middle);

    while (last[-1] != '/') {
        last--;
    }
    if (ascii_find(list, "/virtualMachineScaleSets/")
        && ascii_find(list, "/virtualMachineScaleSets/") < list + length) {
        return ascii_starts_with(path, "/subscriptions/")
               && ascii_equal_n(path, list, (size_t) (last - list))
               && ascii_find(path, "/virtualMachines/");
    }
    const char *own = ascii_find(path, middle);
    if (!mark || !own || !ascii_equal_n(path, list, 51)) {
        return false;
    }
    own += sizeof middle - 1;
    size_t type = (size_t) (list + length - last);
    return ascii_equal_n(own, last, type) && own[type] == '/'
           && !strchr(own + type + 1, '/');
}

static void
answer_list(const struct fake_arm *arm, const char *path, size_t length,
            struct http_response *response)
{
    const char *mark = strstr(path, "skip=");
    size_t skip = mark ? strtoul(mark + 5, NULL, 10) : 0;
    size_t seen = 0;
    size_t shown = 0;

    response->status = 200;
    text_append(&response->body, "{\"value\":[");
    for (size_t i = 0; i < arm->n; i++) {
        if (!is_listed(arm->paths[i], path, length)) {
            continue;
        }
        if (seen++ >= skip && shown < FAKE_PAGE) {
            text_printf(&response->body, "%s%s", shown++ ? "," : "",
                        arm->bodies[i]);
        }
    }
    text_append(&response->body, "]");
    if (seen > skip + shown) {
        text_printf(&response->body, ",\"nextLink\":\"%s%.*s?skip=%zu\"",
                    ORIGIN, (int) length, path, skip + shown);
    }
    text_append(&response->body, "}");
}

static int64_t
answer(void *aux, const struct http_request *request,
       struct http_response *response)
{
    struct fake_arm *arm = aux;
    int64_t latency = 20;

    if (strstr(request->url, "login.example")) {
        if (!arm->fault || !arm->fault(arm, request, response, &latency)) {
            char body[96];
            snprintf(body, sizeof body,
                     "{\"access_token\":\"token-%u\",\"expires_in\":3600}",
                     ++arm->n_tokens);
            fake_reply(response, 200, body);
        }
        return latency;
    }
    const char *path = request->url + strlen(ORIGIN);
    size_t length = strcspn(path, "?");
    arm->n_arm++;
    text_append_bytes(&arm->asked, path, length);
    text_append_char(&arm->asked, '\n');
    if (arm->fault && arm->fault(arm, request, response, &latency)) {
        return latency;
    }
    size_t i = find(arm, path, length);
    bool list =
        ascii_find(path, "/resourceGroups/") == NULL
        || (ascii_find(path, "/virtualMachineScaleSets/")
            && ascii_equal_n(path + length - 18, "/networkInterfaces", 18));
    if (i < arm->n) {
        fake_reply(response, 200, arm->bodies[i]);
    } else if (list) {
        answer_list(arm, path, length, response);
    } else if (request->body) {
        fake_reply(response, 200, "{\"value\":[],\"skipToken\":\"\"}");
    } else {
        fake_reply(response, 404,
                   "{\"error\":{\"code\":\"ResourceNotFound\"}}");
    }
    return latency;
}
