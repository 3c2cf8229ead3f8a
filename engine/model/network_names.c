/* How people name things: by ARM id, "resource-group/name" or name. */

#include "engine/model/network_index.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/model/arm_id.h"

struct name_entry {
    const void *item; /* The first that has the name. */
    size_t n;         /* How many have it. */
};

static void name_index_add(struct name_index *index, struct arena *arena,
                           const char *resource_group, const char *name,
                           const void *item);
static void index_machines(struct network *network);

void
network_index_names(struct network *network)
{
    struct arena *arena = network->arena;

    network->nic_names.entries = map_create(arena);
    map_reserve(network->nic_names.entries, 2 * network->nics.n);
    for (size_t i = 0; i < network->nics.n; i++) {
        const struct nic *nic = network->nics.items[i];
        name_index_add(&network->nic_names, arena,
                       nic->resource.resource_group, nic->resource.name, nic);
    }
    network->virtual_network_names.entries = map_create(arena);
    for (size_t i = 0; i < network->virtual_networks.n; i++) {
        const struct virtual_network *vnet =
            network->virtual_networks.items[i];
        name_index_add(&network->virtual_network_names, arena,
                       vnet->resource.resource_group, vnet->resource.name,
                       vnet);
    }
    index_machines(network);
}

static void
add_key(struct map *entries, struct arena *arena, const char *key,
        const void *item)
{
    struct name_entry *entry = map_get(entries, key);

    if (!entry) {
        entry = arena_alloc(arena, sizeof *entry);
        entry->item = item;
        map_put(entries, key, entry);
    }
    entry->n++;
}

/* Lets 'name' and 'resource_group/name' stand for 'item', or for one thing
 * more than before. */
static void
name_index_add(struct name_index *index, struct arena *arena,
               const char *resource_group, const char *name, const void *item)
{
    size_t group_length = strlen(resource_group);
    size_t name_length = strlen(name);

    if (!name_length) {
        return;
    }
    char *path = arena_alloc(arena, group_length + 1 + name_length + 1);
    memcpy(path, resource_group, group_length);
    path[group_length] = '/';
    memcpy(path + group_length + 1, name, name_length);
    add_key(index->entries, arena, path, item);
    add_key(index->entries, arena, path + group_length + 1, item);
}

static const void *
resolve(const struct name_index *index, const char *reference, size_t *n)
{
    const struct name_entry *entry = map_get(index->entries, reference);

    *n = entry ? entry->n : 0;
    return *n == 1 ? entry->item : NULL;
}

/* Returns 'item', which an id led to, and counts it. */
static const void *
found_by_id(const void *item, size_t *n)
{
    *n = item ? 1 : 0;
    return item;
}

const struct nic *
network_resolve_nic(const struct network *network, const char *reference,
                    size_t *n)
{
    if (*reference == '/') {
        return found_by_id(network_find_nic(network, reference), n);
    }
    return resolve(&network->nic_names, reference, n);
}

const struct virtual_network *
network_resolve_virtual_network(const struct network *network,
                                const char *reference, size_t *n)
{
    if (*reference == '/') {
        return found_by_id(network_find_virtual_network(network, reference),
                           n);
    }
    return resolve(&network->virtual_network_names, reference, n);
}

const struct nic *const *
network_resolve_vm(const struct network *network, const char *reference,
                   size_t *n, bool *ambiguous)
{
    const struct machine *machine;
    size_t n_machines;

    if (*reference == '/') {
        machine =
            found_by_id(map_get(network->machines, reference), &n_machines);
    } else {
        machine = resolve(&network->machine_names, reference, &n_machines);
    }
    *ambiguous = n_machines > 1;
    *n = machine ? machine->n_nics : 0;
    return machine ? machine->nics : NULL;
}

static int
compare_nics(const void *a, const void *b)
{
    const struct nic *const *left = a;
    const struct nic *const *right = b;

    return ascii_compare((*left)->resource.id, (*right)->resource.id);
}

/* Gives every machine room for its NICs and names it. */
static void
place_machines(struct network *network)
{
    struct arena *arena = network->arena;
    const char *id;
    void *value;

    network->machine_names.entries = map_create(arena);
    map_reserve(network->machine_names.entries,
                2 * map_count(network->machines));
    for (size_t i = 0; map_entry(network->machines, i, &id, &value); i++) {
        struct machine *machine = value;
        machine->nics =
            arena_alloc_array(arena, machine->n_nics, sizeof *machine->nics);
        machine->n_nics = 0;
        name_index_add(&network->machine_names, arena,
                       arm_id_segment(arena, id, "resourceGroups"),
                       arm_id_name(id), machine);
    }
}

static void
index_machines(struct network *network)
{
    struct arena *arena = network->arena;
    const char *id;
    void *value;

    network->machines = map_create(arena);
    for (size_t i = 0; i < network->nics.n; i++) {
        const struct nic *nic = network->nics.items[i];
        if (!*nic->vm_id) {
            continue;
        }
        struct machine *machine = map_get(network->machines, nic->vm_id);
        if (!machine) {
            machine = arena_alloc(arena, sizeof *machine);
            machine->id = nic->vm_id;
            map_put(network->machines, nic->vm_id, machine);
        }
        machine->n_nics++;
    }
    place_machines(network);
    for (size_t i = 0; i < network->nics.n; i++) {
        const struct nic *nic = network->nics.items[i];
        struct machine *machine = map_get(network->machines, nic->vm_id);
        if (machine) {
            machine->nics[machine->n_nics++] = nic;
        }
    }
    for (size_t i = 0; map_entry(network->machines, i, &id, &value); i++) {
        struct machine *machine = value;
        qsort(machine->nics, machine->n_nics, sizeof *machine->nics,
              compare_nics);
    }
}
