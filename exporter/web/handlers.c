/* The handlers that monitoring asks: metrics, health, reload. */

#include "engine/base/error.h"
#include "exporter/snapshot.h"
#include "exporter/web/accept.h"
#include "exporter/web/handlers.h"
#include "exporter/web/web.h"
#include "exporter/web/what_if.h"

void
handle_metrics(const struct web *web, const struct request *request,
               struct response *response)
{
    what_if_forget(web->what_if, request->snapshot);
    enum exposition_format format = accept_format(request->accept);

    response->vary = true;
    response->gzip = accept_gzip(request->accept_encoding);
    response->content_type = exposition_content_type(format);
    response->exposition = exposition_ref(request->snapshot->exposition);
    exposition_answer(response->exposition, format, response->gzip,
                      &response->answer);
}

void
handle_healthy(const struct web *web, const struct request *request,
               struct response *response)
{
    (void) web;
    (void) request;
    response_plain(response, 200, "flowverify is healthy.");
}

void
handle_ready(const struct web *web, const struct request *request,
             struct response *response)
{
    (void) web;
    if (request->snapshot && request->snapshot->ready) {
        response_plain(response, 200, "flowverify is ready.");
    } else {
        response_plain(response, 503, "No complete cycle has ended yet.");
    }
}

void
handle_reload(const struct web *web, const struct request *request,
              struct response *response)
{
    (void) request;
    struct error error;
    if (!web->reload) {
        response_plain(response, 503, "Nothing can be reloaded.");
    } else if (web->reload(web->aux, &error)) {
        response_plain(response, 200, "Reloaded.");
    } else {
        response_plain(response, 500, "Reload refused: %s", error.message);
    }
}
