#include "exporter/web/query.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/memory.h"

static bool add_item(struct query *query, char *item, struct error *error);
static int hex_value(char c);

bool
percent_decode(char *string, bool plus)
{
    char *to = string;
    for (const char *from = string; *from; from++) {
        if (*from != '%') {
            *to++ = plus && *from == '+' ? ' ' : *from;
            continue;
        }
        int high = hex_value(from[1]);
        int low = high < 0 ? -1 : hex_value(from[2]);
        if (low < 0 || high + low == 0) {
            return false;
        }
        *to++ = (char) (high * 16 + low);
        from += 2;
    }
    *to = '\0';
    return true;
}

bool
query_parse(struct query *query, const char *string, struct error *error)
{
    *query = (struct query){ 0 };
    if (!string || !*string) {
        return true;
    }
    size_t size = strlen(string) + 1;
    query->memory = memory_alloc(size);
    memcpy(query->memory, string, size);

    char *item = query->memory;
    while (item) {
        char *next = strchr(item, '&');
        if (next) {
            *next++ = '\0';
        }
        if (*item && !add_item(query, item, error)) {
            query_clear(query);
            return false;
        }
        item = next;
    }
    return true;
}

void
query_clear(struct query *query)
{
    free(query->memory);
    *query = (struct query){ 0 };
}

const char *
query_get(const struct query *query, const char *name)
{
    for (size_t i = 0; i < query->n; i++) {
        if (!strcmp(query->items[i].name, name)) {
            return query->items[i].value;
        }
    }
    return NULL;
}

static bool
add_item(struct query *query, char *item, struct error *error)
{
    char *value = strchr(item, '=');
    if (value) {
        *value++ = '\0';
    } else {
        value = item + strlen(item);
    }
    if (!percent_decode(item, true) || !percent_decode(value, true)) {
        return error_set(error, "the query is not percent-encoded");
    }
    if (query_get(query, item)) {
        return error_set(error, "parameter '%.64s' is given twice", item);
    }
    if (query->n == QUERY_ITEMS_MAX) {
        return error_set(error, "more than %d parameters", QUERY_ITEMS_MAX);
    }
    query->items[query->n].name = item;
    query->items[query->n++].value = value;
    return true;
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
