#include "exporter/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t
read_ms(clockid_t id)
{
    struct timespec now;

    (void) clock_gettime(id, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t
system_wall_ms(struct clock *clock)
{
    (void) clock;
    return read_ms(CLOCK_REALTIME);
}

static int64_t
system_monotonic_ms(struct clock *clock)
{
    (void) clock;
    return read_ms(CLOCK_MONOTONIC);
}

struct clock *
clock_system(void)
{
    static struct clock system_clock = { .wall_ms = system_wall_ms,
                                         .monotonic_ms = system_monotonic_ms };

    return &system_clock;
}

void
clock_format(int64_t wall_ms, char text[CLOCK_TEXT_SIZE])
{
    /* Rounded down, also before 1970. */
    int64_t ms = (wall_ms % 1000 + 1000) % 1000;
    time_t seconds = (time_t) ((wall_ms - ms) / 1000);
    struct tm utc;
    char date[CLOCK_TEXT_SIZE];

    if (!gmtime_r(&seconds, &utc)
        || !strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc)) {
        (void) snprintf(text, CLOCK_TEXT_SIZE, "invalid");
    } else if (ms) {
        (void) snprintf(text, CLOCK_TEXT_SIZE, "%.26s.%03uZ", date,
                        (unsigned int) ms);
    } else {
        (void) snprintf(text, CLOCK_TEXT_SIZE, "%.26sZ", date);
    }
}
