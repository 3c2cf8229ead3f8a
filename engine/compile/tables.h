/* Tables that find the classes of an IPv4 packet by a few loads, and the
 * bitmaps in the layout that is looked through fastest.
 *
 * They cost more memory than the classifier itself, so they are made for
 * those who look up packets by the million, never for sweeps.
 *
 * Protocol and ports are joined to one class where the table for that stays
 * small; otherwise the protocol with the source port, and the destination
 * port, stay on their own ("split").  All identifiers have 32 bits. */

#ifndef ENGINE_COMPILE_TABLES_H
#define ENGINE_COMPILE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/compile/jump.h"

struct classifier;

/* Bitmaps are laid out as rows of 'row_words' words, certain boxes only: 1, 2,
 * or a multiple of 8 that begins at a cache line. */
struct lookup_tables {
    size_t size; /* Bytes in all. */
    uint32_t row_words;
    struct jump sources;
    struct jump destinations;
    /* Classes of ports: cells[pages[port >> 8] + (port & 255)]. */
    const uint32_t *source_port_pages;
    const uint32_t *source_port_cells;
    const uint32_t *destination_port_pages;
    const uint32_t *destination_port_cells;
    uint32_t n_source_ports; /* Classes. */
    uint32_t n_destination_ports;
    /* [protocol * n_source_ports + source port]: row of the service table, to
     * which the class of the destination port is added. */
    const uint32_t *protocol_ports;
    bool split;
    const uint32_t *services;         /* Joined classes; not if split. */
    const uint64_t *service;          /* Rows of the classes. */
    const uint64_t *destination_port; /* Only if split. */
    const uint64_t *source;
    const uint64_t *destination;
    const uint32_t *rules; /* Of each bit of a row. */
};

/* Returns the tables of a classifier, which keeps them. */
const struct lookup_tables *
classifier_tables(const struct classifier *classifier);

/* NULL is allowed. */
void tables_destroy(struct lookup_tables *tables);
size_t tables_size(const struct lookup_tables *tables);

#endif
