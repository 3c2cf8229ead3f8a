/* The Azure source from inside.  Private to exporter/source/azure*.c. */

#ifndef EXPORTER_SOURCE_AZURE_SOURCE_H
#define EXPORTER_SOURCE_AZURE_SOURCE_H

#include "exporter/source/azure_item.h"
#include "exporter/source/source.h"

struct arena;
struct arm;
struct http;
struct map;
struct token;

struct azure {
    struct source source; /* First. */
    const struct config *config;
    const struct flow *flow; /* Beside those of 'config'; or NULL. */
    struct clock *clock;
    struct http *http;
    struct token *token;
    struct arm *arm;
    struct arena *arena;
    const char *storage; /* NULL: none. */
    bool keeps;          /* Documents stay in memory. */
    bool restored;       /* Something came from the state folder. */
    bool collected;      /* A collection has ended. */
    bool changed;        /* Since the last collection was handed out. */
    bool stale;          /* The network is older than the items. */

    struct azure_item **items; /* In the order in which they came up. */
    size_t n_items;
    size_t items_capacity;
    struct map *items_by_key;
    size_t tag_attempt;

    struct network *network; /* Of all parts, for planning. */
    struct network_part const **parts;
    size_t n_parts;
    size_t parts_capacity;

    struct arena *shown_arena; /* Of parts that hold less than was read. */

    struct feed_state *feeds; /* By subscription, then by feed. */
    char (*errors)[256];      /* Of each feed. */
    size_t n_feeds;
    const char **findings;
    size_t n_findings;
    size_t findings_capacity;
    struct arena *findings_arena;
    struct collection collection;
};

/* Makes the plan and marks the items that it wants, new ones among them
 * (azure_items.c). */
void azure_plan_apply(struct azure *azure);
/* Lets go of what is not wanted any more. */
void azure_plan_trim(struct azure *azure);
/* Returns whether the item is due, and asks for it. */
bool azure_item_submit(struct azure *azure, struct azure_item *item);
/* Finds or makes the item of a want. */
struct azure_item *azure_item_of(struct azure *azure,
                                 const struct azure_want *want);
/* Puts the network together again if an item has changed (azure_parts.c). */
void azure_network_update(struct azure *azure);
/* The parts for others to use, as many as there are. */
const struct network_part *const *azure_shown_parts(struct azure *azure);
/* Works out the prefixes of network groups' members (azure_groups.c). */
void azure_groups_resolve(struct azure *azure);
void azure_group_document(const struct azure *azure,
                          const struct azure_item *item, struct text *text);

/* Where the answers of a kind lead to (azure_links.c).  The ids live as long
 * as the answers, their list in 'arena'. */
enum azure_link_kind {
    LINK_SCALE_SETS,    /* From a virtual network. */
    LINK_MEMBERS,       /* From a network group. */
    LINK_SCOPES,        /* From a network manager. */
    LINK_SUBSCRIPTIONS, /* From "": those that the identity may see. */
    LINK_DESCENDANTS    /* From a management group. */
};
size_t azure_links_from(const struct azure *azure, enum azure_link_kind kind,
                        const char *from, struct arena *arena,
                        const char *const **ids);

/* The state of the feeds, and the collection (azure_feeds.c). */
void azure_feeds_init(struct azure *azure);
void azure_feeds_clear(struct azure *azure);
void azure_feeds_update(struct azure *azure);
const struct collection *azure_collection(struct azure *azure);
int64_t azure_refresh_ms(const struct azure *azure, enum feed feed);

/* What survives a restart (azure_state.c). */
void azure_state_load(struct azure *azure);
void azure_state_save_item(struct azure *azure, struct azure_item *item);
void azure_state_save_times(struct azure *azure);
void azure_state_forget(struct azure *azure, const struct azure_item *item);

#endif
