#include "engine/judge/end.h"

#include "engine/base/arena.h"
#include "engine/compile/context.h"
#include "engine/model/flow.h"
#include "engine/model/network.h"

static bool find_nic(const struct network *network,
                     const struct flow_end *wanted, struct end *end,
                     struct arena *arena);
static bool find_addresses(struct estate *estate,
                           const struct flow_end *wanted,
                           enum direction direction, struct end *end,
                           struct arena *arena);

static bool
cannot_judge(struct end *end, enum reason reason, const char *detail)
{
    end->reason = reason;
    end->detail = detail;
    return false;
}

struct end
end_find(struct estate *estate, const struct flow_end *wanted,
         enum direction direction, struct arena *arena)
{
    struct end end = { .reason = REASON_NONE, .detail = "" };

    if (find_nic(estate_network(estate), wanted, &end, arena)) {
        find_addresses(estate, wanted, direction, &end, arena);
    }
    return end;
}

static const struct ip_configuration *
owner_of(const struct nic *nic, struct address address)
{
    for (size_t i = 0; i < nic->n_ip_configurations; i++) {
        const struct ip_configuration *ip = &nic->ip_configurations[i];
        if (ip->has_address && address_equal(ip->address, address)) {
            return ip;
        }
    }
    return NULL;
}

static struct address
wanted_address(const struct flow_end *wanted, size_t i)
{
    return (struct address){ wanted->addresses[i].family,
                             wanted->addresses[i].span.first };
}

/* Chooses among the NICs of a machine: the one that owns an address that was
 * asked for, else the primary or only one. */
static const struct nic *
choose_nic(const struct nic *const nics[], size_t n,
           const struct flow_end *wanted)
{
    for (size_t i = 0; i < wanted->n_addresses; i++) {
        for (size_t j = 0; j < n; j++) {
            if (owner_of(nics[j], wanted_address(wanted, i))) {
                return nics[j];
            }
        }
    }
    for (size_t j = 0; j < n; j++) {
        if (nics[j]->primary) {
            return nics[j];
        }
    }
    return n == 1 ? nics[0] : NULL;
}

static bool
find_nic(const struct network *network, const struct flow_end *wanted,
         struct end *end, struct arena *arena)
{
    size_t n;
    bool ambiguous;

    if (wanted->nic) {
        end->nic = network_resolve_nic(network, wanted->nic, &n);
        return end->nic
               || cannot_judge(
                   end, REASON_NIC_NOT_FOUND,
                   arena_printf(arena,
                                n ? "several NICs answer to the name %s"
                                  : "the data does not hold NIC %s",
                                wanted->nic));
    }
    const struct nic *const *nics =
        network_resolve_vm(network, wanted->vm, &n, &ambiguous);
    if (!n) {
        return cannot_judge(
            end, REASON_NIC_NOT_FOUND,
            arena_printf(arena,
                         ambiguous
                             ? "several virtual machines are named %s"
                             : "the data holds no NIC of virtual machine %s",
                         wanted->vm));
    }
    end->nic = choose_nic(nics, n, wanted);
    return end->nic
           || cannot_judge(end, REASON_NIC_NOT_FOUND,
                           arena_printf(arena,
                                        "virtual machine %s has %zu NICs and "
                                        "none is primary",
                                        wanted->vm, n));
}

/* The configuration that is marked, or where none is, the first that has an
 * address. */
static const struct ip_configuration *
primary_of(const struct nic *nic)
{
    for (size_t i = 0; i < nic->n_ip_configurations; i++) {
        const struct ip_configuration *ip = &nic->ip_configurations[i];
        if (ip->primary) {
            return ip->has_address ? ip : NULL;
        }
    }
    for (size_t i = 0; i < nic->n_ip_configurations; i++) {
        if (nic->ip_configurations[i].has_address) {
            return &nic->ip_configurations[i];
        }
    }
    return NULL;
}

/* The IP configurations that a flow asks about, each once. */
struct choice {
    const struct ip_configuration **items;
    size_t n;
};

static void
choose(struct choice *choice, const struct ip_configuration *ip)
{
    for (size_t i = 0; i < choice->n; i++) {
        /* Of two with one address the first owns it. */
        if (address_equal(choice->items[i]->address, ip->address)) {
            return;
        }
    }
    choice->items[choice->n++] = ip;
}

static bool
choose_addresses(const struct flow_end *wanted, struct end *end,
                 struct choice *choice, struct arena *arena)
{
    const struct nic *nic = end->nic;
    char text[ADDRESS_TEXT_SIZE];

