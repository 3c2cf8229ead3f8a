#include "exporter/web/routes.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "exporter/web/handlers.h"
#include "exporter/web/web.h"

static const struct route_parameter flows_parameters[] = {
    { "verdict", "Only flows with this verdict.", "allow,deny,partial,unknown",
      false },
    { "violated", "Only flows that violate, or do not, their expectation.",
      "true,false", false },
    { "direction", "Only flows of this direction.", "inbound,outbound,both",
      false },
    { "group", "Only flows decided by this rule set.", NULL, false },
    { "q", "Only flows in which this word stands, without case.", NULL,
      false },
    { "sort", "Order of the flows.", "severity,name,verdict,changed", false },
    { "order", "Of the sorted flows.", "asc,desc", false },
    { "limit", "At most so many flows.", "integer", false },
    { "offset", "Leave out so many flows at the start.", "integer", false },
    { 0 },
};
static const struct route_parameter flow_parameters[] = {
    { "name", "Name of the flow.", NULL, true },
    { 0 },
};
static const struct route_parameter changes_parameters[] = {
    { "limit", "At most so many changes; 100 if not given.", "integer",
      false },
    { "flow", "Only changes of this flow.", NULL, false },
    { 0 },
};
static const struct route_parameter verify_parameters[] = {
    { "nic", "The interface: ARM id, resource-group/name, or unique name.",
      NULL, false },
    { "vm", "The virtual machine, instead of the interface.", NULL, false },
    { "direction", "As seen from the interface.", "Inbound,Outbound", true },
    { "protocol", "Tcp, Udp, Icmp, Esp, Ah or *.", NULL, true },
    { "local_address", "The interface's primary address if not given.", NULL,
      false },
    { "local_port", "Number, range, list or *.", NULL, false },
    { "remote_address", "Address, CIDR, range, service tag, * or a list.",
      NULL, true },
    { "remote_port", "Number, range, list or *.", NULL, false },
    { 0 },
};
static const struct route_parameter azure_parameters[] = {
    { "subscription", "Any: one exporter answers for its estate.", NULL,
      true },
    { "resourceGroup", "Any.", NULL, true },
    { "networkWatcher", "Any.", NULL, true },
    { 0 },
};

#define JSON "application/json"
#define TEXT "text/plain"
#define HTML "text/html"

static const struct web_route table[] = {
    { "GET", NULL, HANDLER_METRICS, ROUTE_PLAIN, .needs_data = true,
      .handle = handle_metrics,
      .summary = "Metrics, as text 0.0.4 or OpenMetrics 1.0",
      .answers = TEXT },
    { "GET", "/", HANDLER_INDEX, ROUTE_PLAIN, .handle = handle_index,
      .summary = "Status page", .answers = HTML },
    { "GET", "/flows/{name...}", HANDLER_FLOW, ROUTE_PLAIN,
      .handle = handle_flow, .summary = "Page of one flow", .answers = HTML,
      .parameters = flow_parameters },
    { "GET", "/changes", HANDLER_INDEX, ROUTE_PLAIN,
      .handle = handle_changes },
    { "GET", "/what-if", HANDLER_INDEX, ROUTE_PLAIN,
      .handle = handle_what_if },
    { "GET", "/assets/{file}", HANDLER_STATIC, ROUTE_PLAIN,
      .handle = handle_asset },
    { "GET", "/favicon.ico", HANDLER_STATIC, ROUTE_PLAIN,
      .handle = handle_asset },
    { "GET", "/-/healthy", HANDLER_HEALTHY, ROUTE_PLAIN, .open = true,
      .handle = handle_healthy, .summary = "200 while the exporter serves",
      .answers = TEXT },
    { "GET", "/-/ready", HANDLER_READY, ROUTE_PLAIN, .open = true,
      .handle = handle_ready,
      .summary = "200 after the first complete cycle, 503 before",
      .answers = TEXT },
    { "POST", "/-/reload", HANDLER_RELOAD, ROUTE_PLAIN, .lifecycle = true,
      .handle = handle_reload, .summary = "Read the configuration again",
      .answers = TEXT },
    { "PUT", "/-/reload", HANDLER_RELOAD, ROUTE_PLAIN, .lifecycle = true,
      .handle = handle_reload },
    { "GET", "/api/v1/flows", HANDLER_API_FLOWS, ROUTE_API, .needs_data = true,
      .handle = handle_api_flows,
      .summary = "Verdicts of the configured flows", .answers = JSON,
      .schema = "Flows", .parameters = flows_parameters },
    { "GET", "/api/v1/flows/{name...}", HANDLER_API_FLOW, ROUTE_API,
      .needs_data = true, .handle = handle_api_flow,
      .summary = "One verdict with its explanation", .answers = JSON,
      .schema = "Flow", .parameters = flow_parameters },
    { "GET", "/api/v1/changes", HANDLER_API_CHANGES, ROUTE_API,
      .handle = handle_api_changes,
      .summary = "Changes of verdicts and deciding rules, newest first",
      .answers = JSON, .schema = "Changes", .parameters = changes_parameters },
    { "GET", "/api/v1/verify", HANDLER_API_VERIFY, ROUTE_API,
      .needs_data = true, .handle = handle_api_verify,
      .summary = "Judge any flow against the newest data", .answers = JSON,
      .schema = "Flow", .parameters = verify_parameters },
    { "GET", "/api/v1/status", HANDLER_API_STATUS, ROUTE_API,
      .needs_data = true, .handle = handle_api_status,
      .summary = "Feeds, cycle, configuration and build", .answers = JSON,
      .schema = "Status" },
    { "GET", "/api/v1/openapi.json", HANDLER_API_OPENAPI, ROUTE_API,
      .handle = handle_api_openapi, .summary = "This document",
      .answers = JSON },
    { "POST",
      "/subscriptions/{subscription}/resourceGroups/{resourceGroup}/providers/"
      "Microsoft.Network/networkWatchers/{networkWatcher}/ipFlowVerify",
      HANDLER_IP_FLOW_VERIFY, ROUTE_AZURE, .any_case = true,
      .handle = handle_ip_flow_verify,
      .summary = "IP flow verify, as Azure's Network Watcher answers it",
      .answers = JSON, .schema = "VerificationIPFlowResult",
      .parameters = azure_parameters },
};

