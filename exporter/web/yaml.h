/* The part of YAML that the web configuration needs: mappings and lists by
 * indentation or in brackets (so JSON, too), plain and quoted words, literal
 * blocks ("|"), comments.  What lies outside (anchors, tags, folded text, tabs
 * for indentation) is refused with its line.
 *
 * Threads: any, no shared state. */

#ifndef EXPORTER_WEB_YAML_H
#define EXPORTER_WEB_YAML_H

#include <stddef.h>

struct arena;
struct error;

enum yaml_kind { YAML_NONE, YAML_SCALAR, YAML_MAP, YAML_LIST };

struct yaml_node {
    enum yaml_kind kind; /* NONE: "key:" with nothing or null behind it. */
    unsigned int line;
    const char *key;            /* Of an element of a map; NULL in a list. */
    const char *scalar;         /* NULL unless a scalar. */
    struct yaml_node *children; /* Of a map or list, linked by 'next'. */
    struct yaml_node *next;
};

/* Reads a document whose outermost value is a mapping (or nothing).  Returns
 * NULL, and "line N: cause" in 'error'.  The nodes live in 'arena'. */
struct yaml_node *yaml_parse(const char *text, size_t length,
                             struct arena *arena, struct error *error);

#endif
