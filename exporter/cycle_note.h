/* What a cycle tells: log lines and the change log.  Each thing is told once,
 * when it changes, not in every cycle.
 *
 * Threads: the scheduler's. */

#ifndef EXPORTER_CYCLE_NOTE_H
#define EXPORTER_CYCLE_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exporter/cycle_flow.h"

struct changes;
struct config;
struct feed_state;
struct notes;
struct world;

/* 'changes' may be NULL. */
struct notes *notes_create(struct changes *changes);
void notes_destroy(struct notes *notes);

/* A new pass begins at 'now_ms'. */
void notes_begin(struct notes *notes, int64_t now_ms);
int64_t notes_now(const struct notes *notes);

/* Tells what became of flow number 'i': 'event', with 'before' unless it was
 * the first verdict. */
void notes_flow(struct notes *notes, const struct config *config, size_t i,
                const struct cycle_flow *flow, struct world *world,
                enum flow_event event, const struct verdict_words *before);

/* Tells which feeds failed or recovered since the last call. */
void notes_feeds(struct notes *notes, const struct feed_state *feeds,
                 size_t n);

/* Tells which findings are new since the last call. */
void notes_findings(struct notes *notes, const char *const findings[],
                    size_t n);

#endif
