#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/base/text.h"
#include "engine/judge/cause_list.h"

/* Sizes and the first prefixes are enough for a person. */
static const char *
set_text(struct address_set set, struct arena *arena)
{
    enum { SHOWN = 4 };
    struct text text;

    text_init(&text);
    for (int i = 0; i < N_FAMILIES; i++) {
        if (set.families[i].n) {
            text_append(&text, text.length ? "," : "");
            (void) address_spans_format((enum family) i, set.families[i], ",",
                                        SHOWN, &text);
        }
    }
    const char *copy = arena_strdup(arena, text.data);
    text_clear(&text);
    return copy;
}

static void
compare_tag(struct cause_list *list, const char *name)
{
    const struct service_tag *old =
        network_find_service_tag(list->before, list->region, name);
    const struct service_tag *now =
        network_find_service_tag(list->after, list->region, name);

    /* A tag that is gone cannot be taken out of the old data alone. */
    if (!now || (old && address_set_equal(old->addresses, now->addresses))) {
        return;
    }
    struct cause_change *change =
        cause_list_add(list, "tag_changed", now->name);
    struct address_set empty = { { { NULL, 0 }, { NULL, 0 } } };
    struct address_set was = old ? old->addresses : empty;
    change->cause.before = set_text(
        address_set_subtract(list->arena, was, now->addresses), list->arena);
    change->cause.after = set_text(
        address_set_subtract(list->arena, now->addresses, was), list->arena);
    change->overlay.service_tags = now;
    change->overlay.n_service_tags = 1;
}

static void
compare_network_group(struct cause_list *list, const char *id)
{
    const struct network_group *old = network_find_group(list->before, id);
    const struct network_group *now = network_find_group(list->after, id);

    if (!now
        || (old && old->incomplete == now->incomplete
            && address_set_equal(old->members, now->members))) {
        return;
    }
    struct cause_change *change = cause_list_add(list, "members_changed", id);
    change->cause.before = old ? set_text(old->members, list->arena) : "";
    change->cause.after = set_text(now->members, list->arena);
    change->overlay.network_groups = now;
    change->overlay.n_network_groups = 1;
}

static bool
is_member(const struct ip_configuration *ip, const char *asg_id)
{
    for (size_t i = 0; i < ip->n_asg_ids; i++) {
        if (ascii_equal(ip->asg_ids[i], asg_id)) {
            return true;
        }
    }
    return false;
}

/* Returns a copy of the old NIC whose addresses are members of the group as
 * they are in the new one; NULL if nothing about that differs. */
static struct nic *
move_members(const struct nic *old, const struct nic *now, const char *asg_id,
             struct arena *arena)
{
    struct ip_configuration *ips = arena_memdup(
        arena, old->ip_configurations, old->n_ip_configurations * sizeof *ips);
    bool differs = false;

    for (size_t i = 0; i < old->n_ip_configurations; i++) {
        bool member = false;
        for (size_t j = 0; j < now->n_ip_configurations; j++) {
            const struct ip_configuration *ip = &now->ip_configurations[j];
            member |=
                ascii_equal(ip->name, ips[i].name) && is_member(ip, asg_id);
        }
        if (member == is_member(&ips[i], asg_id)) {
            continue;
        }
        const char **ids = arena_alloc_array(arena, ips[i].n_asg_ids + 1,
                                             sizeof(const char *));
        size_t n = 0;
        for (size_t j = 0; j < ips[i].n_asg_ids; j++) {
            if (!ascii_equal(ips[i].asg_ids[j], asg_id)) {
                ids[n++] = ips[i].asg_ids[j];
            }
        }
        if (member) {
            ids[n++] = asg_id;
        }
        ips[i].asg_ids = ids;
        ips[i].n_asg_ids = n;
        differs = true;
    }
    if (!differs) {
        return NULL;
    }
    struct nic *nic = arena_memdup(arena, old, sizeof *nic);
    nic->ip_configurations = ips;
    return nic;
}

static void
compare_members(struct cause_list *list, const char *asg_id)
{
    const struct nic *const *nics;
    size_t n = network_nics(list->after, &nics);
    struct nic *moved = arena_alloc_array(list->arena, n + 1, sizeof *moved);
    size_t n_moved = 0;

    for (size_t i = 0; i < n; i++) {
        const struct nic *old =
            network_find_nic(list->before, nics[i]->resource.id);
        const struct nic *nic =
            old ? move_members(old, nics[i], asg_id, list->arena) : nics[i];
        for (size_t j = 0; nic && !old && j < nic->n_ip_configurations; j++) {
            old = is_member(&nic->ip_configurations[j], asg_id) ? nic : NULL;
        }
        if (nic && old) {
            moved[n_moved++] = *nic;
        }
    }
    if (n_moved) {
        struct cause_change *change =
            cause_list_add(list, "members_changed", asg_id);
        change->overlay.nics = moved;
        change->overlay.n_nics = n_moved;
        change->cause.after = arena_printf(
            list->arena, "%zu NIC%s joined or left, %s%s", n_moved,
            n_moved == 1 ? "" : "s", moved[0].resource.name,
            n_moved > 1 ? " among them" : "");
    }
}

void
cause_list_words(struct cause_list *list, const struct rule *rule)
{
    const struct rule_side *sides[] = { &rule->source, &rule->destination };

    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < sides[i]->n_terms; j++) {
            const struct term *term = &sides[i]->terms[j];
            const char *key =
                term->kind == TERM_ADDRESS
                    ? service_tag_key(list->arena, list->region, term->text)
                    : term->text;
            if (map_put(list->seen, key, list)) {
                continue;
            }
            switch (term->kind) {
            case TERM_ADDRESS: compare_tag(list, term->text); break;
            case TERM_ASG: compare_members(list, term->text); break;
            case TERM_NETWORK_GROUP:
                compare_network_group(list, term->text);
                break;
            }
        }
    }
}
