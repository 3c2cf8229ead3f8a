/* One rule: of a security group, or of Virtual Network Manager.  Words that
 * nobody knows stay as they are: the engine makes the rule uncertain.
 *
 * Source: spec verdict 3 and 6; definitions SecurityRule and AdminRule of
 * Azure's REST API. */

#include "exporter/parse/parser.h"

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/hash.h"
#include "engine/model/arm_id.h"

/* Where Azure numbers the rules of each kind. */
static const struct {
    int min;
    int max;
} priorities[] = {
    [RULE_CUSTOM] = { 100, 4096 },
    [RULE_DEFAULT] = { 65000, 65535 },
    [RULE_ADMIN] = { 1, 4096 },
};

/* The members of one side. */
struct side_keys {
    const char *prefix;
    const char *prefixes;
    const char *asgs;
    const char *port;
    const char *ports;
    const char *items; /* Of an admin rule. */
};

static const struct side_keys source_keys = {
    "sourceAddressPrefix",
    "sourceAddressPrefixes",
    "sourceApplicationSecurityGroups",
    "sourcePortRange",
    "sourcePortRanges",
    "sources"
};
static const struct side_keys destination_keys = {
    "destinationAddressPrefix",
    "destinationAddressPrefixes",
    "destinationApplicationSecurityGroups",
    "destinationPortRange",
    "destinationPortRanges",
    "destinations"
};

static struct rule_side parse_side(struct parser *parser,
                                   const struct cJSON *properties,
                                   const struct side_keys *keys,
                                   enum rule_kind kind);
static int parse_priority(struct parser *parser,
                          const struct cJSON *properties, enum rule_kind kind,
                          const char *name);

struct rule
parse_rule(struct parser *parser, const struct cJSON *rule,
           enum rule_kind kind)
{
    struct json_reader *reader = &parser->reader;
    bool was_bad = reader->bad;
    const struct cJSON *properties = json_properties(reader, rule);
    struct rule result = {
        .id = json_word(reader, rule, "id"),
        .name = json_word(reader, rule, "name"),
        .description = json_word(reader, properties, "description"),
        .protocol = json_word(reader, properties, "protocol"),
        .access_text = json_word(reader, properties, "access"),
        .kind = kind,
        .direction = direction_parse(json_peek(properties, "direction")),
        .source = parse_side(parser, properties, &source_keys, kind),
        .destination = parse_side(parser, properties, &destination_keys, kind),
    };

    if (!*result.name) {
        result.name = arm_id_name(result.id);
    }
    result.access = access_parse(result.access_text);
    result.priority = parse_priority(parser, properties, kind, result.name);
    if (reader->bad && !was_bad) {
        error_prefix(&reader->cause, "rule %s", result.name);
    }
    return result;
}

static int
parse_priority(struct parser *parser, const struct cJSON *properties,
               enum rule_kind kind, const char *name)
{
    int min = priorities[kind].min;
    int max = priorities[kind].max;
    int priority = 0;

    if (json_integer(&parser->reader, properties, "priority", min, max,
                     &priority)) {
        return priority;
    }
    /* The effective list of admin rules has been seen to say 0 where the
     * active list knows better (spec verdict 6): nothing to report. */
    int zero;
    if (kind != RULE_ADMIN
        || (json_get(&parser->reader, properties, "priority")
            && !json_integer(&parser->reader, properties, "priority", 0, 0,
                             &zero))) {
        parse_finding(parser,
                      "rule %s: the priority is not a number from %d to %d",
                      name, min, max);
    }
    return 0;
}

/* Appends words as terms of one kind. */
static void
add_terms(struct term *terms, size_t *n_terms, enum term_kind kind,
          const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        terms[(*n_terms)++] = (struct term){ kind, words[i] };
    }
}

/* Reads one of "sources" or "destinations" of an admin rule. */
static struct term
parse_item(struct json_reader *reader, const struct cJSON *item,
           const char *key)
{
    const char *text = json_word(reader, item, "addressPrefix");
    const char *type = json_peek(item, "addressPrefixType");

    if (!*text) {
        json_bad(reader, "\"%s\" holds an entry without an addressPrefix",
                 key);
    }
    return (struct term){
        ascii_equal(type, "NetworkGroup") || *text == '/' ? TERM_NETWORK_GROUP
                                                          : TERM_ADDRESS,
        text,
    };
}

static struct rule_side
parse_side(struct parser *parser, const struct cJSON *properties,
           const struct side_keys *keys, enum rule_kind kind)
{
    struct json_reader *reader = &parser->reader;
    bool is_admin = kind == RULE_ADMIN;
    size_t n_words;
    size_t n_asgs;
    const struct cJSON *items =
        is_admin ? json_array(reader, properties, keys->items) : NULL;
    const char *const *words =
        json_words(reader, properties, keys->prefix, keys->prefixes, &n_words);
    const char *const *asgs =
        json_references(reader, properties, keys->asgs, &n_asgs);
    size_t n_items = json_count(items);
    struct term *terms = arena_alloc_array(
        parser->arena, n_words + n_asgs + n_items, sizeof *terms);
    struct rule_side side = { .terms = terms };

    add_terms(terms, &side.n_terms, TERM_ADDRESS, words, n_words);
    add_terms(terms, &side.n_terms, TERM_ASG, asgs, n_asgs);
    for (const struct cJSON *item = json_first(items); item;
         item = json_following(item)) {
        terms[side.n_terms++] = parse_item(reader, item, keys->items);
    }
    side.ports =
        json_words(reader, properties, keys->port, keys->ports, &side.n_ports);
    return side;
}

static void
hash_side(const struct rule_side *side, struct hasher *hasher)
{
    hasher_add_u64(hasher, side->n_terms);
    for (size_t i = 0; i < side->n_terms; i++) {
        hasher_add_u64(hasher, side->terms[i].kind);
        hasher_add_string(hasher, side->terms[i].text);
    }
    hasher_add_u64(hasher, side->n_ports);
    for (size_t i = 0; i < side->n_ports; i++) {
        hasher_add_string(hasher, side->ports[i]);
    }
}

void
parse_rule_hash(const struct rule *rule, struct hasher *hasher)
{
    hasher_add_string(hasher, rule->name);
    hasher_add_string(hasher, rule->id);
    hasher_add_string(hasher, rule->description);
    hasher_add_string(hasher, rule->protocol);
    hasher_add_string(hasher, rule->access_text);
    hasher_add_u64(hasher, rule->kind);
    hasher_add_u64(hasher, rule->direction);
    hasher_add_u64(hasher, (uint64_t) rule->priority);
    hash_side(&rule->source, hasher);
    hash_side(&rule->destination, hasher);
}
