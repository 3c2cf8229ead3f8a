#include "engine/compile/classifier.h"

#include <stdlib.h>

#include "engine/base/memory.h"
#include "engine/compile/box.h"
#include "engine/compile/classes.h"
#include "engine/compile/tables.h"
#include "engine/model/port.h"

/* The boxes that the bits stand for. */
struct boxes {
    const struct box **boxes;
    struct class_bit *bits;
    uint32_t n;
};

static void
add_box(struct boxes *boxes, const struct box *box, struct class_bit bit)
{
    if (!box_is_empty(box)) {
        boxes->boxes[boxes->n] = box;
        boxes->bits[boxes->n++] = bit;
    }
}

/* A rule may have several accesses: then nothing is certain about it. */
static bool
is_single(access_set accesses)
{
    return accesses && !(accesses & (accesses - 1));
}

static struct boxes
collect_boxes(const struct policy_rule rules[], size_t n)
{
    struct boxes boxes = { NULL, NULL, 0 };

    boxes.boxes = memory_calloc(2 * n + 1, sizeof(const struct box *));
    boxes.bits = memory_calloc(2 * n + 1, sizeof *boxes.bits);
    for (size_t i = 0; i < n; i++) {
        const struct policy_rule *rule = &rules[i];
        struct class_bit bit = { (uint32_t) i, true, rule->accesses };
        if (is_single(rule->accesses)) {
            add_box(&boxes, &rule->certain, bit);
        }
        if (rule->uncertain) {
            bit.certain = false;
            add_box(&boxes, &rule->possible, bit);
        }
    }
    return boxes;
}

/* Writes the protocols as spans of their numbers. */
static struct span_set
protocol_spans(protocol_set protocols, struct span spans[N_PROTOCOLS])
{
    struct span_set set = { spans, 0 };

    for (unsigned int i = 0; i < N_PROTOCOLS; i++) {
        if (!(protocols >> i & 1)) {
            continue;
        }
        if (set.n && spans[set.n - 1].last + 1 == i) {
            spans[set.n - 1].last = i;
        } else {
            spans[set.n++] = (struct span){ i, i };
        }
    }
    return set;
}

static struct span_set
box_spans(const struct box *box, enum class_field field, enum family family,
          struct span spans[N_PROTOCOLS])
{
    switch (field) {
    case CLASS_PROTOCOL: return protocol_spans(box->protocols, spans);
    case CLASS_SOURCE_PORT: return box->source_ports;
    case CLASS_DESTINATION_PORT: return box->destination_ports;
    case CLASS_DESTINATION: return box->destination.families[family];
    case CLASS_SOURCE: return box->source.families[family];
    case N_CLASS_FIELDS: break;
    }
    return (struct span_set){ NULL, 0 };
}

static void
cut_field(struct partition *partition, const struct boxes *boxes,
          enum class_field field, enum family family, uint128 max,
          struct span_set sets[], struct span spans[])
{
    for (size_t i = 0; i < boxes->n; i++) {
        sets[i] =
            box_spans(boxes->boxes[i], field, family, spans + i * N_PROTOCOLS);
    }
    partition_init(partition, sets, boxes->n, max);
}

static void
cut_fields(struct classifier *classifier, const struct boxes *boxes)
{
    struct span_set *sets = memory_calloc(boxes->n + 1, sizeof *sets);
    struct span *spans =
        memory_calloc((boxes->n + 1) * N_PROTOCOLS, sizeof *spans);
    uint128 ipv4 = family_max(FAMILY_IPV4);
    uint128 ipv6 = family_max(FAMILY_IPV6);
    struct partition *fields = classifier->fields;

    cut_field(&fields[CLASS_PROTOCOL], boxes, CLASS_PROTOCOL, FAMILY_IPV4,
              N_PROTOCOLS - 1, sets, spans);
    cut_field(&fields[CLASS_SOURCE_PORT], boxes, CLASS_SOURCE_PORT,
              FAMILY_IPV4, PORT_NONE, sets, spans);
    cut_field(&fields[CLASS_DESTINATION_PORT], boxes, CLASS_DESTINATION_PORT,
              FAMILY_IPV4, PORT_NONE, sets, spans);
    cut_field(&fields[CLASS_DESTINATION], boxes, CLASS_DESTINATION,
              FAMILY_IPV4, ipv4, sets, spans);
    cut_field(&fields[CLASS_SOURCE], boxes, CLASS_SOURCE, FAMILY_IPV4, ipv4,
              sets, spans);
    cut_field(&classifier->wide_destination, boxes, CLASS_DESTINATION,
              FAMILY_IPV6, ipv6, sets, spans);
    cut_field(&classifier->wide_source, boxes, CLASS_SOURCE, FAMILY_IPV6, ipv6,
              sets, spans);
    free(sets);
    free(spans);
}

