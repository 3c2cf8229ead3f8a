/* Results as JSON (spec interfaces, "Result as JSON"): one renderer for the
 * tool and the API. */

#ifndef EXPORTER_RENDER_JSON_H
#define EXPORTER_RENDER_JSON_H

#include <stdbool.h>

struct change;
struct config;
struct explanation;
struct flow_result;
struct snapshot;
struct text;

/* The object with "evaluated_at" and "flows"; 'filter' may be NULL. */
typedef bool json_filter(const void *aux, const struct flow_result *result);
void json_results(struct text *out, const struct snapshot *snapshot,
                  json_filter *filter, const void *aux);
/* 'config' tells whose portal a link leads to; NULL: the public cloud's. */
void json_result(struct text *out, const struct config *config,
                 const struct flow_result *result);
/* The result's members and "explanation" (left out if NULL). */
void json_explained_result(struct text *out, const struct config *config,
                           const struct flow_result *result,
                           const struct explanation *explanation);
void json_change(struct text *out, const struct change *change);

#endif
