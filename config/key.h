/* The table of keys, as the loader itself uses it. */

#ifndef CONFIG_KEY_H
#define CONFIG_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/* The keys of one group, neighbours in the table. */
struct key_range {
    const struct config_key *first;
    size_t n;      /* Rows; those of groups inside are among them. */
    size_t prefix; /* Characters of the path before a key's own name. */
};

/* Returns the keys of the group 'path' ("source.credential"), "" being the
 * whole file. */
struct key_range key_range_of(const char *path);

/* Returns the key 'name' of that group, or NULL. */
const struct config_key *key_find(struct key_range range, const char *name);

/* Returns the key of that whole path, which must exist. */
const struct config_key *key_at(const char *path);

/* Returns the last word of a path. */
const char *key_name(const char *path);

/* Returns true if a setting of libconfig's type 'type' with 'length' elements
 * may stand for the key. */
bool key_accepts(const struct config_key *key, int type, int length);

/* Returns what the key expects, "a duration in quotes", for messages. */
const char *key_phrase(const struct config_key *key);

#endif