struct classifier *
classifier_compile(const struct policy_rule rules[], size_t n)
{
    struct classifier *classifier = memory_calloc(1, sizeof *classifier);
    struct boxes boxes = collect_boxes(rules, n);
    uint32_t words = (boxes.n + 63) / 64;
    uint64_t *certain = memory_calloc(words + 1, sizeof *certain);

    atomic_init(&classifier->references, 1);
    atomic_init(&classifier->tables, NULL);
    for (uint32_t i = 0; i < boxes.n; i++) {
        certain[i / 64] |= (uint64_t) boxes.bits[i].certain << (i % 64);
    }
    classifier->n_rules = (uint32_t) n;
    classifier->n_bits = boxes.n;
    classifier->words = words;
    classifier->certain = certain;
    cut_fields(classifier, &boxes);
    classifier->bits =
        memory_resize(boxes.bits, boxes.n + 1, sizeof *boxes.bits);
    free(boxes.boxes);
    return classifier;
}

/* Only the count of references changes. */
static struct classifier *
writable(const struct classifier *classifier)
{
    return (struct classifier *) (uintptr_t) classifier;
}

struct classifier *
classifier_ref(const struct classifier *classifier)
{
    struct classifier *own = writable(classifier);

    if (own) {
        atomic_fetch_add_explicit(&own->references, 1, memory_order_relaxed);
    }
    return own;
}

void
classifier_unref(const struct classifier *classifier)
{
    struct classifier *own = writable(classifier);

    if (!own
        || atomic_fetch_sub_explicit(&own->references, 1, memory_order_acq_rel)
               != 1) {
        return;
    }
    for (size_t i = 0; i < N_CLASS_FIELDS; i++) {
        partition_clear(&own->fields[i]);
    }
    partition_clear(&own->wide_destination);
    partition_clear(&own->wide_source);
    tables_destroy(atomic_load_explicit(&own->tables, memory_order_acquire));
    free((void *) (uintptr_t) own->bits);
    free((void *) (uintptr_t) own->certain);
    free(own);
}

size_t
classifier_size(const struct classifier *classifier)
{
    size_t size = sizeof *classifier
                  + (classifier->n_bits + 1) * sizeof *classifier->bits
                  + (classifier->words + 1) * sizeof *classifier->certain
                  + classifier->wide_destination.size
                  + classifier->wide_source.size;

    for (size_t i = 0; i < N_CLASS_FIELDS; i++) {
        size += classifier->fields[i].size;
    }
    return size
           + tables_size(atomic_load_explicit(&writable(classifier)->tables,
                                              memory_order_acquire));
}

static void
hash_box(const struct box *box, struct hasher *hasher)
{
    hasher_add_u64(hasher, box->protocols);
    address_set_hash(box->source, hasher);
    span_set_hash(box->source_ports, hasher);
    address_set_hash(box->destination, hasher);
    span_set_hash(box->destination_ports, hasher);
}

struct hash
classifier_key(const struct policy_rule rules[], size_t n)
{
    struct hasher hasher;

    hasher_init(&hasher);
    hasher_add_u64(&hasher, n);
    for (size_t i = 0; i < n; i++) {
        hasher_add_u64(&hasher, rules[i].accesses);
        hasher_add_u64(&hasher, rules[i].uncertain);
        hash_box(&rules[i].certain, &hasher);
        if (rules[i].uncertain) {
            hash_box(&rules[i].possible, &hasher);
        }
    }
    return hasher_finish(&hasher);
}