    if (!wanted->any && !wanted->n_addresses) {
        const struct ip_configuration *ip = primary_of(nic);
        if (ip) {
            choose(choice, ip);
        }
        return true;
    }
    for (size_t i = 0; wanted->any && i < nic->n_ip_configurations; i++) {
        if (nic->ip_configurations[i].has_address) {
            choose(choice, &nic->ip_configurations[i]);
        }
    }
    for (size_t i = 0; !wanted->any && i < wanted->n_addresses; i++) {
        struct address address = wanted_address(wanted, i);
        const struct ip_configuration *ip = owner_of(nic, address);
        if (!ip) {
            address_format(address, text);
            return cannot_judge(end, REASON_ADDRESS_NOT_ON_NIC,
                                arena_printf(arena, "NIC %s has no address %s",
                                             nic->resource.name, text));
        }
        choose(choice, ip);
    }
    return true;
}

/* Joins the addresses of one site. */
static struct address_set
addresses_of_site(const struct choice *choice,
                  const struct site *const sites[], const struct site *site,
                  struct arena *arena)
{
    struct address_list list;

    if (choice->n == 1) {
        /* Nearly every flow; this is done again in every cycle. */
        struct address one = choice->items[0]->address;
        struct address_set set = { 0 };
        set.families[one.family] = span_set_of(arena, one.value, one.value);
        return set;
    }
    address_list_init(&list);
    for (size_t i = 0; i < choice->n; i++) {
        if (sites[i] == site) {
            address_list_add_address(&list, choice->items[i]->address);
        }
    }
    return address_list_finish(&list, arena);
}

static bool
find_addresses(struct estate *estate, const struct flow_end *wanted,
               enum direction direction, struct end *end, struct arena *arena)
{
    size_t most = end->nic->n_ip_configurations;
    struct choice choice = { arena_alloc_array(
                                 arena, most,
                                 sizeof(const struct ip_configuration *)),
                             0 };

    if (!choose_addresses(wanted, end, &choice, arena)) {
        return false;
    }
    if (!choice.n) {
        return cannot_judge(end, REASON_EMPTY_FLOW,
                            arena_printf(arena, "NIC %s has no address",
                                         end->nic->resource.name));
    }
    const struct site **sites =
        arena_alloc_array(arena, choice.n, sizeof *sites);
    struct end_part *parts = arena_alloc_array(arena, choice.n, sizeof *parts);
    end->parts = parts;
    for (size_t i = 0; i < choice.n; i++) {
        sites[i] = estate_site(estate, end->nic, choice.items[i], direction);
        if (!sites[i]) {
            end->n_parts = 0;
            return cannot_judge(
                end, REASON_NETWORK_MISSING,
                arena_printf(
                    arena, "the data does not hold subnet '%s' of NIC %s",
                    choice.items[i]->subnet_id, end->nic->resource.name));
        }
        size_t known = 0;
        while (known < end->n_parts && parts[known].site != sites[i]) {
            known++;
        }
        if (known == end->n_parts) {
            parts[end->n_parts++].site = sites[i];
        }
    }
    for (size_t i = 0; i < end->n_parts; i++) {
        parts[i].addresses =
            addresses_of_site(&choice, sites, parts[i].site, arena);
    }
    return true;
}

const char *
remote_check(const struct flow_end *end, const struct site *site,
             struct hasher *hasher, struct origins *origins,
             struct arena *arena)
{
    const char *unknown = NULL;

    for (size_t i = 0; i < end->n_tags; i++) {
        const struct meaning *meaning =
            context_tag(site->place.context, end->tags[i]);
        hasher_add(hasher, &meaning->hash, sizeof meaning->hash);
        origins_add_all(origins, meaning->origins, meaning->n_origins, arena);
        /* What is in a list has a known part; the rest is left out. */
        if (!unknown && meaning->reason != REASON_NONE
            && !meaning->n_origins) {
            unknown = meaning->detail;
        }
    }
    return unknown;
}

struct address_set
remote_addresses(const struct flow_end *end, const struct site *site,
                 struct arena *arena)
{
    struct address_list list;

    if (end->any) {
        return address_set_all();
    }
    address_list_init(&list);
    for (size_t i = 0; i < end->n_addresses; i++) {
        address_list_add(&list, end->addresses[i]);
    }
    for (size_t i = 0; i < end->n_tags; i++) {
        address_list_add_set(
            &list, context_tag(site->place.context, end->tags[i])->certain);
    }
    return address_list_finish(&list, arena);
}
