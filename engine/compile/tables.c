#include "engine/compile/tables.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/compile/bitmap_set.h"
#include "engine/compile/classes.h"
#include "engine/model/port.h"

enum {
    /* Bounds of the joined table: cells, and bytes of its bitmaps. */
    SERVICE_CELLS_MAX = 512 * 1024,
    SERVICE_BYTES_MAX = 3 * 1024 * 1024,
    PORTS_PER_PAGE = 256
};

/* Tables in the making, and afterwards what holds them. */
struct kept_tables {
    struct lookup_tables tables;
    struct arena *arena;
};

/* Lays bitmaps out as rows.  Only certain boxes count, for those who ask which
 * rule decides. */
static const uint64_t *
lay_rows(struct kept_tables *kept, const struct classifier *classifier,
         const uint64_t *bitmaps, uint32_t n)
{
    uint32_t words = classifier->words;
    uint32_t row_words = kept->tables.row_words;
    /* Rows begin at cache lines. */
    unsigned char *room =
        arena_alloc(kept->arena, (size_t) n * row_words * 8 + 64);
    uint64_t *rows = (void *) (room + (-(uintptr_t) room & 63));

    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < words; j++) {
            rows[(size_t) i * row_words + j] =
                bitmaps[(size_t) i * words + j] & classifier->certain[j];
        }
    }
    return rows;
}

/* Lays the classes of ports out in pages, equal neighbours shared. */
static void
lay_ports(struct kept_tables *kept, const struct partition *partition,
          const uint32_t **pages, const uint32_t **cells)
{
    enum { PAGES = PORT_NONE / PORTS_PER_PAGE + 1 };
    uint32_t *own_pages =
        arena_alloc_array(kept->arena, PAGES, sizeof *own_pages);
    uint32_t *own_cells =
        memory_calloc((size_t) PAGES * PORTS_PER_PAGE, sizeof *own_cells);
    uint32_t n = 0;
    uint32_t interval = 0;

    for (uint32_t page = 0; page < PAGES; page++) {
        uint32_t *cell = own_cells + n;
        for (uint32_t i = 0; i < PORTS_PER_PAGE; i++) {
            uint32_t port = page * PORTS_PER_PAGE + i;
            while (interval + 1 < partition->n
                   && partition->starts[interval + 1] <= port) {
                interval++;
            }
            cell[i] = partition->classes[interval];
        }
        if (n
            && !memcmp(cell, cell - PORTS_PER_PAGE,
                       PORTS_PER_PAGE * sizeof *cell)) {
            own_pages[page] = n - PORTS_PER_PAGE;
        } else {
            own_pages[page] = n;
            n += PORTS_PER_PAGE;
        }
    }
    *pages = own_pages;
    *cells = arena_memdup(kept->arena, own_cells, n * sizeof *own_cells);
    free(own_cells);
}

/* Joins protocols and source ports. */
static void
join_protocols(struct kept_tables *kept, const struct classifier *classifier,
               struct bitmap_set *joined)
{
    const struct partition *protocols = &classifier->fields[CLASS_PROTOCOL];
    const struct partition *ports = &classifier->fields[CLASS_SOURCE_PORT];
    uint32_t words = classifier->words;
    uint64_t *bitmap = memory_calloc(words + 1, sizeof *bitmap);
    uint32_t *table = arena_alloc_array(
        kept->arena, (size_t) N_PROTOCOLS * ports->n_classes, sizeof *table);

    for (uint32_t i = 0; i < N_PROTOCOLS; i++) {
        const uint64_t *protocol =
            protocols->bitmaps
            + (size_t) protocols->classes[partition_find(protocols, i)]
                  * words;
        for (uint32_t j = 0; j < ports->n_classes; j++) {
            const uint64_t *port = ports->bitmaps + (size_t) j * words;
            for (uint32_t k = 0; k < words; k++) {
                bitmap[k] = protocol[k] & port[k];
            }
            table[i * ports->n_classes + j] = bitmap_set_add(joined, bitmap);
        }
    }
    kept->tables.protocol_ports = table;
    free(bitmap);
}

/* Joins these with the destination ports.  Returns false if the table would
 * pass its bounds. */
