/* A plan in the making: what each subscription is asked for, feed by feed, and
 * whether by single reads or by lists.  Pure. */

#ifndef EXPORTER_SOURCE_AZURE_NEEDS_H
#define EXPORTER_SOURCE_AZURE_NEEDS_H

#include "exporter/source/azure_plan.h"

struct map;
/* What one subscription is asked for of one feed. */
struct need {
    struct map *ids;
    bool list;
};

struct needs {
    const struct azure_facts *facts;
    struct arena *arena;
    struct need (*by_subscription)[N_FEEDS];
    struct map *others; /* Wants of other kinds, by their key. */
};

void needs_init(struct needs *needs, const struct azure_facts *facts,
                struct arena *arena);

/* Returns the number of the configured subscription that 'id' is in; without
 * one, the number of subscriptions. */
size_t needs_subscription(const struct needs *needs, const char *id);

/* One resource is needed; nothing if its subscription is not configured. */
void needs_id(struct needs *needs, enum feed feed, const char *id);
/* The whole list is needed. */
void needs_list(struct needs *needs, enum feed feed, size_t subscription);
void needs_all_lists(struct needs *needs, enum feed feed);

/* Something of another kind is needed.  'of' is the id in whose subscription
 * it is counted: a manager may lie in another one than the network that it
 * rules. */
void needs_other(struct needs *needs, enum want_kind kind, enum feed feed,
                 const char *of, const char *id, const char *region);

/* What tells of the members of these network groups is needed
 * (azure_needs_groups.c). */
void needs_network_groups(struct needs *needs, const struct map *groups);

struct azure_plan needs_finish(struct needs *needs);

#endif
