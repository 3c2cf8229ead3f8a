#include "tests/oracle/linear_match.h"

#include <string.h>

#include "engine/base/ascii.h"
#include "engine/model/port.h"

static enum tri
worse(enum tri a, enum tri b)
{
    return a < b ? a : b;
}

static enum tri
better(enum tri a, enum tri b)
{
    return a > b ? a : b;
}

static bool
is_in_prefix(const char *word, struct address address)
{
    struct address_range range;

    return prefix_parse(word, &range) && range.family == address.family
           && range.span.first <= address.value
           && address.value <= range.span.last;
}

static bool
means_network(const struct linear_view *view, const char *reference,
              const char *id)
{
    size_t n;
    const struct virtual_network *network =
        network_resolve_virtual_network(view->network, reference, &n);

    if (network || n) {
        return network && ascii_equal(network->resource.id, id);
    }
    /* Not in the data: the end of the id must be the name. */
    const char *last = strrchr(id, '/');
    return ascii_equal(reference, last ? last + 1 : id);
}

/* Looks for the address behind the gateway of a network. */
static bool
is_behind(const struct linear_view *view, const char *id,
          struct address address, bool *said)
{
    bool found = false;

    for (size_t i = 0; i < view->settings->n_on_premises; i++) {
        const struct on_premises *entry = &view->settings->on_premises[i];
        if (means_network(view, entry->virtual_network, id)) {
            *said = true;
            found |= address_set_contains(entry->prefixes, address);
        }
    }
    return found;
}

/* Without the routes.  '*incomplete' becomes true if there may be more. */
static bool
is_in_base(const struct linear_view *view, struct address address,
           bool *incomplete)
{
    const struct virtual_network *own = view->virtual_network;
    bool own_said = false;
    bool found = address_set_contains(own->address_space, address)
                 || is_in_prefix("168.63.129.16", address)
                 || is_behind(view, own->resource.id, address, &own_said);

    for (size_t i = 0; i < own->n_peerings; i++) {
        const struct peering *p = &own->peerings[i];
        bool hub_said = false;
        if (!p->connected || !p->allow_virtual_network_access) {
            continue;
        }
        found |= p->has_remote_address_space
                 && address_set_contains(p->remote_address_space, address);
        *incomplete |= !p->has_remote_address_space;
        if (p->use_remote_gateways) {
            found |= is_behind(view, p->remote_network_id, address, &hub_said);
            *incomplete |= !hub_said && !own_said;
        }
    }
    for (size_t i = 0; i < own->n_subnets; i++) {
        *incomplete |= ascii_equal(own->subnets[i].name, "GatewaySubnet")
                       && own->subnets[i].has_ip_configurations && !own_said;
    }
    return found;
}

/* Follows the routes from what is known, one more step a round. */
static bool
is_in_virtual_network(const struct linear_view *view, struct address address,
                      bool *incomplete)
{
    const struct route_table *table =
        network_find_route_table(view->network, view->subnet->route_table_id);
    bool used[64] = { false };
    bool ignored = false;

    if (!table) {
        *incomplete |= *view->subnet->route_table_id != '\0';
        return is_in_base(view, address, incomplete);
    }
    for (size_t round = 0; round <= table->n_routes; round++) {
        for (size_t i = 0; i < table->n_routes; i++) {
            const struct route *route = &table->routes[i];
            bool inside =
                route->has_next_hop_address
                && is_in_base(view, route->next_hop_address, &ignored);
            for (size_t j = 0; j < table->n_routes; j++) {
                inside |= used[j] && route->has_next_hop_address
                          && is_in_prefix(table->routes[j].prefix,
                                          route->next_hop_address);
            }
            used[i] |=
                route->next_hop == NEXT_HOP_VIRTUAL_NETWORK_GATEWAY
                || (route->next_hop == NEXT_HOP_VIRTUAL_APPLIANCE && inside);
        }
    }
    bool found = is_in_base(view, address, incomplete);
    for (size_t i = 0; i < table->n_routes; i++) {
        found |= used[i] && is_in_prefix(table->routes[i].prefix, address);
    }
    return found;
}

/* The settings must name what the Internet is not. */
static bool
is_in_internet(const struct linear_view *view, struct address address)
{
    return address.family == FAMILY_IPV6
               ? address.value >> 125 == 1
               : !address_set_contains(view->settings->internet_excludes,
                                       address);
}

