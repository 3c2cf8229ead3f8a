#include "exporter/web/accept.h"

#include <stddef.h>
#include <string.h>

#include "engine/base/ascii.h"

/* Weights are thousandths: RFC 9110 allows three digits. */
enum { WEIGHT_MAX = 1000, WEIGHT_NONE = -1 };

/* A part of a header line. */
struct slice {
    const char *start;
    size_t length;
};

/* One element of the list: a value, its weight, and "version". */
struct preference {
    struct slice value;
    int weight;
    struct slice version; /* Empty if not given. */
};

static bool next_preference(const char **rest, struct preference *preference);
static bool read_parameters(struct slice parameters,
                            struct preference *preference);
static bool cut(struct slice *rest, char separator, struct slice *part);
static size_t part_length(const char *start, size_t length, char separator);
static struct slice trim(struct slice slice);
static bool slice_is(struct slice slice, const char *word);
static int read_weight(struct slice slice);
static void keep_best(int *weight, int candidate);

enum exposition_format
accept_format(const char *accept)
{
    int openmetrics = WEIGHT_NONE, text = WEIGHT_NONE, any_text = WEIGHT_NONE,
        any = WEIGHT_NONE;
    struct preference preference;

    while (accept && next_preference(&accept, &preference)) {
        bool any_version = !preference.version.length;
        if (slice_is(preference.value, "application/openmetrics-text")) {
            if (any_version || slice_is(preference.version, "1.0.0")) {
                keep_best(&openmetrics, preference.weight);
            }
        } else if (slice_is(preference.value, "text/plain")) {
            if (any_version || slice_is(preference.version, "0.0.4")) {
                keep_best(&text, preference.weight);
            }
        } else if (slice_is(preference.value, "text/*")) {
            keep_best(&any_text, preference.weight);
        } else if (slice_is(preference.value, "*/*")) {
            keep_best(&any, preference.weight);
        }
    }
    /* The most specific range that fits is the one that counts. */
    if (text == WEIGHT_NONE) {
        text = any_text != WEIGHT_NONE ? any_text : any;
    }
    return openmetrics > 0 && openmetrics >= text ? EXPOSITION_OPENMETRICS
                                                  : EXPOSITION_TEXT;
}

bool
accept_gzip(const char *accept_encoding)
{
    int gzip = WEIGHT_NONE, identity = WEIGHT_NONE, any = WEIGHT_NONE;
    struct preference preference;

    while (accept_encoding && next_preference(&accept_encoding, &preference)) {
        if (slice_is(preference.value, "gzip")
            || slice_is(preference.value, "x-gzip")) {
            keep_best(&gzip, preference.weight);
        } else if (slice_is(preference.value, "identity")) {
            keep_best(&identity, preference.weight);
        } else if (slice_is(preference.value, "*")) {
            keep_best(&any, preference.weight);
        }
    }
    if (gzip == WEIGHT_NONE) {
        gzip = any;
    }
    return gzip > 0 && gzip >= identity;
}

/* Reads the next element that can be read; the others are passed over. */
static bool
next_preference(const char **rest, struct preference *preference)
{
    while (**rest) {
        size_t length = part_length(*rest, strlen(*rest), ',');
        struct slice element = { *rest, length };
        *rest += length + ((*rest)[length] == ',');

        *preference = (struct preference){ .weight = WEIGHT_MAX };
        (void) cut(&element, ';', &preference->value);
        if (preference->value.length && read_parameters(element, preference)) {
            return true;
        }
    }
    return false;
}

static bool
read_parameters(struct slice parameters, struct preference *preference)
{
    struct slice parameter;
    while (cut(&parameters, ';', &parameter)) {
        struct slice value = parameter, name;
        (void) cut(&value, '=', &name);
        value = trim(value);
        if (value.length >= 2 && *value.start == '"'
            && value.start[value.length - 1] == '"') {
            value.start++;
            value.length -= 2;
        }
        if (slice_is(name, "q")) {
            preference->weight = read_weight(value);
            if (preference->weight == WEIGHT_NONE) {
                return false;
            }
        } else if (slice_is(name, "version")) {
            preference->version = value;
        }
    }
    return true;
}

/* Takes the part of 'rest' up to 'separator' outside of quotes, without blanks
 * around it.  Returns false if nothing is left. */
static bool
cut(struct slice *rest, char separator, struct slice *part)
{
    size_t length = part_length(rest->start, rest->length, separator);
    bool more = rest->length > 0;

    *part = trim((struct slice){ rest->start, length });
    length += length < rest->length;
    rest->start += length;
    rest->length -= length;
    return more;
}

static size_t
part_length(const char *start, size_t length, char separator)
{
    bool quoted = false;
    size_t i;
    for (i = 0; i < length && (quoted || start[i] != separator); i++) {
        if (quoted && start[i] == '\\' && i + 1 < length) {
            i++;
        } else if (start[i] == '"') {
            quoted = !quoted;
        }
    }
    return i;
}

static struct slice
trim(struct slice slice)
{
    while (slice.length && (*slice.start == ' ' || *slice.start == '\t')) {
        slice.start++;
        slice.length--;
    }
    while (slice.length
           && (slice.start[slice.length - 1] == ' '
               || slice.start[slice.length - 1] == '\t')) {
        slice.length--;
    }
    return slice;
}

static bool
slice_is(struct slice slice, const char *word)
{
    return slice.length == strlen(word)
           && ascii_equal_n(slice.start, word, slice.length);
}

/* RFC 9110, 12.4.2: "0" or "1", and up to three digits behind a point. */
static int
read_weight(struct slice slice)
{
    if (!slice.length || slice.length > 5
        || (*slice.start != '0' && *slice.start != '1')
        || (slice.length > 1 && slice.start[1] != '.')) {
        return WEIGHT_NONE;
    }
    int weight = (*slice.start - '0') * WEIGHT_MAX;
    int unit = WEIGHT_MAX / 10;
    for (size_t i = 2; i < slice.length; i++, unit /= 10) {
        if (slice.start[i] < '0' || slice.start[i] > '9') {
            return WEIGHT_NONE;
        }
        weight += (slice.start[i] - '0') * unit;
    }
    return weight <= WEIGHT_MAX ? weight : WEIGHT_NONE;
}

static void
keep_best(int *weight, int candidate)
{
    if (candidate > *weight) {
        *weight = candidate;
    }
}
