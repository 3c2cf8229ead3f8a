/* Percent-decoding and query strings ("a=1&b=two").
 *
 * Threads: any, no shared state. */

#ifndef EXPORTER_WEB_QUERY_H
#define EXPORTER_WEB_QUERY_H

#include <stdbool.h>
#include <stddef.h>

struct error;

enum { QUERY_ITEMS_MAX = 64 };

struct query {
    struct {
        const char *name;
        const char *value;
    } items[QUERY_ITEMS_MAX];
    size_t n;
    char *memory; /* What the items point into. */
};

/* Decodes "%2F" in place, and '+' as a blank if 'plus'.  Returns false if a
 * '%' is not followed by two hexadecimal digits, or stands for NUL. */
bool percent_decode(char *string, bool plus);

/* Reads what stands behind the '?'; NULL and "" are empty.  A name may be
 * given once.  On failure 'query' is empty. */
bool query_parse(struct query *query, const char *string, struct error *error);
void query_clear(struct query *query);

/* Returns the value of 'name', or NULL if it is not given. */
const char *query_get(const struct query *query, const char *name);

#endif
