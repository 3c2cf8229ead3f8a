/* What Azure's API cannot tell and the configuration does (spec interfaces,
 * "network"). */

#ifndef ENGINE_COMPILE_SETTINGS_H
#define ENGINE_COMPILE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/address.h"

/* The prefixes behind the gateway of one virtual network. */
struct on_premises {
    const char *virtual_network; /* ARM id, "resource-group/name", or name. */
    struct address_set prefixes; /* May be empty: "there are none". */
};

struct engine_settings {
    const struct on_premises *on_premises;
    size_t n_on_premises;
    /* What replaces the built-in complement of the Internet tag. */
    bool has_internet_excludes;
    struct address_set internet_excludes; /* IPv4 counts, see verdict 4. */
    /* A rule that lists an application group without members in the NIC's
     * network: false: the union of the others; true: matches nothing. */
    bool empty_asg_no_match;
    /* How much work one flow may cost before the answer is "undecided"; 0 is
     * the default of the engine.  Counts states, not time, so that the same
     * question has the same answer everywhere. */
    uint64_t budget;
};

#endif
