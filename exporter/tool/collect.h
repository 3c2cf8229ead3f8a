/* One collection, for the commands: configuration and source -> snapshot, and
 * an estate to judge and explain in. */

#ifndef EXPORTER_TOOL_COLLECT_H
#define EXPORTER_TOOL_COLLECT_H

#include <stdbool.h>

struct arena;
struct config;
struct config_flow;
struct cycle;
struct estate;
struct explanation;
struct flow_result;
struct policies;
struct snapshot;
struct source;

struct collected {
    const struct config *config;
    struct source *source;
    struct cycle *cycle;
    const struct snapshot *snapshot; /* Of the one cycle that was made. */
    struct policies *policies;
    struct estate *estate;
    struct arena *arena; /* For what the command needs. */
};

/* Where the command's data and flows come from; either may be NULL, not both:
 * 'dir' replaces the source of the configuration. */
struct collect_options {
    const char *config_file;
    const char *dir;
    const struct config_flow *flow; /* To be judged beside the configured
                                     * ones, or NULL. */
};

/* Reads the configuration and collects once.  What is odd is told on standard
 * error.  Returns false, with that told, too, if there is no configuration or
 * no data at all. */
bool collect(const struct collect_options *options,
             struct collected *collected);
void collected_clear(struct collected *collected);

/* Judges 'result->flow' in the estate and fills the rest of 'result', whose
 * verdict the arena then keeps; with its explanation. */
const struct explanation *collected_explain(struct collected *collected,
                                            struct flow_result *result);

#endif
