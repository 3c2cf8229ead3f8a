#include "tests/support/fake_clock.h"

static int64_t
now_ms(struct clock *clock)
{
    return ((struct fake_clock *) clock)->now_ms;
}

void
fake_clock_init(struct fake_clock *clock)
{
    clock->clock = (struct clock){ .wall_ms = now_ms, .monotonic_ms = now_ms };
    clock->now_ms = FAKE_CLOCK_START_MS;
}

void
fake_clock_advance(struct fake_clock *clock, int64_t ms)
{
    clock->now_ms += ms;
}
