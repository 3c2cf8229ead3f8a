/* Virtual Network Manager: managers, and members of network groups. */

#include "exporter/parse/parser.h"

static enum manager_tier parse_tier(struct json_reader *reader,
                                    const struct cJSON *properties);

void
parse_manager(struct parser *parser, const struct cJSON *resource)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *properties = json_properties(reader, resource);
    struct network_manager manager = {
        .resource = parse_envelope(parser, resource, FEED_NETWORK_MANAGER),
        .tier = parse_tier(reader, properties),
    };

    if (!reader->bad) {
        growing_add(&parser->managers, &manager, sizeof manager);
    }
}

/* A manager over a management group ranks there, whatever subscriptions it
 * names beside it. */
static enum manager_tier
parse_tier(struct json_reader *reader, const struct cJSON *properties)
{
    const struct cJSON *scopes =
        json_object(reader, properties, "networkManagerScopes");

    if (json_first(json_array(reader, scopes, "managementGroups"))) {
        return MANAGER_TIER_MANAGEMENT_GROUP;
    }
    return json_first(json_array(reader, scopes, "subscriptions"))
               ? MANAGER_TIER_SUBSCRIPTION
               : MANAGER_TIER_UNKNOWN;
}

void
parse_network_group(struct parser *parser, const struct cJSON *resource)
{
    struct json_reader *reader = &parser->reader;
    size_t n;
    const char *const *prefixes =
        json_words(reader, resource, NULL, "addressPrefixes", &n);
    struct network_group group = {
        .id = json_reference(reader, resource, "networkGroup"),
        .incomplete = json_flag(reader, resource, "incomplete"),
        .origin = parser->request->origins[FEED_NETWORK_MANAGER],
    };
    struct address_list list;

    parser->name = group.id;
    address_list_init(&list);
    if (!parse_prefixes(parser, "addressPrefixes", prefixes, n, &list)) {
        json_bad(reader, "its members are not known");
    }
    group.members = address_list_finish(&list, parser->arena);
    if (!reader->bad) {
        growing_add(&parser->network_groups, &group, sizeof group);
    }
}
