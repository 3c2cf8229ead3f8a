/* Which kinds of resources there are, and how one is read and judged. */

#ifndef EXPORTER_PARSE_KIND_H
#define EXPORTER_PARSE_KIND_H

#include "exporter/parse/parser.h"

/* Reads one resource whose kind its type, its id or its members tell. */
void kind_read_any(struct parser *parser, const struct cJSON *resource);

/* Reads one resource of a known kind. */
void kind_read(struct parser *parser, const struct cJSON *resource,
               const char *kind, enum feed feed, parse_resource *read);

/* Ends the reading of a resource: refuses it if the reader found it bad. */
void kind_finish(struct parser *parser, enum feed feed);

/* Notes something that is of no known kind. */
void kind_refuse_unknown(struct parser *parser, const char *what);

#endif
