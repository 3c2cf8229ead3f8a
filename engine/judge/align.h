/* Which rules two versions of a chain have in common. */

#ifndef ENGINE_JUDGE_ALIGN_H
#define ENGINE_JUDGE_ALIGN_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct diff_side;

/* Sets in 'marks' the bits of all rules that have no counterpart in the other
 * version with the same effect and in the same order.  What is not marked is
 * therefore one chain that both versions have.  Returns how many there are,
 * an edited rule counting once. */
size_t align_rules(const struct diff_side *before,
                   const struct diff_side *after, uint64_t *marks[2],
                   struct arena *arena);

#endif
