/* Network interfaces, also those of scale sets. */

#include "exporter/parse/parser.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"

/* The block of addresses that a NIC may be given at once is a /28 ("Prefix
 * delegation"); a larger one is read up to here. */
enum { DELEGATED_MAX = 256 };

static void parse_ip_configuration(struct parser *parser,
                                   const struct cJSON *element,
                                   struct growing *list);

void
parse_nic(struct parser *parser, const struct cJSON *resource)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *properties = json_properties(reader, resource);
    const struct cJSON *array =
        json_array(reader, properties, "ipConfigurations");
    struct growing list = { 0 };
    struct nic nic = {
        .resource = parse_envelope(parser, resource, FEED_NIC),
        .vm_id = json_reference(reader, properties, "virtualMachine"),
        .nsg_id = json_reference(reader, properties, "networkSecurityGroup"),
        .primary = json_flag(reader, properties, "primary"),
        .private_endpoint =
            json_object(reader, properties, "privateEndpoint") != NULL,
    };

    for (const struct cJSON *e = json_first(array); e; e = json_following(e)) {
        parse_ip_configuration(parser, e, &list);
    }
    /* The API marks one as primary, but leaves the mark out of old ones that
     * are alone. */
    struct ip_configuration *first = list.items;
    if (json_count(array) == 1 && first) {
        first->primary = true;
    }
    nic.ip_configurations =
        arena_memdup(parser->arena, list.items, list.n * sizeof *first);
    nic.n_ip_configurations = list.n;
    free(list.items);
    if (!reader->bad) {
        growing_add(&parser->nics, &nic, sizeof nic);
    }
}

/* Adds one entry for each address of a delegated block: rules are about
 * addresses, and each of them is the NIC's. */
static void
add_block(struct parser *parser, struct ip_configuration *ip,
          struct address_range range, struct growing *list)
{
    uint128 size = range.span.last - range.span.first;

    if (size >= DELEGATED_MAX) {
        parse_finding(parser,
                      "ipConfigurations/%s: only the first %d addresses of "
                      "its block are known to the NIC",
                      ip->name, DELEGATED_MAX);
        size = DELEGATED_MAX - 1;
    }
    ip->has_address = true;
    for (uint128 i = 0; i <= size; i++) {
        ip->address = (struct address){ range.family, range.span.first + i };
        growing_add(list, ip, sizeof *ip);
        ip->primary = false;
    }
}

static void
parse_ip_configuration(struct parser *parser, const struct cJSON *element,
                       struct growing *list)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *properties = json_properties(reader, element);
    const char *address = json_peek(properties, "privateIPAddress");
    struct ip_configuration ip = {
        .name = json_word(reader, element, "name"),
        .primary = json_flag(reader, properties, "primary"),
        .subnet_id = json_reference(reader, properties, "subnet"),
    };
    struct address_range range;

    ip.asg_ids = json_references(reader, properties,
                                 "applicationSecurityGroups", &ip.n_asg_ids);
    ip.has_address = address_parse(address, &ip.address);
    if (!ip.has_address && strchr(address, '/')
        && prefix_parse(address, &range)) {
        add_block(parser, &ip, range, list);
        return;
    }
    /* Without the address the NIC and its groups would silently be smaller
     * than they are. */
    if (!ip.has_address && *address) {
        json_bad(reader, "ipConfigurations/%s: \"%s\" is no address", ip.name,
                 address);
    }
    growing_add(list, &ip, sizeof ip);
}
