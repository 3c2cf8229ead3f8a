#include "exporter/web/target.h"

#include <string.h>

#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "exporter/web/query.h"
#include "exporter/web/routes.h"
#include "exporter/web/web.h"

static char *path_of(char *target);
static bool below_prefix(const struct web *web, char *path,
                         struct request *request, struct response *response);

bool
target_read(const struct web *web, char *target, struct request *request,
            struct response *response)
{
    struct error error;
    char *query = strchr(target, '?');
    if (query) {
        *query++ = '\0';
    }
    char *path = path_of(target);
    if (!path || !percent_decode(path, false)) {
        response_refuse(response, ROUTE_PLAIN, 400,
                        "The target is not a percent-encoded path.");
        return false;
    }
    if (!below_prefix(web, path, request, response)) {
        return false;
    }
    request->style = route_style_of(request->path);
    if (!query_parse(&request->query, query, &error)) {
        response_refuse(response, request->style, 400, "Bad request: %s",
                        error.message);
        return false;
    }
    return true;
}

/* A proxy may send the whole URL: RFC 9112, 3.2.2.  Returns NULL if it is
 * neither that nor a path. */
static char *
path_of(char *target)
{
    if (ascii_starts_with(target, "http://")
        || ascii_starts_with(target, "https://")) {
        char *slash = strchr(strstr(target, "://") + 3, '/');
        return slash ? slash : memcpy(target, "/", 2);
    }
    return *target == '/' ? target : NULL;
}

/* Sets request->path to what stands behind the route prefix. */
static bool
below_prefix(const struct web *web, char *path, struct request *request,
             struct response *response)
{
    size_t n = strlen(web->prefix);
    if (!strncmp(path, web->prefix, n) && path[n] == '/') {
        request->path = path + n;
        return true;
    }
    if (!strcmp(path, "/") || !strcmp(path, web->prefix)) {
        response_plain(response, 302, "Found");
        response->location = web->base;
        return false;
    }
    response_plain(response, 404, "Not found");
    return false;
}
