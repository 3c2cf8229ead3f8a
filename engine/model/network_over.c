#include "engine/model/network.h"

#include "engine/base/arena.h"
#include "engine/model/network_index.h"

/* Copies all resources of one kind into an array of the part. */
#define COPY_AS(part, network, type, member, target)                          \
    do {                                                                      \
        struct type *copies_ = arena_alloc_array(                             \
            (part)->arena, (network)->member.n, sizeof *copies_);             \
        for (size_t i_ = 0; i_ < (network)->member.n; i_++) {                 \
            copies_[i_] = *(network)->member.items[i_];                       \
        }                                                                     \
        (part)->target = copies_;                                             \
        (part)->n_##target = (network)->member.n;                             \
    } while (0)

#define COPY_ITEMS(part, network, type, member)                               \
    COPY_AS(part, network, type, member, member)

struct network *
network_create_over(struct network *base, const struct network_part *overlay)
{
    struct network_part rest = { .arena = arena_create(), .label = "" };
    const struct network_part *const parts[] = { overlay, &rest };

    arena_keep(rest.arena, base->arena);
    COPY_ITEMS(&rest, base, nic, nics);
    COPY_ITEMS(&rest, base, virtual_network, virtual_networks);
    COPY_ITEMS(&rest, base, security_group, security_groups);
    COPY_ITEMS(&rest, base, asg, asgs);
    COPY_ITEMS(&rest, base, route_table, route_tables);
    COPY_ITEMS(&rest, base, network_manager, managers);
    COPY_AS(&rest, base, effective_admin_rules, admin_rules,
            effective_admin_rules);
    COPY_ITEMS(&rest, base, admin_rule_priority, priorities);
    COPY_ITEMS(&rest, base, network_group, network_groups);
    COPY_ITEMS(&rest, base, service_tag, service_tags);
    struct network *network =
        network_create(parts, 2, base->absent, NULL, NULL);
    arena_unref(rest.arena);
    return network;
}
