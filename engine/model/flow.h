/* A flow: the set of packets that somebody asks about (spec verdict 1 and 2).
 * It says which NIC and which words were configured; the addresses behind the
 * words are worked out against the data in every cycle. */

#ifndef ENGINE_MODEL_FLOW_H
#define ENGINE_MODEL_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/model/address.h"
#include "engine/model/protocol.h"
#include "engine/model/rule.h"

/* One end of a flow.  An end with a NIC is judged. */
struct flow_end {
    /* At most one is not NULL; both NULL: this end is only addresses. */
    const char *nic; /* ARM id, "resource-group/name", or a unique name. */
    const char *vm;
    /* Addresses.  For an end with a NIC: none means the NIC's primary
     * address, 'any' means every private address of it, otherwise 'addresses'
     * are single addresses.  For an end without: 'any', or the union of
     * 'addresses' and 'tags'. */
    bool any;
    const struct address_range *addresses;
    size_t n_addresses;
    const char *const *tags; /* Only for an end without a NIC. */
    size_t n_tags;
    struct span_set ports; /* 0 to 65535; all of them for "*".  Packets of
                            * protocols without ports have PORT_NONE. */
};

struct flow {
    const char *name;
    /* By role, whatever the direction: the source of an Outbound flow is the
     * local end, the source of an Inbound flow the remote one. */
    struct flow_end source;
    struct flow_end destination;
    /* Spec verdict 2, "Packets and their weight": what is left after
     * '*' was read against the ports. */
    protocol_set protocols;
};

/* An end is judged if it names a NIC or a virtual machine. */
bool flow_end_is_judged(const struct flow_end *end);

#endif
