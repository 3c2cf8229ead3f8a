/* Rules as Azure stores them: security rules of network security groups and
 * admin rules of Virtual Network Manager.  The words are kept as they came;
 * what they mean for one NIC is worked out in engine/compile.
 *
 * Source: spec verdict 3 and 6; "Network security groups overview",
 * "Security admin rules". */

#ifndef ENGINE_MODEL_RULE_H
#define ENGINE_MODEL_RULE_H

#include <stdbool.h>
#include <stddef.h>

enum direction { DIRECTION_INBOUND, DIRECTION_OUTBOUND, DIRECTION_UNKNOWN };

enum access { ACCESS_ALLOW, ACCESS_DENY, ACCESS_ALWAYS_ALLOW, ACCESS_UNKNOWN };

enum rule_kind { RULE_CUSTOM, RULE_DEFAULT, RULE_ADMIN, RULE_NONE };

/* What one entry of a side is. */
enum term_kind {
    TERM_ADDRESS,       /* IP, CIDR, "*", or the name of a service tag. */
    TERM_ASG,           /* ARM id of an application security group. */
    TERM_NETWORK_GROUP, /* ARM id of a network group (admin rules only). */
};

struct term {
    enum term_kind kind;
    const char *text; /* As the API spells it. */
};

/* The source or the destination of a rule: the union of its terms. */
struct rule_side {
    const struct term *terms;
    size_t n_terms;
    const char *const *ports; /* "80", "1000-2000", "*". */
    size_t n_ports;
};

struct rule {
    const char *name;
    const char *id;          /* ARM id; "" if the data has none. */
    const char *description; /* May be "". */
    const char *protocol;    /* As spelled: "Tcp", "TCP", "*", "Any". */
    const char *access_text; /* As spelled. */
    enum rule_kind kind;
    enum direction direction;
    enum access access;
    int priority; /* 0: not known (an admin rule's priority may be 0 or
                   * absent in the effective list; spec verdict 6). */
    struct rule_side source;
    struct rule_side destination;
};

/* "Inbound" or "Outbound" in any case; DIRECTION_UNKNOWN otherwise. */
enum direction direction_parse(const char *word);
const char *direction_name(enum direction direction);
/* "Allow", "Deny", "AlwaysAllow" in any case; ACCESS_UNKNOWN otherwise. */
enum access access_parse(const char *word);
/* "Allow", "Deny", "AlwaysAllow"; "" for ACCESS_UNKNOWN. */
const char *access_name(enum access access);
/* "custom", "default", "admin", "none". */
const char *rule_kind_name(enum rule_kind kind);

/* The six default rules of a group that lists none (spec verdict 3).  'n' becomes 6. */
const struct rule *default_rules(size_t *n);

#endif
