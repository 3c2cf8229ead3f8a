#include "engine/compile/box.h"

#include "engine/model/port.h"

struct box
box_whole(void)
{
    return (struct box){ .protocols = PROTOCOLS_ALL,
                         .source = address_set_all(),
                         .source_ports = ports_whole(),
                         .destination = address_set_all(),
                         .destination_ports = ports_whole() };
}

bool
box_is_empty(const struct box *box)
{
    return !box->protocols || address_set_is_empty(box->source)
           || address_set_is_empty(box->destination) || !box->source_ports.n
           || !box->destination_ports.n;
}

/* Large sets are mostly the same one. */
static bool
is_same_set(struct address_set a, struct address_set b)
{
    for (int i = 0; i < N_FAMILIES; i++) {
        const struct span_set *x = &a.families[i];
        const struct span_set *y = &b.families[i];
        if ((x->spans != y->spans || x->n != y->n)
            && !span_set_equal(*x, *y)) {
            return false;
        }
    }
    return true;
}

bool
box_equal(const struct box *a, const struct box *b)
{
    return a->protocols == b->protocols && is_same_set(a->source, b->source)
           && is_same_set(a->destination, b->destination)
           && span_set_equal(a->source_ports, b->source_ports)
           && span_set_equal(a->destination_ports, b->destination_ports);
}

struct span_set
ports_whole(void)
{
    static const struct span all = { 0, PORT_NONE };

    return (struct span_set){ &all, 1 };
}
