/* What tells of the members of network groups: the static ones, all of them as
 * Resource Graph has them, and what shows whether those are all.
 *
 * Everything is counted in the first subscription, so that it ages together;
 * which one makes no difference, since a manager rules many. */

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/model/arm_id.h"
#include "exporter/source/azure_needs.h"

static void need_group(struct needs *needs, const char *group,
                       const char *home);
static void need_scopes(struct needs *needs, const char *manager,
                        const char *home);
static void need(struct needs *needs, enum want_kind kind, const char *id,
                 const char *home);

void
needs_network_groups(struct needs *needs, const struct map *groups)
{
    const struct config_source *source = &needs->facts->config->source;

    if (!map_count(groups) || !source->n_subscriptions) {
        return;
    }
    const char *home = arena_printf(needs->arena, "/subscriptions/%s/",
                                    source->subscriptions[0].id);
    need(needs, WANT_MEMBERSHIPS, "", home);
    need(needs, WANT_SUBSCRIPTIONS, "", home);
    for (size_t i = 0; i < map_count(groups); i++) {
        const char *group;
        void *unused;
        map_entry(groups, i, &group, &unused);
        need_group(needs, group, home);
    }
}

static void
need_group(struct needs *needs, const char *group, const char *home)
{
    const struct azure_facts *facts = needs->facts;
    const char *manager = arm_id_up_to(needs->arena, group, "networkManagers");
    const char *const *members;

    need(needs, WANT_GROUP_MEMBERS, group, home);
    size_t n = facts->group_members(facts->aux, group, &members);
    for (size_t i = 0; i < n; i++) {
        needs_id(needs, FEED_VNET,
                 arm_id_up_to(needs->arena, members[i], "virtualNetworks"));
    }
    if (manager[0]) {
        need_scopes(needs, manager, home);
    }
}

/* A policy chooses among the subscriptions that the manager rules. */
static void
need_scopes(struct needs *needs, const char *manager, const char *home)
{
    const struct azure_facts *facts = needs->facts;
    const char *const *scopes;

    need(needs, WANT_POINT, manager, home);
    size_t n = facts->manager_scopes(facts->aux, manager, &scopes);
    for (size_t i = 0; i < n; i++) {
        if (*arm_id_segment(needs->arena, scopes[i], "managementGroups")) {
            need(needs, WANT_DESCENDANTS, scopes[i], home);
        }
    }
}

static void
need(struct needs *needs, enum want_kind kind, const char *id,
     const char *home)
{
    needs_other(needs, kind, FEED_NETWORK_MANAGER, home, id, "");
}
