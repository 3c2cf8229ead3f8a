/* What a person reads of a rule: its words as Azure stores them, copied so that
 * they outlive the document they came from. */

#ifndef ENGINE_COMPILE_RULE_TEXTS_H
#define ENGINE_COMPILE_RULE_TEXTS_H

struct arena;
struct policy_rule;
struct rule;

/* Fills the names and texts of 'out', which then live in 'arena'. */
void rule_texts_copy(const struct rule *rule, struct policy_rule *out,
                     struct arena *arena);

#endif
