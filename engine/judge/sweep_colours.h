/* The last field of a sweep: its classes are coloured rule by rule, as sets
 * of classes, so that one state costs as much as it has rules. */

#ifndef ENGINE_JUDGE_SWEEP_COLOURS_H
#define ENGINE_JUDGE_SWEEP_COLOURS_H

#include <stdint.h>

#include "engine/judge/sweep.h"

struct sweep_field;
struct sweep_plan;

struct colours {
    struct sweep_plan *plan;
    const struct sweep_field *field;
    uint32_t words;       /* Of a set of classes. */
    const uint64_t *rows; /* For each packed bit its set of classes. */
    uint64_t *sets;       /* A stack of sets. */
    const uint64_t *state;
    struct wide count; /* Of the state. */
    struct packet example;
    struct match matches[SWEEP_CHAINS_MAX];
    sweep_emit *emit;
    void *aux;
};

void colours_init(struct colours *colours, struct sweep_plan *plan,
                  const struct sweep_field *field, sweep_emit *emit,
                  void *aux);

/* Emits the packets of one state.  All fields of 'colours->example' but the
 * last are set. */
void colours_emit(struct colours *colours, const uint64_t *state,
                  struct wide count);

#endif
