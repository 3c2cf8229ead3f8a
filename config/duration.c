#include <string.h>

#include "config/config.h"
#include "engine/base/number.h"

/* Units from the largest to the smallest; each may appear once, in this
 * order, as in Prometheus.  A year has 365 days there, too. */
static const struct {
    const char *name;
    int64_t ms;
} units[] = {
    { "y", 365LL * 24 * 3600 * 1000 },
    { "w", 7LL * 24 * 3600 * 1000 },
    { "d", 24LL * 3600 * 1000 },
    { "h", 3600LL * 1000 },
    { "m", 60LL * 1000 },
    { "s", 1000 },
    { "ms", 1 },
};

/* Prometheus counts nanoseconds in 63 bits. */
static const int64_t duration_max_ms = INT64_MAX / 1000000;

bool
duration_parse(const char *word, int64_t *duration_ms)
{
    int64_t sum = 0;
    size_t unit = 0;

    if (!strcmp(word, "0")) {
        *duration_ms = 0;
        return true;
    }
    if (!*word) {
        return false;
    }
    while (*word) {
        size_t digits = strspn(word, "0123456789");
        size_t letters = strcspn(word + digits, "0123456789");
        uint64_t count;
        if (!number_parse(word, digits, (uint64_t) duration_max_ms, &count)) {
            return false;
        }
        word += digits;
        while (unit < sizeof units / sizeof *units
               && (strlen(units[unit].name) != letters
                   || strncmp(units[unit].name, word, letters) != 0)) {
            unit++;
        }
        if (unit == sizeof units / sizeof *units
            || (int64_t) count > (duration_max_ms - sum) / units[unit].ms) {
            return false;
        }
        sum += (int64_t) count * units[unit].ms;
        unit++;
        word += letters;
    }
    *duration_ms = sum;
    return true;
}
