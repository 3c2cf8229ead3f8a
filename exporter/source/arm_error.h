/* Error bodies of ARM and of the gateways before it.  Pure. */

#ifndef EXPORTER_SOURCE_ARM_ERROR_H
#define EXPORTER_SOURCE_ARM_ERROR_H

#include <stdbool.h>
#include <stddef.h>

struct arm_error {
    char code[80];     /* "AuthorizationFailed"; "" if the body names none. */
    char message[240]; /* One line, cut; "" likewise. */
    bool busy; /* The resource is busy: not a quota, try this one later. */
    bool gone; /* The resource, or its group, does not exist. */
};

/* Understands {"error":{...}} with or without details, {"code","message"},
 * {"error":"text"}; anything else (HTML, nothing) gives empty strings. */
void arm_error_parse(const char *body, size_t size, struct arm_error *error);

#endif
