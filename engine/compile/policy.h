/* A policy: one rule set in one direction, seen from one place in the network.
 *
 * Where a rule says "VirtualNetwork" or names an application group, what it
 * means depends on the NIC's virtual network, subnet and routes.  A policy
 * holds the rules in the order in which they are tried, with every side worked
 * out to a set.  What is not known stays visible: each rule has a set of
 * packets that it matches for certain, and one that it might match.
 *
 * Policies hold copies of what they show (names, ids), so that a verdict may
 * outlive the documents it came from.  They are interned (struct policies), so
 * that an unchanged rule set in an unchanged place is never compiled again.
 *
 * Threads: immutable, references count atomically. */

#ifndef ENGINE_COMPILE_POLICY_H
#define ENGINE_COMPILE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/hash.h"
#include "engine/model/address.h"
#include "engine/model/protocol.h"
#include "engine/model/rule.h"

struct arena;
struct classifier;

/* A product of one set per field.  A packet is in it if each of its fields is
 * in that field's set.  Port sets may hold PORT_NONE. */
struct box {
    protocol_set protocols;
    struct address_set source;
    struct span_set source_ports;
    struct address_set destination;
    struct span_set destination_ports;
};

/* Why the sets of a rule are not known in full (spec verdict 9). */
enum reason {
    REASON_NONE,
    REASON_NO_DATA,
    REASON_DATA_EXPIRED,
    REASON_NIC_NOT_FOUND,
    REASON_ADDRESS_NOT_ON_NIC,
    REASON_EMPTY_FLOW,
    REASON_NETWORK_MISSING,
    REASON_RULESET_MISSING,
    REASON_ADMIN_RULES_UNAVAILABLE,
    REASON_ADMIN_PRIORITY_UNKNOWN,
    REASON_NETWORK_GROUP_UNRESOLVED,
    REASON_UNKNOWN_TAG,
    REASON_INVALID_RULE,
    REASON_VIRTUAL_NETWORK_INCOMPLETE,
    REASON_UNDECIDED,
    REASON_INTERNAL,
    N_REASONS
};

/* "no_data" and so on; "" for REASON_NONE. */
const char *reason_name(enum reason reason);

/* Accesses that a rule may have: bit 1 << ACCESS_X for ALLOW, DENY and
 * ALWAYS_ALLOW. */
typedef uint8_t access_set;

/* What a doubt is about. */
enum doubt_field {
    DOUBT_RULE, /* The whole rule: every packet that it might match. */
    DOUBT_SOURCE,
    DOUBT_SOURCE_PORT,
    DOUBT_DESTINATION,
    DOUBT_DESTINATION_PORT
};

/* One thing about a rule that is not known. */
struct policy_doubt {
    enum doubt_field field;
    /* Of DOUBT_SOURCE and DOUBT_DESTINATION: the addresses in question. */
    struct address_set possible;
    enum reason reason;
    const char *detail; /* A sentence that names what is missing. */
    const struct policy_doubt *next;
};

/* One rule, ready to be tried. */
struct policy_rule {
    const char *name;
    const char *id; /* ARM id, or "". */
    const char *description;
    enum rule_kind kind;
    enum access access; /* ACCESS_UNKNOWN if the word is not known. */
    /* What the rule may do.  One bit but for a rule whose access is not
     * known, and for the stand-in of a missing rule set. */
    access_set accesses;
    int priority;
    /* The rule set that owns it.  In a group's policy that of the policy; an
     * admin policy joins the rule collections of several managers. */
    const char *ruleset;    /* "resource-group/group" in lower case, or
                             * "manager/collection". */
    const char *ruleset_id; /* ARM id of the group or rule collection. */
    /* As Azure stores it, for those who explain. */
    const char *protocol_text;
    const char *source_text;
    const char *source_ports_text;
    const char *destination_text;
    const char *destination_ports_text;

    struct box certain;  /* Packets that it matches for certain. */
    struct box possible; /* A superset: packets that it might match. */
    bool uncertain;      /* The two differ, or 'accesses' has several bits. */
    enum reason reason;  /* Of an uncertain rule. */
    const char *reason_detail; /* A sentence that names what is missing. */
    /* Every doubt, the last one first, so that 'reason' ends the list.  NULL
     * for a rule without one, and for a stand-in. */
    const struct policy_doubt *doubts;
};

/* How the rules of a policy follow each other.
 *
 * A policy of a group is one chain: its rules in the order of priority.  The
 * order of admin rules may not be known in full (spec verdict 6): then there
 * are several chains, and rules outside all chains ("loose"). */
struct policy_chain {
    size_t first; /* The rules first to first + n - 1 are in order. */
    size_t n;
    /* Chains of a lower tier come before those of a higher one.  Tier -1: the
     * order against every other chain and loose rule is not known. */
    int tier;
    /* Its rules have no known priority: they come in any order.  One rule a
     * chain, or, where there are many, all that have one access: once by
     * ascending id and once more, as an echo, by descending id.  The first
     * match of either tells which accesses are possible and whether the name
     * of the deciding rule is certain. */
    bool loose;
    bool echo;
};

struct policy {
    struct arena *arena; /* Holds the policy; its reference count is the
                              * policy's. */
    struct hash key;     /* Of everything below: equal keys, equal
                              * policies. */
    enum direction direction;
    const char *ruleset;    /* "resource-group/group" in lower case; "" for
                              * admin rules. */
    const char *ruleset_id; /* ARM id, or "". */
    const struct policy_rule *rules;
    size_t n_rules;
    const struct policy_chain *chains;
    size_t n_chains;
    /* The compiled form of each chain, one a chain. */
    const struct classifier *const *classifiers;
};

const struct policy *policy_ref(const struct policy *policy);
void policy_unref(const struct policy *policy);

#endif
