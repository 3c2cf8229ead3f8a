#include "engine/judge/region.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/model/port.h"

static void
add_box(struct region_list *list, struct box box)
{
    if (box_is_empty_in(&box, list->family)) {
        return;
    }
    if (list->n == list->capacity) {
        struct box *old = list->boxes;
        list->capacity = list->capacity ? 2 * list->capacity : 8;
        list->boxes = arena_alloc_array(list->arena, list->capacity,
                                        sizeof *list->boxes);
        if (list->n) {
            memcpy(list->boxes, old, list->n * sizeof *old);
        }
    }
    list->boxes[list->n++] = box;
}

/* Values of protocols with ports and of those without are kept apart, so that
 * every box is a product that means what it says. */
static void
add_box_by_kind(struct region_list *list, struct box box)
{
    struct arena *arena = list->arena;
    struct span_set ports = span_set_of(arena, 0, PORT_MAX);
    struct span_set none = span_set_of(arena, PORT_NONE, PORT_NONE);
    struct box with = box;
    struct box without = box;

    with.protocols &= PROTOCOLS_WITH_PORTS;
    without.protocols &= (protocol_set) ~PROTOCOLS_WITH_PORTS;
    with.source_ports = span_set_intersect(arena, box.source_ports, ports);
    with.destination_ports =
        span_set_intersect(arena, box.destination_ports, ports);
    without.source_ports = span_set_intersect(arena, box.source_ports, none);
    without.destination_ports =
        span_set_intersect(arena, box.destination_ports, none);
    add_box(list, with);
    add_box(list, without);
}

void
region_list_init(struct region_list *list, struct arena *arena,
                 enum family family, const struct box *box)
{
    *list = (struct region_list){ .arena = arena, .family = family };
    add_box_by_kind(list, *box);
}

struct box
box_intersect(struct arena *arena, const struct box *a, const struct box *b)
{
    return (struct box){
        .protocols = a->protocols & b->protocols,
        .source = address_set_intersect(arena, a->source, b->source),
        .source_ports =
            span_set_intersect(arena, a->source_ports, b->source_ports),
        .destination =
            address_set_intersect(arena, a->destination, b->destination),
        .destination_ports = span_set_intersect(arena, a->destination_ports,
                                                b->destination_ports),
    };
}

void
region_list_intersect(struct region_list *list, const struct box *box)
{
    struct region_list old = *list;

    list->boxes = NULL;
    list->n = 0;
    list->capacity = 0;
    for (size_t i = 0; i < old.n; i++) {
        add_box(list, box_intersect(list->arena, &old.boxes[i], box));
    }
}

/* Returns true if the boxes share a packet of the family. */
static bool
boxes_meet(const struct box *a, const struct box *b, enum family family)
{
    return (a->protocols & b->protocols)
           && span_set_overlaps(a->destination_ports, b->destination_ports)
           && span_set_overlaps(a->source_ports, b->source_ports)
           && span_set_overlaps(a->destination.families[family],
                                b->destination.families[family])
           && span_set_overlaps(a->source.families[family],
                                b->source.families[family]);
}

/* Adds what is left of 'a' without 'b': field by field what sticks out of
 * 'b', the fields before lying inside both. */
static void
add_rest(struct region_list *list, const struct box *a, const struct box *b)
{
    struct arena *arena = list->arena;
    enum family family = list->family;
    struct span_set *rest_source;
    struct box inner = *a;
    struct box rest = inner;

    rest.protocols = inner.protocols & (protocol_set) ~b->protocols;
    add_box(list, rest);
    inner.protocols &= b->protocols;

    rest = inner;
    rest.destination_ports = span_set_subtract(arena, inner.destination_ports,
                                               b->destination_ports);
    add_box(list, rest);
    inner.destination_ports = span_set_intersect(
        arena, inner.destination_ports, b->destination_ports);

    rest = inner;
    rest.source_ports =
        span_set_subtract(arena, inner.source_ports, b->source_ports);
    add_box(list, rest);
    inner.source_ports =
        span_set_intersect(arena, inner.source_ports, b->source_ports);

    rest = inner;
    rest.destination.families[family] =
        span_set_subtract(arena, inner.destination.families[family],
                          b->destination.families[family]);
    add_box(list, rest);
    inner.destination.families[family] =
        span_set_intersect(arena, inner.destination.families[family],
                           b->destination.families[family]);

    rest = inner;
    rest_source = &rest.source.families[family];
    *rest_source = span_set_subtract(arena, inner.source.families[family],
                                     b->source.families[family]);
    add_box(list, rest);
}

void
region_list_subtract(struct region_list *list, const struct box *box,
                     size_t max)
{
    struct region_list old = *list;
    bool touched = false;

    for (size_t i = 0; i < old.n && !touched; i++) {
        touched = boxes_meet(&old.boxes[i], box, list->family);
    }
    if (!touched) {
        return;
    }
    list->boxes = NULL;
    list->n = 0;
    list->capacity = 0;
    for (size_t i = 0; i < old.n; i++) {
        if (boxes_meet(&old.boxes[i], box, list->family)) {
            add_rest(list, &old.boxes[i], box);
        } else {
            add_box(list, old.boxes[i]);
        }
    }
    if (list->n > max) {
        region_list_sort(list);
        list->n = max;
        list->lossy = true;
    }
}

struct sized_box {
    struct wide count;
    struct box box;
};

static int
compare_sizes(const void *a_, const void *b_)
{
    const struct sized_box *a = a_;
    const struct sized_box *b = b_;

    return wide_compare(b->count, a->count);
}

void
region_list_sort(struct region_list *list)
{
    struct sized_box *sized = memory_calloc(list->n + 1, sizeof *sized);

    for (size_t i = 0; i < list->n; i++) {
        sized[i].box = list->boxes[i];
        sized[i].count = box_count(&list->boxes[i], list->family);
    }
    if (list->n) {
        qsort(sized, list->n, sizeof *sized, compare_sizes);
    }
    for (size_t i = 0; i < list->n; i++) {
        list->boxes[i] = sized[i].box;
    }
    free(sized);
}

bool
box_is_empty_in(const struct box *box, enum family family)
{
    return !box->protocols || !box->source.families[family].n
           || !box->destination.families[family].n || !box->source_ports.n
           || !box->destination_ports.n;
}

struct wide
box_count(const struct box *box, enum family family)
{
    struct wide count =
        wide_from((unsigned int) __builtin_popcount(box->protocols));

    count = wide_multiply(count, span_set_count(box->source.families[family]));
    count = wide_multiply(count,
                          span_set_count(box->destination.families[family]));
    count = wide_multiply(count, span_set_count(box->source_ports));
    return wide_multiply(count, span_set_count(box->destination_ports));
}

struct box
box_around(struct arena *arena, const struct box *a, const struct box *b)
{
    return (struct box){
        .protocols = a->protocols | b->protocols,
        .source = address_set_union(arena, a->source, b->source),
        .source_ports =
            span_set_union(arena, a->source_ports, b->source_ports),
        .destination =
            address_set_union(arena, a->destination, b->destination),
        .destination_ports =
            span_set_union(arena, a->destination_ports, b->destination_ports),
    };
}

struct box
box_all(struct arena *arena)
{
    struct span_set ports = span_set_of(arena, 0, PORT_NONE);

    return (struct box){ PROTOCOLS_ALL, address_set_all(), ports,
                         address_set_all(), ports };
}
