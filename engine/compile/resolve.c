#include "engine/compile/resolve.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/compile/box.h"
#include "engine/compile/context.h"
#include "engine/compile/policies.h"
#include "engine/compile/rule_texts.h"
#include "engine/compile/settings.h"
#include "engine/model/port.h"

/* One side of a rule, worked out. */
struct resolved_side {
    struct address_set certain;
    struct address_set possible;
};

static void resolve_words(const struct resolver *resolver,
                          const struct rule *rule, struct policy_rule *out);
static struct resolved_side resolve_side(const struct resolver *resolver,
                                         const struct rule *rule,
                                         const struct rule_side *side,
                                         bool local, struct policy_rule *out);
static void resolve_ports(const struct resolver *resolver,
                          const struct rule *rule,
                          const struct rule_side *side, const char *role,
                          struct span_set *certain, struct span_set *possible,
                          struct policy_rule *out);
static void settle(struct policy_rule *rule);

/* The first doubt about a rule stands for it where no packet is at hand. */
static void
note_doubt(struct policy_rule *out, struct policy_doubt doubt,
           struct arena *arena)
{
    if (out->reason == REASON_NONE) {
        out->reason = doubt.reason;
        out->reason_detail = doubt.detail;
    }
    doubt.next = out->doubts;
    out->doubts = arena_memdup(arena, &doubt, sizeof doubt);
}

/* A doubt about the rule as a whole, or about ports. */
static void
note_flaw(struct policy_rule *out, enum doubt_field field, const char *detail,
          struct arena *arena)
{
    struct policy_doubt doubt = { .field = field,
                                  .reason = REASON_INVALID_RULE,
                                  .detail = detail };

    note_doubt(out, doubt, arena);
}

struct policy_rule
resolve_rule(const struct resolver *resolver, const struct rule *rule)
{
    bool inbound = resolver->direction == DIRECTION_INBOUND;
    struct policy_rule out = { .kind = rule->kind,
                               .access = rule->access,
                               .priority = rule->priority,
                               .reason_detail = "" };

    rule_texts_copy(rule, &out, resolver->arena);
    resolve_words(resolver, rule, &out);

    struct resolved_side side =
        resolve_side(resolver, rule, &rule->source, !inbound, &out);
    out.certain.source = side.certain;
    out.possible.source = side.possible;
    resolve_ports(resolver, rule, &rule->source, "source",
                  &out.certain.source_ports, &out.possible.source_ports, &out);
    side = resolve_side(resolver, rule, &rule->destination, inbound, &out);
    out.certain.destination = side.certain;
    out.possible.destination = side.possible;
    resolve_ports(resolver, rule, &rule->destination, "destination",
                  &out.certain.destination_ports,
                  &out.possible.destination_ports, &out);
    settle(&out);
    return out;
}

struct policy_rule
resolve_stand_in(access_set accesses, enum reason reason, const char *detail,
                 struct arena *arena)
{
    struct policy_rule rule = {
        .name = "",
        .id = "",
        .description = "",
        .kind = RULE_NONE,
        .access = ACCESS_UNKNOWN,
        .accesses = accesses,
        .ruleset = "",
        .ruleset_id = "",
        .protocol_text = "",
        .source_text = "",
        .source_ports_text = "",
        .destination_text = "",
        .destination_ports_text = "",
        .certain = box_whole(),
        .possible = box_whole(),
        .uncertain = true,
        .reason = reason,
        .reason_detail = arena_strdup(arena, detail),
    };

    rule.certain.protocols = 0;
    return rule;
}

void
resolve_flaw(struct policy_rule *rule, const char *detail, struct arena *arena)
{
    note_flaw(rule, DOUBT_RULE, detail, arena);
    rule->certain.protocols = 0;
    settle(rule);
}

bool
resolve_is_catch_all(const struct policy_rule *rule)
{
    struct box all = box_whole();

    return !rule->uncertain && box_equal(&rule->certain, &all);
}

