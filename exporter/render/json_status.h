/* The state of the exporter itself as JSON: cycle, feeds, findings, build. */

#ifndef EXPORTER_RENDER_JSON_STATUS_H
#define EXPORTER_RENDER_JSON_STATUS_H

struct snapshot;
struct text;

void json_status(struct text *out, const struct snapshot *snapshot);

#endif
