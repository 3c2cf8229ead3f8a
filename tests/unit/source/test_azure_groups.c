/* Network groups: which members count, and when they may be all. */

#include "tests/support/test.h"

#include <string.h>

#include "tests/unit/source/azure_world.h"

#define MANAGER ID(SUB_A, "networkManagers", "m")
#define GROUP MANAGER "/networkGroups/g"
#define EFFECTIVE                                                             \
    ID(SUB_A, "virtualNetworks",                                              \
       "vnet/listNetworkManagerEffectiveSecurityAdminRules")
#define GRAPH "/providers/Microsoft.ResourceGraph/resources"
#define TOP "/providers/Microsoft.Management/managementGroups/top"
#define DENY                                                                  \
    "{\"id\":\"" MANAGER "/securityAdminConfigurations/c/ruleCollections/r/"  \
    "rules/x\",\"kind\":\"Custom\",\"properties\":{\"access\":\"Deny\","      \
    "\"direction\":\"Inbound\",\"protocol\":\"Any\",\"priority\":5,"          \
    "\"sources\":[{\"addressPrefixType\":\"NetworkGroup\","                   \
    "\"addressPrefix\":\"" GROUP "\"}],\"destinations\":[],"                  \
    "\"sourcePortRanges\":[],\"destinationPortRanges\":[]}}"

/* What Azure would say; the flow comes from 10.9.0.1, which is in the network
 * "peer", in its subnet "near". */
#define PEER(sub) ID(sub, "virtualNetworks", "peer")
#define STATIC(id) "{\"properties\":{\"resourceId\":\"" id "\"}}"
#define ROW(id, groups)                                                       \
    "{\"id\":\"" id "/providers/Microsoft.Network/networkGroupMemberships/"   \
    "default\",\"properties\":{" groups "}}"
#define IN_GROUP "\"GroupMemberships\":[{\"NetworkGroupId\":\"" GROUP "\"}]"
#define IN_GROUP_TOO                                                          \
    "\"groupMemberships\":[{\"networkGroupId\":"                              \
    "\"" MANAGER "/networkgroups/G\"}]"
#define IN_ANOTHER "\"GroupMemberships\":[{\"NetworkGroupId\":\"" GROUP "2\"}]"
#define DATA(rows)                                                            \
    "{\"count\":1,\"data\":[" rows "],\"resultTruncated\":"                   \
    "\"false\"}"
#define NONE DATA("")
#define SCOPE_OF(sub) "\"subscriptions\":[\"/subscriptions/" sub "\"]"
#define SEEN(sub)                                                             \
    "{\"id\":\"/subscriptions/" sub "\",\"subscriptionId\":\"" sub "\"}"
#define UNKNOWN "unknown network_group_unresolved"

