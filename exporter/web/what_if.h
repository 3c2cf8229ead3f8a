/* Judging and explaining in a thread of the web server: an estate of its own,
 * made from the newest network and kept until there is a newer one.
 *
 * Threads: any; one question at a time (guarded by a lock of its own). */

#ifndef EXPORTER_WEB_WHAT_IF_H
#define EXPORTER_WEB_WHAT_IF_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct explanation;
struct flow;
struct snapshot;
struct verdict;
struct what_if;

struct what_if *what_if_create(void);
void what_if_destroy(struct what_if *what_if);

/* The answer to one question.  'explanation' lives in the arena that was
 * handed in and is NULL where nothing can be explained. */
struct what_if_answer {
    const struct verdict *verdict; /* The caller gives it back. */
    int64_t data_timestamp_ms;     /* Oldest feed it rests on; 0: none. */
    const struct explanation *explanation;
};

/* Judges 'flow' against the network of 'snapshot'.  The verdict is "unknown"
 * before the first collection, and where it rests on data that is too old. */
struct what_if_answer what_if_ask(struct what_if *what_if,
                                  const struct snapshot *snapshot,
                                  const struct flow *flow,
                                  struct arena *arena);

/* Lets go of a network that is no longer that of 'snapshot'. */
void what_if_forget(struct what_if *what_if, const struct snapshot *snapshot);

#endif
