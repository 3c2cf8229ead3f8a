/* The tags whose addresses Azure's API does not list and that are the same
 * everywhere (spec verdict 4). */

#ifndef ENGINE_COMPILE_INTERNET_H
#define ENGINE_COMPILE_INTERNET_H

#include "engine/model/address.h"

struct arena;

/* What "Internet" stands for: IPv4 without 'excludes', or without the
 * built-in list if that is NULL; of IPv6 the global unicast space. */
struct address_set internet_addresses(const struct address_set *excludes,
                                      struct arena *arena);

/* 168.63.129.16: the platform's address, in VirtualNetwork everywhere. */
struct address_range platform_address(void);

/* Returns the addresses of a platform tag in any of its spellings, or false
 * if 'name' is none. */
bool platform_tag(const char *name, struct arena *arena,
                  struct address_set *addresses);

#endif