static const struct estate_case {
    const char *what;
    const char *members; /* Static ones. */
    const char *graph;   /* Resource Graph's answer; NULL: it fails. */
    const char *scopes;  /* Of the manager; NULL: it is not there. */
    const char *seen;    /* Subscriptions. */
    const char *below;   /* The management group "top"; NULL: refused. */
    const char *verdict;
} cases[] = {
    { "a static member", STATIC(PEER(SUB_A)), NONE, SCOPE_OF(SUB_A),
      SEEN(SUB_A), NULL, "deny " },
    { "another static member", STATIC(ID(SUB_A, "virtualNetworks", "vnet")),
      NONE, SCOPE_OF(SUB_A), SEEN(SUB_A), NULL, "allow " },
    { "no member at all", "", NONE, SCOPE_OF(SUB_A), SEEN(SUB_A), NULL,
      "allow " },
    { "a member by policy", "", DATA(ROW(PEER(SUB_A), IN_GROUP)),
      SCOPE_OF(SUB_A), SEEN(SUB_A), NULL, "deny " },
    { "a member by policy, in other spellings", "",
      DATA(ROW(PEER(SUB_A), IN_GROUP_TOO)), SCOPE_OF(SUB_A), SEEN(SUB_A), NULL,
      "deny " },
    { "a member by policy of a group with a longer name", "",
      DATA(ROW(PEER(SUB_A), IN_ANOTHER)), SCOPE_OF(SUB_A), SEEN(SUB_A), NULL,
      "allow " },
    { "a network that left all its groups", "",
      DATA(ROW(PEER(SUB_A), "\"GroupMemberships\":null")), SCOPE_OF(SUB_A),
      SEEN(SUB_A), NULL, "allow " },
    { "a subnet by policy", "",
      DATA(ROW(PEER(SUB_A) "/subnets/near", IN_GROUP)), SCOPE_OF(SUB_A),
      SEEN(SUB_A), NULL, "deny " },
    { "another subnet", "", DATA(ROW(PEER(SUB_A) "/subnets/far", IN_GROUP)),
      SCOPE_OF(SUB_A), SEEN(SUB_A), NULL, "allow " },
    { "a subnet that is not there", "",
      DATA(ROW(PEER(SUB_A) "/subnets/lost", IN_GROUP)), SCOPE_OF(SUB_A),
      SEEN(SUB_A), NULL, UNKNOWN },
    { "a member in a subscription that is not configured", "",
      DATA(ROW(PEER(SUB_C), IN_GROUP)), SCOPE_OF(SUB_A), SEEN(SUB_A), NULL,
      UNKNOWN },
    { "no Resource Graph", STATIC(ID(SUB_A, "virtualNetworks", "vnet")), NULL,
      SCOPE_OF(SUB_A), SEEN(SUB_A), NULL, UNKNOWN },
    { "no Resource Graph, but the member is known", STATIC(PEER(SUB_A)), NULL,
      SCOPE_OF(SUB_A), SEEN(SUB_A), NULL, "deny " },
    { "Resource Graph with a part of its answer", "",
      "{\"data\":[],\"resultTruncated\":\"true\"}", SCOPE_OF(SUB_A),
      SEEN(SUB_A), NULL, UNKNOWN },
    { "Resource Graph as a table", "",
      "{\"data\":{\"columns\":[],\"rows\":[]}}", SCOPE_OF(SUB_A), SEEN(SUB_A),
      NULL, UNKNOWN },
    { "a row without a group's id", "",
      DATA(ROW(PEER(SUB_A), "\"GroupMemberships\":[{}]")), SCOPE_OF(SUB_A),
      SEEN(SUB_A), NULL, UNKNOWN },
    { "a row of another form", "", DATA("{\"id\":\"" PEER(SUB_A) "\"}"),
      SCOPE_OF(SUB_A), SEEN(SUB_A), NULL, UNKNOWN },
    { "a static member without an id", "{\"properties\":{}}", NONE,
      SCOPE_OF(SUB_A), SEEN(SUB_A), NULL, UNKNOWN },
    { "no manager", "", NONE, NULL, SEEN(SUB_A), NULL, UNKNOWN },
    { "a manager without scopes", "", NONE, "\"subscriptions\":[]",
      SEEN(SUB_A), NULL, UNKNOWN },
    { "a manager of a subscription that is not configured", "", NONE,
      SCOPE_OF(SUB_C), SEEN(SUB_A) "," SEEN(SUB_C), NULL, UNKNOWN },
    { "a manager of a subscription that is not seen", "", NONE,
      SCOPE_OF(SUB_B), SEEN(SUB_A), NULL, UNKNOWN },
    { "a manager of another tenant", "", NONE,
      SCOPE_OF(SUB_A) ",\"crossTenantScopes\":[{\"tenantId\":\"t\"}]",
      SEEN(SUB_A), NULL, UNKNOWN },
    { "a manager of a management group", "", NONE,
      "\"managementGroups\":[\"" TOP "\"]", SEEN(SUB_A) "," SEEN(SUB_B),
      SEEN(SUB_A) "," SEEN(SUB_B) ",{\"id\":\"" TOP "2\"}", "allow " },
    { "a manager of a management group with a subscription more", "", NONE,
      "\"managementGroups\":[\"" TOP "\"]", SEEN(SUB_A) "," SEEN(SUB_B),
      SEEN(SUB_A) "," SEEN(SUB_C), UNKNOWN },
    { "a manager of a management group that is refused", "", NONE,
      "\"managementGroups\":[\"" TOP "\"]", SEEN(SUB_A), NULL, UNKNOWN },
};

