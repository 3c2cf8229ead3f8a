/* The code paths of classifier_lookup_batch(). */

#ifndef ENGINE_JUDGE_LOOKUP_PATHS_H
#define ENGINE_JUDGE_LOOKUP_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/compile/tables.h"
#include "engine/judge/lookup.h"

enum { LOOKUP_BLOCK = 64 };

/* The classes of a block of packets. */
struct lookup_block {
    uint32_t services[LOOKUP_BLOCK];
    uint32_t destination_ports[LOOKUP_BLOCK]; /* If the tables are split. */
    uint32_t sources[LOOKUP_BLOCK];
    uint32_t destinations[LOOKUP_BLOCK];
};

/* Looks up the packets 'first' to 'first' + 'n' - 1, at most a block. */
typedef void lookup_path(const struct lookup_tables *tables,
                         const struct packets_ipv4 *packets, size_t first,
                         size_t n, uint32_t rules[]);

lookup_path lookup_portable;

/* Finds the classes of a block, as every path needs them. */
void lookup_classes(const struct lookup_tables *tables,
                    const struct packets_ipv4 *packets, size_t first, size_t n,
                    struct lookup_block *block);

#if defined(__x86_64__)
#define LOOKUP_HAS_AVX 1
bool lookup_can_avx2(void);
bool lookup_can_avx512(void);
lookup_path lookup_avx2;
lookup_path lookup_avx512;
#endif

#endif
