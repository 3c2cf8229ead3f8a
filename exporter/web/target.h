/* What a request asks for: the path and the query, taken apart. */

#ifndef EXPORTER_WEB_TARGET_H
#define EXPORTER_WEB_TARGET_H

#include <stdbool.h>

struct request;
struct response;
struct web;

/* Fills path, style and query of 'request' from 'target', which is as it came
 * and is changed; 'request' points into it.  Returns false if it leads to no
 * route; then 'response' says why. */
bool target_read(const struct web *web, char *target, struct request *request,
                 struct response *response);

#endif