static bool
refuse(struct fake_arm *arm, const struct http_request *request,
       struct http_response *response, int64_t *latency_ms)
{
    const struct estate_case *at = arm->aux;
    bool refused = (!at->graph && strstr(request->url, "ResourceGraph"))
                   || (!at->below && strstr(request->url, "/descendants"))
                   || (!at->scopes && strstr(request->url, MANAGER "?"));

    (void) latency_ms;
    if (refused) {
        fake_reply(response, 403,
                   "{\"error\":{\"code\":\"AuthorizationFailed\"}}");
    }
    return refused;
}

static void
put_estate(struct fake_arm *arm, const struct estate_case *at)
{
    PUT_SUBSCRIPTION(arm, SUB_A);
    fake_arm_put(arm, PEER(SUB_A),
                 "{\"id\":\"%s\",\"name\":\"peer\",\"properties\":{"
                 "\"addressSpace\":{\"addressPrefixes\":[\"10.9.0.0/16\"]},"
                 "\"subnets\":[{\"id\":\"%s/subnets/near\",\"properties\":{"
                 "\"addressPrefix\":\"10.9.0.0/24\"}},{\"id\":"
                 "\"%s/subnets/far\",\"properties\":{\"addressPrefixes\":["
                 "\"10.9.1.0/24\"]}}]}}",
                 PEER(SUB_A), PEER(SUB_A), PEER(SUB_A));
    fake_arm_put(arm, EFFECTIVE, "{\"value\":[%s],\"skipToken\":\"\"}", DENY);
    fake_arm_put(arm, GROUP "/staticMembers", "{\"value\":[%s]}", at->members);
    fake_arm_put(arm, GRAPH, "%s", at->graph ? at->graph : "");
    fake_arm_put(arm, MANAGER,
                 "{\"id\":\"%s\",\"name\":\"m\",\"properties\":{"
                 "\"networkManagerScopes\":{%s}}}",
                 MANAGER, at->scopes ? at->scopes : "");
    fake_arm_put(arm, "/subscriptions", "{\"value\":[%s]}", at->seen);
    fake_arm_put(arm, TOP "/descendants", "{\"value\":[%s]}",
                 at->below ? at->below : "");
    arm->fault = refuse;
    arm->aux = (void *) (uintptr_t) at;
}

static void
open_estate(struct world *world, const char *folder,
            const struct estate_case *at)
{
    fake_arm_init(&world->arm);
    put_estate(&world->arm, at);
    world_open(
        world,
        load_config(folder,
                    SUBSCRIPTION(SUB_A, "a") ", " SUBSCRIPTION(SUB_B, "b"),
                    FLOW("f", ID(SUB_A, "networkInterfaces", "nic-1")), ""),
        NULL);
}

static void
test_a_group_is_known_if_all_that_may_join_it_can_be_seen(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct world world;
        open_estate(&world, *state, &cases[i]);

        collect(&world);

        const char *verdict = judge(&world, 0);
        if (strcmp(verdict, cases[i].verdict) != 0) {
            fail_msg("%s: %s", cases[i].what, verdict);
        }
        world_close(&world);
    }
}

static void
test_what_is_known_ages_by_what_can_be_read(void **state)
{
    static const struct estate_case refused = {
        .members = STATIC(PEER(SUB_A)),
        .scopes = SCOPE_OF(SUB_A),
        .seen = SEEN(SUB_A),
    };
    struct world world;
    open_estate(&world, *state, &refused);

    collect(&world);

    const struct feed_state *managers = feed(&world, 0, FEED_NETWORK_MANAGER);
    assert_false(managers->up);
    assert_true(managers->last_success_ms > 0);
    assert_int_equal(world.collection->n_findings, 1);
    assert_non_null(strstr(world.collection->findings[0],
                           "network group g: it may have more members: "
                           "Resource Graph was not read"));
    world_close(&world);
}

