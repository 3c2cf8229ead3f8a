/* Results as tables and text for people at a terminal.
 *
 * Names come from others: what could steer a terminal is replaced. */

#ifndef EXPORTER_RENDER_TABLE_H
#define EXPORTER_RENDER_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct explanation;
struct flow_result;
struct text;

struct table_style {
    size_t width; /* Columns of the terminal; 0: no limit. */
    bool colour;
};

/* One line for each result, and one with their numbers. */
void table_results(struct text *out, const struct flow_result *const results[],
                   size_t n, const struct table_style *style);

/* The verdict in a sentence, every layer with its rules, regions, notes. */
void table_explanation(struct text *out, const struct explanation *explanation,
                       const struct table_style *style);

/* Appends "side layer group rule" of the deciding rule, or "no rule". */
struct decision;
void table_decision(struct text *out, const struct decision *decision);

#endif
