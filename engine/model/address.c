#include "engine/model/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "engine/base/hash.h"
#include "engine/base/text.h"

uint128
family_max(enum family family)
{
    return family == FAMILY_IPV4 ? (uint128) UINT32_MAX : ~(uint128) 0;
}

unsigned int
family_bits(enum family family)
{
    return family == FAMILY_IPV4 ? 32 : 128;
}

bool
address_parse(const char *word, struct address *address)
{
    unsigned char bytes[16];
    enum family family;
    size_t n;

    /* inet_pton() is strict: no octal, no missing parts, no zone. */
    if (inet_pton(AF_INET, word, bytes) == 1) {
        family = FAMILY_IPV4;
        n = 4;
    } else if (inet_pton(AF_INET6, word, bytes) == 1) {
        family = FAMILY_IPV6;
        n = 16;
    } else {
        return false;
    }
    uint128 value = 0;
    for (size_t i = 0; i < n; i++) {
        value = value << 8 | bytes[i];
    }
    *address = (struct address){ family, value };
    return true;
}

void
address_format(struct address address, char text[ADDRESS_TEXT_SIZE])
{
    unsigned char bytes[16];
    size_t n = family_bits(address.family) / 8;

    for (size_t i = 0; i < n; i++) {
        bytes[i] = (unsigned char) (address.value >> (8 * (n - 1 - i)));
    }
    inet_ntop(address.family == FAMILY_IPV4 ? AF_INET : AF_INET6, bytes, text,
              ADDRESS_TEXT_SIZE);
}

bool
address_equal(struct address a, struct address b)
{
    return a.family == b.family && a.value == b.value;
}

/* Reads the characters from 'start' up to 'end' as an address. */
static bool
parse_part(const char *start, const char *end, struct address *address)
{
    char word[ADDRESS_TEXT_SIZE];
    size_t length = (size_t) (end - start);

    if (length >= sizeof word) {
        return false;
    }
    memcpy(word, start, length);
    word[length] = '\0';
    return address_parse(word, address);
}

bool
prefix_parse(const char *word, struct address_range *range)
{
    const char *slash = strchr(word, '/');
    const char *end = slash ? slash : word + strlen(word);
    struct address address;

    if (!parse_part(word, end, &address)) {
        return false;
    }
    unsigned int bits = family_bits(address.family);
    uint64_t length = bits;
    if (slash && !number_parse(slash + 1, strlen(slash + 1), bits, &length)) {
        return false;
    }
    /* Shifting by all 128 bits is not defined. */
    uint128 host = length == bits ? 0 : family_max(address.family) >> length;
    *range = (struct address_range){
        address.family, { address.value & ~host, address.value | host }
    };
    return true;
}

bool
address_range_parse(const char *word, struct address_range *range)
{
    const char *dash = strchr(word, '-');
    struct address first;
    struct address last;

    if (!dash) {
        return prefix_parse(word, range);
    }
    if (!parse_part(word, dash, &first)
        || !parse_part(dash + 1, word + strlen(word), &last)
        || first.family != last.family || first.value > last.value) {
        return false;
    }
    *range =
        (struct address_range){ first.family, { first.value, last.value } };
    return true;
}

/* Returns the length of the largest prefix that begins at 'first' and does
 * not go beyond 'last'. */
static unsigned int
fitting_length(enum family family, uint128 first, uint128 last)
{
    unsigned int length = family_bits(family);

    while (length > 0) {
        uint128 host = length - 1 ? family_max(family) >> (length - 1)
                                  : family_max(family);
        if (first & host || host > last - first) {
            break;
        }
        length--;
    }
    return length;
}

static void
append_prefix(enum family family, uint128 first, unsigned int length,
              struct text *text)
{
    char buffer[ADDRESS_TEXT_SIZE];

    address_format((struct address){ family, first }, buffer);
    text_append(text, buffer);
    if (length < family_bits(family)) {
        text_printf(text, "/%u", length);
    }
}

size_t
address_spans_format(enum family family, struct span_set spans,
                     const char *separator, size_t max, struct text *text)
{
    size_t n = 0;

    for (size_t i = 0; i < spans.n; i++) {
        uint128 first = spans.spans[i].first;
        for (;;) {
            unsigned int length =
                fitting_length(family, first, spans.spans[i].last);
            if (n <= max && n) {
                text_append(text, separator);
            }
            if (n < max) {
                append_prefix(family, first, length, text);
            } else if (n == max) {
                text_append(text, "...");
            }
            n++;
            uint128 host = length == family_bits(family) ? 0
                           : length ? family_max(family) >> length
                                    : family_max(family);
            if (spans.spans[i].last - first == host) {
                break;
            }
            first += host + 1;
        }
    }
    return n;
}

void
address_list_init(struct address_list *list)
{
    for (int f = 0; f < N_FAMILIES; f++) {
        span_list_init(&list->families[f]);
    }
}

void
address_list_clear(struct address_list *list)
{
    for (int f = 0; f < N_FAMILIES; f++) {
        span_list_clear(&list->families[f]);
    }
}

void
address_list_add(struct address_list *list, struct address_range range)
{
    span_list_add(&list->families[range.family], range.span.first,
                  range.span.last);
}

void
address_list_add_address(struct address_list *list, struct address address)
{
    span_list_add(&list->families[address.family], address.value,
                  address.value);
}

void
address_list_add_set(struct address_list *list, struct address_set set)
{
    for (int f = 0; f < N_FAMILIES; f++) {
        span_list_add_set(&list->families[f], set.families[f]);
    }
}

struct address_set
address_list_finish(struct address_list *list, struct arena *arena)
{
    struct address_set set = { { { NULL, 0 }, { NULL, 0 } } };

    for (int f = 0; f < N_FAMILIES; f++) {
        set.families[f] = span_list_finish(&list->families[f], arena);
    }
    return set;
}

struct address_set
address_set_all(void)
{
    static const struct span all4 = { 0, UINT32_MAX };
    static const struct span all6 = { 0, ~(uint128) 0 };

    return (struct address_set){ { { &all4, 1 }, { &all6, 1 } } };
}

bool
address_set_is_empty(struct address_set set)
{
    return !set.families[FAMILY_IPV4].n && !set.families[FAMILY_IPV6].n;
}

bool
address_set_contains(struct address_set set, struct address address)
{
    return span_set_contains(set.families[address.family], address.value);
}

bool
address_set_equal(struct address_set a, struct address_set b)
{
    return span_set_equal(a.families[0], b.families[0])
           && span_set_equal(a.families[1], b.families[1]);
}

struct address_set
address_set_union(struct arena *arena, struct address_set a,
                  struct address_set b)
{
    for (int f = 0; f < N_FAMILIES; f++) {
        a.families[f] = span_set_union(arena, a.families[f], b.families[f]);
    }
    return a;
}

struct address_set
address_set_intersect(struct arena *arena, struct address_set a,
                      struct address_set b)
{
    for (int f = 0; f < N_FAMILIES; f++) {
        a.families[f] =
            span_set_intersect(arena, a.families[f], b.families[f]);
    }
    return a;
}

struct address_set
address_set_subtract(struct arena *arena, struct address_set a,
                     struct address_set b)
{
    for (int f = 0; f < N_FAMILIES; f++) {
        a.families[f] = span_set_subtract(arena, a.families[f], b.families[f]);
    }
    return a;
}

void
address_set_hash(struct address_set set, struct hasher *hasher)
{
    for (int f = 0; f < N_FAMILIES; f++) {
        span_set_hash(set.families[f], hasher);
    }
}