static bool matches(const struct web_route *route, const char *pattern,
                    const char *path, const char **place);
static bool segment_equal(const char *pattern, size_t pattern_length,
                          const char *segment, size_t length, bool any_case);
static bool method_fits(const struct web_route *route, const char *method);
static void refuse(const struct request *request, struct response *response,
                   const char *methods);

size_t
routes(const struct web_route **first)
{
    *first = table;
    return sizeof table / sizeof *table;
}

bool
route_is_taken(const char *path)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *pattern = table[i].pattern, *place;
        if (pattern && strcmp(pattern, "/") != 0
            && matches(&table[i], pattern, path, &place)) {
            return true;
        }
    }
    return false;
}

enum route_style
route_style_of(const char *path)
{
    return !strncmp(path, "/api/", 5)                   ? ROUTE_API
           : ascii_starts_with(path, "/subscriptions/") ? ROUTE_AZURE
                                                        : ROUTE_PLAIN;
}

const struct web_route *
route_find(const struct web *web, struct request *request,
           struct response *response)
{
    char allow[32] = "";

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct web_route *route = &table[i];
        const char *pattern =
            route->pattern ? route->pattern : web->telemetry_path;
        if (!matches(route, pattern, request->path, &request->place)) {
            continue;
        }
        request->counter = route->counter;
        if (method_fits(route, request->method)) {
            return route;
        }
        size_t used = strlen(allow);
        (void) snprintf(
            allow + used, sizeof allow - used, "%s%s", used ? ", " : "",
            strcmp(route->method, "GET") ? route->method : "GET, HEAD");
    }
    refuse(request, response, allow);
    return NULL;
}

void
route_handle(const struct web *web, const struct web_route *route,
             const struct request *request, struct response *response)
{
    if (route->lifecycle && !web->enable_lifecycle) {
        response_plain(response, 403, "Lifecycle API is not enabled.");
    } else if (route->needs_data && !request->snapshot) {
        response_refuse(response, route->style, 503,
                        "No cycle has ended yet.");
    } else {
        route->handle(web, request, response);
    }
}

static bool
matches(const struct web_route *route, const char *pattern, const char *path,
        const char **place)
{
    *place = NULL;
    while (*pattern == '/' && *path == '/') {
        pattern++;
        path++;
        size_t pattern_length = strcspn(pattern, "/");
        size_t length = strcspn(path, "/");
        bool is_place = pattern_length > 2 && *pattern == '{';
        if (is_place && pattern[pattern_length - 2] == '.') {
            length = strlen(path);
        }
        if (is_place ? !length
                     : !segment_equal(pattern, pattern_length, path, length,
                                      route->any_case)) {
            return false;
        }
        if (is_place) {
            *place = path;
        }
        pattern += pattern_length;
        path += length;
    }
    return !*pattern && !*path;
}

static bool
segment_equal(const char *pattern, size_t pattern_length, const char *segment,
              size_t length, bool any_case)
{
    return pattern_length == length
           && (any_case ? ascii_equal_n(pattern, segment, length)
                        : !memcmp(pattern, segment, length));
}

static bool
method_fits(const struct web_route *route, const char *method)
{
    return !strcmp(route->method, method)
           || (!strcmp(method, "HEAD") && !strcmp(route->method, "GET"));
}

static void
refuse(const struct request *request, struct response *response,
       const char *methods)
{
    (void) snprintf(response->allow, sizeof response->allow, "%s", methods);
    if (*methods) {
        response_refuse(response, request->style, 405,
                        "Method not allowed; allowed here: %s", methods);
    } else {
        response_refuse(response, request->style, 404, "There is no %.200s",
                        request->path);
    }
}
