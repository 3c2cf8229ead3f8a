#include "engine/compile/policy.h"

#include "engine/base/arena.h"

static const char *const reason_names[] = {
    [REASON_NONE] = "",
    [REASON_NO_DATA] = "no_data",
    [REASON_DATA_EXPIRED] = "data_expired",
    [REASON_NIC_NOT_FOUND] = "nic_not_found",
    [REASON_ADDRESS_NOT_ON_NIC] = "address_not_on_nic",
    [REASON_EMPTY_FLOW] = "empty_flow",
    [REASON_NETWORK_MISSING] = "network_missing",
    [REASON_RULESET_MISSING] = "ruleset_missing",
    [REASON_ADMIN_RULES_UNAVAILABLE] = "admin_rules_unavailable",
    [REASON_ADMIN_PRIORITY_UNKNOWN] = "admin_priority_unknown",
    [REASON_NETWORK_GROUP_UNRESOLVED] = "network_group_unresolved",
    [REASON_UNKNOWN_TAG] = "unknown_tag",
    [REASON_INVALID_RULE] = "invalid_rule",
    [REASON_VIRTUAL_NETWORK_INCOMPLETE] = "virtual_network_incomplete",
    [REASON_UNDECIDED] = "undecided",
    [REASON_INTERNAL] = "internal",
};

const char *
reason_name(enum reason reason)
{
    return reason_names[reason];
}

const struct policy *
policy_ref(const struct policy *policy)
{
    if (policy) {
        arena_ref(policy->arena);
    }
    return policy;
}

void
policy_unref(const struct policy *policy)
{
    if (policy) {
        arena_unref(policy->arena);
    }
}
