/* How old the data is that verdicts rest on (spec interfaces, "Age").
 *
 * Threads: one at a time; any may copy what a snapshot has. */

#ifndef EXPORTER_CYCLE_AGE_H
#define EXPORTER_CYCLE_AGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exporter/source/feed.h"

struct ages;
struct verdict;

struct ages *ages_create(void);
void ages_destroy(struct ages *ages);
/* Returns the same ages, of 'feeds', which are those of the last update or a
 * copy of them. */
struct ages *ages_copy(const struct ages *ages,
                       const struct feed_state *feeds);

/* Lets the ages be those of 'feeds' at 'now_ms'; the feeds must live until
 * the next call.  Returns true if a feed turned old, or young again, since
 * the last call. */
bool ages_update(struct ages *ages, const struct feed_state *feeds, size_t n,
                 int64_t interval_ms, int64_t max_age_ms, int64_t now_ms);

bool ages_any_expired(const struct ages *ages);

/* Returns what is to be shown for 'judged': itself, or an unknown verdict
 * because the data is too old or was never read.  Belongs to 'ages' or to the
 * caller of this function already; takes no reference.  NULL as 'judged' is a
 * flow that was never judged. */
const struct verdict *ages_apply(struct ages *ages,
                                 const struct verdict *judged);

/* Returns the oldest success among the feeds that 'judged' rests on; feeds
 * with a refresh of their own count only once they are overdue.  0: none. */
int64_t ages_data_timestamp(const struct ages *ages,
                            const struct verdict *judged);

#endif
