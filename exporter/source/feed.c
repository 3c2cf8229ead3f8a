#include "exporter/source/feed.h"

static const char *const names[N_FEEDS] = {
    [FEED_NSG] = "nsg",
    [FEED_NIC] = "nic",
    [FEED_VNET] = "vnet",
    [FEED_ASG] = "asg",
    [FEED_ROUTE_TABLE] = "route_table",
    [FEED_SERVICE_TAGS] = "service_tags",
    [FEED_ADMIN_RULES] = "admin_rules",
    [FEED_NETWORK_MANAGER] = "network_manager",
};

const char *
feed_name(enum feed feed)
{
    return names[feed];
}

int64_t
feed_expires_ms(const struct feed_state *feed, int64_t max_age_ms)
{
    int64_t twice = 2 * feed->refresh_ms;

    return feed->last_success_ms + (twice > max_age_ms ? twice : max_age_ms);
}
