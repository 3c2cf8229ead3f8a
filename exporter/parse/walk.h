/* Walks a document down to its resources: the forms of spec interfaces,
 * "Directory source". */

#ifndef EXPORTER_PARSE_WALK_H
#define EXPORTER_PARSE_WALK_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct parser;

/* Reads all resources of the document into the parser's lists.  Returns false
 * and fills 'error' if it is no JSON. */
bool walk_document(struct parser *parser, const char *bytes, size_t size,
                   struct error *error);

#endif
