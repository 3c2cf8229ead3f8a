/* Rules that do nothing: those that can never decide, with the rules that
 * hide them, and those whose removal changes no packet's access (spec engine,
 * Design 4). */

#ifndef ENGINE_JUDGE_ANALYZE_H
#define ENGINE_JUDGE_ANALYZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/compile/policy.h"

struct arena;
struct classifier;

enum rule_finding {
    RULE_DECIDES,    /* Nothing to say. */
    RULE_EMPTY,      /* Its own sides match no packet at all. */
    RULE_NEVER,      /* Earlier rules decide every packet that it matches. */
    RULE_REDUNDANT,  /* Without it, later rules do the same. */
    RULE_NOT_DECIDED /* The budget ran out. */
};

/* "decides", "empty", "never decides", "redundant", "undecided". */
const char *rule_finding_name(enum rule_finding finding);

struct analyzed_rule {
    const struct policy_rule *rule;
    enum rule_finding finding;
    /* RULE_NEVER: rules that together hide it, none of which can be left
     * out; the one that hides the most comes first. */
    const struct policy_rule *const *hidden_by;
    size_t n_hidden_by;
    bool other_access; /* One of them has another access. */
    const char *why;   /* RULE_EMPTY: a sentence. */
};

struct analysis {
    const struct analyzed_rule *rules; /* In the order of the chain. */
    size_t n_rules;
    size_t n_findings; /* Rules that do not simply decide. */
};

/* Looks at one chain.  Everything lives in 'arena' and points into 'rules'.
 * 'budget' 0 is the default. */
struct analysis analyze_rules(const struct policy_rule rules[], size_t n,
                              const struct classifier *classifier,
                              uint64_t budget, struct arena *arena);

/* Only the question which rules can never decide: sets the bits of those that
 * can in 'deciding' ('n' / 64 + 1 words, zeroed).  Returns false if the budget
 * ran out: then rules without a bit are not decided. */
bool find_deciding(const struct policy_rule rules[], size_t n,
                   const struct classifier *classifier, uint64_t budget,
                   uint64_t *deciding);

#endif
