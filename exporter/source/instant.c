#include "exporter/source/instant.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "engine/base/number.h"

struct civil {
    int year, month, day, hour, minute, second;
};

static bool parse_iso(const char *text, int64_t *seconds);
static bool parse_american(const char *text, int64_t *seconds);
static bool parse_http_date(const char *text, int64_t *seconds);
static bool parse_offset(const char *text, int64_t *offset);
static bool civil_to_seconds(const struct civil *civil, int64_t *seconds);

bool
instant_parse(const char *text, int64_t *seconds)
{
    uint64_t epoch;

    /* The year 9999 is as good as never. */
    if (number_parse(text, strlen(text), UINT64_C(253402300799), &epoch)) {
        *seconds = (int64_t) epoch;
        return true;
    }
    return parse_iso(text, seconds) || parse_american(text, seconds)
           || parse_http_date(text, seconds);
}

static bool
parse_iso(const char *text, int64_t *seconds)
{
    struct civil c;
    char separator;
    int used = 0;
    int64_t offset = 0;

    if (sscanf(text, "%4d-%2d-%2d%c%2d:%2d:%2d%n", &c.year, &c.month, &c.day,
               &separator, &c.hour, &c.minute, &c.second, &used)
            != 7
        || !strchr(" Tt", separator)) {
        return false;
    }
    const char *rest = text + used;
    if (*rest == '.') {
        rest++;
        rest += strspn(rest, "0123456789");
    }
    if (!parse_offset(rest, &offset) || !civil_to_seconds(&c, seconds)) {
        return false;
    }
    *seconds -= offset;
    return true;
}

static bool
parse_american(const char *text, int64_t *seconds)
{
    struct civil c;
    int used = 0;
    int64_t offset = 0;

    if (sscanf(text, "%2d/%2d/%4d %2d:%2d:%2d%n", &c.month, &c.day, &c.year,
               &c.hour, &c.minute, &c.second, &used)
            != 6
        || !parse_offset(text + used, &offset)
        || !civil_to_seconds(&c, seconds)) {
        return false;
    }
    *seconds -= offset;
    return true;
}

static bool
parse_http_date(const char *text, int64_t *seconds)
{
    static const char months[][4] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun",
        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };
    struct civil c = { .month = 0 };
    char month[4];
    int used = 0;

    if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n",
               &c.day, month, &c.year, &c.hour, &c.minute, &c.second, &used)
            != 6
        || !used) {
        return false;
    }
    for (int i = 0; i < 12; i++) {
        if (ascii_equal(month, months[i])) {
            c.month = i + 1;
        }
    }
    return civil_to_seconds(&c, seconds);
}

/* Nothing, "Z", or " +01:00". */
static bool
parse_offset(const char *text, int64_t *offset)
{
    char sign;
    int hours;
    int minutes;
    int used = 0;

    text += strspn(text, " ");
    if (!*text || ascii_equal(text, "Z") || ascii_equal(text, "UTC")) {
        *offset = 0;
        return true;
    }
    if (sscanf(text, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) != 3
        || text[used] || (sign != '+' && sign != '-') || hours < 0
        || minutes < 0) {
        return false;
    }
    *offset = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
    return true;
}

/* Days are counted from 1 March of the year 0, so that the day that comes and
 * goes is the last one of its year. */
static bool
civil_to_seconds(const struct civil *c, int64_t *seconds)
{
    if (c->year < 1970 || c->month < 1 || c->month > 12 || c->day < 1
        || c->day > 31 || c->hour < 0 || c->hour > 23 || c->minute < 0
        || c->minute > 59 || c->second < 0 || c->second > 60) {
        return false;
    }
    int64_t year = c->month <= 2 ? c->year - 1 : c->year;
    int64_t month = c->month <= 2 ? c->month + 9 : c->month - 3;
    int64_t days = 365 * year + year / 4 - year / 100 + year / 400
                   + (153 * month + 2) / 5 + c->day - 1 - 719468;
    *seconds = ((days * 24 + c->hour) * 60 + c->minute) * 60 + c->second;
    return true;
}
