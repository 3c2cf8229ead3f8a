#include "exporter/source/arm_ids.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "engine/model/arm_id.h"

/* One document: its bytes are a list, or one resource. */
struct reading {
    arm_link_visit *visit;
    void *aux;
    struct arena *arena;
    struct error *error;
};

typedef bool read_resource(const struct reading *reading,
                           const cJSON *resource);

static read_resource read_member;
static read_resource read_membership;
static read_resource read_scopes;
static read_resource read_subscription;
static read_resource read_network;
static bool read_document(const char *bytes, size_t size,
                          arm_link_visit *visit, void *aux,
                          read_resource *read, struct error *error);
static void read_subnet(const struct reading *reading, const char *network_id,
                        const cJSON *subnet);

bool
arm_member_ids(const char *bytes, size_t size, arm_link_visit *visit,
               void *aux, struct error *error)
{
    return read_document(bytes, size, visit, aux, read_member, error);
}

bool
arm_membership_ids(const char *bytes, size_t size, arm_link_visit *visit,
                   void *aux, struct error *error)
{
    return read_document(bytes, size, visit, aux, read_membership, error);
}

bool
arm_scope_ids(const char *bytes, size_t size, arm_link_visit *visit, void *aux,
              struct error *error)
{
    return read_document(bytes, size, visit, aux, read_scopes, error);
}

bool
arm_subscription_ids(const char *bytes, size_t size, arm_link_visit *visit,
                     void *aux, struct error *error)
{
    return read_document(bytes, size, visit, aux, read_subscription, error);
}

bool
arm_scale_set_ids(const char *bytes, size_t size, arm_link_visit *visit,
                  void *aux, struct error *error)
{
    return read_document(bytes, size, visit, aux, read_network, error);
}

static bool
read_document(const char *bytes, size_t size, arm_link_visit *visit, void *aux,
              read_resource *read, struct error *error)
{
    cJSON *json = cJSON_ParseWithLength(bytes, size);
    const cJSON *list = cJSON_GetObjectItem(json, "value");
    struct reading reading = {
        .visit = visit, .aux = aux, .arena = arena_create(), .error = error
    };
    bool good = json || error_set(error, "not JSON");

    if (cJSON_IsArray(list)) {
        const cJSON *resource;
        cJSON_ArrayForEach(resource, list)
        {
            good = good && read(&reading, resource);
        }
    } else {
        good = good && read(&reading, json);
    }
    arena_unref(reading.arena);
    cJSON_Delete(json);
    return good;
}

/* Returns a string that is not empty, or NULL. */
static const char *
word_of(const cJSON *object, const char *key)
{
    const cJSON *word = cJSON_GetObjectItem(object, key);

    return cJSON_IsString(word) && word->valuestring[0] ? word->valuestring
                                                        : NULL;
}

static bool
read_member(const struct reading *reading, const cJSON *member)
{
    const cJSON *properties = cJSON_GetObjectItem(member, "properties");
    const char *id = word_of(properties, "resourceId");

    if (!id) {
        return error_set(reading->error, "a member without a resourceId");
    }
    reading->visit(reading->aux, "", id);
    return true;
}

/* "View configurations applied by Azure Virtual Network Manager": the row of a
 * virtual network or subnet hangs below its id and lists its groups.  The case
 * of the members' names varies. */
static bool
read_membership(const struct reading *reading, const cJSON *row)
{
    static const char suffix[] =
        "/providers/Microsoft.Network/networkGroupMemberships";
    const cJSON *properties = cJSON_GetObjectItem(row, "properties");
    const cJSON *groups = cJSON_GetObjectItem(properties, "groupMemberships");
    const char *id = word_of(row, "id");
    const char *end = id ? ascii_find(id, suffix) : NULL;
    const cJSON *group;

    if (!end || (groups && !cJSON_IsNull(groups) && !cJSON_IsArray(groups))) {
        return error_set(reading->error,
                         "a row of group memberships is of another form");
    }
    const char *member =
        arena_strndup(reading->arena, id, (size_t) (end - id));
    cJSON_ArrayForEach(group, groups)
    {
        const char *group_id = word_of(group, "networkGroupId");
        if (!group_id) {
            return error_set(reading->error,
                             "a membership without a networkGroupId");
        }
        reading->visit(reading->aux, group_id, member);
    }
    return true;
}

static bool
read_scopes(const struct reading *reading, const cJSON *manager)
{
    static const char *const lists[] = { "subscriptions", "managementGroups" };
    const cJSON *properties = cJSON_GetObjectItem(manager, "properties");
    const cJSON *scopes =
        cJSON_GetObjectItem(properties, "networkManagerScopes");
    const char *id = word_of(manager, "id");
    const cJSON *scope;

    if (!id) {
        return error_set(reading->error, "a manager without an id");
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        cJSON_ArrayForEach(scope, cJSON_GetObjectItem(scopes, lists[i]))
        {
            if (!cJSON_IsString(scope)) {
                return error_set(reading->error,
                                 "a scope of the manager is no id");
            }
            reading->visit(reading->aux, id, scope->valuestring);
        }
    }
    if (cJSON_GetArraySize(cJSON_GetObjectItem(scopes, "crossTenantScopes"))) {
        reading->visit(reading->aux, id, ARM_OTHER_TENANT);
    }
    return true;
}

/* Below a management group there are management groups, too. */
static bool
read_subscription(const struct reading *reading, const cJSON *resource)
{
    const char *id = word_of(resource, "id");

    if (!id) {
        return error_set(reading->error, "a subscription without an id");
    }
    if (*arm_id_segment(reading->arena, id, "subscriptions")) {
        reading->visit(reading->aux, "", id);
    }
    return true;
}

static bool
read_network(const struct reading *reading, const cJSON *network)
{
    const char *id = word_of(network, "id");
    const cJSON *properties = cJSON_GetObjectItem(network, "properties");
    const cJSON *subnet;

    if (id) {
        cJSON_ArrayForEach(subnet, cJSON_GetObjectItem(properties, "subnets"))
        {
            read_subnet(reading, id, subnet);
        }
    }
    return true;
}

static void
read_subnet(const struct reading *reading, const char *network_id,
            const cJSON *subnet)
{
    const cJSON *properties = cJSON_GetObjectItem(subnet, "properties");
    const cJSON *configuration;

    cJSON_ArrayForEach(configuration,
                       cJSON_GetObjectItem(properties, "ipConfigurations"))
    {
        const char *id = word_of(configuration, "id");
        const char *set =
            id ? arm_id_up_to(reading->arena, id, "virtualMachineScaleSets")
               : "";
        if (set[0]) {
            reading->visit(reading->aux, network_id, set);
        }
    }
}
