/* What rules refer to beyond addresses: application groups, service tags,
 * network groups, managers.  Pure. */

#ifndef EXPORTER_SOURCE_AZURE_RULES_H
#define EXPORTER_SOURCE_AZURE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/model/rule.h"

struct arena;
struct map;

struct rule_names {
    struct map *asgs;   /* Ids. */
    struct map *groups; /* Ids of network groups. */
    bool tags;          /* A tag that only the service tag list can explain. */
};

void rule_names_init(struct rule_names *names, struct arena *arena);
void rule_names_add(struct rule_names *names, const struct rule rules[],
                    size_t n);
/* The same for one word that may be an address or a tag. */
void rule_names_add_tag(struct rule_names *names, const char *word);
/* Whether any of the rules names an application group. */
bool rule_names_asgs(const struct rule rules[], size_t n);

/* The managers that admin rules come from, by their ids. */
struct rule_managers {
    const char **ids;
    bool *priority_missing; /* Of some rule of that manager. */
    size_t n;
};

void rule_managers_find(struct rule_managers *managers,
                        const struct rule rules[], size_t n,
                        struct arena *arena);

#endif
