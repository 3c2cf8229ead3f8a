#include "exporter/render/json_write.h"

#include "engine/base/text.h"
#include "exporter/clock.h"
#include "exporter/render/escape.h"
#include "exporter/render/number.h"

/* Only an opening bracket, or nothing at all, stands before a first element:
 * values end in a quote, a digit, a letter or a closing bracket. */
static void
begin(struct text *out, const char *name)
{
    char last = out->length ? out->data[out->length - 1] : '[';
    if (last != '{' && last != '[' && last != ':') {
        text_append_char(out, ',');
    }
    if (name) {
        text_append_char(out, '"');
        text_append(out, name);
        text_append(out, "\":");
    }
}

void
json_open(struct text *out, const char *name, char bracket)
{
    begin(out, name);
    text_append_char(out, bracket);
}

void
json_close(struct text *out, char bracket)
{
    text_append_char(out, bracket);
}

void
json_string(struct text *out, const char *name, const char *value)
{
    begin(out, name);
    escape_json(out, value);
}

void
json_bool(struct text *out, const char *name, bool value)
{
    begin(out, name);
    text_append(out, value ? "true" : "false");
}

void
json_u64(struct text *out, const char *name, uint64_t value)
{
    begin(out, name);
    text_append_u64(out, value);
}

void
json_double(struct text *out, const char *name, double value)
{
    begin(out, name);
    number_append(out, value);
}

void
json_time(struct text *out, const char *name, int64_t wall_ms)
{
    char text[CLOCK_TEXT_SIZE] = "";
    if (wall_ms) {
        /* Whole seconds, as most readers of such times expect. */
        clock_format(wall_ms - wall_ms % 1000, text);
    }
    json_string(out, name, text);
}
