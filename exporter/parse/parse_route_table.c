/* Route tables. */

#include "exporter/parse/parser.h"

#include "engine/base/arena.h"
#include "engine/base/ascii.h"

static struct route parse_route(struct parser *parser,
                                const struct cJSON *element);

void
parse_route_table(struct parser *parser, const struct cJSON *resource)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *properties = json_properties(reader, resource);
    const struct cJSON *array = json_array(reader, properties, "routes");
    struct route *routes =
        arena_alloc_array(parser->arena, json_count(array), sizeof *routes);
    struct route_table table = {
        .resource = parse_envelope(parser, resource, FEED_ROUTE_TABLE),
        .routes = routes,
    };

    for (const struct cJSON *e = json_first(array); e; e = json_following(e)) {
        routes[table.n_routes++] = parse_route(parser, e);
    }
    if (!reader->bad) {
        growing_add(&parser->route_tables, &table, sizeof table);
    }
}

static enum next_hop
parse_next_hop(const char *word)
{
    if (ascii_equal(word, "VirtualAppliance")) {
        return NEXT_HOP_VIRTUAL_APPLIANCE;
    }
    return ascii_equal(word, "VirtualNetworkGateway")
               ? NEXT_HOP_VIRTUAL_NETWORK_GATEWAY
               : NEXT_HOP_OTHER;
}

static struct route
parse_route(struct parser *parser, const struct cJSON *element)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *properties = json_properties(reader, element);
    const char *address = json_peek(properties, "nextHopIpAddress");
    struct route route = {
        .name = json_word(reader, element, "name"),
        .prefix = json_word(reader, properties, "addressPrefix"),
        .next_hop = parse_next_hop(json_peek(properties, "nextHopType")),
    };

    route.has_next_hop_address =
        address_parse(address, &route.next_hop_address);
    if (*address && !route.has_next_hop_address) {
        json_bad(reader, "route %s: the next hop \"%s\" is no address",
                 route.name, address);
    }
    return route;
}
