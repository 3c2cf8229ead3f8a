#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/text.h"
#include "engine/judge/cause_list.h"
#include "engine/model/arm_id.h"

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
    change->cause.ruleset =
        *pairs->ruleset ? pairs->ruleset
                        : arm_id_admin_ruleset(pairs->list->arena, rule->id);
    return change;
}

static void
hash_side(const struct rule_side *side, struct hasher *hasher)
{
    for (size_t i = 0; i < side->n_terms; i++) {
        hasher_add_u64(hasher, side->terms[i].kind);
        hasher_add_string(hasher, side->terms[i].text);
    }
    for (size_t i = 0; i < side->n_ports; i++) {
        hasher_add_string(hasher, side->ports[i]);
    }
}

/* Policies are interned by the hash of their rules: equal edits of equal rule
 * sets have equal ones, and no others. */
static struct hash
edit_hash(const struct rule_pairs *pairs, size_t at, const struct rule *edited)
{
    struct hasher hasher;

    hasher_init(&hasher);
    hasher_add_string(&hasher, "edit");
    hasher_add(&hasher, &pairs->before->hash, sizeof pairs->before->hash);
    hasher_add_u64(&hasher, at);
    if (edited) {
        hasher_add_string(&hasher, edited->name);
        hasher_add_string(&hasher, rule_text(edited, pairs->list->arena));
        hasher_add_u64(&hasher, edited->direction);
        hash_side(&edited->source, &hasher);
        hash_side(&edited->destination, &hasher);
    }
    return hasher_finish(&hasher);
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

    for (size_t i = 0; i < n; i++) {
        if (i != at) {
            rules[all.n++] = pairs->before->rules[i];
        }
    }
    if (edited) {
        rules[all.n++] = *edited;
    }
    all.hash = edit_hash(pairs, at, edited);
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
        cause_list_words(list, old);
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
        cause_list_words(list, now);
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
