/* The sentences of an explanation. */

#ifndef ENGINE_JUDGE_EXPLAIN_WORDS_H
#define ENGINE_JUDGE_EXPLAIN_WORDS_H

#include "engine/judge/explain.h"

struct arena;
struct end;
struct flow_end;
struct questions;

/* The words for the flow's side of a comparison. */
struct flow_words {
    const char *fields[N_FIELDS]; /* "Tcp", "10.0.0.4", "*", ... */
};

/* "nic-web-01 (10.0.1.4)"; "Internet"; 'end' is NULL for an end without a
 * NIC. */
const char *words_for_end(const struct flow_end *flow_end,
                          const struct end *end, struct arena *arena);
/* Only the addresses of such an end. */
const char *words_for_addresses(const struct flow_end *flow_end,
                                const struct end *end, struct arena *arena);
/* "Tcp", "Tcp and Udp", "any protocol". */
const char *words_for_protocols(protocol_set protocols, struct arena *arena);

/* The verdict as one sentence. */
const char *words_for_verdict(const struct explanation *explanation,
                              const struct flow_words *words,
                              struct arena *arena);

/* Why a rule does what it does. */
const char *words_for_rule(const struct explained_rule *rule,
                           const struct flow_words *words,
                           struct arena *arena);

/* What a reader should know besides. */
size_t words_for_notes(const struct explanation *explanation,
                       const struct flow *flow,
                       const struct questions *questions,
                       const char *const **notes, struct arena *arena);

#endif
