#include "engine/judge/example.h"

#include "engine/judge/verdict.h"

enum { RANK_POOR = 1, RANK_FAIR = 3, RANK_GOOD = 5, RANK_BEST = 7 };

#define IPV4(a, b, c, d)                                                      \
    ((uint32_t) (a) << 24 | (uint32_t) (b) << 16 | (uint32_t) (c) << 8 | (d))

static bool
is_within(uint128 value, uint128 first, uint128 last)
{
    return first <= value && value <= last;
}

/* Azure keeps the first four addresses of every subnet for itself. */
static uint128
pick_host(uint128 first, uint128 last)
{
    enum { KEPT = 4, ROOM = 8 };

    if (last - first < ROOM) {
        return first < last && !(first & 0xff) ? first + 1 : first;
    }
    return (first & 0xff) < KEPT ? (first & ~(uint128) 0xff) + KEPT : first;
}

static unsigned int
pick_ipv4(uint128 first, uint128 last, uint128 *value)
{
    static const uint32_t known[] = { IPV4(10, 0, 0, 4), IPV4(8, 8, 8, 8) };
    static const struct {
        uint32_t first, last;
    } odd[] = { { 0, IPV4(0, 255, 255, 255) },
                { IPV4(127, 0, 0, 0), IPV4(127, 255, 255, 255) },
                { IPV4(224, 0, 0, 0), IPV4(255, 255, 255, 255) } };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (is_within(known[i], first, last)) {
            *value = known[i];
            return RANK_BEST;
        }
    }
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        if (is_within(first, odd[i].first, odd[i].last)) {
            if (last <= odd[i].last) {
                *value = pick_host(first, last);
                return RANK_POOR;
            }
            first = (uint128) odd[i].last + 1;
        }
    }
    *value = pick_host(first, last);
    return last - first < 2 ? RANK_FAIR : RANK_GOOD;
}

static unsigned int
pick_ipv6(uint128 first, uint128 last, uint128 *value)
{
    static const uint64_t known[][2] = {
        { UINT64_C(0xfd00000000000000), 4 },
        { UINT64_C(0x2001486048600000), UINT64_C(0x8888) },
        { UINT64_C(0x2000000000000000), 4 },
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint128 address = (uint128) known[i][0] << 64 | known[i][1];
        if (is_within(address, first, last)) {
            *value = address;
            return RANK_BEST;
        }
    }
    *value = pick_host(first, last);
    /* Unicast that is routed: 2000::/3. */
    return *value >> 125 == 1 ? RANK_GOOD : RANK_FAIR;
}

static unsigned int
pick_source_port(uint128 first, uint128 last, uint128 *value)
{
    enum { FIRST_USER_PORT = 1024 };

    *value = first < FIRST_USER_PORT && last >= FIRST_USER_PORT
                 ? FIRST_USER_PORT
                 : first;
    if (!*value && last) {
        *value = 1;
    }
    return *value >= FIRST_USER_PORT ? RANK_BEST
           : *value                  ? RANK_FAIR
                                     : RANK_POOR;
}

static unsigned int
pick_destination_port(uint128 first, uint128 last, uint128 *value)
{
    static const uint16_t known[] = { 443, 80, 22, 3389, 1433, 53 };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (is_within(known[i], first, last)) {
            *value = known[i];
            return i ? RANK_GOOD : RANK_BEST;
        }
    }
    *value = !first && last ? 1 : first;
    return *value ? RANK_FAIR : RANK_POOR;
}

unsigned int
example_pick(enum class_field field, enum family family, uint128 first,
             uint128 last, uint128 *value)
{
    switch (field) {
    case CLASS_PROTOCOL:
        /* Tcp is the first. */
        *value = first;
        return RANK_BEST - (unsigned int) first;
    case CLASS_SOURCE_PORT: return pick_source_port(first, last, value);
    case CLASS_DESTINATION_PORT:
        return pick_destination_port(first, last, value);
    case CLASS_DESTINATION:
    case CLASS_SOURCE:
        return family == FAMILY_IPV4 ? pick_ipv4(first, last, value)
                                     : pick_ipv6(first, last, value);
    case N_CLASS_FIELDS: break;
    }
    *value = first;
    return RANK_POOR;
}

void
example_set(struct packet *packet, enum class_field field, uint128 value)
{
    switch (field) {
    case CLASS_PROTOCOL: packet->protocol = (enum protocol) value; break;
    case CLASS_SOURCE_PORT: packet->source_port = (uint32_t) value; break;
    case CLASS_DESTINATION_PORT:
        packet->destination_port = (uint32_t) value;
        break;
    case CLASS_DESTINATION: packet->destination.value = value; break;
    case CLASS_SOURCE: packet->source.value = value; break;
    case N_CLASS_FIELDS: break;
    }
}
