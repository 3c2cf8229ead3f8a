/* The shapes of what the API answers, as JSON Schemas for the OpenAPI
 * document.
 *
 * A type is "string", "integer", "number", "boolean", "object", "time" (UTC,
 * or "" for never), "a,b,c" (one of these words), "Name" (a shape of the
 * table), "Name|Other" (either), or one of those behind "[]" (a list). */

#ifndef EXPORTER_WEB_OPENAPI_SCHEMAS_H
#define EXPORTER_WEB_OPENAPI_SCHEMAS_H

struct text;

/* Appends the schema of 'type' as the member 'name'. */
void openapi_type(struct text *out, const char *name, const char *type);

/* Appends "components", which holds all shapes. */
void openapi_components(struct text *out);

#endif
