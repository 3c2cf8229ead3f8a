/* Which flows a client asks for: filter, order and page.  The API and the
 * status page share it.
 *
 * Threads: any, no shared state. */

#ifndef EXPORTER_WEB_SELECTION_H
#define EXPORTER_WEB_SELECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "engine/judge/verdict.h"

struct error;
struct flow_result;
struct query;
struct snapshot;

enum selection_sort {
    SORT_CONFIGURED,
    SORT_SEVERITY,
    SORT_NAME,
    SORT_VERDICT,
    SORT_CHANGED,
    N_SORTS
};

struct selection {
    bool has_verdict;
    enum verdict_kind verdict;
    bool has_violated;
    bool violated;
    bool has_direction;
    enum flow_direction direction;
    const char *group; /* Part of the rule set's name; "": any. */
    const char *words; /* "": any. */
    enum selection_sort sort;
    bool descending;
    size_t offset;
    size_t limit; /* SIZE_MAX: no limit. */
};

/* What was found: 'n' of 'total' that fit. */
struct selected {
    const struct flow_result **results; /* From the heap. */
    size_t n;
    size_t total;
};

/* Reads the parameters of the query; an empty value is an absent one.
 * Strings point into 'query'. */
bool selection_read(struct selection *selection, const struct query *query,
                    struct error *error);

struct selected selection_apply(const struct selection *selection,
                                const struct snapshot *snapshot);
void selected_clear(struct selected *selected);

#endif
