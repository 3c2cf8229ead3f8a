/* The parts of an ARM id:
 * /subscriptions/S/resourceGroups/G/providers/P/TYPE/NAME[/SUBTYPE/NAME]...
 * Segment words compare without case, and an id may have any depth. */

#ifndef ENGINE_MODEL_ARM_ID_H
#define ENGINE_MODEL_ARM_ID_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Returns a copy of the value that follows the segment 'word' ("subscriptions",
 * "resourceGroups", "virtualNetworks"), or "". */
const char *arm_id_segment(struct arena *arena, const char *id,
                           const char *word);

/* Returns the last segment: the resource's own name.  Points into 'id'. */
const char *arm_id_name(const char *id);

/* Returns the id up to and with the value of the segment 'word': for
 * "virtualNetworks", a subnet's id gives its network's.  "" if absent. */
const char *arm_id_up_to(struct arena *arena, const char *id,
                         const char *word);

/* Returns how many characters of 'id' arm_id_up_to() would copy; 0 if the
 * segment is absent. */
size_t arm_id_length_up_to(const char *id, const char *word);

/* Returns "manager/collection" of an admin rule's id, or "" if it is none. */
const char *arm_id_admin_ruleset(struct arena *arena, const char *id);

#endif
