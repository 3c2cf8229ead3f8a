/* Sending a response with the HTTP library. */

#ifndef EXPORTER_WEB_RESPOND_H
#define EXPORTER_WEB_RESPOND_H

struct MHD_Response;
struct response;
struct web_config;

/* Returns the library's form of 'response' (from the heap, which is taken
 * over).  'config' may be NULL. */
struct MHD_Response *respond(struct response *response,
                             const struct web_config *config);

#endif
