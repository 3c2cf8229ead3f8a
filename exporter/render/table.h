/* Results as tables and text for people at a terminal. */

#ifndef EXPORTER_RENDER_TABLE_H
#define EXPORTER_RENDER_TABLE_H

struct explanation;
struct flow_result;
struct snapshot;
struct text;

void table_results(struct text *out, const struct snapshot *snapshot,
                   const char *const names[], unsigned int n_names);
void table_explanation(struct text *out,
                       const struct explanation *explanation);

#endif
