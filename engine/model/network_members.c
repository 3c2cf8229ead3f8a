/* Members of application security groups, per group and virtual network. */

#include "engine/model/network_index.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/model/arm_id.h"

/* The members of one group in one virtual network.  Azure lets a group have
 * members in one network only, so the chain is one long in healthy data. */
struct membership {
    struct membership *next;
    const char *subnet_id; /* Of the first member. */
    size_t network_length; /* How much of it is the network's id. */
    struct asg_member *members;
    size_t n;
};

/* Called for each place in which an ip configuration is a member. */
typedef void visit_membership(struct network *network, const char *asg_id,
                              const struct asg_member *member,
                              size_t network_length);

static void visit_all(struct network *network, visit_membership *visit);
static visit_membership count_member;
static visit_membership add_member;

void
network_index_members(struct network *network)
{
    const char *asg_id;
    void *value;

    network->members = map_create(network->arena);
    visit_all(network, count_member);
    for (size_t i = 0; map_entry(network->members, i, &asg_id, &value); i++) {
        for (struct membership *m = value; m; m = m->next) {
            m->members =
                arena_alloc_array(network->arena, m->n, sizeof *m->members);
            m->n = 0;
        }
    }
    visit_all(network, add_member);
}

static struct membership *
find_membership(const struct network *network, const char *asg_id,
                const char *vnet_id, size_t vnet_length)
{
    struct membership *m = map_get(network->members, asg_id);

    while (m
           && (m->network_length != vnet_length
               || !ascii_equal_n(m->subnet_id, vnet_id, vnet_length))) {
        m = m->next;
    }
    return m;
}

const struct asg_member *
network_asg_members(const struct network *network, const char *asg_id,
                    const char *vnet_id, size_t *n)
{
    const struct membership *m =
        find_membership(network, asg_id, vnet_id, strlen(vnet_id));

    *n = m ? m->n : 0;
    return m ? m->members : NULL;
}

static void
visit_nic(struct network *network, const struct nic *nic,
          visit_membership *visit)
{
    for (size_t i = 0; i < nic->n_ip_configurations; i++) {
        const struct ip_configuration *ip = &nic->ip_configurations[i];
        if (!ip->has_address || !ip->n_asg_ids) {
            continue;
        }
        size_t length = arm_id_length_up_to(ip->subnet_id, "virtualNetworks");
        for (size_t k = 0; length && k < ip->n_asg_ids; k++) {
            struct asg_member member = { nic, ip };
            visit(network, ip->asg_ids[k], &member, length);
        }
    }
}

static void
visit_all(struct network *network, visit_membership *visit)
{
    for (size_t i = 0; i < network->nics.n; i++) {
        visit_nic(network, network->nics.items[i], visit);
    }
}

static void
count_member(struct network *network, const char *asg_id,
             const struct asg_member *member, size_t network_length)
{
    const char *subnet_id = member->ip_configuration->subnet_id;
    struct membership *m =
        find_membership(network, asg_id, subnet_id, network_length);

    if (!m) {
        m = arena_alloc(network->arena, sizeof *m);
        m->subnet_id = subnet_id;
        m->network_length = network_length;
        m->next = map_put(network->members, asg_id, m);
    }
    m->n++;
}

static void
add_member(struct network *network, const char *asg_id,
           const struct asg_member *member, size_t network_length)
{
    struct membership *m = find_membership(
        network, asg_id, member->ip_configuration->subnet_id, network_length);

    m->members[m->n++] = *member;
}
