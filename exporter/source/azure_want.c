/* Wants as requests and as words. */

#include "config/config.h"
#include "engine/base/text.h"
#include "exporter/source/arm_url.h"
#include "exporter/source/azure_plan.h"

/* Versions that are known to hold what is read; newer ones add to it. */
#define NETWORK_VERSION "2024-05-01"
#define SCALE_SET_VERSION "2018-10-01"
#define GRAPH_VERSION "2024-04-01"
#define SUBSCRIPTIONS_VERSION "2022-12-01"
#define MANAGEMENT_VERSION "2020-05-01"

/* Ids are asked for in order, so that pages do not overlap. */
#define MEMBERSHIPS_QUERY                                                     \
    "networkresources | where type =~ "                                       \
    "'microsoft.network/networkgroupmemberships' | project id, properties "   \
    "| order by id asc"

static const char *const types[N_FEEDS] = {
    [FEED_NSG] = "networkSecurityGroups",
    [FEED_NIC] = "networkInterfaces",
    [FEED_VNET] = "virtualNetworks",
    [FEED_ASG] = "applicationSecurityGroups",
    [FEED_ROUTE_TABLE] = "routeTables",
};

static void
append_id(struct text *path, const char *id)
{
    /* Ids come from configuration and answers: only a path may follow, or
     * the first word would go on with the name of the host. */
    if (*id != '/') {
        text_append_char(path, '/');
    }
    for (const char *c = id; *c; c++) {
        char segment[2] = { *c, '\0' };
        if (*c == '/' || *c == '(' || *c == ')') {
            text_append_char(path, *c);
        } else {
            url_append_encoded(path, segment);
        }
    }
}

void
azure_want_path(const struct azure_want *want, const struct config *config,
                struct text *path)
{
    const char *subscription =
        config->source.subscriptions[want->subscription].id;

    switch (want->kind) {
    case WANT_LIST:
        text_printf(path, "/subscriptions/%s/providers/Microsoft.Network/%s",
                    subscription, types[want->feed]);
        break;
    case WANT_POINT: append_id(path, want->id); break;
    case WANT_SCALE_SET_NICS:
        append_id(path, want->id);
        text_append(path, "/networkInterfaces?api-version=" SCALE_SET_VERSION);
        return;
    case WANT_EFFECTIVE_RULES:
        append_id(path, want->id);
        text_append(path, "/listNetworkManagerEffectiveSecurityAdminRules");
        break;
    case WANT_ACTIVE_RULES:
        append_id(path, want->id);
        text_append(path, "/listActiveSecurityAdminRules");
        break;
    case WANT_GROUP_MEMBERS:
        append_id(path, want->id);
        text_append(path, "/staticMembers");
        break;
    case WANT_SERVICE_TAGS:
        text_printf(path,
                    "/subscriptions/%s/providers/Microsoft.Network/locations/",
                    subscription);
        url_append_encoded(path, want->region);
        text_append(path, "/serviceTags");
        break;
    case WANT_MEMBERSHIPS:
        text_append(path, "/providers/Microsoft.ResourceGraph/resources"
                          "?api-version=" GRAPH_VERSION);
        return;
    case WANT_SUBSCRIPTIONS:
        text_append(path, "/subscriptions?api-version=" SUBSCRIPTIONS_VERSION);
        return;
    case WANT_DESCENDANTS:
        append_id(path, want->id);
        text_append(path, "/descendants?api-version=" MANAGEMENT_VERSION);
        return;
    case N_WANT_KINDS: break;
    }
    text_append(path, "?api-version=" NETWORK_VERSION);
}

void
azure_want_members(const struct azure_want *want, struct text *members)
{
    if (want->kind == WANT_ACTIVE_RULES) {
        text_printf(members, "\"regions\":[\"%s\"]", want->region);
    } else if (want->kind == WANT_MEMBERSHIPS) {
        text_append(members, "\"query\":\"" MEMBERSHIPS_QUERY "\"");
    }
}

void
azure_plan_describe(const struct azure_plan *plan, struct text *text)
{
    static const char *const words[N_WANT_KINDS] = {
        [WANT_LIST] = "list",
        [WANT_POINT] = "point",
        [WANT_SCALE_SET_NICS] = "scale set",
        [WANT_EFFECTIVE_RULES] = "effective rules",
        [WANT_ACTIVE_RULES] = "active rules",
        [WANT_GROUP_MEMBERS] = "group members",
        [WANT_SERVICE_TAGS] = "service tags",
        [WANT_MEMBERSHIPS] = "memberships",
        [WANT_SUBSCRIPTIONS] = "subscriptions",
        [WANT_DESCENDANTS] = "descendants",
    };
    size_t counts[N_WANT_KINDS][N_FEEDS] = { { 0 } };

    for (size_t i = 0; i < plan->n_wants; i++) {
        counts[plan->wants[i].kind][plan->wants[i].feed]++;
    }
    for (enum want_kind kind = WANT_LIST; kind < N_WANT_KINDS; kind++) {
        for (enum feed feed = FEED_NSG; feed < N_FEEDS; feed++) {
            if (counts[kind][feed]) {
                text_printf(text, "%s%s %s %zu", text->length ? ", " : "",
                            words[kind], feed_name(feed), counts[kind][feed]);
            }
        }
    }
}
