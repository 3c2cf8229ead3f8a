/* Reading one flat JSON object (RFC 8259): the body of a small request.
 *
 * Threads: any, no shared state. */

#ifndef EXPORTER_WEB_JSON_OBJECT_H
#define EXPORTER_WEB_JSON_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct error;

/* A member that is looked for. */
struct json_member {
    const char *name;  /* Compared without case, as Azure does. */
    const char *value; /* Text of a string or number; NULL if the member is
                        * absent or null. */
};

/* Reads the object of 'size' bytes and fills in the 'n' members.  Members
 * that nobody looks for are checked for their form and passed over.  Values
 * live in 'arena'.  Returns false and a line in 'error' for anything that is
 * no JSON object, a member given twice, or one that is looked for and is
 * neither string, number nor null. */
bool json_object_read(const char *bytes, size_t size,
                      struct json_member members[], size_t n,
                      struct arena *arena, struct error *error);

#endif
