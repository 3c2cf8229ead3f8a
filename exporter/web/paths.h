/* Where the routes are, and where links lead: from the flags
 * --web.telemetry-path, --web.external-url and --web.route-prefix. */

#ifndef EXPORTER_WEB_PATHS_H
#define EXPORTER_WEB_PATHS_H

#include <stdbool.h>

struct error;

struct paths {
    char *telemetry; /* "/metrics" */
    char *prefix;    /* Decoded; before every route: "" or "/flowverify". */
    char *base;      /* As it stands in links: "/" or "/flowverify/". */
};

/* The prefix of routes is that of the external URL unless another is given,
 * as with Prometheus; links lead to the external URL.  'external_url' and
 * 'route_prefix' may be NULL.  On failure 'paths' is empty. */
bool paths_read(struct paths *paths, const char *telemetry_path,
                const char *external_url, const char *route_prefix,
                struct error *error);
void paths_clear(struct paths *paths);

#endif
