/* Joint classes: values of one field that all chains of a sweep treat
 * alike. */

#ifndef ENGINE_JUDGE_SWEEP_JOINT_H
#define ENGINE_JUDGE_SWEEP_JOINT_H

#include <stdbool.h>

struct sweep_field;
struct sweep_plan;

/* Cuts 'field->values' at the bounds of all chains and joins what has the
 * same packed bits.  Returns false if that passes the limit. */
bool sweep_join(struct sweep_plan *plan, struct sweep_field *field);

#endif