/* What certainly matches nothing is not in doubt, whatever its other fields
 * are.  They stay as they are, for those who explain. */
static void
settle(struct policy_rule *rule)
{
    bool dead = box_is_empty(&rule->possible);
    bool several = rule->accesses & (rule->accesses - 1U);

    rule->uncertain =
        !dead && (several || !box_equal(&rule->certain, &rule->possible));
    if (!rule->uncertain) {
        rule->reason = REASON_NONE;
        rule->reason_detail = "";
        rule->doubts = NULL;
    }
}

/* Protocol, access and direction.  A word that is not known puts the whole
 * rule in doubt. */
static void
resolve_words(const struct resolver *resolver, const struct rule *rule,
              struct policy_rule *out)
{
    struct arena *arena = resolver->arena;

    out->certain.protocols = PROTOCOLS_ALL;
    out->possible.protocols = PROTOCOLS_ALL;
    if (protocol_set_parse(rule->protocol, &out->certain.protocols)) {
        out->possible.protocols = out->certain.protocols;
    } else {
        out->certain.protocols = 0;
        note_flaw(out, DOUBT_RULE,
                  arena_printf(arena, "rule %s: '%s' is no protocol",
                               rule->name, rule->protocol),
                  arena);
    }
    if (rule->access == ACCESS_UNKNOWN) {
        out->accesses = 1U << ACCESS_ALLOW | 1U << ACCESS_DENY;
        if (rule->kind == RULE_ADMIN) {
            out->accesses |= 1U << ACCESS_ALWAYS_ALLOW;
        }
        out->certain.protocols = 0;
        note_flaw(out, DOUBT_RULE,
                  arena_printf(arena, "rule %s: '%s' is no access", rule->name,
                               rule->access_text),
                  arena);
    } else {
        out->accesses = (access_set) (1U << rule->access);
    }
    if (rule->direction == DIRECTION_UNKNOWN) {
        out->certain.protocols = 0;
        note_flaw(out, DOUBT_RULE,
                  arena_printf(arena, "rule %s has no direction", rule->name),
                  arena);
    }
}

/* Returns true if one of the rule's application groups makes it match
 * nothing: the setting "empty_asg" (spec verdict 5). */
static bool
is_switched_off(const struct resolver *resolver, const struct rule_side *side,
                bool local)
{
    const struct contexts *contexts = context_owner(resolver->place->context);

    if (!contexts_settings(contexts)->empty_asg_no_match) {
        return false;
    }
    for (size_t i = 0; i < side->n_terms; i++) {
        if (side->terms[i].kind == TERM_ASG
            && place_meaning(resolver->place, &side->terms[i], local)
                   ->empty_asg) {
            return true;
        }
    }
    return false;
}

/* A side that is one tag alone shares the tag's set with everybody. */
static struct resolved_side
share_meaning(const struct resolver *resolver, const struct meaning *meaning)
{
    struct address_set set =
        policies_share_set(resolver->policies, meaning->certain,
                           meaning->certain_hash, resolver->arena);

    return (struct resolved_side){ set, set };
}

static enum doubt_field
field_of(const struct rule *rule, const struct rule_side *side)
{
    return side == &rule->source ? DOUBT_SOURCE : DOUBT_DESTINATION;
}

static void
note_term(const struct resolver *resolver, const struct rule *rule,
          const struct rule_side *side, const struct meaning *meaning,
          struct policy_rule *out)
{
    /* What a word means lives as long as the estate; a policy lives longer. */
    struct address_list possible;
    address_list_init(&possible);
    address_list_add_set(&possible, meaning->possible);
    struct policy_doubt doubt = {
        .field = field_of(rule, side),
        .possible = address_list_finish(&possible, resolver->arena),
        .reason = meaning->reason,
        .detail = arena_printf(resolver->arena, "rule %s: %s", rule->name,
                               meaning->detail),
    };

    note_doubt(out, doubt, resolver->arena);
}

