/* The little languages of the builder. */

#ifndef TESTS_SUPPORT_BUILDER_WORDS_H
#define TESTS_SUPPORT_BUILDER_WORDS_H

#include "engine/base/hash.h"
#include "tests/support/builder.h"

struct address words_to_address(const char *word);
/* "10.0.0.0/8,::/0"; "-" is the empty set. */
struct address_set words_to_addresses(const char *words, struct arena *arena);
struct rule words_to_rule(struct builder *b, const char *words,
                          enum rule_kind kind);
struct hash words_hash_rules(const struct rule rules[], size_t n);

/* What the builder made itself it may change, although the model's structs
 * show it to others as constant. */
void *words_unconst(const void *made);

#endif