static bool
join_services(struct kept_tables *kept, const struct classifier *classifier,
              const struct bitmap_set *from)
{
    const struct partition *ports =
        &classifier->fields[CLASS_DESTINATION_PORT];
    uint32_t words = classifier->words;
    uint64_t cells = (uint64_t) from->n * ports->n_classes;
    struct bitmap_set joined;

    if (cells > SERVICE_CELLS_MAX) {
        return false;
    }
    bitmap_set_init(&joined, words);
    uint64_t *bitmap = memory_calloc(words + 1, sizeof *bitmap);
    uint32_t *table = memory_calloc(cells, sizeof *table);
    bool fits = true;
    for (uint64_t i = 0; i < cells && fits; i++) {
        const uint64_t *a =
            from->bitmaps + (size_t) (i / ports->n_classes) * words;
        const uint64_t *b =
            ports->bitmaps + (size_t) (i % ports->n_classes) * words;
        for (uint32_t j = 0; j < words; j++) {
            bitmap[j] = a[j] & b[j];
        }
        table[i] = bitmap_set_add(&joined, bitmap);
        fits = (uint64_t) joined.n * kept->tables.row_words * 8
               <= SERVICE_BYTES_MAX;
    }
    if (fits) {
        kept->tables.services =
            arena_memdup(kept->arena, table, cells * sizeof *table);
        kept->tables.service =
            lay_rows(kept, classifier, joined.bitmaps, joined.n);
    }
    free(table);
    free(bitmap);
    bitmap_set_clear(&joined);
    return fits;
}

static void
lay_services(struct kept_tables *kept, const struct classifier *classifier)
{
    const struct partition *ports =
        &classifier->fields[CLASS_DESTINATION_PORT];
    struct bitmap_set joined;

    bitmap_set_init(&joined, classifier->words);
    join_protocols(kept, classifier, &joined);
    kept->tables.split = !join_services(kept, classifier, &joined);
    if (kept->tables.split) {
        kept->tables.service =
            lay_rows(kept, classifier, joined.bitmaps, joined.n);
        kept->tables.destination_port =
            lay_rows(kept, classifier, ports->bitmaps, ports->n_classes);
    }
    bitmap_set_clear(&joined);
}

/* Long rows are whole cache lines; a row has a word even without rules. */
static uint32_t
choose_row_words(uint32_t words)
{
    return words > 2 ? (words + 7) & ~7u : words + !words;
}

static struct lookup_tables *
make_tables(const struct classifier *classifier)
{
    struct arena *arena = arena_create();
    struct kept_tables *kept = arena_alloc(arena, sizeof *kept);
    struct lookup_tables *tables = &kept->tables;
    const struct partition *fields = classifier->fields;

    kept->arena = arena;
    tables->row_words = choose_row_words(classifier->words);
    lay_services(kept, classifier);
    lay_ports(kept, &fields[CLASS_SOURCE_PORT], &tables->source_port_pages,
              &tables->source_port_cells);
    lay_ports(kept, &fields[CLASS_DESTINATION_PORT],
              &tables->destination_port_pages,
              &tables->destination_port_cells);
    tables->n_source_ports = fields[CLASS_SOURCE_PORT].n_classes;
    tables->n_destination_ports = fields[CLASS_DESTINATION_PORT].n_classes;
    tables->source = lay_rows(kept, classifier, fields[CLASS_SOURCE].bitmaps,
                              fields[CLASS_SOURCE].n_classes);
    tables->destination =
        lay_rows(kept, classifier, fields[CLASS_DESTINATION].bitmaps,
                 fields[CLASS_DESTINATION].n_classes);
    tables->sources = jump_build(arena, &fields[CLASS_SOURCE]);
    tables->destinations = jump_build(arena, &fields[CLASS_DESTINATION]);
    uint32_t *rules = arena_alloc_array(arena, (size_t) tables->row_words * 64,
                                        sizeof *rules);
    for (uint32_t i = 0; i < classifier->n_bits; i++) {
        rules[i] = classifier->bits[i].rule;
    }
    tables->rules = rules;
    tables->size = arena_size(arena);
    return tables;
}

const struct lookup_tables *
classifier_tables(const struct classifier *classifier)
{
    /* Two threads may make the same tables; one of them wins. */
    struct classifier *own = (struct classifier *) (uintptr_t) classifier;
    struct lookup_tables *tables =
        atomic_load_explicit(&own->tables, memory_order_acquire);

    if (!tables) {
        struct lookup_tables *made = make_tables(classifier);
        if (atomic_compare_exchange_strong(&own->tables, &tables, made)) {
            return made;
        }
        tables_destroy(made);
    }
    return tables;
}

void
tables_destroy(struct lookup_tables *tables)
{
    if (tables) {
        /* The tables are the first member of what holds them. */
        struct kept_tables *kept = (void *) tables;
        arena_unref(kept->arena);
    }
}

size_t
tables_size(const struct lookup_tables *tables)
{
    return tables ? tables->size : 0;
}
