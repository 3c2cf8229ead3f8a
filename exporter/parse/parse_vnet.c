/* Virtual networks with their subnets and peerings. */

#include "exporter/parse/parser.h"

#include "engine/base/arena.h"
#include "engine/base/ascii.h"

static struct subnet *parse_subnets(struct parser *parser,
                                    const struct cJSON *array, size_t *n);
static struct peering *parse_peerings(struct parser *parser,
                                      const struct cJSON *array, size_t *n);
static bool parse_space(struct parser *parser, const struct cJSON *properties,
                        const char *key, const char *what,
                        struct address_set *set);

void
parse_vnet(struct parser *parser, const struct cJSON *resource)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *properties = json_properties(reader, resource);
    struct virtual_network vnet = { .resource = parse_envelope(
                                        parser, resource, FEED_VNET) };

    /* Half of an address space would take addresses out of the tag
     * VirtualNetwork and so turn verdicts around; without the network they
     * are unknown. */
    if (!parse_space(parser, properties, "addressSpace", "addressSpace",
                     &vnet.address_space)) {
        json_bad(reader, "its address space is not known");
    }
    vnet.subnets = parse_subnets(
        parser, json_array(reader, properties, "subnets"), &vnet.n_subnets);
    vnet.peerings = parse_peerings(
        parser, json_array(reader, properties, "virtualNetworkPeerings"),
        &vnet.n_peerings);
    if (!reader->bad) {
        growing_add(&parser->virtual_networks, &vnet, sizeof vnet);
    }
}

/* Reads {"addressPrefixes": [...]}.  Returns true if it is there, holds
 * anything, and all of it could be read. */
static bool
parse_space(struct parser *parser, const struct cJSON *properties,
            const char *key, const char *what, struct address_set *set)
{
    struct json_reader *reader = &parser->reader;
    size_t n;
    const char *const *prefixes =
        json_words(reader, json_object(reader, properties, key), NULL,
                   "addressPrefixes", &n);
    struct address_list list;

    address_list_init(&list);
    bool ok = parse_prefixes(parser, what, prefixes, n, &list);
    *set = address_list_finish(&list, parser->arena);
    return ok && n > 0;
}

/* "Manage network policies for private endpoints": groups count with
 * Enabled and NetworkSecurityGroupEnabled. */
static bool
filters_private_endpoints(const struct cJSON *properties)
{
    const char *policies =
        json_peek(properties, "privateEndpointNetworkPolicies");

    return ascii_equal(policies, "Enabled")
           || ascii_equal(policies, "NetworkSecurityGroupEnabled");
}

static struct subnet
parse_subnet(struct parser *parser, const struct cJSON *element)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *properties = json_properties(reader, element);
    struct subnet subnet = {
        .id = json_word(reader, element, "id"),
        .name = json_word(reader, element, "name"),
        .nsg_id = json_reference(reader, properties, "networkSecurityGroup"),
        .route_table_id = json_reference(reader, properties, "routeTable"),
        .filters_private_endpoints = filters_private_endpoints(properties),
        .has_ip_configurations =
            json_first(json_array(reader, properties, "ipConfigurations"))
            || json_first(
                json_array(reader, properties, "ipConfigurationProfiles")),
    };

    if (!*subnet.id) {
        json_bad(reader, "a subnet has no id");
    }
    subnet.prefixes = json_words(reader, properties, "addressPrefix",
                                 "addressPrefixes", &subnet.n_prefixes);
    parse_prefixes(parser, subnet.name, subnet.prefixes, subnet.n_prefixes,
                   NULL);
    return subnet;
}

static struct subnet *
parse_subnets(struct parser *parser, const struct cJSON *array, size_t *n)
{
    struct subnet *subnets =
        arena_alloc_array(parser->arena, json_count(array), sizeof *subnets);

    *n = 0;
    for (const struct cJSON *e = json_first(array); e; e = json_following(e)) {
        subnets[(*n)++] = parse_subnet(parser, e);
    }
    return subnets;
}

static struct peering
parse_peering(struct parser *parser, const struct cJSON *element)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *properties = json_properties(reader, element);
    struct peering peering = {
        .name = json_word(reader, element, "name"),
        .remote_network_id =
            json_reference(reader, properties, "remoteVirtualNetwork"),
        .connected =
            ascii_equal(json_peek(properties, "peeringState"), "Connected"),
        .allow_virtual_network_access =
            json_flag(reader, properties, "allowVirtualNetworkAccess"),
        .use_remote_gateways =
            json_flag(reader, properties, "useRemoteGateways"),
    };

    /* Of the two spaces that the API tells, this is the one that was synced
     * last and that Azure uses; remoteVirtualNetworkAddressSpace is newer. */
    peering.has_remote_address_space =
        parse_space(parser, properties, "remoteAddressSpace",
                    "remoteAddressSpace", &peering.remote_address_space);
    return peering;
}

static struct peering *
parse_peerings(struct parser *parser, const struct cJSON *array, size_t *n)
{
    struct peering *peerings =
        arena_alloc_array(parser->arena, json_count(array), sizeof *peerings);

    *n = 0;
    for (const struct cJSON *e = json_first(array); e; e = json_following(e)) {
        peerings[(*n)++] = parse_peering(parser, e);
    }
    return peerings;
}
