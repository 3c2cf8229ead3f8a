/* Feeds: what is read from Azure, one kind of document in one scope.
 *
 * The state of each feed is part of every snapshot: metrics and the status
 * page show it, and verdicts age with the feeds they rest on. */

#ifndef EXPORTER_SOURCE_FEED_H
#define EXPORTER_SOURCE_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum feed {
    FEED_NSG,
    FEED_NIC,
    FEED_VNET,
    FEED_ASG,
    FEED_ROUTE_TABLE,
    FEED_SERVICE_TAGS,
    FEED_ADMIN_RULES,
    FEED_NETWORK_MANAGER,
    N_FEEDS
};

/* "nsg", "nic", "vnet", "asg", "route_table", "service_tags", "admin_rules",
 * "network_manager". */
const char *feed_name(enum feed feed);

struct feed_state {
    enum feed feed;
    const char *scope;       /* Subscription alias or id; "directory". */
    bool up;                 /* The last attempt succeeded. */
    bool has_data;           /* Some attempt has, ever. */
    int64_t last_success_ms; /* Wall clock; 0: never. */
    int64_t last_attempt_ms;
    int64_t duration_ms; /* Of the last attempt. */
    int64_t refresh_ms;  /* Own refresh interval; 0: every cycle. */
    size_t objects;
    uint64_t changes;  /* How often its content changed since the start. */
    const char *error; /* One line without secrets; "" if up. */
};

/* Returns when data of the feed turns old, by the rule of spec interfaces
 * ("Age"): after max_age, or after the larger of max_age and twice its own
 * refresh.  Wall clock milliseconds. */
int64_t feed_expires_ms(const struct feed_state *feed, int64_t max_age_ms);

#endif
