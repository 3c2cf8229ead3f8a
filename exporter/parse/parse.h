/* JSON documents of Azure -> parts of the engine's network.
 *
 * Accepted are bodies of ARM ("properties" inside) and the flattened form that
 * "az network ... -o json" prints; a list answer ({"value":[...]}), an array,
 * or one resource; kinds as in spec interfaces, "Directory source".  What is
 * odd in a resource makes that resource (or that part of a rule) uncertain or
 * refused with a line; it never ends the document.
 *
 * cJSON trees live inside one call.  Threads: any, no shared state. */

#ifndef EXPORTER_PARSE_PARSE_H
#define EXPORTER_PARSE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/network.h"
#include "exporter/source/feed.h"

struct error;
struct text;

/* What the caller knows about a document. */
struct parse_request {
    const char *label; /* File name, or what was asked for: for messages. */
    /* Origin of resources of each feed's kind. */
    uint16_t origins[N_FEEDS];
    /* The caller reads all pages of a list, one document each.  Otherwise a
     * page that is not the last is odd. */
    bool follows_pages;
    /* Whose list of service tags it is, if the document does not say; NULL:
     * everybody's. */
    const char *region;
};

struct parse_result {
    struct network_part *part; /* NULL if the document was refused. */
    bool has_feed[N_FEEDS];    /* Kinds of resources it holds. */
    size_t objects[N_FEEDS];
    /* Resources that were left out, because half of one would be worse than
     * none: what refers to them is missing data. */
    size_t refused[N_FEEDS];
    /* Lines about resources that were refused or are odd; each ends in a
     * newline and begins with the label. */
    struct text *findings;
};

/* Reads one document of 'size' bytes.  Returns false, with one line in
 * 'error' that begins with the label, if it is no JSON or nothing in it is of
 * a known kind.  The part's arena belongs to the caller. */
bool parse_document(const struct parse_request *request, const char *bytes,
                    size_t size, struct parse_result *result,
                    struct error *error);

#endif
