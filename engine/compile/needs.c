#include "engine/compile/needs.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/base/memory.h"
#include "engine/compile/policies.h"

/* Needs in the making. */
struct need_list {
    struct arena *arena;
    struct map *seen;
    struct need *items; /* From the heap. */
    size_t n;
    size_t capacity;
};

static void
collect_needs(struct need_list *list, const struct rule_side *side, bool local)
{
    struct address_range range;

    for (size_t i = 0; i < side->n_terms; i++) {
        const struct term *term = &side->terms[i];
        if (term->kind == TERM_ADDRESS
            && (!strcmp(term->text, "*")
                || prefix_parse(term->text, &range))) {
            continue;
        }
        const char *key = arena_printf(list->arena, "%d%d%s", (int) term->kind,
                                       local, term->text);
        if (!map_put(list->seen, key, list)) {
            list->items = memory_grow(list->items, list->n, &list->capacity,
                                      sizeof *list->items);
            /* The key ends in the text, and so keeps it. */
            list->items[list->n++] =
                (struct need){ { term->kind, key + 2 }, local };
        }
    }
}

struct needs *
needs_create(const struct ruleset *ruleset, enum direction direction)
{
    struct arena *arena = arena_create();
    struct need_list list = { .arena = arena, .seen = map_create(arena) };
    struct needs *needs = arena_alloc(arena, sizeof *needs);

    for (size_t i = 0; i < ruleset->n_rules; i++) {
        const struct rule *rule = &ruleset->rules[i];
        if (rule->direction == direction
            || rule->direction == DIRECTION_UNKNOWN) {
            collect_needs(&list, &rule->source,
                          direction == DIRECTION_OUTBOUND);
            collect_needs(&list, &rule->destination,
                          direction == DIRECTION_INBOUND);
        }
    }
    needs->arena = arena;
    needs->items =
        arena_memdup(arena, list.items, list.n * sizeof *list.items);
    needs->n = list.n;
    free(list.items);
    return needs;
}
