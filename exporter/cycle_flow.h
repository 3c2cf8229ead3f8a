/* What a cycle remembers of each flow from pass to pass: its verdicts, its
 * counters, and when it last changed. */

#ifndef EXPORTER_CYCLE_FLOW_H
#define EXPORTER_CYCLE_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/judge/verdict.h"

struct config;

/* A verdict in words, which outlives the process in the state folder. */
struct verdict_words {
    enum verdict_kind kind;
    const char *side;
    const char *layer;
    const char *ruleset;
    const char *rule;
    const char *rule_id;
};

struct cycle_flow {
    const char *name;       /* In the configuration. */
    struct verdict *judged; /* By the engine; NULL before the first time. */
    struct verdict *shown;  /* The same, or an unknown for want of data. */
    /* The verdict that the next one is compared with.  'kept' stands for it
     * until there is one since the start of the process; both NULL: there
     * never was one. */
    struct verdict *last;
    struct verdict_words *kept; /* From the heap, in one piece. */
    int64_t last_change_ms;
    uint64_t verdict_changes;
    uint64_t decision_changes;
    uint64_t evaluation_failures;
};

enum flow_event {
    FLOW_EVENT_NONE,
    FLOW_EVENT_FIRST,    /* A first verdict is no change. */
    FLOW_EVENT_DECISION, /* The same verdict by another rule. */
    FLOW_EVENT_VERDICT
};

/* Makes the flows of 'config'.  What 'old' knows of flows with the same names
 * moves over; the rest of 'old' ends. */
struct cycle_flow *cycle_flows_create(const struct config *config,
                                      struct cycle_flow *old, size_t n_old);
void cycle_flows_destroy(struct cycle_flow *flows, size_t n);

/* Returns the flows in the order of their names, in an array from the heap;
 * and the one with a name out of it, or NULL. */
struct cycle_flow **cycle_flows_sort(struct cycle_flow *flows, size_t n);
struct cycle_flow *cycle_flows_find(struct cycle_flow *const sorted[],
                                    size_t n, const char *name);

/* Keeps a copy of 'words' as what the flow had before the start. */
void cycle_flow_keep(struct cycle_flow *flow,
                     const struct verdict_words *words);

/* Takes over 'judged' (one reference) as the engine's verdict. */
void cycle_flow_set_judged(struct cycle_flow *flow, struct verdict *judged);
/* Lets 'shown' be what the flow shows (takes a reference of its own). */
void cycle_flow_set_shown(struct cycle_flow *flow,
                          const struct verdict *shown);

/* What the flow's shown verdict is compared with its last one.  '*before' is
 * filled unless the answer is FIRST. */
enum flow_event cycle_flow_event(const struct cycle_flow *flow,
                                 struct verdict_words *before);

/* Counts the event and lets the shown verdict be the last one; words of
 * cycle_flow_event() end here. */
void cycle_flow_count(struct cycle_flow *flow, enum flow_event event,
                      int64_t now_ms);

struct verdict_words verdict_words(const struct verdict *verdict);

/* Known, and not what is expected; PARTIAL never is (spec metrics). */
bool verdict_violates(const struct verdict *verdict, bool expect_allow);

#endif
