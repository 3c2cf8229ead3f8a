/* The ends of a flow, looked up in the data: which NIC, which of its
 * addresses, and what the words of the remote end stand for (spec verdict 2,
 * "Which addresses, which NIC"). */

#ifndef ENGINE_JUDGE_END_H
#define ENGINE_JUDGE_END_H

#include <stddef.h>

#include "engine/compile/origins.h"
#include "engine/judge/site.h"
#include "engine/model/address.h"

struct arena;
struct estate;
struct flow_end;

/* Addresses of one NIC that read all rules alike. */
struct end_part {
    const struct site *site;
    struct address_set addresses;
};

/* An end with a NIC. */
struct end {
    const struct nic *nic; /* NULL if it was not found. */
    const struct end_part *parts;
    size_t n_parts;
    /* Not NONE: the end cannot be judged. */
    enum reason reason;
    const char *detail;
};

/* Looks an end with a NIC up.  All of it lives in 'arena'. */
struct end end_find(struct estate *estate, const struct flow_end *end,
                    enum direction direction, struct arena *arena);

/* Looks the tags of an end without a NIC up, as 'site' reads them: adds what
 * they stand for to 'hasher' and what they rest on to 'origins'.  Returns NULL,
 * or the sentence that says which tag is in no list. */
const char *remote_check(const struct flow_end *end, const struct site *site,
                         struct hasher *hasher, struct origins *origins,
                         struct arena *arena);

/* Returns the known addresses of such an end. */
struct address_set remote_addresses(const struct flow_end *end,
                                    const struct site *site,
                                    struct arena *arena);

#endif
