/* The service tag VirtualNetwork, which is another set of addresses in every
 * virtual network and in every subnet with routes of its own (spec verdict
 * 4). */

#ifndef ENGINE_COMPILE_VIRTUAL_NETWORK_TAG_H
#define ENGINE_COMPILE_VIRTUAL_NETWORK_TAG_H

#include <stdbool.h>

#include "engine/model/address.h"

struct arena;
struct engine_settings;
struct network;
struct subnet;
struct virtual_network;

struct virtual_network_tag {
    struct address_set known;
    /* Why there may be more than is known, as a sentence; NULL if there is
     * not. */
    const char *incomplete;
};

struct virtual_network_tag
virtual_network_tag(const struct network *network,
                    const struct engine_settings *settings,
                    const struct virtual_network *virtual_network,
                    const struct subnet *subnet, struct arena *arena);

#endif
