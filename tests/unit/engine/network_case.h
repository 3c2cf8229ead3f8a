/* Parts of networks, and networks made of one. */

#ifndef TESTS_UNIT_ENGINE_NETWORK_CASE_H
#define TESTS_UNIT_ENGINE_NETWORK_CASE_H

#include "engine/base/arena.h"
#include "engine/model/network.h"

#define GROUP(rg) "/subscriptions/s1/resourceGroups/" rg "/providers/"
#define NIC_ID(rg, name) GROUP(rg) "Microsoft.Network/networkInterfaces/" name
#define VM_ID(rg, name) GROUP(rg) "Microsoft.Compute/virtualMachines/" name
#define VNET_ID(rg, name) GROUP(rg) "Microsoft.Network/virtualNetworks/" name

#define RESOURCE(rg, full_id, own_name)                                       \
    {                                                                         \
        .id = full_id, .name = own_name, .resource_group = rg, .location = "" \
    }
#define NIC(rg, own_name, vm)                                                 \
    {                                                                         \
        .resource = RESOURCE(rg, NIC_ID(rg, own_name), own_name),             \
        .vm_id = vm, .nsg_id = ""                                             \
    }

static inline struct network_part
new_part(const char *label)
{
    return (struct network_part){ .arena = arena_create(), .label = label };
}

static inline struct network *
new_network(const struct network_part *part)
{
    struct network *network =
        network_create(&part, 1, ADMIN_RULES_ABSENT_IS_NONE, NULL, NULL);

    /* The network keeps it. */
    arena_unref(part->arena);
    return network;
}

#endif
