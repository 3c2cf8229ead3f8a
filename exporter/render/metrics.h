/* The one table of metric families: it drives names, HELP, TYPE, UNIT, the
 * reference page and the tests (spec metrics). */

#ifndef EXPORTER_RENDER_METRICS_H
#define EXPORTER_RENDER_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "exporter/render/exposition.h"

enum metric_type {
    METRIC_GAUGE,
    METRIC_COUNTER,
    METRIC_INFO,
    METRIC_HISTOGRAM
};

/* Which setting of the configuration's "metrics" switches a family off. */
enum metric_option {
    METRIC_ALWAYS,
    METRIC_LAYER_DENIES,
    METRIC_DECISION_PRIORITY,
    METRIC_CHANGES
};

struct config;
struct flow_result;
struct metric_family;
struct snapshot;
struct text;

/* Appends the samples of one flow; 'max' characters are shown of a label's
 * value. */
typedef void metric_emit_flow(struct text *out,
                              const struct metric_family *family,
                              const struct flow_result *result, size_t max);
/* Appends all samples as of the last cycle. */
typedef void metric_emit(struct text *out, const struct metric_family *family,
                         const struct snapshot *snapshot);
/* Appends all samples as of now. */
typedef void metric_emit_live(struct text *out,
                              const struct metric_family *family,
                              const struct exposition *exposition);

/* Exactly one of the first three emitters is set. */
struct metric_family {
    const char *name; /* As text 0.0.4 spells it: with _total, _info. */
    enum metric_type type;
    const char *unit;   /* "seconds", "bytes", "ratio", or "". */
    const char *labels; /* Comma separated, for the reference page. */
    const char *help;   /* Never varies. */
    enum metric_option option;
    metric_emit_flow *emit_flow;
    metric_emit *emit;
    metric_emit_live *emit_live; /* In the tail, which is as of the scrape. */
    /* The samples that each scrape changes; of the last family alone. */
    metric_emit_live *emit_scrape;
    /* The samples say nothing but what the configuration says. */
    bool constant;
};

size_t metric_families(const struct metric_family **families);

/* Returns true if the configuration does not switch 'family' off. */
bool metric_is_on(const struct metric_family *family,
                  const struct config *config);

/* Appends the lines about 'family' that stand before its samples. */
void metric_describe(struct text *out, const struct metric_family *family,
                     enum exposition_format format);

#endif
