/* When cycles begin: arithmetic only, so that it is tested without waiting. */

#ifndef EXPORTER_SCHEDULER_PLAN_H
#define EXPORTER_SCHEDULER_PLAN_H

#include <stdint.h>

struct plan {
    int64_t due_ms;   /* Monotonic: when the next cycle is to begin. */
    int64_t began_ms; /* When the last one did. */
    uint64_t random;  /* State of the jitter. */
};

/* The first cycle is due at once. */
void plan_init(struct plan *plan, uint64_t seed, int64_t now_ms);

void plan_began(struct plan *plan, int64_t now_ms);

/* The cycle ended: the next is due one interval after this one began, up to a
 * tenth earlier so that exporters that started together drift apart, never
 * later.  A cycle that took longer than that is followed by a pause of a
 * tenth of the interval. */
void plan_ended(struct plan *plan, int64_t interval_ms, int64_t now_ms);

/* The next cycle is due at once. */
void plan_hurry(struct plan *plan, int64_t now_ms);

#endif
