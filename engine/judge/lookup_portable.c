#include "engine/judge/lookup_paths.h"

#include "engine/model/port.h"
#include "engine/model/protocol.h"

static inline uint32_t
port_class(const uint32_t *pages, const uint32_t *cells, uint32_t port)
{
    return cells[pages[port >> 8] + (port & 0xff)];
}

/* Returns the row of protocol and source port. */
static inline uint32_t
find_source_port(const struct lookup_tables *tables, uint8_t protocol,
                 uint32_t ports)
{
    /* Rules seldom ask for source ports. */
    if (tables->n_source_ports == 1) {
        return tables->protocol_ports[protocol];
    }
    uint32_t port = protocol <= PROTOCOL_UDP ? ports >> 16 : PORT_NONE;
    return tables
        ->protocol_ports[protocol * tables->n_source_ports
                         + port_class(tables->source_port_pages,
                                      tables->source_port_cells, port)];
}

/* Returns the class of the destination port. */
static inline uint32_t
find_destination_port(const struct lookup_tables *tables, uint8_t protocol,
                      uint32_t ports)
{
    return port_class(tables->destination_port_pages,
                      tables->destination_port_cells,
                      protocol <= PROTOCOL_UDP ? ports & 0xffff : PORT_NONE);
}

static void
find_services(const struct lookup_tables *tables, const uint8_t protocols[],
              const uint32_t ports[], size_t n, struct lookup_block *block)
{
    uint32_t row_words = tables->row_words;

    for (size_t i = 0; i < n; i++) {
        block->services[i] = find_source_port(tables, protocols[i], ports[i]);
        block->destination_ports[i] =
            find_destination_port(tables, protocols[i], ports[i]);
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t service = block->services[i];
        uint32_t port = block->destination_ports[i];
        if (!tables->split) {
            service =
                tables->services[service * tables->n_destination_ports + port];
        }
        block->services[i] = service * row_words;
        block->destination_ports[i] = port * row_words;
    }
}

/* Finds where the rows of addresses begin.  Where addresses lie densely, all
 * packets first take one step of the search after the other, so that the loads
 * of many packets are under way at once. */
static void
find_addresses(const struct jump *jump, const uint32_t addresses[], size_t n,
               uint32_t row_words, uint32_t rows[])
{
    for (size_t i = 0; i < n; i++) {
        rows[i] = jump_start(jump, addresses[i]);
    }
    for (uint32_t step = jump->step; step >= JUMP_ENDS; step /= 2) {
        for (size_t i = 0; i < n; i++) {
            rows[i] = jump_forward(jump, addresses[i], rows[i], step);
        }
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t at = jump_end(jump, addresses[i], rows[i]);
        rows[i] = jump->classes[at] * row_words;
    }
}

void
lookup_classes(const struct lookup_tables *tables,
               const struct packets_ipv4 *packets, size_t first, size_t n,
               struct lookup_block *block)
{
    /* One field after the other: the loads of many packets overlap. */
    find_services(tables, packets->protocols + first, packets->ports + first,
                  n, block);
    find_addresses(&tables->sources, packets->source + first, n,
                   tables->row_words, block->sources);
    find_addresses(&tables->destinations, packets->destination + first, n,
                   tables->row_words, block->destinations);
}

/* Short rows, one word after the other. */
static inline uint64_t
find_in_word(const struct lookup_rows *rows, uint32_t *word)
{
    uint64_t bits = *rows->service & *rows->source & *rows->destination;

    *word = 0;
    return rows->destination_port ? bits & *rows->destination_port : bits;
}

static inline void
intersect(const struct lookup_rows *rows, uint64_t common[LOOKUP_LINE])
{
    for (uint32_t i = 0; i < LOOKUP_LINE; i++) {
        common[i] = rows->service[i] & rows->source[i] & rows->destination[i];
    }
}

/* Halves the words three times, without a branch: where the first one is
 * cannot be foretold. */
static inline uint64_t
find_first(const uint64_t common[LOOKUP_LINE], uint32_t *word)
{
    uint64_t low = common[0] | common[1] | common[2] | common[3];
    uint32_t at = (uint32_t) !low << 2;

    at += (uint32_t) !(common[at] | common[at + 1]) << 1;
    at += !common[at];
    *word = at;
    return common[at];
}

static inline uint64_t
find_in_line(const struct lookup_rows *rows, uint32_t *word)
{
    uint64_t common[LOOKUP_LINE];

    intersect(rows, common);
    return find_first(common, word);
}

static inline uint64_t
find_in_split_line(const struct lookup_rows *rows, uint32_t *word)
{
    uint64_t common[LOOKUP_LINE];

    intersect(rows, common);
    for (uint32_t i = 0; i < LOOKUP_LINE; i++) {
        common[i] &= rows->destination_port[i];
    }
    return find_first(common, word);
}

void
lookup_portable(const struct lookup_tables *tables,
                const struct packets_ipv4 *packets, size_t first, size_t n,
                struct lookup_block *block, uint32_t rules[])
{
    lookup_classes(tables, packets, first, n, block);
    rules += first;
    if (tables->row_words % LOOKUP_LINE) {
        lookup_rounds(tables, block, n, 1, find_in_word, rules);
    } else if (tables->split) {
        lookup_rounds(tables, block, n, LOOKUP_LINE, find_in_split_line,
                      rules);
    } else {
        lookup_rounds(tables, block, n, LOOKUP_LINE, find_in_line, rules);
    }
}
