#include "exporter/web/paths.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/web/query.h"
#include "exporter/web/routes.h"

static bool read_telemetry(struct paths *paths, const char *path,
                           struct error *error);
static bool read_url(const char *url, const char **path, struct error *error);
static char *decoded(char *path);
static bool is_path(const char *string);
static char *slashed(const char *path, const char *end);

bool
paths_read(struct paths *paths, const char *telemetry_path,
           const char *external_url, const char *route_prefix,
           struct error *error)
{
    bool has_url = external_url && *external_url;
    bool has_prefix = route_prefix && *route_prefix;
    const char *external = "";

    *paths = (struct paths){ 0 };
    if (has_prefix && !is_path(route_prefix)) {
        return error_set(error, "route prefix '%s' is not a path",
                         route_prefix);
    }
    if ((has_url && !read_url(external_url, &external, error))
        || !read_telemetry(paths, telemetry_path, error)) {
        return false;
    }
    const char *prefix = has_prefix ? route_prefix : external;
    paths->prefix = decoded(slashed(prefix, ""));
    paths->base = slashed(has_url ? external : prefix, "/");
    return true;
}

void
paths_clear(struct paths *paths)
{
    free(paths->telemetry);
    free(paths->prefix);
    free(paths->base);
    *paths = (struct paths){ 0 };
}

static bool
read_telemetry(struct paths *paths, const char *path, struct error *error)
{
    struct text text;

    if (!*path || !is_path(path) || strchr(path, '%')) {
        return error_set(error, "telemetry path '%s' is not a path", path);
    }
    text_init(&text);
    text_append(&text, *path == '/' ? "" : "/");
    text_append(&text, path);
    if (route_is_taken(text.data)) {
        text_clear(&text);
        return error_set(error, "telemetry path '%s' is taken", path);
    }
    paths->telemetry = text_steal(&text);
    return true;
}

static bool
read_url(const char *url, const char **path, struct error *error)
{
    const char *host = strstr(url, "://");
    bool is_web = ascii_starts_with(url, "http://")
                  || ascii_starts_with(url, "https://");

    if (!is_web || !host[3] || host[3] == '/' || !is_path(host + 3)) {
        return error_set(
            error, "external URL '%s' is not http(s)://HOST[/PATH]", url);
    }
    *path = host + 3 + strcspn(host + 3, "/");
    return true;
}

static char *
decoded(char *path)
{
    (void) percent_decode(path, false); /* is_path() found it good. */
    return path;
}

/* The characters of RFC 3986's "pchar", slashes, and nothing that could leave
 * a header line or an attribute. */
static bool
is_path(const char *string)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789"
                                  "-._~!$&'()*+,;=:@%/";
    struct text copy;

    text_init(&copy);
    text_append(&copy, string);
    text_append_char(&copy, '\0');
    bool good =
        !string[strspn(string, allowed)] && percent_decode(copy.data, false);
    text_clear(&copy);
    return good;
}

/* Returns "/path" and 'end'; only 'end' for a path of slashes. */
static char *
slashed(const char *path, const char *end)
{
    struct text text;

    path += strspn(path, "/");
    text_init(&text);
    if (*path) {
        text_append_char(&text, '/');
        text_append(&text, path);
    }
    while (text.length && text.data[text.length - 1] == '/') {
        text.data[--text.length] = '\0';
    }
    text_append(&text, end);
    return text_steal(&text);
}
