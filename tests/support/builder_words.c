#include "tests/support/builder_words.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/model/port.h"

enum { WORDS_MAX = 64 };

struct word_list {
    const char *items[WORDS_MAX];
    size_t n;
};

void *
words_unconst(const void *made)
{
    return (void *) (uintptr_t) made;
}

/* Splits at any of 'separators'. */
static struct word_list
split(struct arena *arena, const char *words, const char *separators)
{
    struct word_list list = { .n = 0 };

    while (*words) {
        size_t length = strcspn(words, separators);
        if (length) {
            assert(list.n < WORDS_MAX);
            list.items[list.n++] = arena_strndup(arena, words, length);
        }
        words += length;
        words += *words ? 1 : 0;
    }
    return list;
}

static struct word_list
split_list(struct arena *arena, const char *words)
{
    return strcmp(words, "-") != 0 ? split(arena, words, ",")
                                   : (struct word_list){ .n = 0 };
}

struct address
words_to_address(const char *word)
{
    struct address address;
    bool ok = address_parse(word, &address);

    assert(ok);
    (void) ok;
    return address;
}

struct address_set
words_to_addresses(const char *words, struct arena *arena)
{
    struct word_list list = split_list(arena, words);
    struct address_list set;

    address_list_init(&set);
    for (size_t i = 0; i < list.n; i++) {
        struct address_range range = { .family = FAMILY_IPV4 };
        bool ok = address_range_parse(list.items[i], &range);
        assert(ok);
        (void) ok;
        address_list_add(&set, range);
    }
    return address_list_finish(&set, arena);
}

static const char *const *
copy_list(struct arena *arena, const struct word_list *list)
{
    return arena_memdup(arena, list->items, list->n * sizeof *list->items);
}

static struct rule_side
words_to_side(struct builder *b, const char *terms, const char *ports)
{
    struct arena *arena = builder_arena(b);
    struct word_list words = split_list(arena, terms);
    struct word_list port_words = split_list(arena, ports);
    struct term *items = arena_alloc_array(arena, words.n, sizeof *items);

    for (size_t i = 0; i < words.n; i++) {
        const char *word = words.items[i];
        if (ascii_starts_with(word, "asg=")) {
            items[i] =
                (struct term){ TERM_ASG, id_of(b, "applicationSecurityGroups",
                                               word + 4) };
        } else if (ascii_starts_with(word, "group=")) {
            items[i] = (struct term){ TERM_NETWORK_GROUP,
                                      id_of(b, "networkGroups", word + 6) };
        } else {
            items[i] = (struct term){ TERM_ADDRESS, word };
        }
    }
    return (struct rule_side){ items, words.n, copy_list(arena, &port_words),
                               port_words.n };
}

struct rule
words_to_rule(struct builder *b, const char *words, enum rule_kind kind)
{
    struct word_list list = split(builder_arena(b), words, " ");

    assert(list.n == 9);
    return (struct rule){
        .name = list.items[0],
        .id = "",
        .description = "",
        .protocol = list.items[4],
        .access_text = list.items[3],
        .kind = kind,
        .direction = direction_parse(list.items[1]),
        .access = access_parse(list.items[3]),
        .priority = atoi(list.items[2]),
        .source = words_to_side(b, list.items[5], list.items[6]),
        .destination = words_to_side(b, list.items[7], list.items[8]),
    };
}

static void
hash_side(struct hasher *hasher, const struct rule_side *side)
{
    hasher_add_u64(hasher, side->n_terms);
    for (size_t i = 0; i < side->n_terms; i++) {
        hasher_add_u64(hasher, side->terms[i].kind);
        hasher_add_string(hasher, side->terms[i].text);
    }
    hasher_add_u64(hasher, side->n_ports);
    for (size_t i = 0; i < side->n_ports; i++) {
        hasher_add_string(hasher, side->ports[i]);
    }
}

struct hash
words_hash_rules(const struct rule rules[], size_t n)
{
    struct hasher hasher;

    hasher_init(&hasher);
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = &rules[i];
        hasher_add_string(&hasher, rule->name);
        hasher_add_string(&hasher, rule->id);
        hasher_add_string(&hasher, rule->protocol);
        hasher_add_string(&hasher, rule->access_text);
        hasher_add_u64(&hasher, rule->kind);
        hasher_add_u64(&hasher, rule->direction);
        hasher_add_u64(&hasher, (uint64_t) rule->priority);
        hash_side(&hasher, &rule->source);
        hash_side(&hasher, &rule->destination);
    }
    return hasher_finish(&hasher);
}

/* Fills one end of a flow: 'nic' is NULL for an end without one. */
static struct flow_end
words_to_end(struct arena *arena, const char *nic, const char *words,
             const char *ports)
{
    struct word_list list = split_list(arena, words);
    struct address_range *ranges =
        arena_alloc_array(arena, list.n, sizeof *ranges);
    const char **tags = arena_alloc_array(arena, list.n, sizeof *tags);
    struct flow_end end = { .nic = nic, .addresses = ranges, .tags = tags };
    struct span_list set;

    for (size_t i = 0; i < list.n; i++) {
        if (!strcmp(list.items[i], "*")) {
            end.any = true;
        } else if (address_range_parse(list.items[i],
                                       &ranges[end.n_addresses])) {
            end.n_addresses++;
        } else {
            tags[end.n_tags++] = list.items[i];
        }
    }
    span_list_init(&set);
    bool ok = port_list_parse(ports, &set);
    assert(ok);
    (void) ok;
    end.ports = span_list_finish(&set, arena);
    return end;
}

/* Spec verdict 2: what '*' means depends on the ports. */
static protocol_set
words_to_protocols(struct arena *arena, const char *words, bool ported)
{
    struct word_list list = split_list(arena, words);
    protocol_set protocols = 0;

    for (size_t i = 0; i < list.n; i++) {
        protocol_set more = 0;
        if (ascii_equal(list.items[i], "Other")) {
            more = 1U << PROTOCOL_OTHER;
        } else {
            bool ok = protocol_set_parse(list.items[i], &more);
            assert(ok);
            (void) ok;
        }
        protocols |= more;
    }
    return protocols == PROTOCOLS_ALL && ported ? PROTOCOLS_WITH_PORTS
                                                : protocols;
}

const struct flow *
build_flow(struct builder *b, const char *words)
{
    struct arena *arena = builder_arena(b);
    struct word_list list = split(arena, words, " ");
    struct flow *flow = arena_alloc(arena, sizeof *flow);
    const char *source_nic = NULL;
    const char *destination_nic = NULL;

    assert(list.n == 7);
    if (!strcmp(list.items[0], "Both")) {
        struct word_list nics = split(arena, list.items[1], ",");
        assert(nics.n == 2);
        source_nic = nics.items[0];
        destination_nic = nics.items[1];
    } else if (!strcmp(list.items[0], "Inbound")) {
        destination_nic = list.items[1];
    } else {
        assert(!strcmp(list.items[0], "Outbound"));
        source_nic = list.items[1];
    }
    flow->name = arena_strdup(arena, words);
    flow->source =
        words_to_end(arena, source_nic, list.items[3], list.items[4]);
    flow->destination =
        words_to_end(arena, destination_nic, list.items[5], list.items[6]);
    flow->protocols =
        words_to_protocols(arena, list.items[2],
                           !port_set_is_full(flow->source.ports)
                               || !port_set_is_full(flow->destination.ports));
    return flow;
}
