/* What is inside a struct classifier, for engine/judge. */

#ifndef ENGINE_COMPILE_CLASSES_H
#define ENGINE_COMPILE_CLASSES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/compile/partition.h"
#include "engine/compile/policy.h"

struct lookup_tables;

/* The fields of a packet, in the order in which they are usually told apart:
 * the ones with the fewest classes first. */
enum class_field {
    CLASS_PROTOCOL,
    CLASS_SOURCE_PORT,
    CLASS_DESTINATION_PORT,
    CLASS_DESTINATION,
    CLASS_SOURCE,
    N_CLASS_FIELDS
};

/* A bit of the bitmaps: the certain or the possible box of a rule. */
struct class_bit {
    uint32_t rule;
    bool certain;
    access_set accesses;
};

struct classifier {
    atomic_uint references;
    uint32_t n_rules;
    uint32_t n_bits;
    uint32_t words; /* Of a bitmap: 64 bits each. */
    const struct class_bit *bits;
    const uint64_t *certain; /* Which bits are certain boxes. */
    /* The addresses of both families; protocols and ports are shared. */
    struct partition fields[N_CLASS_FIELDS]; /* IPv4. */
    struct partition wide_destination;       /* IPv6. */
    struct partition wide_source;
    /* For looking up many packets: made when first asked for. */
    _Atomic(struct lookup_tables *) tables;
};

static inline const struct partition *
classifier_field(const struct classifier *classifier, enum family family,
                 enum class_field field)
{
    if (family == FAMILY_IPV6 && field >= CLASS_DESTINATION) {
        return field == CLASS_SOURCE ? &classifier->wide_source
                                     : &classifier->wide_destination;
    }
    return &classifier->fields[field];
}

#endif
