/* Network security groups (spec verdict 3). */

#include "exporter/parse/parser.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/hash.h"

/* Azure allows 1,000 rules in a group. */
enum { RULES_MAX = 20000 };

static struct rule *parse_rules(struct parser *parser,
                                const struct cJSON *properties,
                                const char *group_id, size_t *n);

void
parse_nsg(struct parser *parser, const struct cJSON *resource)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *properties = json_properties(reader, resource);
    struct security_group group = { .resource = parse_envelope(
                                        parser, resource, FEED_NSG) };
    struct rule *rules =
        parse_rules(parser, properties, group.resource.id, &group.n_rules);
    struct hasher hasher;

    hasher_init(&hasher);
    for (size_t i = 0; i < group.n_rules; i++) {
        parse_rule_hash(&rules[i], &hasher);
    }
    group.rules = rules;
    group.hash = hasher_finish(&hasher);
    if (!reader->bad) {
        growing_add(&parser->security_groups, &group, sizeof group);
    }
}

static void
add_rules(struct parser *parser, const struct cJSON *array,
          enum rule_kind kind, struct rule *rules, size_t *n)
{
    for (const struct cJSON *e = json_first(array); e; e = json_following(e)) {
        rules[(*n)++] = parse_rule(parser, e, kind);
    }
}

/* What is written by hand may leave out an id that Azure always gives. */
static void
name_custom_rules(struct parser *parser, const char *group_id,
                  struct rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!*rules[i].id && *rules[i].name) {
            rules[i].id = arena_printf(parser->arena, "%s/securityRules/%s",
                                       group_id, rules[i].name);
        }
    }
}

static struct rule *
parse_rules(struct parser *parser, const struct cJSON *properties,
            const char *group_id, size_t *n)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *custom =
        json_array(reader, properties, "securityRules");
    const struct cJSON *standard =
        json_array(reader, properties, "defaultSecurityRules");
    size_t n_six;
    const struct rule *six = default_rules(&n_six);
    size_t n_max = json_count(custom) + json_count(standard) + n_six;

    *n = 0;
    if (n_max > RULES_MAX) {
        json_bad(reader, "more than %d rules", RULES_MAX);
        return NULL;
    }
    struct rule *rules =
        arena_alloc_array(parser->arena, n_max, sizeof *rules);
    add_rules(parser, custom, RULE_CUSTOM, rules, n);
    name_custom_rules(parser, group_id, rules, *n);
    if (json_first(standard)) {
        add_rules(parser, standard, RULE_DEFAULT, rules, n);
    } else {
        memcpy(rules + *n, six, n_six * sizeof *six);
        *n += n_six;
    }
    return rules;
}
