/* The handlers of the table of routes. */

#ifndef EXPORTER_WEB_HANDLERS_H
#define EXPORTER_WEB_HANDLERS_H

#include "config/config.h"
#include "exporter/web/routes.h"

struct query;

/* handlers.c */
route_handler handle_metrics, handle_healthy, handle_ready, handle_reload;
/* pages.c */
route_handler handle_index, handle_flow, handle_changes, handle_what_if,
    handle_asset;
/* api.c */
route_handler handle_api_flows, handle_api_flow, handle_api_changes,
    handle_api_verify, handle_api_status;
/* Returns the words of the flow that a query asks about; NULL where it has
 * none. */
struct config_flow_words handler_words(const struct query *query);
/* openapi.c */
route_handler handle_api_openapi;
/* ip_flow_verify.c */
route_handler handle_ip_flow_verify;

#endif
