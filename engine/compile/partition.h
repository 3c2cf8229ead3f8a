/* One field of a chain of rules, cut into intervals that no rule tells apart.
 *
 * Intervals that the same rules match are of one class; each class has the
 * bitmap of its rules.  Every field is handled alike: protocols are the
 * numbers 0 to 5, ports 0 to 65,536 (PORT_NONE). */

#ifndef ENGINE_COMPILE_PARTITION_H
#define ENGINE_COMPILE_PARTITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/span.h"

struct partition {
    uint32_t n;         /* Intervals; the last ends with 'max'. */
    uint32_t n_classes; /* Identifiers have 32 bits: 65,536 are not enough
                         * (tests/oracle holds such a rule set). */
    uint128 max;
    /* Where each interval starts; one of the two, the other is NULL. */
    const uint32_t *starts;
    const uint128 *wide_starts;
    const uint32_t *classes; /* Of each interval. */
    const uint64_t *bitmaps; /* Of each class, 'words' words. */
    const uint64_t *any;     /* Bits in some class. */
    const uint64_t *all;     /* Bits in every class. */
    size_t size;             /* Bytes of all of these. */
};

/* Cuts 0 to 'max' at the bounds of the sets of 'n_bits' bits.  The partition
 * has one block of heap memory. */
void partition_init(struct partition *partition, const struct span_set sets[],
                    size_t n_bits, uint128 max);
void partition_clear(struct partition *partition);

/* Returns the number of the interval that holds 'value'. */
uint32_t partition_find(const struct partition *partition, uint128 value);

static inline uint128
partition_start(const struct partition *partition, uint32_t interval)
{
    return partition->starts ? partition->starts[interval]
                             : partition->wide_starts[interval];
}

static inline uint128
partition_end(const struct partition *partition, uint32_t interval)
{
    return interval + 1 < partition->n
               ? partition_start(partition, interval + 1) - 1
               : partition->max;
}

#endif
