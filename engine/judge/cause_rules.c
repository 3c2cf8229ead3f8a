#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/base/text.h"
#include "engine/judge/cause_list.h"

/* Two lists of rules under comparison. */
struct rule_pairs {
    struct cause_list *list;
    const struct cause_rules *before;
    const struct cause_rules *after;
    cause_put *put;
    const void *aux;
    const char *layer;
    const char *ruleset;
};

static void compare_rule(const struct rule_pairs *pairs, size_t at,
                         const struct rule *after);
static void compare_words(struct cause_list *list, const struct rule *rule);

static bool
is_same_rule(const struct rule *a, const struct rule *b)
{
    return a->direction == b->direction
           && (*a->id && *b->id ? ascii_equal(a->id, b->id)
                                : ascii_equal(a->name, b->name));
}

static const struct rule *
find_rule(const struct cause_rules *rules, const struct rule *rule, size_t *at)
{
    for (size_t i = 0; i < rules->n; i++) {
        if (is_same_rule(&rules->rules[i], rule)) {
            *at = i;
            return &rules->rules[i];
        }
    }
    return NULL;
}

static const char *
side_text(const struct rule_side *side, struct arena *arena)
{
    struct text text;

    text_init(&text);
    for (size_t i = 0; i < side->n_terms; i++) {
        const char *word = side->terms[i].text;
        const char *slash = strrchr(word, '/');
        bool is_id = side->terms[i].kind != TERM_ADDRESS && slash;
        text_printf(&text, "%s%s", i ? "," : "", is_id ? slash + 1 : word);
    }
    const char *copy = arena_strdup(arena, text.data);
    text_clear(&text);
    return copy;
}

static const char *
ports_text(const struct rule_side *side, struct arena *arena)
{
    struct text text;

    text_init(&text);
    for (size_t i = 0; i < side->n_ports; i++) {
        text_printf(&text, "%s%s", i ? "," : "", side->ports[i]);
    }
    const char *copy = arena_strdup(arena, text.data);
    text_clear(&text);
    return copy;
}

static const char *
rule_text(const struct rule *rule, struct arena *arena)
{
    return arena_printf(
        arena, "%d %s %s %s:%s -> %s:%s", rule->priority, rule->access_text,
        rule->protocol, side_text(&rule->source, arena),
        ports_text(&rule->source, arena), side_text(&rule->destination, arena),
        ports_text(&rule->destination, arena));
}

static struct cause_change *
add_change(const struct rule_pairs *pairs, const char *what,
           const struct rule *rule)
{
    struct cause_change *change =
        cause_list_add(pairs->list, what, rule->name);

    change->cause.layer = pairs->layer;
    change->cause.ruleset = pairs->ruleset;
    return change;
}

/* Lets the old rules stand in the overlay, with 'edited' in place of rule
 * 'at', behind all others (at == n), or with rule 'at' left out (NULL). */
static void
put_rules(const struct rule_pairs *pairs, struct cause_change *change,
          size_t at, const struct rule *edited)
{
    struct arena *arena = pairs->list->arena;
    size_t n = pairs->before->n;
    struct rule *rules = arena_alloc_array(arena, n + 1, sizeof *rules);
    struct cause_rules all = { rules, 0, { 0, 0 } };
    struct hasher hasher;

    for (size_t i = 0; i < n; i++) {
        if (i != at) {
            rules[all.n++] = pairs->before->rules[i];
        }
    }
    if (edited) {
        rules[all.n++] = *edited;
    }
    /* No other rule set has this hash. */
    hasher_init(&hasher);
    hasher_add(&hasher, &pairs->before->hash, sizeof pairs->before->hash);
    hasher_add(&hasher, &pairs->after->hash, sizeof pairs->after->hash);
    hasher_add_u64(&hasher, pairs->list->n);
    hasher_add_u64(&hasher, (uintptr_t) rules);
    all.hash = hasher_finish(&hasher);
    pairs->put(pairs->list, change, &all, pairs->aux);
}

