/* A clock that stands still until a test moves it. */

#ifndef TESTS_SUPPORT_FAKE_CLOCK_H
#define TESTS_SUPPORT_FAKE_CLOCK_H

#include <stdint.h>

#include "exporter/clock.h"

struct fake_clock {
    struct clock clock; /* First, so that one leads to the other. */
    _Atomic int64_t now_ms;
};

/* When every fake clock starts: 2026-11-21T10:00:00Z. */
#define FAKE_CLOCK_START_MS INT64_C(1795255200000)

void fake_clock_init(struct fake_clock *clock);
void fake_clock_advance(struct fake_clock *clock, int64_t ms);

#endif
