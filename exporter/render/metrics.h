/* The one table of metric families: it drives names, HELP, TYPE, UNIT, the
 * reference page and the tests. */

#ifndef EXPORTER_RENDER_METRICS_H
#define EXPORTER_RENDER_METRICS_H

#include <stdbool.h>
#include <stddef.h>

enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_INFO,
                   METRIC_HISTOGRAM };

struct snapshot;
struct text;

struct metric_family {
    const char *name; /* As text 0.0.4 spells it: with _total, _info. */
    enum metric_type type;
    const char *unit; /* "seconds", "bytes", "ratio", or "". */
    const char *help; /* Never varies. */
    const char *labels; /* Comma separated, for the reference page. */
    bool live;          /* In the tail, rendered at each scrape. */
    void (*emit)(const struct snapshot *snapshot,
                 const struct metric_family *family, struct text *out);
};

size_t metric_families(const struct metric_family **families);

#endif
