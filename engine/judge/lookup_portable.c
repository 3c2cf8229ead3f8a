#include "engine/judge/lookup_paths.h"

#include "engine/model/port.h"
#include "engine/model/protocol.h"

static inline uint32_t
port_class(const uint32_t *pages, const uint32_t *cells, uint32_t port)
{
    return cells[pages[port >> 8] + (port & 0xff)];
}

/* Returns the row of protocol and source port, and the class of the
 * destination port. */
static inline uint32_t
find_ports(const struct lookup_tables *tables, uint8_t protocol,
           uint32_t ports, uint32_t *destination_port)
{
    bool has_ports = protocol <= PROTOCOL_UDP;
    uint32_t source = has_ports ? ports >> 16 : PORT_NONE;
    uint32_t destination = has_ports ? ports & 0xffff : PORT_NONE;

    *destination_port =
        port_class(tables->destination_port_pages,
                   tables->destination_port_cells, destination);
    return tables
        ->protocol_ports[protocol * tables->n_source_ports
                         + port_class(tables->source_port_pages,
                                      tables->source_port_cells, source)];
}

/* All packets take one step of the search after the other, so that the loads
 * of many packets are under way at once. */
static void
find_addresses(const struct jump *jump, const uint32_t addresses[], size_t n,
               uint32_t classes[])
{
    const uint32_t *starts = jump->starts;

    for (size_t i = 0; i < n; i++) {
        classes[i] = jump->first[addresses[i] >> 16];
    }
    for (uint32_t step = jump->reach; step; step >>= 1) {
        for (size_t i = 0; i < n; i++) {
            uint32_t next = classes[i] + step;
            classes[i] = starts[next] <= addresses[i] ? next : classes[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        classes[i] = jump->classes[classes[i]];
    }
}

void
lookup_classes(const struct lookup_tables *tables,
               const struct packets_ipv4 *packets, size_t first, size_t n,
               struct lookup_block *block)
{
    /* One field after the other: the loads of many packets overlap. */
    for (size_t i = 0; i < n; i++) {
        block->services[i] = find_ports(tables, packets->protocols[first + i],
                                        packets->ports[first + i],
                                        &block->destination_ports[i]);
    }
    if (!tables->split) {
        for (size_t i = 0; i < n; i++) {
            block->services[i] =
                tables
                    ->services[block->services[i] * tables->n_destination_ports
                               + block->destination_ports[i]];
        }
    }
    find_addresses(&tables->sources, packets->source + first, n,
                   block->sources);
    find_addresses(&tables->destinations, packets->destination + first, n,
                   block->destinations);
}

/* What the rows have in common in one word; where the tables are split there
 * is a fourth. */
static inline uint64_t
common_bits(const uint64_t *const rows[4], uint32_t word)
{
    uint64_t bits = rows[0][word] & rows[1][word] & rows[2][word];

    return rows[3] ? bits & rows[3][word] : bits;
}

/* Looks through the words that the summaries of all fields have in common,
 * group by group. */
static uint32_t
find_rule(const struct lookup_tables *tables, const uint64_t *const rows[4],
          uint32_t summary)
{
    for (; summary; summary &= summary - 1) {
        uint32_t word =
            (uint32_t) __builtin_ctz(summary) * tables->group_words;
        for (uint32_t i = 0; i < tables->group_words; i++, word++) {
            uint64_t bits = common_bits(rows, word);
            if (bits) {
                return tables
                    ->rules[word * 64 + (uint32_t) __builtin_ctzll(bits)];
            }
        }
    }
    return SWEEP_NO_RULE;
}

static inline const uint64_t *
row_of(const struct lookup_tables *tables, const struct table_rows *rows,
       uint32_t class)
{
    return rows->words + (size_t) class * tables->row_words;
}

/* The words of one field's rows that a packet needs first are asked for early:
 * by the time they are looked at, the loads of many packets are done. */
static inline void
prefetch_word(const struct lookup_tables *tables,
              const struct table_rows *rows, uint32_t class, uint32_t word)
{
    __builtin_prefetch(row_of(tables, rows, class) + word);
}

/* Puts the words that the rows of each packet have in common into
 * 'summaries'. */
static void
find_summaries(const struct lookup_tables *tables,
               const struct lookup_block *block, size_t n,
               uint32_t summaries[])
{
    for (size_t i = 0; i < n; i++) {
        uint32_t summary =
            tables->service.summaries[block->services[i]]
            & tables->source.summaries[block->sources[i]]
            & tables->destination.summaries[block->destinations[i]];
        uint32_t word = summary ? (uint32_t) __builtin_ctz(summary) : 0;
        prefetch_word(tables, &tables->service, block->services[i], word);
        prefetch_word(tables, &tables->source, block->sources[i], word);
        prefetch_word(tables, &tables->destination, block->destinations[i],
                      word);
        summaries[i] = summary;
    }
}

/* Where protocol and ports are joined and a bit of a summary is one word, as
 * is usual, no more is needed than this. */
static void
find_joined(const struct lookup_tables *tables,
            const struct lookup_block *block, size_t n, uint32_t rules[])
{
    uint32_t summaries[LOOKUP_BLOCK];

    find_summaries(tables, block, n, summaries);
    for (size_t i = 0; i < n; i++) {
        const uint64_t *a =
            row_of(tables, &tables->service, block->services[i]);
        const uint64_t *b = row_of(tables, &tables->source, block->sources[i]);
        const uint64_t *c =
            row_of(tables, &tables->destination, block->destinations[i]);
        uint32_t rule = SWEEP_NO_RULE;
        for (uint32_t summary = summaries[i]; summary;
             summary &= summary - 1) {
            uint32_t word = (uint32_t) __builtin_ctz(summary);
            uint64_t bits = a[word] & b[word] & c[word];
            if (bits) {
                rule =
                    tables
                        ->rules[word * 64 + (uint32_t) __builtin_ctzll(bits)];
                break;
            }
        }
        rules[i] = rule;
    }
}

void
lookup_portable(const struct lookup_tables *tables,
                const struct packets_ipv4 *packets, size_t first, size_t n,
                uint32_t rules[])
{
    struct lookup_block block;

    lookup_classes(tables, packets, first, n, &block);
    if (!tables->split && tables->group_words == 1) {
        find_joined(tables, &block, n, rules + first);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t summary =
            tables->service.summaries[block.services[i]]
            & tables->source.summaries[block.sources[i]]
            & tables->destination.summaries[block.destinations[i]];
        const uint64_t *rows[4] = {
            row_of(tables, &tables->service, block.services[i]),
            row_of(tables, &tables->source, block.sources[i]),
            row_of(tables, &tables->destination, block.destinations[i]),
            NULL,
        };
        if (tables->split) {
            uint32_t port = block.destination_ports[i];
            summary &= tables->destination_port.summaries[port];
            rows[3] = row_of(tables, &tables->destination_port, port);
        }
        rules[first + i] = find_rule(tables, rows, summary);
    }
}
