/* Ports and lists of them, as Azure and the configuration write them. */

#ifndef ENGINE_MODEL_PORT_H
#define ENGINE_MODEL_PORT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/model/span.h"

struct text;

enum {
    PORT_MAX = 65535,
    /* The "port" of packets that have none (Icmp, Esp, Ah, other): it lies
     * behind the last port, so that only a side that covers all ports
     * matches it (spec verdict 3). */
    PORT_NONE = 65536
};

/* Reads "80", "80-90" or "*" (all ports), blanks around numbers allowed.
 * Returns false for anything else: a number above 65535, "90-80", "". */
bool port_range_parse(const char *word, size_t length, struct span *ports);

/* Reads a comma-separated list of such words. */
bool port_list_parse(const char *words, struct span_list *ports);

/* Returns true if the set holds all of 0 to 65535. */
bool port_set_is_full(struct span_set ports);

/* Appends "*", "80", or "80,443,8000-8010". */
void port_set_format(struct span_set ports, struct text *text);

#endif
