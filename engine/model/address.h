/* IPv4 and IPv6 addresses, prefixes and sets of them. */

#ifndef ENGINE_MODEL_ADDRESS_H
#define ENGINE_MODEL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/model/span.h"

struct text;

enum family { FAMILY_IPV4, FAMILY_IPV6, N_FAMILIES };

struct address {
    enum family family;
    uint128 value; /* In host order; IPv4 in the low 32 bits. */
};

/* All addresses from 'first' to 'last', both of one family. */
struct address_range {
    enum family family;
    struct span span;
};

/* Addresses of both families. */
struct address_set {
    struct span_set families[N_FAMILIES];
};

/* A set in the making. */
struct address_list {
    struct span_list families[N_FAMILIES];
};

enum { ADDRESS_TEXT_SIZE = 46 };

/* Returns the highest address of the family. */
uint128 family_max(enum family family);
/* Returns 32 or 128. */
unsigned int family_bits(enum family family);

/* Reads a bare address: dotted quad without leading zeros, or IPv6 in any
 * legal spelling (no zone).  Blanks are not allowed. */
bool address_parse(const char *word, struct address *address);

/* Writes the canonical spelling (RFC 5952) into 'text'. */
void address_format(struct address address, char text[ADDRESS_TEXT_SIZE]);

bool address_equal(struct address a, struct address b);

/* Reads an address or a CIDR.  Host bits of a CIDR are masked off. */
bool prefix_parse(const char *word, struct address_range *range);

/* Reads an address, a CIDR, or "a-b" (two addresses of one family). */
bool address_range_parse(const char *word, struct address_range *range);

/* Appends the spans of one family as the fewest CIDRs (a single address
 * without its length), separated by 'separator', at most 'max' of them and
 * then "..." .  Returns the number of CIDRs in all. */
size_t address_spans_format(enum family family, struct span_set spans,
                            const char *separator, size_t max,
                            struct text *text);

void address_list_init(struct address_list *list);
void address_list_clear(struct address_list *list);
void address_list_add(struct address_list *list, struct address_range range);
void address_list_add_address(struct address_list *list,
                              struct address address);
void address_list_add_set(struct address_list *list, struct address_set set);
struct address_set address_list_finish(struct address_list *list,
                                       struct arena *arena);

/* Every address of both families. */
struct address_set address_set_all(void);
bool address_set_is_empty(struct address_set set);
bool address_set_contains(struct address_set set, struct address address);
bool address_set_equal(struct address_set a, struct address_set b);
struct address_set address_set_union(struct arena *arena, struct address_set a,
                                     struct address_set b);
struct address_set address_set_intersect(struct arena *arena,
                                         struct address_set a,
                                         struct address_set b);
struct address_set address_set_subtract(struct arena *arena,
                                        struct address_set a,
                                        struct address_set b);
void address_set_hash(struct address_set set, struct hasher *hasher);

#endif