static void
test_a_management_group_that_is_closed_is_no_failure(void **state)
{
    static const struct estate_case closed = {
        .members = STATIC(PEER(SUB_A)),
        .graph = NONE,
        .scopes = "\"managementGroups\":[\"" TOP "\"]",
        .seen = SEEN(SUB_A),
    };
    struct world world;
    open_estate(&world, *state, &closed);

    collect(&world);

    assert_true(asked(&world, TOP "/descendants"));
    assert_true(feed(&world, 0, FEED_NETWORK_MANAGER)->up);
    assert_true(world.collection->succeeded);
    assert_non_null(strstr(world.collection->findings[0],
                           "the subscriptions of " TOP " were not read"));
    world_close(&world);
}

static void
test_a_member_that_cannot_be_read_any_more_makes_doubt(void **state)
{
    struct world world;
    open_estate(&world, *state, &cases[0]);
    collect(&world);
    assert_string_equal(judge(&world, 0), "deny ");

    fake_arm_remove(&world.arm, PEER(SUB_A));
    collect(&world);

    assert_string_equal(judge(&world, 0), UNKNOWN);
    world_close(&world);
}

/* Whether one of the 'n' files that a snapshot wrote holds just this. */
static bool
snapshot_holds(const char *folder, size_t n, const char *document)
{
    bool found = false;

    for (size_t i = 1; i <= n; i++) {
        char path[600];
        char content[512] = "";
        snprintf(path, sizeof path, "%s/network_manager-%04zu.json", folder,
                 i);
        FILE *file = fopen(path, "r");
        if (file) {
            found |= fgets(content, sizeof content, file)
                     && !strcmp(content, document);
            fclose(file);
        }
    }
    return found;
}

static void
test_a_group_of_both_families_stands_for_ipv4(void **state)
{
    static const struct {
        const struct estate_case *at;
        const char *document;
    } groups[] = {
        { &cases[0], "{\"networkGroup\":{\"id\":\"" GROUP
                     "\"},\"addressPrefixes\":[\"10.9.0.0/16\"]}" },
        { &cases[12],
          "{\"networkGroup\":{\"id\":\"" GROUP
          "\"},\"incomplete\":true,\"addressPrefixes\":[\"10.9.0.0/16\"]}" },
    };

    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        struct world world;
        struct error error;
        size_t n;
        char folder[512];
        snprintf(folder, sizeof folder, "%s/snapshot-%zu", (char *) *state, i);
        open_estate(&world, *state, groups[i].at);
        azure_keep_documents(world.source);
        fake_arm_put(&world.arm, PEER(SUB_A),
                     "{\"id\":\"%s\",\"name\":\"peer\",\"properties\":{"
                     "\"addressSpace\":{\"addressPrefixes\":["
                     "\"10.9.0.0/16\",\"fd09::/64\"]}}}",
                     PEER(SUB_A));
        collect(&world);

        if (!azure_write(world.source, folder, &n, &error)) {
            fail_msg("%s", error.message);
        }

        assert_true(snapshot_holds(folder, n, groups[i].document));
        world_close(&world);
    }
}

static void
test_groups_survive_a_restart(void **state)
{
    struct world world;
    open_estate(&world, *state, &cases[3]);
    const struct config *config = config_ref(world.config);
    world_close(&world);
    fake_arm_init(&world.arm);
    put_estate(&world.arm, &cases[3]);
    world_open(&world, config_ref(config), *state);
    collect(&world);
    source_destroy(world.source);
    world_open(&world, config, *state);

    world.collection = source_stored(world.source);

    assert_non_null(world.collection);
    assert_string_equal(judge(&world, 0), "deny ");
    config_unref(config);
    world_close(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_a_group_is_known_if_all_that_may_join_it_can_be_seen),
        FOLDER_TEST(test_what_is_known_ages_by_what_can_be_read),
        FOLDER_TEST(test_a_management_group_that_is_closed_is_no_failure),
        FOLDER_TEST(test_a_member_that_cannot_be_read_any_more_makes_doubt),
        FOLDER_TEST(test_a_group_of_both_families_stands_for_ipv4),
        FOLDER_TEST(test_groups_survive_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
