/* Turns the bytes of a fuzzer into rules and queries of the engine. */

#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "engine/base/arena.h"
#include "engine/compile/policy.h"
#include "engine/judge/sweep.h"
#include "engine/model/port.h"

struct input {
    const uint8_t *data;
    size_t size;
    struct arena *arena;
};

/* Returns the next byte; 0 past the end. */
static inline uint8_t
input_byte(struct input *input)
{
    if (!input->size) {
        return 0;
    }
    input->size--;
    return *input->data++;
}

/* Values of few bits, placed at the bottom, at the top or anywhere. */
static inline uint128
input_value(struct input *input, uint128 max)
{
    uint8_t how = input_byte(input);
    uint128 value = input_byte(input);

    switch (how & 3) {
    case 0: return value > max ? max : value;
    case 1: return value > max ? 0 : max - value;
    case 2: return max / 256 * value;
    default: return max / 2 + (value & 3);
    }
}

static inline struct span_set
input_set(struct input *input, uint128 max)
{
    struct span_list list;
    unsigned int n = input_byte(input) & 3;

    if (!n) {
        return span_set_of(input->arena, 0, max);
    }
    span_list_init(&list);
    while (n--) {
        uint128 a = input_value(input, max);
        uint128 b = input_value(input, max);
        span_list_add(&list, a < b ? a : b, a < b ? b : a);
    }
    return span_list_finish(&list, input->arena);
}

static inline struct span_set
input_ports(struct input *input)
{
    struct span_set ports = input_set(input, PORT_MAX);

    return port_set_is_full(ports) ? span_set_of(input->arena, 0, PORT_NONE)
                                   : ports;
}

static inline struct box
input_box(struct input *input)
{
    struct box box = { .protocols = input_byte(input) & PROTOCOLS_ALL };
    uint8_t families = input_byte(input);

    for (int i = 0; i < N_FAMILIES; i++) {
        if (families >> i & 1) {
            box.source.families[i] =
                input_set(input, family_max((enum family) i));
        }
        if (families >> (2 + i) & 1) {
            box.destination.families[i] =
                input_set(input, family_max((enum family) i));
        }
    }
    box.source_ports = input_ports(input);
    box.destination_ports = input_ports(input);
    return box;
}

static inline size_t
input_rules(struct input *input, struct policy_rule rules[], size_t max)
{
    size_t n = input_byte(input) % (max + 1);

    for (size_t i = 0; i < n; i++) {
        uint8_t kind = input_byte(input);
        struct box box = input_box(input);
        rules[i] = (struct policy_rule){ .name = "rule", .id = "" };
        rules[i].access = kind & 1 ? ACCESS_ALLOW : ACCESS_DENY;
        rules[i].accesses = (access_set) (1u << rules[i].access);
        rules[i].certain = box;
        rules[i].possible = box;
        if ((kind & 0x70) == 0x70) {
            rules[i].uncertain = true;
            rules[i].certain.source = (struct address_set){ 0 };
        } else if ((kind & 0x70) == 0x60) {
            rules[i].uncertain = true;
            rules[i].accesses = 1 << ACCESS_ALLOW | 1 << ACCESS_DENY;
            rules[i].certain = (struct box){ .protocols = 0 };
        }
    }
    return n;
}

static inline struct query
input_query(struct input *input)
{
    uint8_t kind = input_byte(input);
    struct query query = { .family = (enum family)(kind & 1) };

    query.source = input_set(input, family_max(query.family));
    query.destination = input_set(input, family_max(query.family));
    if (kind & 2) {
        query.protocols = PROTOCOLS_ALL & ~PROTOCOLS_WITH_PORTS;
        query.source_ports = span_set_of(input->arena, PORT_NONE, PORT_NONE);
        query.destination_ports = query.source_ports;
        return query;
    }
    query.protocols = PROTOCOLS_WITH_PORTS;
    query.source_ports = input_set(input, PORT_MAX);
    query.destination_ports = input_set(input, PORT_MAX);
    return query;
}

#endif
