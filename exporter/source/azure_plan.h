/* What has to be read from Azure for the configured flows, and no more.
 *
 * The plan follows from the flows and from what is known already: the NICs
 * that the flows name, their virtual networks and groups, the members of the
 * application groups that those rules name, and so on.  While little is known
 * it is short; it is made again after each round of reading until nothing new
 * comes up.  Pure. */

#ifndef EXPORTER_SOURCE_AZURE_PLAN_H
#define EXPORTER_SOURCE_AZURE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "exporter/source/feed.h"

struct arena;
struct config;
struct flow;
struct network;
struct text;

enum want_kind {
    WANT_LIST,            /* All of a feed's resources in a subscription. */
    WANT_POINT,           /* One resource: 'id'. */
    WANT_SCALE_SET_NICS,  /* Of the scale set 'id'. */
    WANT_EFFECTIVE_RULES, /* Of the virtual network 'id'. */
    WANT_ACTIVE_RULES,    /* Of the manager 'id' in 'region'. */
    WANT_GROUP_MEMBERS,   /* Static ones of the network group 'id'. */
    WANT_SERVICE_TAGS,    /* As 'region' has them. */
    WANT_MEMBERSHIPS,     /* Of all network groups, by Resource Graph. */
    WANT_SUBSCRIPTIONS,   /* That the identity may see. */
    WANT_DESCENDANTS,     /* Of the management group 'id'. */
    N_WANT_KINDS
};

struct azure_want {
    enum want_kind kind;
    enum feed feed;
    size_t subscription; /* Index in the configuration: scope and feed. */
    const char *id;      /* "" for a list. */
    const char *region;  /* "" where it plays no part. */
};

struct azure_plan {
    const struct azure_want *wants;
    size_t n_wants;
};

/* What earlier answers told beside the network. */
struct azure_facts {
    const struct config *config;
    const struct flow *flow;       /* One more flow, or NULL. */
    const struct network *network; /* NULL: nothing was read yet. */
    /* How many pages the list of a feed had; 0: it was never read. */
    size_t (*list_pages)(const void *aux, enum feed feed, size_t subscription);
    /* The scale sets that have NICs in a virtual network. */
    size_t (*scale_sets)(const void *aux, const char *virtual_network_id,
                         const char *const **ids);
    /* The virtual networks and subnets in a network group. */
    size_t (*group_members)(const void *aux, const char *group_id,
                            const char *const **ids);
    /* What a network manager rules: subscriptions, management groups. */
    size_t (*manager_scopes)(const void *aux, const char *manager_id,
                             const char *const **ids);
    const void *aux;
    /* A region's tags are the same for all, so that one subscription's answer
     * serves; this number is raised when the one that was asked refuses. */
    size_t tag_attempt;
};

/* A list costs its pages; unknown, it is taken for as many as this. */
enum { AZURE_LIST_PAGES_ASSUMED = 4 };

/* Makes the plan in 'arena'.  No want is in it twice. */
struct azure_plan azure_plan_make(const struct azure_facts *facts,
                                  struct arena *arena);

/* Appends the members of the JSON object that a POST for the want sends. */
void azure_want_members(const struct azure_want *want, struct text *members);

/* Appends "list nsg 1, point nic 2, ..." for the log. */
void azure_plan_describe(const struct azure_plan *plan, struct text *text);

/* The path of the request for a want, with its query. */
void azure_want_path(const struct azure_want *want,
                     const struct config *config, struct text *path);

#endif
