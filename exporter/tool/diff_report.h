/* What 'flowverify diff' found, and its two ways to be shown. */

#ifndef EXPORTER_TOOL_DIFF_REPORT_H
#define EXPORTER_TOOL_DIFF_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/judge/estate_diff.h"

struct cause;
struct config_flow;
struct text;
struct verdict;

/* A configured flow whose verdict differs. */
struct flow_flip {
    const struct config_flow *flow;
    const struct verdict *before;
    const struct verdict *after;
    const struct cause *causes; /* Those that alone explain it first. */
    size_t n_causes;
};

struct diff_report {
    const char *before; /* Folders. */
    const char *after;
    struct estate_diff estates;
    const struct flow_flip *flips;
    size_t n_flips;
    size_t n_flows; /* That were judged. */
};

/* Returns true if some packet is treated otherwise, or may be. */
bool diff_report_differs(const struct diff_report *report);

void diff_report_text(struct text *out, const struct diff_report *report);
void diff_report_json(struct text *out, const struct diff_report *report);

#endif
