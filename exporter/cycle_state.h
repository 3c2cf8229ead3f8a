/* What a cycle keeps across restarts: the last verdict, change time and
 * counters of each flow, and the change log.
 *
 * It is one document of exporter/state.h, in lines of words between tabs. */

#ifndef EXPORTER_CYCLE_STATE_H
#define EXPORTER_CYCLE_STATE_H

#include <stdbool.h>
#include <stddef.h>

struct changes;
struct cycle_flow;
struct cycle_state;

struct cycle_state *cycle_state_create(const char *folder);
void cycle_state_destroy(struct cycle_state *state);

/* Gives the 'n' flows what was kept of them, and 'changes' (if not NULL) its
 * records.  A document that makes no sense is put aside and logged. */
void cycle_state_load(struct cycle_state *state, struct cycle_flow *flows,
                      size_t n, struct changes *changes);

/* Something was changed that must be kept. */
void cycle_state_touch(struct cycle_state *state);
bool cycle_state_is_touched(const struct cycle_state *state);

/* Keeps the flows and 'changes' (if not NULL).  A failure is logged once. */
void cycle_state_save(struct cycle_state *state,
                      const struct cycle_flow *flows, size_t n,
                      struct changes *changes);

#endif