static bool
is_member(const struct ip_configuration *ip, const char *asg)
{
    for (size_t i = 0; i < ip->n_asg_ids; i++) {
        if (ascii_equal(ip->asg_ids[i], asg)) {
            return true;
        }
    }
    return false;
}

/* Looks through every IP configuration of the network.  Returns true if some
 * member has the address; '*empty' tells whether there is any member. */
static bool
has_member(const struct linear_view *view, const char *asg,
           struct address address, bool *empty)
{
    const struct nic *const *nics;
    size_t n = network_nics(view->network, &nics);
    size_t length = strlen(view->virtual_network->resource.id);
    bool found = false;

    *empty = true;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < nics[i]->n_ip_configurations; j++) {
            const struct ip_configuration *ip = &nics[i]->ip_configurations[j];
            if (ip->has_address && is_member(ip, asg)
                && ascii_equal_n(ip->subnet_id,
                                 view->virtual_network->resource.id, length)
                && ip->subnet_id[length] == '/') {
                *empty = false;
                found |= address_equal(ip->address, address);
            }
        }
    }
    return found;
}

enum tri
linear_tag(const struct linear_view *view, const char *word,
           struct address address)
{
    static const struct {
        const char *tag;
        const char *address;
    } platform[] = {
        { "AzureLoadBalancer", "168.63.129.16" },
        { "AzureLoadBalancer", "fe80::1234:5678:9abc" },
        { "AzurePlatformDNS", "168.63.129.16" },
        { "AzurePlatformIMDS", "169.254.169.254" },
    };
    bool is_platform = false;

    if (ascii_equal(word, "VirtualNetwork")) {
        bool incomplete = false;
        bool inside = is_in_virtual_network(view, address, &incomplete);
        return inside                                         ? YES
               : incomplete && !is_in_internet(view, address) ? MAYBE
                                                              : NO;
    }
    if (ascii_equal(word, "Internet")) {
        return is_in_internet(view, address) ? YES : NO;
    }
    for (size_t i = 0; i < sizeof platform / sizeof *platform; i++) {
        if (ascii_equal(word, platform[i].tag)) {
            is_platform = true;
            if (is_in_prefix(platform[i].address, address)) {
                return YES;
            }
        }
    }
    if (is_platform) {
        return NO;
    }
    const struct service_tag *tag =
        network_find_service_tag(view->network, "", word);
    if (!tag) {
        return MAYBE;
    }
    return address_set_contains(tag->addresses, address) ? YES
           : tag->has_bad_prefix                         ? MAYBE
                                                         : NO;
}

static enum tri
match_term(const struct linear_view *view, const struct term *term,
           struct address address, bool local)
{
    struct address_range range;
    bool empty;

    if (term->kind == TERM_ASG) {
        return (local ? is_member(view->end->ip, term->text)
                      : has_member(view, term->text, address, &empty))
                   ? YES
                   : NO;
    }
    if (term->kind == TERM_NETWORK_GROUP) {
        const struct network_group *group =
            network_find_group(view->network, term->text);
        if (group && address_set_contains(group->members, address)) {
            return YES;
        }
        return !group || group->incomplete ? MAYBE : NO;
    }
    if (!strcmp(term->text, "*")) {
        return YES;
    }
    if (prefix_parse(term->text, &range)) {
        return is_in_prefix(term->text, address) ? YES : NO;
    }
    return linear_tag(view, term->text, address);
}

static enum tri
match_side(const struct linear_view *view, const struct rule *rule,
           const struct rule_side *side, struct address address, bool local)
{
    enum tri result = NO;

    for (size_t i = 0; i < side->n_terms; i++) {
        bool empty = false;
        if (side->terms[i].kind == TERM_ASG) {
            has_member(view, side->terms[i].text, address, &empty);
        }
        if (empty && view->settings->empty_asg_no_match) {
            return NO;
        }
        result =
            better(result, match_term(view, &side->terms[i], address, local));
    }
    return side->n_terms ? result : rule->kind == RULE_ADMIN ? YES : MAYBE;
}

