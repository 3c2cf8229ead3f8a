/* One thing that is read from Azure, with what its last good answer gave.
 *
 * An answer is pages; each page becomes a part of the network.  A page whose
 * bytes are the same as before keeps its part.  While an answer comes in, its
 * pages are kept apart: only a whole answer replaces the last one. */

#ifndef EXPORTER_SOURCE_AZURE_ITEM_H
#define EXPORTER_SOURCE_AZURE_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "exporter/source/azure_plan.h"

struct arena;
struct arm_page;
struct network_part;

/* What an answer tells beside the network's model: the scale sets that have
 * NICs in a virtual network, the members of a network group, and so on. */
struct azure_link {
    const char *from;
    const char *to;
};

struct azure_links {
    struct arena *arena; /* Holds the links and this. */
    struct azure_link *links;
    size_t n;
};

struct azure_page {
    struct hash hash;
    struct network_part *part; /* NULL: it holds nothing for the network. */
    char *bytes;               /* NULL unless documents are kept. */
    size_t size;
    size_t objects;
    char *findings; /* Lines; from the heap; NULL if none. */
    struct azure_links *links;
};

struct azure_pages {
    struct azure_page *pages;
    size_t n;
    size_t capacity;
};

struct azure_item {
    struct azure_want want; /* Strings in 'arena'. */
    struct arena *arena;
    void *owner;       /* The source, for those who handle its answers. */
    const char *key;   /* Subscription and path: unique. */
    const char *label; /* For findings: "nsg of prod". */
    struct azure_pages last;
    struct azure_pages fresh;
    struct text merged;  /* Of a list by POST, in the making. */
    bool keeps;          /* Documents stay in memory until they are saved. */
    char *change_number; /* Of service tags. */
    char *fresh_change_number;
    struct hash derived; /* Of a network group's document. */

    bool wanted;    /* In the newest plan. */
    bool attempted; /* In this collection. */
    bool up;
    bool has_data;
    bool refused;
    bool changed; /* By the last answer. */
    bool unsaved; /* What is in 'last' is not in the state folder. */
    int64_t last_success_ms;
    int64_t last_attempt_ms;
    int64_t duration_ms;
    char error[256];
};

struct azure_item *azure_item_create(const struct azure_want *want,
                                     const char *key, const char *label);
void azure_item_destroy(struct azure_item *item);

/* Takes one page of an answer.  'origin' is the number of the first feed of
 * the item's subscription. */
bool azure_item_page(struct azure_item *item, struct text *body,
                     const struct arm_page *page, uint16_t origin,
                     struct error *error);

/* The answer is whole: it replaces the last one.  Returns false, with a line
 * in 'error', if it makes no sense as a whole. */
bool azure_item_finish(struct azure_item *item, uint16_t origin,
                       struct error *error);

/* Forgets the pages of an answer that failed in the middle. */
void azure_item_abandon(struct azure_item *item);

/* The resource does not exist: nothing is what it gives. */
void azure_item_gone(struct azure_item *item);

/* Parses 'document' as the one document of the item, for a network group,
 * whose members are prefixes of networks in other documents.  'finding' is a
 * line to be shown, or "".  If it fails, the group is not known at all. */
bool azure_item_derive(struct azure_item *item, const struct text *document,
                       const char *finding, uint16_t origin,
                       struct error *error);

/* Takes documents that were kept of an earlier run, one after the other;
 * azure_item_finish() ends it. */
bool azure_item_restore(struct azure_item *item, const char *bytes,
                        size_t size, uint16_t origin, struct error *error);

size_t azure_item_objects(const struct azure_item *item);

/* Gives the kept documents back. */
void azure_item_forget_documents(struct azure_item *item);

/* Reads what the bytes of an answer tell beside the network's model, if such
 * answers tell anything (azure_links.c); otherwise '*links' becomes NULL. */
bool azure_links_find(const struct azure_want *want, const char *bytes,
                      size_t size, struct azure_links **links,
                      struct error *error);
/* Whether the answer tells nothing else. */
bool azure_want_is_links(const struct azure_want *want);

#endif
