#include "engine/model/rule.h"

#include "engine/base/ascii.h"

static const char *const direction_names[] = {
    [DIRECTION_INBOUND] = "Inbound",
    [DIRECTION_OUTBOUND] = "Outbound",
    [DIRECTION_UNKNOWN] = "",
};

static const char *const access_names[] = {
    [ACCESS_ALLOW] = "Allow",
    [ACCESS_DENY] = "Deny",
    [ACCESS_ALWAYS_ALLOW] = "AlwaysAllow",
    [ACCESS_UNKNOWN] = "",
};

static const char *const kind_names[] = {
    [RULE_CUSTOM] = "custom",
    [RULE_DEFAULT] = "default",
    [RULE_ADMIN] = "admin",
    [RULE_NONE] = "none",
};

static const char *const any_port[] = { "*" };
static const struct term anywhere[] = { { TERM_ADDRESS, "*" } };
static const struct term virtual_network[] = { { TERM_ADDRESS,
                                                 "VirtualNetwork" } };
static const struct term load_balancer[] = { { TERM_ADDRESS,
                                               "AzureLoadBalancer" } };
static const struct term internet[] = { { TERM_ADDRESS, "Internet" } };

#define SIDE(terms_)                                                          \
    {                                                                         \
        .terms = (terms_), .n_terms = 1, .ports = any_port, .n_ports = 1      \
    }

/* "Network security groups overview", default security rules; the spelling is
 * that of the API. */
static const struct rule the_six[] = {
    { .name = "AllowVnetInBound",
      .id = "",
      .description = "Traffic within the virtual network may come in.",
      .protocol = "*",
      .access_text = "Allow",
      .kind = RULE_DEFAULT,
      .direction = DIRECTION_INBOUND,
      .access = ACCESS_ALLOW,
      .priority = 65000,
      .source = SIDE(virtual_network),
      .destination = SIDE(virtual_network) },
    { .name = "AllowAzureLoadBalancerInBound",
      .id = "",
      .description = "Health probes of the load balancer may come in.",
      .protocol = "*",
      .access_text = "Allow",
      .kind = RULE_DEFAULT,
      .direction = DIRECTION_INBOUND,
      .access = ACCESS_ALLOW,
      .priority = 65001,
      .source = SIDE(load_balancer),
      .destination = SIDE(anywhere) },
    { .name = "DenyAllInBound",
      .id = "",
      .description = "Nothing else comes in.",
      .protocol = "*",
      .access_text = "Deny",
      .kind = RULE_DEFAULT,
      .direction = DIRECTION_INBOUND,
      .access = ACCESS_DENY,
      .priority = 65500,
      .source = SIDE(anywhere),
      .destination = SIDE(anywhere) },
    { .name = "AllowVnetOutBound",
      .id = "",
      .description = "Traffic within the virtual network may go out.",
      .protocol = "*",
      .access_text = "Allow",
      .kind = RULE_DEFAULT,
      .direction = DIRECTION_OUTBOUND,
      .access = ACCESS_ALLOW,
      .priority = 65000,
      .source = SIDE(virtual_network),
      .destination = SIDE(virtual_network) },
    { .name = "AllowInternetOutBound",
      .id = "",
      .description = "Traffic to the Internet may go out.",
      .protocol = "*",
      .access_text = "Allow",
      .kind = RULE_DEFAULT,
      .direction = DIRECTION_OUTBOUND,
      .access = ACCESS_ALLOW,
      .priority = 65001,
      .source = SIDE(anywhere),
      .destination = SIDE(internet) },
    { .name = "DenyAllOutBound",
      .id = "",
      .description = "Nothing else goes out.",
      .protocol = "*",
      .access_text = "Deny",
      .kind = RULE_DEFAULT,
      .direction = DIRECTION_OUTBOUND,
      .access = ACCESS_DENY,
      .priority = 65500,
      .source = SIDE(anywhere),
      .destination = SIDE(anywhere) },
};

enum direction
direction_parse(const char *word)
{
    for (int i = 0; i < DIRECTION_UNKNOWN; i++) {
        if (ascii_equal(direction_names[i], word)) {
            return (enum direction) i;
        }
    }
    return DIRECTION_UNKNOWN;
}

const char *
direction_name(enum direction direction)
{
    return direction_names[direction];
}

enum access
access_parse(const char *word)
{
    for (int i = 0; i < ACCESS_UNKNOWN; i++) {
        if (ascii_equal(access_names[i], word)) {
            return (enum access) i;
        }
    }
    return ACCESS_UNKNOWN;
}

const char *
access_name(enum access access)
{
    return access_names[access];
}

const char *
rule_kind_name(enum rule_kind kind)
{
    return kind_names[kind];
}

const struct rule *
default_rules(size_t *n)
{
    *n = sizeof the_six / sizeof *the_six;
    return the_six;
}
