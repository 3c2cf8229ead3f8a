/* Small networks for tests, built from words.
 *
 *     struct builder *b = builder_create();
 *     build_network(b, "vnet", "10.0.0.0/16");
 *     build_subnet(b, "vnet", "web", "nsg-web");
 *     build_nic(b, "nic-web", "vnet/web", "10.0.0.4", NULL);
 *     build_rule(b, "nsg-web", "web Inbound 100 Allow Tcp Internet * * 443");
 *     verdict = builder_judge(b, "Inbound nic-web Tcp 8.8.8.8 * - 443");
 *     builder_destroy(b);
 *
 * Things are known by their names; all live in one resource group, "rg".
 * Mistakes in the words abort.  Verdicts end with the builder. */

#ifndef TESTS_SUPPORT_BUILDER_H
#define TESTS_SUPPORT_BUILDER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/compile/settings.h"
#include "engine/judge/verdict.h"
#include "engine/model/flow.h"
#include "engine/model/network.h"

struct arena;
struct builder;
struct estate;

struct builder *builder_create(void);
void builder_destroy(struct builder *builder);
struct arena *builder_arena(struct builder *builder);

/* Lists are separated by commas. */
void build_network(struct builder *b, const char *name, const char *prefixes);
/* 'nsg' may be NULL; the group need not exist. */
struct subnet *build_subnet(struct builder *b, const char *network,
                            const char *name, const char *nsg);
void build_peering(struct builder *b, const char *network, const char *remote,
                   const char *flags, const char *remote_space);
/* 'subnet' is "network/subnet".  The first address is the primary one. */
struct nic *build_nic(struct builder *b, const char *name, const char *subnet,
                      const char *address, const char *nsg);
/* One more address; NULL: none is allocated. */
struct ip_configuration *build_ip(struct builder *b, const char *nic,
                                  const char *subnet, const char *address);
/* Makes the configuration with that address a member of a group. */
void build_member(struct builder *b, const char *nic, const char *address,
                  const char *asg);
/* A group with the six default rules, or without. */
struct security_group *build_nsg(struct builder *b, const char *name);
struct security_group *build_bare_nsg(struct builder *b, const char *name);
/* "NAME DIRECTION PRIORITY ACCESS PROTOCOL SOURCE PORTS DESTINATION PORTS";
 * a list may be "-" (empty); a side may hold "asg=NAME" and "group=NAME".
 * The group is made where it is missing. */
void build_rule(struct builder *b, const char *nsg, const char *words);
/* The same for an admin rule in force on a network; NAME is
 * "manager/collection/rule". */
void build_admin_rule(struct builder *b, const char *network,
                      const char *words);
void build_admin_unavailable(struct builder *b, const char *network);
void build_manager(struct builder *b, const char *name,
                   enum manager_tier tier);
/* 'rule' is "manager/collection/rule". */
void build_priority(struct builder *b, const char *rule, int priority);
struct network_group *build_network_group(struct builder *b, const char *name,
                                          const char *prefixes);
struct service_tag *build_tag(struct builder *b, const char *name,
                              const char *prefixes);
/* "PREFIX appliance ADDRESS", "PREFIX gateway" or "PREFIX other". */
void build_route(struct builder *b, const char *table, const char *words);
void build_on_premises(struct builder *b, const char *reference,
                       const char *prefixes);
void build_admin_absent(struct builder *b, enum admin_rules_absent absent);
/* To change them. */
struct engine_settings *builder_settings(struct builder *b);
const struct engine_settings *builder_settings_const(const struct builder *b);

/* The ARM ids behind the names. */
const char *id_of(struct builder *b, const char *type, const char *name);
const char *id_of_subnet(struct builder *b, const char *subnet);
const char *id_of_admin_rule(struct builder *b, const char *rule);

/* "Inbound NIC PROTOCOLS SOURCE PORTS DESTINATION PORTS"; likewise Outbound;
 * "Both NIC,NIC ...".  The end with the NIC may be "-" (the primary address)
 * or "*"; a remote end holds addresses, CIDRs and tags.  PROTOCOLS is a list
 * or "*". */
const struct flow *build_flow(struct builder *b, const char *words);

/* Judges in the network as it is now. */
const struct verdict *builder_judge(struct builder *b, const char *flow);
const struct verdict *builder_judge_flow(struct builder *b,
                                         const struct flow *flow);
/* The network and the estate as they are now; the builder owns them. */
struct network *builder_network(struct builder *b);
struct estate *builder_estate(struct builder *b);

/* "allow nsg-web/web", "deny admin:manager/collection/rule", "allow none",
 * "unknown unknown_tag"; "partial ..." names the denying rule.  " ?" is added
 * when a known verdict is not certain. */
const char *verdict_words(struct builder *b, const struct verdict *verdict);

#endif
