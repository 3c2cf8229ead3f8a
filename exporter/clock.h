/* The time, handed in, so that tests can stop and move it.
 *
 * Threads: a clock may be used from any thread. */

#ifndef EXPORTER_CLOCK_H
#define EXPORTER_CLOCK_H

#include <stdint.h>

struct clock {
    /* Milliseconds since 1970-01-01T00:00:00Z. */
    int64_t (*wall_ms)(struct clock *);
    /* Milliseconds of a clock that never jumps. */
    int64_t (*monotonic_ms)(struct clock *);
};

/* The real one. */
struct clock *clock_system(void);

/* Writes "2026-11-21T10:00:00Z" (or with milliseconds) into 'text'. */
enum { CLOCK_TEXT_SIZE = 32 };
void clock_format(int64_t wall_ms, char text[CLOCK_TEXT_SIZE]);

#endif
