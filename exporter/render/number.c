#include "exporter/render/number.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/text.h"

/* Whole numbers up to here are exact in a double. */
#define WHOLE_MAX 9007199254740992.0

void
number_append(struct text *out, double value)
{
    if (value >= 0 && value <= WHOLE_MAX
        && (double) (uint64_t) value == value) {
        text_append_u64(out, (uint64_t) value);
        return;
    }
    char digits[32];
    for (int precision = 15; precision <= 17; precision++) {
        (void) snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value) {
            break;
        }
    }
    text_append(out, digits);
}

void
number_append_ms(struct text *out, int64_t ms)
{
    if (ms < 0) {
        text_append_char(out, '-');
        ms = -ms;
    }
    text_append_u64(out, (uint64_t) ms / 1000);
    unsigned int rest = (unsigned int) (ms % 1000);
    if (!rest) {
        return;
    }
    char digits[5] = { '.', (char) ('0' + rest / 100),
                       (char) ('0' + rest / 10 % 10), (char) ('0' + rest % 10),
                       '\0' };
    for (size_t i = 3; digits[i] == '0'; i--) {
        digits[i] = '\0';
    }
    text_append(out, digits);
}
