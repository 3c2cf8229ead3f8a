/* The compiled form of one chain of rules: for each field the classes of
 * values that no rule tells apart, each with the bitmap of the rules that
 * match it (spec engine, Design 1).
 *
 * A rule stands in it with up to two bits: its certain box, and behind it its
 * possible box if that is larger.  A packet in the possible box only is a
 * "maybe" of the rule: the rule is noted and the search goes on.
 *
 * Threads: immutable, references count atomically. */

#ifndef ENGINE_COMPILE_CLASSIFIER_H
#define ENGINE_COMPILE_CLASSIFIER_H

#include <stddef.h>

#include "engine/base/hash.h"
#include "engine/compile/policy.h"

struct classifier;

/* Compiles 'n' rules, which are tried in the order of the array.  Only the
 * boxes, 'uncertain' and 'accesses' of the rules count. */
struct classifier *classifier_compile(const struct policy_rule rules[],
                                      size_t n);
struct classifier *classifier_ref(const struct classifier *classifier);
void classifier_unref(const struct classifier *classifier);

/* Bytes of memory that the compiled form takes. */
size_t classifier_size(const struct classifier *classifier);

/* Fingerprint of what classifier_compile() looks at. */
struct hash classifier_key(const struct policy_rule rules[], size_t n);

#endif
