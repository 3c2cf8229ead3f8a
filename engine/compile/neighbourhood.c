#include "engine/compile/neighbourhood.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/base/memory.h"
#include "engine/model/arm_id.h"
#include "engine/model/network.h"

/* A neighbourhood with what is needed while NICs are sorted. */
struct entry {
    struct neighbourhood neighbourhood;
    struct address *addresses; /* Of all IP configurations; from the heap. */
    size_t n_addresses;
    size_t capacity;
};

struct neighbourhoods {
    const struct network *network;
    struct arena *arena;
    struct map *by_id; /* To struct entry. */
};

static void add_nic(struct neighbourhoods *neighbourhoods,
                    const struct nic *nic);
static void find_duplicates(struct entry *entry, struct arena *arena);

struct neighbourhoods *
neighbourhoods_create(const struct network *network, struct arena *arena)
{
    struct neighbourhoods *all = arena_alloc(arena, sizeof *all);
    const struct nic *const *nics;
    size_t n = network_nics(network, &nics);
    const char *id;
    void *entry;

    *all = (struct neighbourhoods){ network, arena, map_create(arena) };
    for (size_t i = 0; i < n; i++) {
        add_nic(all, nics[i]);
    }
    for (size_t i = 0; map_entry(all->by_id, i, &id, &entry); i++) {
        find_duplicates(entry, arena);
    }
    return all;
}

static struct entry *
find_entry(struct neighbourhoods *all, const char *id)
{
    struct entry *entry = map_get(all->by_id, id);

    if (!entry) {
        entry = arena_alloc(all->arena, sizeof *entry);
        entry->neighbourhood.id = arena_strdup(all->arena, id);
        entry->neighbourhood.asgs = map_create(all->arena);
        map_put(all->by_id, entry->neighbourhood.id, entry);
    }
    return entry;
}

struct neighbourhood *
neighbourhood_of(struct neighbourhoods *neighbourhoods, const char *id)
{
    return &find_entry(neighbourhoods, id)->neighbourhood;
}

/* The network of a subnet, which need not be in the data itself. */
static const char *
network_id_of(const struct neighbourhoods *all, const char *subnet_id)
{
    const struct virtual_network *found;

    if (network_find_subnet(all->network, subnet_id, &found)) {
        return found->resource.id;
    }
    return arm_id_up_to(all->arena, subnet_id, "virtualNetworks");
}

static void
add_nic(struct neighbourhoods *all, const struct nic *nic)
{
    for (size_t i = 0; i < nic->n_ip_configurations; i++) {
        const struct ip_configuration *ip = &nic->ip_configurations[i];
        struct entry *entry =
            find_entry(all, network_id_of(all, ip->subnet_id));
        origins_add(&entry->neighbourhood.origins, nic->resource.origin,
                    all->arena);
        if (ip->has_address) {
            entry->addresses =
                memory_grow(entry->addresses, entry->n_addresses,
                            &entry->capacity, sizeof *entry->addresses);
            entry->addresses[entry->n_addresses++] = ip->address;
        }
    }
}

static int
compare_addresses(const void *a_, const void *b_)
{
    const struct address *a = a_;
    const struct address *b = b_;

    if (a->family != b->family) {
        return a->family < b->family ? -1 : 1;
    }
    return a->value < b->value ? -1 : a->value > b->value;
}

static void
find_duplicates(struct entry *entry, struct arena *arena)
{
    struct address_list list;

    if (entry->n_addresses) {
        qsort(entry->addresses, entry->n_addresses, sizeof *entry->addresses,
              compare_addresses);
    }
    address_list_init(&list);
    for (size_t i = 1; i < entry->n_addresses; i++) {
        if (address_equal(entry->addresses[i - 1], entry->addresses[i])) {
            address_list_add_address(&list, entry->addresses[i]);
        }
    }
    entry->neighbourhood.duplicates = address_list_finish(&list, arena);
    free(entry->addresses);
    entry->addresses = NULL;
}
