/* What the words of a rule mean from one place in the network: the subnet of
 * a NIC (spec verdict 4, 5 and 6).
 *
 * "VirtualNetwork" is another set in every subnet with a route table of its
 * own; an application group stands for its members in the NIC's network.
 * Meanings are worked out once and live as long as their contexts.
 *
 * Threads: contexts belong to one thread at a time. */

#ifndef ENGINE_COMPILE_CONTEXT_H
#define ENGINE_COMPILE_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/hash.h"
#include "engine/compile/policy.h"
#include "engine/model/address.h"

struct arena;
struct context;
struct contexts;
struct engine_settings;
struct ip_configuration;
struct network;
struct subnet;
struct term;
struct virtual_network;

/* The addresses that a word stands for. */
struct meaning {
    struct address_set certain;
    struct address_set possible; /* A superset; equal if 'reason' is NONE. */
    enum reason reason;
    const char *detail;       /* A sentence; "" if 'reason' is NONE. */
    bool empty_asg;           /* An application group without members here. */
    struct hash certain_hash; /* Of the sets alone. */
    struct hash possible_hash;
    struct hash hash; /* Of all above. */
    /* What it rests on, see struct resource. */
    const uint16_t *origins;
    size_t n_origins;
};

/* A place from which rules are read.  'local' is NULL, or the one IP
 * configuration on the local side, where its address alone does not tell
 * which it is. */
struct place {
    struct context *context;
    const struct ip_configuration *local;
};

/* Contexts live in 'arena'; the network and the settings must outlive it. */
struct contexts *contexts_create(const struct network *network,
                                 const struct engine_settings *settings,
                                 struct arena *arena);
const struct engine_settings *contexts_settings(const struct contexts *);
const struct network *contexts_network(const struct contexts *);

/* Returns the context of one subnet. */
struct context *contexts_get(struct contexts *contexts,
                             const struct virtual_network *virtual_network,
                             const struct subnet *subnet);
struct contexts *context_owner(const struct context *context);

/* Returns what a term means that is neither "*" nor an address or CIDR.
 * 'local' says whether it stands on the side of the NIC. */
const struct meaning *place_meaning(const struct place *place,
                                    const struct term *term, bool local);

/* Returns what a tag means in the context, as place_meaning() does. */
const struct meaning *context_tag(struct context *context, const char *name);

/* Returns true if several IP configurations of the context's virtual network
 * carry the address. */
bool context_is_duplicate(const struct context *context,
                          struct address address);

#endif