void
cause_list_rules(struct cause_list *list, const struct cause_rules *before,
                 const struct cause_rules *after, cause_put *put,
                 const void *aux, const char *layer, const char *ruleset)
{
    struct rule_pairs pairs = {
        list, before, after, put, aux, layer, ruleset
    };
    size_t at;

    for (size_t i = 0; i < before->n; i++) {
        const struct rule *old = &before->rules[i];
        const struct rule *now = find_rule(after, old, &at);
        compare_words(list, old);
        if (now) {
            compare_rule(&pairs, i, now);
            continue;
        }
        struct cause_change *change = add_change(&pairs, "removed", old);
        change->cause.before = rule_text(old, list->arena);
        put_rules(&pairs, change, i, NULL);
    }
    for (size_t i = 0; i < after->n; i++) {
        const struct rule *now = &after->rules[i];
        compare_words(list, now);
        if (!find_rule(before, now, &at)) {
            struct cause_change *change = add_change(&pairs, "added", now);
            change->cause.after = rule_text(now, list->arena);
            put_rules(&pairs, change, before->n, now);
        }
    }
}

/* Adds the change of one member of rule 'at', if the words differ. */
static void
add_member(const struct rule_pairs *pairs, size_t at, const char *field,
           const char *before, const char *after, const struct rule *edited)
{
    if (!strcmp(before, after)) {
        return;
    }
    struct cause_change *change = add_change(pairs, "changed", edited);
    change->cause.field = field;
    change->cause.before = before;
    change->cause.after = after;
    put_rules(pairs, change, at, edited);
}

static void
compare_rule(const struct rule_pairs *pairs, size_t at,
             const struct rule *after)
{
    struct arena *arena = pairs->list->arena;
    const struct rule *before = &pairs->before->rules[at];
    struct rule edited = *before;

    edited.access = after->access;
    edited.access_text = after->access_text;
    add_member(pairs, at, "access", before->access_text, after->access_text,
               &edited);
    edited = *before;
    edited.priority = after->priority;
    add_member(pairs, at, "priority",
               arena_printf(arena, "%d", before->priority),
               arena_printf(arena, "%d", after->priority), &edited);
    edited = *before;
    edited.protocol = after->protocol;
    add_member(pairs, at, "protocol", before->protocol, after->protocol,
               &edited);
    edited = *before;
    edited.source.terms = after->source.terms;
    edited.source.n_terms = after->source.n_terms;
    add_member(pairs, at, "source", side_text(&before->source, arena),
               side_text(&after->source, arena), &edited);
    edited = *before;
    edited.source.ports = after->source.ports;
    edited.source.n_ports = after->source.n_ports;
    add_member(pairs, at, "source port", ports_text(&before->source, arena),
               ports_text(&after->source, arena), &edited);
    edited = *before;
    edited.destination.terms = after->destination.terms;
    edited.destination.n_terms = after->destination.n_terms;
    add_member(pairs, at, "destination",
               side_text(&before->destination, arena),
               side_text(&after->destination, arena), &edited);
    edited = *before;
    edited.destination.ports = after->destination.ports;
    edited.destination.n_ports = after->destination.n_ports;
    add_member(pairs, at, "destination port",
               ports_text(&before->destination, arena),
               ports_text(&after->destination, arena), &edited);
}

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
        network_find_service_tag(list->before, name);
    const struct service_tag *now =
        network_find_service_tag(list->after, name);

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

    if (!now || (old && address_set_equal(old->members, now->members))) {
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

/* Compares what the words of a rule stand for, each word once. */
static void
compare_words(struct cause_list *list, const struct rule *rule)
{
    const struct rule_side *sides[] = { &rule->source, &rule->destination };

    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < sides[i]->n_terms; j++) {
            const struct term *term = &sides[i]->terms[j];
            if (map_put(list->seen, term->text, list)) {
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
