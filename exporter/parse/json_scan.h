/* Structure of JSON text: is it whole, and where do its parts begin and end.
 *
 * A document is walked as text down to its resources, and only one resource
 * at a time becomes a tree: a list of a thousand groups costs the memory of
 * one.  What is inside a resource is cJSON's business. */

#ifndef EXPORTER_PARSE_JSON_SCAN_H
#define EXPORTER_PARSE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct error;

enum {
    JSON_SIZE_MAX = 128 * 1024 * 1024,
    JSON_DEPTH_MAX = 64,
    JSON_VALUES_MAX = 8 * 1000 * 1000
};

/* A piece of a document. */
struct json_span {
    const char *at;
    size_t length;
};

/* Checks that 'document' is one object or array, that its brackets match and
 * its strings end, that it is UTF-8 without NUL, and that the limits above
 * hold.  A byte order mark at the start is skipped.  On success 'root' is the
 * value without what surrounds it. */
bool json_scan(struct json_span document, struct json_span *root,
               struct error *error);

enum json_step { JSON_STEP_VALUE, JSON_STEP_END, JSON_STEP_BAD };

/* Steps through the elements of an array or the members of an object that
 * json_scan() found whole.  '*cursor' starts at 0.  'key' is the text between
 * the quotes; empty in an array.  JSON_STEP_BAD: the text at '*cursor' is not
 * JSON. */
enum json_step json_next(struct json_span container, size_t *cursor,
                         struct json_span *key, struct json_span *value);

bool json_span_equals(struct json_span span, const char *word);

/* Fills 'error' with "line L, column C (byte B): CAUSE" for the place 'at' in
 * 'document', and returns false. */
bool json_error_at(struct json_span document, const char *at,
                   const char *cause, struct error *error);

#endif
