#include "exporter/parse/kind.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "engine/model/arm_id.h"

enum { TYPE_SIZE = 256 };

/* A serviceTags resource whose list "values" is missing or no list. */
static parse_resource parse_empty_service_tags;

struct kind {
    const char *type; /* Shown by its last word. */
    enum feed feed;
    parse_resource *read;
    /* A member that no other kind has, or NULL: it tells the kind of a
     * resource that has neither a type nor an ARM id, and tells a flattened
     * resource from a mere reference to one. */
    const char *member;
};

static const struct kind kinds[] = {
    { "Microsoft.Network/networkSecurityGroups", FEED_NSG, parse_nsg,
      "securityRules" },
    { "Microsoft.Network/networkInterfaces", FEED_NIC, parse_nic,
      "ipConfigurations" },
    { "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/"
      "networkInterfaces",
      FEED_NIC, parse_nic, NULL },
    { "Microsoft.Compute/virtualMachineScaleSets/networkInterfaces", FEED_NIC,
      parse_nic, NULL },
    { "Microsoft.Network/virtualNetworks", FEED_VNET, parse_vnet,
      "addressSpace" },
    { "Microsoft.Network/applicationSecurityGroups", FEED_ASG, parse_asg,
      NULL },
    { "Microsoft.Network/routeTables", FEED_ROUTE_TABLE, parse_route_table,
      "routes" },
    { "Microsoft.Network/networkManagers", FEED_NETWORK_MANAGER, parse_manager,
      "networkManagerScopes" },
    { "Microsoft.Network/networkManagers/securityAdminConfigurations/"
      "ruleCollections/rules",
      FEED_NETWORK_MANAGER, parse_admin_rule, NULL },
    { "Microsoft.Network/serviceTags", FEED_SERVICE_TAGS,
      parse_empty_service_tags, NULL },
};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

static const struct kind *find_kind(struct parser *parser,
                                    const struct cJSON *resource);
static bool is_reference(struct parser *parser, const struct cJSON *resource,
                         const struct kind *kind);

static const struct kind *
kind_of_type(const char *type)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        if (ascii_equal(kinds[i].type, type)) {
            return &kinds[i];
        }
    }
    return NULL;
}

void
kind_read_any(struct parser *parser, const struct cJSON *resource)
{
    const struct kind *kind = find_kind(parser, resource);

    if (!kind) {
        return;
    }
    if (is_reference(parser, resource, kind)) {
        json_bad(&parser->reader, "it has no properties");
    }
    kind_read(parser, resource, arm_id_name(kind->type), kind->feed,
              kind->read);
}

void
kind_read(struct parser *parser, const struct cJSON *resource,
          const char *kind, enum feed feed, parse_resource *read)
{
    const char *name = json_peek(resource, "name");

    parser->kind = kind;
    parser->name = *name ? name : arm_id_name(json_peek(resource, "id"));
    if (cJSON_IsObject(resource)) {
        read(parser, resource);
    } else {
        json_bad(&parser->reader, "an element of the list is no object");
    }
    kind_finish(parser, feed);
}

void
kind_finish(struct parser *parser, enum feed feed)
{
    struct parse_result *result = parser->result;

    result->has_feed[feed] = true;
    if (parser->reader.bad) {
        parse_finding(parser, "left out: %s", parser->reader.cause.message);
        parser->reader.bad = false;
        result->refused[feed]++;
    } else {
        result->objects[feed]++;
    }
    parser->kind = "";
    parser->name = "";
}

void
kind_refuse_unknown(struct parser *parser, const char *what)
{
    parser->n_unknown++;
    parse_finding(parser, "left out: %s", what);
    if (parser->n_unknown == 1) {
        error_set(&parser->first_unknown, "%s", what);
    }
}

/* Writes the type that an id tells: "Microsoft.Network/virtualNetworks/subnets"
 * for that of a subnet; "" if it tells none. */
static void
type_of_id(const char *id, char type[TYPE_SIZE])
{
    const char *providers = ascii_find(id, "/providers/");
    const char *next = NULL;

    *type = '\0';
    /* The last provider counts: extension resources have two. */
    while (providers && (next = ascii_find(providers + 1, "/providers/"))) {
        providers = next;
    }
    if (!providers) {
        return;
    }
    const char *at = providers + strlen("/providers/");
    size_t length = strcspn(at, "/");
    size_t used = 0;
    while (used + length + 2 < TYPE_SIZE) {
        memcpy(type + used, at, length);
        used += length;
        type[used] = '\0';
        /* Behind a type stands a name, which is no part of it. */
        at += length;
        if (used > length && *at == '/') {
            at += 1 + strcspn(at + 1, "/");
        }
        if (*at != '/') {
            return;
        }
        type[used++] = '/';
        type[used] = '\0';
        at++;
        length = strcspn(at, "/");
    }
}

static const struct kind *
kind_of_members(struct parser *parser, const struct cJSON *resource)
{
    const struct cJSON *properties =
        json_properties(&parser->reader, resource);

    for (size_t i = 0; i < N_KINDS; i++) {
        if (kinds[i].member
            && json_get(&parser->reader, properties, kinds[i].member)) {
            return &kinds[i];
        }
    }
    return NULL;
}

static const struct kind *
find_kind(struct parser *parser, const struct cJSON *resource)
{
    const char *type = json_text(json_get(&parser->reader, resource, "type"));
    char type_from_id[TYPE_SIZE];

    if (!*type) {
        type_of_id(json_peek(resource, "id"), type_from_id);
        type = type_from_id;
    }
    const struct kind *kind =
        *type ? kind_of_type(type) : kind_of_members(parser, resource);
    if (kind) {
        return kind;
    }
    char what[TYPE_SIZE + 64];
    snprintf(what, sizeof what, "%s%.*s",
             *type ? "a resource of an unknown kind, "
                   : "an object of an unknown kind: it has no type",
             TYPE_SIZE, type);
    parser->reader.bad = false;
    kind_refuse_unknown(parser, what);
    return NULL;
}

/* Tools print mere references ({"id", "resourceGroup"}) where a resource
 * could stand.  To read one as a resource would read "no rules" out of
 * nothing. */
static bool
is_reference(struct parser *parser, const struct cJSON *resource,
             const struct kind *kind)
{
    static const char *const own[] = { "properties", "provisioningState",
                                       "resourceGuid" };

    if (!kind->member || json_get(&parser->reader, resource, kind->member)) {
        return false;
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (json_get(&parser->reader, resource, own[i])) {
            return false;
        }
    }
    return true;
}

static void
parse_empty_service_tags(struct parser *parser, const struct cJSON *resource)
{
    (void) resource;
    json_bad(&parser->reader, "there is no list \"values\"");
}
