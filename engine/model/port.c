#include "engine/model/port.h"

#include <string.h>

#include "engine/base/text.h"

static void
trim(const char **word, size_t *length)
{
    while (*length && (*word)[0] == ' ') {
        (*word)++;
        (*length)--;
    }
    while (*length && (*word)[*length - 1] == ' ') {
        (*length)--;
    }
}

static bool
parse_port(const char *word, size_t length, uint64_t *port)
{
    trim(&word, &length);
    return number_parse(word, length, PORT_MAX, port);
}

bool
port_range_parse(const char *word, size_t length, struct span *ports)
{
    uint64_t first;
    uint64_t last;

    trim(&word, &length);
    if (length == 1 && *word == '*') {
        *ports = (struct span){ 0, PORT_MAX };
        return true;
    }
    const char *dash = memchr(word, '-', length);
    if (!dash) {
        if (!parse_port(word, length, &first)) {
            return false;
        }
        last = first;
    } else {
        size_t head = (size_t) (dash - word);
        if (!parse_port(word, head, &first)
            || !parse_port(dash + 1, length - head - 1, &last)
            || first > last) {
            return false;
        }
    }
    *ports = (struct span){ first, last };
    return true;
}

bool
port_list_parse(const char *words, struct span_list *ports)
{
    for (;;) {
        size_t length = strcspn(words, ",");
        struct span range;
        if (!port_range_parse(words, length, &range)) {
            return false;
        }
        span_list_add(ports, range.first, range.last);
        if (!words[length]) {
            return true;
        }
        words += length + 1;
    }
}

bool
port_set_is_full(struct span_set ports)
{
    return span_set_covers(
        ports,
        (struct span_set){ (const struct span[]){ { 0, PORT_MAX } }, 1 });
}

void
port_set_format(struct span_set ports, struct text *text)
{
    if (port_set_is_full(ports)) {
        text_append(text, "*");
        return;
    }
    for (size_t i = 0; i < ports.n; i++) {
        if (i) {
            text_append(text, ",");
        }
        text_append_u64(text, (uint64_t) ports.spans[i].first);
        if (ports.spans[i].last != ports.spans[i].first) {
            text_append(text, "-");
            text_append_u64(text, (uint64_t) ports.spans[i].last);
        }
    }
}
