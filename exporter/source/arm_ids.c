#include "exporter/source/arm_ids.h"

#include <cjson/cJSON.h>

#include "engine/base/arena.h"
#include "engine/model/arm_id.h"

static void visit_network(const cJSON *network, arm_link_visit *visit,
                          void *aux);
static void visit_subnet(const char *network_id, const cJSON *subnet,
                         arm_link_visit *visit, void *aux);

void
arm_member_ids(const char *bytes, size_t size, arm_link_visit *visit,
               void *aux)
{
    cJSON *json = cJSON_ParseWithLength(bytes, size);
    const cJSON *member;

    cJSON_ArrayForEach(member, cJSON_GetObjectItem(json, "value"))
    {
        const cJSON *properties = cJSON_GetObjectItem(member, "properties");
        const cJSON *id = cJSON_GetObjectItem(properties, "resourceId");
        if (cJSON_IsString(id)) {
            visit(aux, "", id->valuestring);
        }
    }
    cJSON_Delete(json);
}

void
arm_scale_set_ids(const char *bytes, size_t size, arm_link_visit *visit,
                  void *aux)
{
    cJSON *json = cJSON_ParseWithLength(bytes, size);
    const cJSON *list = cJSON_GetObjectItem(json, "value");
    const cJSON *network;

    if (list) {
        cJSON_ArrayForEach(network, list)
        {
            visit_network(network, visit, aux);
        }
    } else {
        visit_network(json, visit, aux);
    }
    cJSON_Delete(json);
}

static void
visit_network(const cJSON *network, arm_link_visit *visit, void *aux)
{
    const cJSON *id = cJSON_GetObjectItem(network, "id");
    const cJSON *properties = cJSON_GetObjectItem(network, "properties");
    const cJSON *subnet;

    if (cJSON_IsString(id)) {
        cJSON_ArrayForEach(subnet, cJSON_GetObjectItem(properties, "subnets"))
        {
            visit_subnet(id->valuestring, subnet, visit, aux);
        }
    }
}

static void
visit_subnet(const char *network_id, const cJSON *subnet,
             arm_link_visit *visit, void *aux)
{
    const cJSON *properties = cJSON_GetObjectItem(subnet, "properties");
    struct arena *arena = arena_create();
    const cJSON *configuration;

    cJSON_ArrayForEach(configuration,
                       cJSON_GetObjectItem(properties, "ipConfigurations"))
    {
        const cJSON *id = cJSON_GetObjectItem(configuration, "id");
        const char *set = cJSON_IsString(id)
                              ? arm_id_up_to(arena, id->valuestring,
                                             "virtualMachineScaleSets")
                              : "";
        if (set[0]) {
            visit(aux, network_id, set);
        }
    }
    arena_unref(arena);
}
