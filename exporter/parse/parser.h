/* What the files of this folder share, for nobody else: one document in the
 * making, and a function for each kind of resource. */

#ifndef EXPORTER_PARSE_PARSER_H
#define EXPORTER_PARSE_PARSER_H

#include "exporter/parse/json.h"
#include "exporter/parse/parse.h"

struct address_list;
struct hasher;

/* A list of equal things that grows on the heap and ends in an arena. */
struct growing {
    void *items;
    size_t n;
    size_t capacity;
};

struct parser {
    const struct parse_request *request;
    struct parse_result *result;
    struct arena *arena; /* Of the part. */
    struct json_reader reader;
    size_t n_findings;
    size_t n_unknown; /* What was of no known kind; the first of it. */
    struct error first_unknown;
    /* What is being read, for findings: "networkSecurityGroups", "nsg-web".
     * Both may be "". */
    const char *kind;
    const char *name;
    /* The region whose list of service tags is being read; "" if it does not
     * say. */
    const char *region;

    struct growing nics;
    struct growing virtual_networks;
    struct growing security_groups;
    struct growing asgs;
    struct growing route_tables;
    struct growing managers;
    struct growing effective_admin_rules;
    struct growing priorities;
    struct growing network_groups;
    struct growing service_tags;
};

/* Adds a copy of 'item', of 'size' bytes. */
void growing_add(struct growing *list, const void *item, size_t size);

/* Writes "LABEL: KIND/NAME: ..." as one line; after a great many it counts
 * them only. */
void parse_finding(struct parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads what all resources have.  A resource without an id is bad. */
struct resource parse_envelope(struct parser *parser,
                               const struct cJSON *resource, enum feed feed);

/* Returns the location of a resource in its normal form; "" if absent. */
const char *parse_location(struct parser *parser,
                           const struct cJSON *resource);

/* Adds the prefixes to 'list' (or only checks them, if it is NULL), with a
 * finding for each that is none; returns false if there was one. */
bool parse_prefixes(struct parser *parser, const char *what,
                    const char *const *prefixes, size_t n,
                    struct address_list *list);

/* Reads a rule of a security group or of Virtual Network Manager. */
struct rule parse_rule(struct parser *parser, const struct cJSON *rule,
                       enum rule_kind kind);
void parse_rule_hash(const struct rule *rule, struct hasher *hasher);

/* One for each kind.  They add what they read to the parser's lists, unless
 * the reader says that the resource is bad. */
typedef void parse_resource(struct parser *parser,
                            const struct cJSON *resource);
parse_resource parse_nsg;
parse_resource parse_nic;
parse_resource parse_vnet;
parse_resource parse_asg;
parse_resource parse_route_table;
parse_resource parse_manager;
parse_resource parse_admin_rule;
parse_resource parse_network_group;
parse_resource parse_service_tag;
parse_resource parse_active_rule;

/* The effective admin rules of one network, whose rules come one by one. */
struct effective_list {
    const char *virtual_network_id;
    struct growing rules;
    bool unavailable; /* A rule could not be read: the list says nothing. */
};
void parse_effective_rule(struct parser *parser, struct effective_list *list,
                          const struct cJSON *rule);
void parse_effective_end(struct parser *parser, struct effective_list *list);

#endif