static struct resolved_side
resolve_terms(const struct resolver *resolver, const struct rule *rule,
              const struct rule_side *side, bool local,
              struct policy_rule *out)
{
    struct address_list certain;
    struct address_list possible;
    struct address_range range;
    bool doubtful = false;

    address_list_init(&certain);
    address_list_init(&possible);
    for (size_t i = 0; i < side->n_terms; i++) {
        const struct term *term = &side->terms[i];
        if (term->kind == TERM_ADDRESS && !strcmp(term->text, "*")) {
            address_list_add_set(&certain, address_set_all());
        } else if (term->kind == TERM_ADDRESS
                   && prefix_parse(term->text, &range)) {
            address_list_add(&certain, range);
        } else {
            const struct meaning *meaning =
                place_meaning(resolver->place, term, local);
            if (meaning->reason != REASON_NONE) {
                note_term(resolver, rule, side, meaning, out);
                address_list_add_set(&possible, meaning->possible);
                doubtful = true;
            } else if (side->n_terms == 1) {
                return share_meaning(resolver, meaning);
            }
            address_list_add_set(&certain, meaning->certain);
        }
    }
    struct resolved_side result;
    result.certain = address_list_finish(&certain, resolver->arena);
    address_list_add_set(&possible, result.certain);
    result.possible = doubtful
                          ? address_list_finish(&possible, resolver->arena)
                          : result.certain;
    address_list_clear(&possible);
    return result;
}

static struct resolved_side
resolve_side(const struct resolver *resolver, const struct rule *rule,
             const struct rule_side *side, bool local, struct policy_rule *out)
{
    struct address_set nothing = { 0 };

    if (is_switched_off(resolver, side, local)) {
        return (struct resolved_side){ nothing, nothing };
    }
    if (side->n_terms) {
        return resolve_terms(resolver, rule, side, local, out);
    }
    /* "Security admin rules": a side that is left blank is any. */
    if (rule->kind == RULE_ADMIN) {
        return (struct resolved_side){ address_set_all(), address_set_all() };
    }
    struct policy_doubt doubt = {
        .field = field_of(rule, side),
        .possible = address_set_all(),
        .reason = REASON_INVALID_RULE,
        .detail =
            arena_printf(resolver->arena, "rule %s names no %s", rule->name,
                         side == &rule->source ? "source" : "destination"),
    };
    note_doubt(out, doubt, resolver->arena);
    return (struct resolved_side){ nothing, address_set_all() };
}

/* A side that covers all ports matches the packets that have none. */
static struct span_set
add_portless(struct span_set ports)
{
    return port_set_is_full(ports) ? ports_whole() : ports;
}

static void
resolve_ports(const struct resolver *resolver, const struct rule *rule,
              const struct rule_side *side, const char *role,
              struct span_set *certain, struct span_set *possible,
              struct policy_rule *out)
{
    enum doubt_field field =
        side == &rule->source ? DOUBT_SOURCE_PORT : DOUBT_DESTINATION_PORT;
    struct span_list list;
    struct span range;
    bool doubtful = false;

    if (!side->n_ports && rule->kind == RULE_ADMIN) {
        *certain = ports_whole();
        *possible = ports_whole();
        return;
    }
    span_list_init(&list);
    for (size_t i = 0; i < side->n_ports; i++) {
        const char *word = side->ports[i];
        if (port_range_parse(word, strlen(word), &range)) {
            span_list_add(&list, range.first, range.last);
        } else {
            doubtful = true;
            note_flaw(out, field,
                      arena_printf(resolver->arena,
                                   "rule %s: %s port '%s' is no port",
                                   rule->name, role, word),
                      resolver->arena);
        }
    }
    if (!side->n_ports) {
        doubtful = true;
        note_flaw(out, field,
                  arena_printf(resolver->arena, "rule %s names no %s port",
                               rule->name, role),
                  resolver->arena);
    }
    *certain = add_portless(span_list_finish(&list, resolver->arena));
    *possible = doubtful ? ports_whole() : *certain;
}
