/* Writing JSON by hand: commas are set as needed, names are literals of the
 * program.
 *
 *     json_open(out, NULL, '{');
 *     json_string(out, "name", flow->name);
 *     json_open(out, "rules", '[');
 *     ...
 *     json_close(out, ']');
 *     json_close(out, '}');
 */

#ifndef EXPORTER_RENDER_JSON_WRITE_H
#define EXPORTER_RENDER_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

struct text;

/* 'name' is NULL for elements of an array. */
void json_open(struct text *out, const char *name, char bracket);
void json_close(struct text *out, char bracket);
void json_string(struct text *out, const char *name, const char *value);
void json_bool(struct text *out, const char *name, bool value);
void json_u64(struct text *out, const char *name, uint64_t value);
void json_double(struct text *out, const char *name, double value);
/* "2026-11-21T10:00:00Z"; "" for 0, which means never. */
void json_time(struct text *out, const char *name, int64_t wall_ms);

#endif
