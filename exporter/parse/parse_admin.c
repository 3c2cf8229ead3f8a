/* Admin rules: the lists in force on a virtual network, and where their
 * priorities can be read (spec verdict 6). */

#include "exporter/parse/parser.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/hash.h"

enum { ADMIN_RULES_MAX = 20000 };

static void add_priority(struct parser *parser, const struct cJSON *rule,
                         bool active);

/* Only rules in a list of what is in force have these.  Such a list names its
 * network or manager in its head; without one, the rules that it holds would
 * be missed without a word. */
static bool
is_listed_in_force(struct parser *parser, const struct cJSON *rule)
{
    return json_get(&parser->reader, rule, "ruleGroups")
           || json_get(&parser->reader, rule, "configurationDescription");
}

void
parse_admin_rule(struct parser *parser, const struct cJSON *resource)
{
    if (is_listed_in_force(parser, resource)) {
        json_bad(&parser->reader,
                 "it is in force, and the list does not say where: "
                 "\"virtualNetwork\" or \"networkManager\" is missing "
                 "beside \"value\"");
        return;
    }
    add_priority(parser, resource, false);
}

void
parse_active_rule(struct parser *parser, const struct cJSON *resource)
{
    add_priority(parser, resource, true);
}

static void
add_priority(struct parser *parser, const struct cJSON *rule, bool active)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *properties = json_properties(reader, rule);
    struct admin_rule_priority entry = {
        .rule_id = json_word(reader, rule, "id"),
        .active = active,
        .origin = parser->request->origins[FEED_NETWORK_MANAGER],
    };

    if (!*entry.rule_id) {
        json_bad(reader, "it has no id");
    }
    if (!json_integer(reader, properties, "priority", 1, 4096,
                      &entry.priority)) {
        parse_finding(parser, "the priority is not a number from 1 to 4096");
    }
    if (!reader->bad) {
        growing_add(&parser->priorities, &entry, sizeof entry);
    }
}

void
parse_effective_rule(struct parser *parser, struct effective_list *list,
                     const struct cJSON *element)
{
    struct rule rule = parse_rule(parser, element, RULE_ADMIN);

    if (list->rules.n == ADMIN_RULES_MAX) {
        json_bad(&parser->reader, "more than %d rules", ADMIN_RULES_MAX);
    }
    if (!parser->reader.bad) {
        growing_add(&list->rules, &rule, sizeof rule);
    }
}

void
parse_effective_end(struct parser *parser, struct effective_list *list)
{
    struct json_reader *reader = &parser->reader;
    struct effective_admin_rules rules = {
        .virtual_network_id = list->virtual_network_id,
        .origin = parser->request->origins[FEED_ADMIN_RULES],
        .unavailable = list->unavailable || reader->bad,
        .n_rules = list->rules.n,
    };
    struct rule *copies = arena_memdup(parser->arena, list->rules.items,
                                       rules.n_rules * sizeof *copies);
    struct hasher hasher;

    hasher_init(&hasher);
    hasher_add_u64(&hasher, rules.unavailable);
    for (size_t i = 0; i < rules.n_rules; i++) {
        parse_rule_hash(&copies[i], &hasher);
    }
    rules.rules = copies;
    rules.hash = hasher_finish(&hasher);
    free(list->rules.items);
    /* Absent means "no rules" to those who read a folder, so a list that
     * cannot be read stays, marked as such, wherever its network is known. */
    if (*rules.virtual_network_id) {
        growing_add(&parser->effective_admin_rules, &rules, sizeof rules);
    }
}