/* Returns true if the words that can be read cover every port. */
static bool
covers_all_ports(const struct rule_side *side)
{
    uint128 next = 0;

    /* Each round finds a word that holds the next port. */
    for (bool found = true; found && next <= PORT_MAX;) {
        found = false;
        for (size_t i = 0; i < side->n_ports; i++) {
            struct span span;
            if (port_range_parse(side->ports[i], strlen(side->ports[i]), &span)
                && span.first <= next && next <= span.last) {
                next = span.last + 1;
                found = true;
            }
        }
    }
    return next > PORT_MAX;
}

static enum tri
match_ports(const struct rule *rule, const struct rule_side *side,
            uint32_t port)
{
    bool bad = false;
    bool found = port == PORT_NONE && covers_all_ports(side);

    if (!side->n_ports) {
        return rule->kind == RULE_ADMIN ? YES : MAYBE;
    }
    for (size_t i = 0; i < side->n_ports; i++) {
        struct span span;
        if (!port_range_parse(side->ports[i], strlen(side->ports[i]), &span)) {
            bad = true;
        } else {
            found |= span.first <= port && port <= span.last;
        }
    }
    return found ? YES : bad ? MAYBE : NO;
}

static enum tri
match_protocol(const char *word, enum protocol protocol)
{
    protocol_set set;

    return !protocol_set_parse(word, &set) ? MAYBE
           : set >> protocol & 1           ? YES
                                           : NO;
}

static bool
is_doubtful(const struct rule *rule)
{
    return rule->direction == DIRECTION_UNKNOWN
           || rule->access == ACCESS_UNKNOWN
           || (rule->kind != RULE_ADMIN && rule->priority <= 0);
}

enum tri
linear_match(const struct linear_view *view, const struct rule *rule)
{
    const struct packet *packet = view->packet;
    bool inbound = view->direction == DIRECTION_INBOUND;

    if (rule->direction != view->direction
        && rule->direction != DIRECTION_UNKNOWN) {
        return NO;
    }
    enum tri result = is_doubtful(rule) ? MAYBE : YES;
    result = worse(result, match_protocol(rule->protocol, packet->protocol));
    result =
        worse(result, match_ports(rule, &rule->source, packet->source_port));
    result = worse(result, match_ports(rule, &rule->destination,
                                       packet->destination_port));
    if (result == NO) {
        return NO;
    }
    result = worse(result, match_side(view, rule, &rule->source,
                                      packet->source, !inbound));
    return worse(result, match_side(view, rule, &rule->destination,
                                    packet->destination, inbound));
}

static unsigned int
side_flaws(const struct linear_view *view, const struct rule *rule,
           const struct rule_side *side)
{
    unsigned int flaws = 0;
    bool incomplete = false;
    struct address_range range;
    struct span span;

    is_in_virtual_network(view, view->packet->source, &incomplete);
    for (size_t i = 0; i < side->n_terms; i++) {
        const struct term *term = &side->terms[i];
        if (term->kind == TERM_NETWORK_GROUP) {
            const struct network_group *group =
                network_find_group(view->network, term->text);
            flaws |= group && !group->incomplete
                         ? 0
                         : 1U << REASON_NETWORK_GROUP_UNRESOLVED;
        } else if (term->kind == TERM_ADDRESS && strcmp(term->text, "*") != 0
                   && !prefix_parse(term->text, &range)) {
            flaws |=
                ascii_equal(term->text, "VirtualNetwork") ? (
                    incomplete ? 1U << REASON_VIRTUAL_NETWORK_INCOMPLETE : 0)
                : *term->text >= '0' && *term->text <= '9'
                    ? 1U << REASON_INVALID_RULE
                    : 1U << REASON_UNKNOWN_TAG;
        }
    }
    bool bad = rule->kind != RULE_ADMIN && (!side->n_terms || !side->n_ports);
    for (size_t i = 0; i < side->n_ports; i++) {
        bad |=
            !port_range_parse(side->ports[i], strlen(side->ports[i]), &span);
    }
    return flaws | (bad ? 1U << REASON_INVALID_RULE : 0);
}

unsigned int
linear_flaws(const struct linear_view *view, const struct rule *rule)
{
    protocol_set set;
    bool bad = is_doubtful(rule) || !protocol_set_parse(rule->protocol, &set);

    return side_flaws(view, rule, &rule->source)
           | side_flaws(view, rule, &rule->destination)
           | (bad ? 1U << REASON_INVALID_RULE : 0);
}
