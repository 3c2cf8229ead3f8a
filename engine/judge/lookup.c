#include "engine/judge/lookup.h"

#include <stdatomic.h>
#include <string.h>

#include "engine/compile/classes.h"
#include "engine/compile/tables.h"
#include "engine/judge/lookup_paths.h"

static uint128
packet_value(const struct packet *packet, enum class_field field)
{
    switch (field) {
    case CLASS_PROTOCOL: return packet->protocol;
    case CLASS_SOURCE_PORT: return packet->source_port;
    case CLASS_DESTINATION_PORT: return packet->destination_port;
    case CLASS_DESTINATION: return packet->destination.value;
    case CLASS_SOURCE: return packet->source.value;
    case N_CLASS_FIELDS: break;
    }
    return 0;
}

struct match
classifier_lookup(const struct classifier *chain, const struct packet *packet)
{
    struct match match = { SWEEP_NO_RULE, SWEEP_NO_RULE, 0 };
    const uint64_t *bitmaps[N_CLASS_FIELDS];

    for (unsigned int i = 0; i < N_CLASS_FIELDS; i++) {
        enum class_field field = (enum class_field) i;
        const struct partition *partition =
            classifier_field(chain, packet->source.family, field);
        uint32_t interval =
            partition_find(partition, packet_value(packet, field));
        bitmaps[i] = partition->bitmaps
                     + (size_t) partition->classes[interval] * chain->words;
    }
    for (uint32_t i = 0; i < chain->words; i++) {
        uint64_t word = bitmaps[0][i] & bitmaps[1][i] & bitmaps[2][i]
                        & bitmaps[3][i] & bitmaps[4][i];
        while (word) {
            uint32_t number = i * 64 + (uint32_t) __builtin_ctzll(word);
            const struct class_bit *bit = &chain->bits[number];
            if (bit->certain) {
                match.rule = bit->rule;
                return match;
            }
            if (match.first_maybe == SWEEP_NO_RULE) {
                match.first_maybe = bit->rule;
            }
            match.maybe |= bit->accesses;
            word &= word - 1;
        }
    }
    return match;
}

/* A path, and whether this processor has it; the best is the last. */
static const struct path {
    const char *name;
    bool (*can)(void);
    lookup_path *lookup;
} paths[] = {
    { "portable", NULL, lookup_portable },
#ifdef LOOKUP_HAS_AVX
    { "avx2", lookup_can_avx2, lookup_avx2 },
    { "avx512", lookup_can_avx512, lookup_avx512 },
#endif
};

enum { N_PATHS = sizeof paths / sizeof *paths };

/* Set by tests only; NULL: the best. */
static const struct path *_Atomic forced;

static bool
path_runs(const struct path *path)
{
    return !path->can || path->can();
}

static lookup_path *
choose_path(void)
{
    const struct path *path = atomic_load(&forced);

    if (path) {
        return path->lookup;
    }
    for (size_t i = N_PATHS; i-- > 1;) {
        if (path_runs(&paths[i])) {
            return paths[i].lookup;
        }
    }
    return lookup_portable;
}

void
classifier_lookup_batch(const struct classifier *chain,
                        const struct packets_ipv4 *packets, uint32_t rules[])
{
    const struct lookup_tables *tables = classifier_tables(chain);
    lookup_path *lookup = choose_path();
    struct lookup_block block;

    for (size_t i = 0; i < packets->n; i += LOOKUP_BLOCK) {
        size_t left = packets->n - i;
        lookup(tables, packets, i, left < LOOKUP_BLOCK ? left : LOOKUP_BLOCK,
               &block, rules);
    }
}

size_t
lookup_paths(const char *const **names)
{
    static const char *found[N_PATHS];
    size_t n = 0;

    for (size_t i = 0; i < N_PATHS; i++) {
        if (path_runs(&paths[i])) {
            found[n++] = paths[i].name;
        }
    }
    *names = found;
    return n;
}

void
lookup_force_path(const char *name)
{
    const struct path *path = NULL;

    for (size_t i = 0; name && i < N_PATHS; i++) {
        if (!strcmp(name, paths[i].name) && path_runs(&paths[i])) {
            path = &paths[i];
        }
    }
    atomic_store(&forced, path);
}
