#include "engine/compile/partition.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

/* A bit begins or ends to match at 'value'.  The spans of one set neither
 * overlap nor touch, so that turning the bit over is enough. */
struct event {
    uint128 value;
    uint32_t bit;
};

/* A partition in the making. */
struct builder {
    size_t words;
    uint64_t *current; /* The bitmap of the interval at hand. */
    uint64_t hash; /* Of 'current': the marks of its bits, joined by XOR. */
    uint128 *starts;
    uint32_t *classes;
    uint32_t n;
    uint64_t *bitmaps;
    uint64_t *hashes; /* Of each class. */
    uint32_t n_classes;
    size_t capacity; /* Of classes. */
    uint32_t *slots; /* Hash table: class + 1, or 0. */
    size_t n_slots;
};

/* Returns a number that stands for 'bit' in hashes (SplitMix64). */
static uint64_t
bit_mark(uint32_t bit)
{
    uint64_t mark = ((uint64_t) bit + 1) * UINT64_C(0x9e3779b97f4a7c15);

    mark = (mark ^ (mark >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mark = (mark ^ (mark >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mark ^ (mark >> 31);
}

static int
compare_events(const void *a_, const void *b_)
{
    const struct event *a = a_;
    const struct event *b = b_;

    return a->value < b->value ? -1 : a->value > b->value;
}

/* Sorts keys of value << 32 | bit by value: an order of magnitude faster than
 * qsort(), and IPv4 has the most. */
static void
sort_keys(uint64_t *keys, uint64_t *spare, size_t n)
{
    for (unsigned int shift = 32; shift < 64; shift += 8) {
        size_t offsets[256] = { 0 };
        size_t offset = 0;
        for (size_t i = 0; i < n; i++) {
            offsets[(keys[i] >> shift) & 0xff]++;
        }
        for (size_t digit = 0; digit < 256; digit++) {
            size_t count = offsets[digit];
            offsets[digit] = offset;
            offset += count;
        }
        for (size_t i = 0; i < n; i++) {
            spare[offsets[(keys[i] >> shift) & 0xff]++] = keys[i];
        }
        uint64_t *other = keys;
        keys = spare;
        spare = other;
    }
}

static void
sort_events(struct event events[], size_t n, uint128 max)
{
    enum { FEW = 64 };

    if (max > UINT32_MAX || n < FEW) {
        qsort(events, n, sizeof *events, compare_events);
        return;
    }
    uint64_t *keys = memory_alloc(2 * n * sizeof *keys);
    for (size_t i = 0; i < n; i++) {
        keys[i] = (uint64_t) events[i].value << 32 | events[i].bit;
    }
    sort_keys(keys, keys + n, n);
    for (size_t i = 0; i < n; i++) {
        events[i] = (struct event){ keys[i] >> 32, (uint32_t) keys[i] };
    }
    free(keys);
}

/* Returns where the bits begin and end to match, in order. */
static struct event *
collect_events(const struct span_set sets[], size_t n_bits, uint128 max,
               size_t *n)
{
    size_t most = 1;
    *n = 0;

    for (size_t i = 0; i < n_bits; i++) {
        most += 2 * sets[i].n;
    }
    struct event *events = memory_alloc(most * sizeof *events);
    for (size_t i = 0; i < n_bits; i++) {
        for (size_t j = 0; j < sets[i].n; j++) {
            struct span span = sets[i].spans[j];
            events[(*n)++] = (struct event){ span.first, (uint32_t) i };
            if (span.last < max) {
                events[(*n)++] = (struct event){ span.last + 1, (uint32_t) i };
            }
        }
    }
    sort_events(events, *n, max);
    return events;
}

static void
grow_slots(struct builder *builder)
{
    size_t n_slots = builder->n_slots ? 2 * builder->n_slots : 16;

    free(builder->slots);
    builder->slots = memory_calloc(n_slots, sizeof *builder->slots);
    builder->n_slots = n_slots;
    for (uint32_t class = 0; class < builder->n_classes; class ++) {
        size_t slot = builder->hashes[class] & (n_slots - 1);
        while (builder->slots[slot]) {
            slot = (slot + 1) & (n_slots - 1);
        }
        builder->slots[slot] = class + 1;
    }
}

static uint32_t
add_class(struct builder *builder)
{
    size_t words = builder->words;

    if (builder->n_classes == builder->capacity) {
        builder->capacity = builder->capacity ? 2 * builder->capacity : 8;
        builder->bitmaps =
            memory_resize(builder->bitmaps, builder->capacity,
                          (words ? words : 1) * sizeof *builder->bitmaps);
        builder->hashes = memory_resize(builder->hashes, builder->capacity,
                                        sizeof *builder->hashes);
    }
    memcpy(builder->bitmaps + builder->n_classes * words, builder->current,
           words * sizeof *builder->bitmaps);
    builder->hashes[builder->n_classes] = builder->hash;
    return builder->n_classes++;
}

/* Returns the class of the bitmap at hand. */
static uint32_t
intern_class(struct builder *builder)
{
    size_t bytes = builder->words * sizeof *builder->bitmaps;

    if (2 * ((size_t) builder->n_classes + 1) > builder->n_slots) {
        grow_slots(builder);
    }
    size_t slot = builder->hash & (builder->n_slots - 1);
    while (builder->slots[slot]) {
        uint32_t class = builder->slots[slot] - 1;
        if (builder->hashes[class] == builder->hash
            && !memcmp(builder->bitmaps + class * builder->words,
                       builder->current, bytes)) {
            return class;
        }
        slot = (slot + 1) & (builder->n_slots - 1);
    }
    uint32_t class = add_class(builder);
    builder->slots[slot] = class + 1;
    return class;
}

/* Ends the interval at hand, which began at 'start'. */
static void
add_interval(struct builder *builder, uint128 start)
{
    uint32_t class = intern_class(builder);

    if (builder->n && builder->classes[builder->n - 1] == class) {
        return;
    }
    builder->starts[builder->n] = start;
    builder->classes[builder->n++] = class;
}

static void
cut(struct builder *builder, const struct event events[], size_t n)
{
    uint128 start = 0;

    builder->starts = memory_alloc((n + 1) * sizeof *builder->starts);
    builder->classes = memory_alloc((n + 1) * sizeof *builder->classes);
    for (size_t i = 0; i < n; i++) {
        if (events[i].value != start) {
            add_interval(builder, start);
            start = events[i].value;
        }
        uint32_t bit = events[i].bit;
        builder->current[bit / 64] ^= UINT64_C(1) << (bit % 64);
        builder->hash ^= bit_mark(bit);
    }
    add_interval(builder, start);
}

/* Lays the finished partition out in one block. */
static void
pack(struct partition *partition, const struct builder *builder, uint128 max)
{
    uint32_t n = builder->n;
    size_t words = builder->words;
    bool wide = max > UINT32_MAX;
    size_t starts = n * (wide ? sizeof(uint128) : sizeof(uint32_t));
    size_t bitmaps = (builder->n_classes + 2) * words * sizeof(uint64_t);
    size_t size = starts + bitmaps + n * sizeof(uint32_t);

    /* The widest elements first, so that all are aligned. */
    if (!wide) {
        starts = (starts + 7) & ~(size_t) 7;
        size = starts + bitmaps + n * sizeof(uint32_t);
    }
    unsigned char *block = memory_alloc(size);
    uint64_t *maps = (void *) (block + starts);
    uint64_t *any = maps + builder->n_classes * words;
    uint64_t *all = any + words;
    uint32_t *classes = (void *) (all + words);
    memcpy(maps, builder->bitmaps,
           builder->n_classes * words * sizeof(uint64_t));
    memcpy(classes, builder->classes, n * sizeof *classes);
    memset(any, 0, words * sizeof *any);
    memset(all, 0xff, words * sizeof *all);
    for (uint32_t class = 0; class < builder->n_classes; class ++) {
        for (size_t i = 0; i < words; i++) {
            any[i] |= maps[class * words + i];
            all[i] &= maps[class * words + i];
        }
    }
    *partition = (struct partition){
        .n = n,
        .n_classes = builder->n_classes,
        .max = max,
        .classes = classes,
        .bitmaps = maps,
        .any = any,
        .all = all,
        .size = size,
    };
    if (wide) {
        memcpy(block, builder->starts, starts);
        partition->wide_starts = (void *) block;
    } else {
        uint32_t *narrow = (void *) block;
        for (uint32_t i = 0; i < n; i++) {
            narrow[i] = (uint32_t) builder->starts[i];
        }
        partition->starts = narrow;
    }
}

void
partition_init(struct partition *partition, const struct span_set sets[],
               size_t n_bits, uint128 max)
{
    struct builder builder = { .words = (n_bits + 63) / 64 };
    size_t n;
    struct event *events = collect_events(sets, n_bits, max, &n);

    builder.current = memory_calloc(builder.words + 1, sizeof(uint64_t));
    cut(&builder, events, n);
    pack(partition, &builder, max);
    free(events);
    free(builder.current);
    free(builder.starts);
    free(builder.classes);
    free(builder.bitmaps);
    free(builder.hashes);
    free(builder.slots);
}

void
partition_clear(struct partition *partition)
{
    /* The starts are the head of the block. */
    const void *block = partition->starts ? (const void *) partition->starts
                                          : partition->wide_starts;

    free((void *) (uintptr_t) block);
    *partition = (struct partition){ .n = 0 };
}

static uint32_t
find_narrow(const uint32_t *starts, uint32_t n, uint32_t value)
{
    const uint32_t *base = starts;

    /* Without branches that depend on the data. */
    while (n > 1) {
        uint32_t half = n / 2;
        base = base[half] <= value ? base + half : base;
        n -= half;
    }
    return (uint32_t) (base - starts);
}

static uint32_t
find_wide(const uint128 *starts, uint32_t n, uint128 value)
{
    const uint128 *base = starts;

    while (n > 1) {
        uint32_t half = n / 2;
        base = base[half] <= value ? base + half : base;
        n -= half;
    }
    return (uint32_t) (base - starts);
}

uint32_t
partition_find(const struct partition *partition, uint128 value)
{
    return partition->starts
               ? find_narrow(partition->starts, partition->n, (uint32_t) value)
               : find_wide(partition->wide_starts, partition->n, value);
}
