#include "engine/compile/rule_texts.h"

#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "engine/compile/policy.h"
#include "engine/model/arm_id.h"
#include "engine/model/rule.h"

static const char *
join_terms(const struct rule_side *side, struct arena *arena)
{
    struct text text;

    text_init(&text);
    for (size_t i = 0; i < side->n_terms; i++) {
        const struct term *term = &side->terms[i];
        text_append(&text, i ? ", " : "");
        text_append(&text, term->kind == TERM_ADDRESS
                               ? term->text
                               : arm_id_name(term->text));
    }
    const char *joined = arena_strndup(arena, text.data, text.length);
    text_clear(&text);
    return joined;
}

static const char *
join_ports(const struct rule_side *side, struct arena *arena)
{
    struct text text;

    text_init(&text);
    for (size_t i = 0; i < side->n_ports; i++) {
        text_append(&text, i ? ", " : "");
        text_append(&text, side->ports[i]);
    }
    const char *joined = arena_strndup(arena, text.data, text.length);
    text_clear(&text);
    return joined;
}

void
rule_texts_copy(const struct rule *rule, struct policy_rule *out,
                struct arena *arena)
{
    out->name = arena_strdup(arena, rule->name);
    out->id = arena_strdup(arena, rule->id);
    out->description = arena_strdup(arena, rule->description);
    out->protocol_text = arena_strdup(arena, rule->protocol);
    out->source_text = join_terms(&rule->source, arena);
    out->source_ports_text = join_ports(&rule->source, arena);
    out->destination_text = join_terms(&rule->destination, arena);
    out->destination_ports_text = join_ports(&rule->destination, arena);
}
