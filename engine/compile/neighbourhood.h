/* The NICs of each virtual network, as far as the meaning of words depends on
 * them (spec verdict 5). */

#ifndef ENGINE_COMPILE_NEIGHBOURHOOD_H
#define ENGINE_COMPILE_NEIGHBOURHOOD_H

#include "engine/compile/origins.h"
#include "engine/model/address.h"

struct arena;
struct map;
struct neighbourhoods;
struct network;

/* What all subnets of one virtual network have in common. */
struct neighbourhood {
    const char *id;                /* Of the virtual network. */
    struct address_set duplicates; /* Carried by several IP configurations. */
    struct origins origins;        /* Of the NICs in the network. */
    struct map *asgs;              /* For the meanings of its groups. */
};

/* Sorts the NICs to their networks.  All of it lives in 'arena'. */
struct neighbourhoods *neighbourhoods_create(const struct network *network,
                                             struct arena *arena);

/* Returns that of a virtual network; it may have no NICs. */
struct neighbourhood *neighbourhood_of(struct neighbourhoods *neighbourhoods,
                                       const char *id);

#endif
