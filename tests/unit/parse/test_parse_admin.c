/* Virtual Network Manager: effective and active rules, rule resources,
 * managers, network groups; service tags. */

#include "tests/unit/parse/parsing.h"

#define VNET NETWORK("virtualNetworks", "vnet")
#define MANAGER NETWORK("networkManagers", "security")
#define RULE                                                                  \
    MANAGER "/securityAdminConfigurations/c/ruleCollections/rc/rules/"        \
            "deny-ssh"
#define BODY                                                                  \
    "'description':'','flag':'','protocol':'Any','direction':'Inbound',"      \
    "'access':'AlwaysAllow','sources':[{'addressPrefixType':'ServiceTag',"    \
    "'addressPrefix':'Internet'}],'destinations':[{'addressPrefixType':"      \
    "'NetworkGroup','addressPrefix':'/group'},{'addressPrefixType':"          \
    "'IPPrefix','addressPrefix':'10.0.0.1'}],'sourcePortRanges':[],"          \
    "'destinationPortRanges':['22']"

static void
test_effective_rules_belong_to_their_network(void **state)
{
    (void) state;
    static const char *const documents[] = {
        "{'virtualNetwork':{'id':'" VNET "'},'value':[{'id':'" RULE "',"
        "'kind':'Custom','ruleGroups':[],'properties':{'priority':0," BODY
        "}}],'skipToken':''}",
        "{'value':[{'id':'" RULE "','kind':'Default'," BODY "}],"
        "'virtualNetwork':{'id':'" VNET "'}}",
        "[{'virtualNetwork':'" VNET "','value':[{'id':'" RULE "',"
        "'properties':{" BODY "}}]}]",
    };

    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        struct parsed parsed = parse(documents[i]);

        if (!parsed.ok) {
            fail_msg("%s", parsed.error.message);
        }
        assert_int_equal(parsed.part->n_effective_admin_rules, 1);
        const struct effective_admin_rules *list =
            &parsed.part->effective_admin_rules[0];
        assert_string_equal(list->virtual_network_id, VNET);
        assert_false(list->unavailable);
        assert_int_equal(list->origin, 10 + FEED_ADMIN_RULES);
        assert_int_equal(list->n_rules, 1);
        const struct rule *rule = &list->rules[0];
        assert_string_equal(rule->id, RULE);
        assert_string_equal(rule->name, "deny-ssh");
        assert_int_equal(rule->kind, RULE_ADMIN);
        assert_int_equal(rule->priority, 0);
        assert_int_equal(rule->access, ACCESS_ALWAYS_ALLOW);
        assert_int_equal(rule->source.terms[0].kind, TERM_ADDRESS);
        assert_int_equal(rule->destination.n_terms, 2);
        assert_int_equal(rule->destination.terms[0].kind, TERM_NETWORK_GROUP);
        assert_int_equal(rule->source.n_ports, 0);
        assert_string_equal(rule->destination.ports[0], "22");
        assert_string_equal(parsed.findings.data, "");
        parsed_clear(&parsed);
    }
}

static void
test_no_rules_is_a_list_too(void **state)
{
    (void) state;
    struct parsed parsed =
        parse("{'virtualNetwork':{'id':'" VNET "'},'value':[]}");

    assert_int_equal(parsed.part->n_effective_admin_rules, 1);
    assert_false(parsed.part->effective_admin_rules[0].unavailable);
    assert_true(parsed.result.has_feed[FEED_ADMIN_RULES]);
    parsed_clear(&parsed);
}

/* Half a list would let a flow through that a rule in the other half denies:
 * it is marked unavailable, never short and never absent. */
static void
test_half_a_list_is_unavailable(void **state)
{
    (void) state;
    static const char *const documents[] = {
        "{'virtualNetwork':{'id':'" VNET "'},'value':[{'id':'" RULE "',"
        "'properties':{" BODY "}},7]}",
        "{'virtualNetwork':{'id':'" VNET "'},'value':[[{'id':'" RULE "'}]]}",
        "{'virtualNetwork':{'id':'" VNET "'},'value':[{'id':'" RULE "',"
        "'properties':{'sources':[{}]}}]}",
        "{'virtualNetwork':{'id':'" VNET "'},'value':null}",
        "{'virtualNetwork':{'id':'" VNET "'}}",
        "{'virtualNetwork':{'id':'" VNET "'},'value':[],'skipToken':'more'}",
    };

    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        struct parsed parsed = parse(documents[i]);

        if (!parsed.ok || parsed.part->n_effective_admin_rules != 1
            || !parsed.part->effective_admin_rules[0].unavailable
            || !*parsed.findings.data) {
            fail_msg("%s", documents[i]);
        }
        parsed_clear(&parsed);
    }
}

static void
test_a_list_that_is_no_json_costs_the_document(void **state)
{
    (void) state;
    static const char *const documents[] = {
        "{'virtualNetwork':{'id':'" VNET "'},'value':[{'id':'" RULE "',"
        "'properties':{" BODY "}},{'id':nul}]}",
        "{'virtualNetwork':{'id':'" VNET "'},'value':[{} {}]}",
        "{'networkManager':{'id':'" MANAGER "'},'value':[{'id':}]}",
        "{'values':[{'name':'Storage','properties':{'a':tru}}]}",
    };

    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        struct parsed parsed = parse(documents[i]);

        assert_false(parsed.ok);
        assert_says(parsed.error.message, "not JSON");
        parsed_clear(&parsed);
    }
}

static void
test_what_cannot_be_told_apart_is_left_out(void **state)
{
    (void) state;
    static const struct {
        const char *document;
        const char *finding;
    } cases[] = {
        { "{'virtualNetwork':{},'value':[]}",
          "\"virtualNetwork\" refers to something without an id" },
        { "{'networkManager':{'id':'" MANAGER "'},'value':[{'properties':{"
          "'priority':1}}]}",
          "it has no id" },
        { "{'networkManager':{'id':'" MANAGER "'},'value':[7]}",
          "an element of the list is no object" },
        { "{'values':[{'properties':{'addressPrefixes':[]}}]}",
          "a tag has no name" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct parsed parsed = parse(cases[i].document);

        assert_true(parsed.ok);
        assert_says(parsed.findings.data, cases[i].finding);
        assert_int_equal(parsed.part->n_effective_admin_rules
                             + parsed.part->n_priorities
                             + parsed.part->n_service_tags,
                         0);
        parsed_clear(&parsed);
    }
}

static void
test_a_priority_that_is_none_is_found(void **state)
{
    (void) state;
    struct parsed parsed =
        parse("{'id':'" RULE "','properties':{'priority':5000}}");

    assert_int_equal(parsed.part->priorities[0].priority, 0);
    assert_says(parsed.findings.data,
                "rules/deny-ssh: the priority is not a number from 1 to 4096");
    parsed_clear(&parsed);
}

/* What Azure answers does not say of which network it is, and nobody may
 * think that a network has no rules because of that. */
static void
test_a_list_in_force_without_its_network_is_left_out(void **state)
{
    static const char *const marks[] = { "'ruleGroups':[]",
                                         "'configurationDescription':''" };

    (void) state;
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        char document[1024];
        snprintf(document, sizeof document,
                 "{'value':[{'id':'" RULE "','kind':'Custom',%s,"
                 "'properties':{'priority':7," BODY "}}],'skipToken':''}",
                 marks[i]);
        struct parsed parsed = parse(document);

        assert_int_equal(parsed.part->n_priorities, 0);
        assert_says(parsed.findings.data, "left out: ");
        assert_says(parsed.findings.data, "\"virtualNetwork\"");
        parsed_clear(&parsed);
    }
}

static void
test_priorities_come_from_active_lists_and_rules(void **state)
{
    (void) state;
    struct parsed active = parse(
        "{'networkManager':{'id':'" MANAGER "'},'value':[{'id':'" RULE "',"
        "'region':'westeurope','properties':{'priority':100}}]}");
    struct parsed resources = parse(
        "{'value':[{'id':'" RULE "','type':'Microsoft.Network/networkManagers/"
        "securityAdminConfigurations/ruleCollections/rules','kind':'Custom',"
        "'properties':{'priority':32}},{'id':'" RULE "2','priority':33,"
        "'access':'Deny'}]}");

    assert_int_equal(active.part->n_priorities, 1);
    assert_int_equal(active.part->priorities[0].priority, 100);
    assert_true(active.part->priorities[0].active);
    assert_int_equal(resources.part->n_priorities, 2);
    assert_int_equal(resources.part->priorities[0].priority, 32);
    assert_false(resources.part->priorities[0].active);
    assert_int_equal(resources.part->priorities[1].priority, 33);
    assert_true(active.result.has_feed[FEED_NETWORK_MANAGER]);
    parsed_clear(&active);
    parsed_clear(&resources);
}

static void
test_a_manager_ranks_by_its_scope(void **state)
{
    (void) state;
    static const struct {
        const char *scopes;
        enum manager_tier tier;
    } cases[] = {
        { "{'managementGroups':['/mg'],'subscriptions':[]}",
          MANAGER_TIER_MANAGEMENT_GROUP },
        { "{'managementGroups':['/mg'],'subscriptions':['/s']}",
          MANAGER_TIER_MANAGEMENT_GROUP },
        { "{'managementGroups':[],'subscriptions':['/s']}",
          MANAGER_TIER_SUBSCRIPTION },
        { "{'subscriptions':['/s']}", MANAGER_TIER_SUBSCRIPTION },
        { "{}", MANAGER_TIER_UNKNOWN },
        { "null", MANAGER_TIER_UNKNOWN },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char document[512];
        snprintf(document, sizeof document,
                 "{'id':'" MANAGER "','properties':{'networkManagerScopes':%s,"
                 "'networkManagerScopeAccesses':['SecurityAdmin']}}",
                 cases[i].scopes);
        struct parsed parsed = parse(document);

        assert_int_equal(parsed.part->n_managers, 1);
        assert_int_equal(parsed.part->managers[0].tier, cases[i].tier);
        parsed_clear(&parsed);
    }
}

static void
test_a_network_group_is_its_prefixes(void **state)
{
    (void) state;
    struct parsed parsed = parse("{'networkGroup':{'id':'/group'},"
                                 "'addressPrefixes':['10.0.0.0/8']}");

    assert_int_equal(parsed.part->n_network_groups, 1);
    assert_string_equal(parsed.part->network_groups[0].id, "/group");
    assert_false(address_set_is_empty(parsed.part->network_groups[0].members));
    parsed_clear(&parsed);
}

static void
test_a_network_group_may_be_incomplete(void **state)
{
    (void) state;
    struct parsed parsed =
        parse("{'networkGroup':{'id':'/group'},'incomplete':true,"
              "'addressPrefixes':[]}");

    assert_int_equal(parsed.part->n_network_groups, 1);
    assert_true(parsed.part->network_groups[0].incomplete);
    parsed_clear(&parsed);
}

static void
test_half_a_network_group_is_left_out(void **state)
{
    (void) state;
    struct parsed parsed = parse("{'networkGroup':{'id':'/group'},"
                                 "'addressPrefixes':['10.0.0.0/8','x']}");

    assert_int_equal(parsed.part->n_network_groups, 0);
    assert_int_equal(parsed.result.refused[FEED_NETWORK_MANAGER], 1);
    parsed_clear(&parsed);
}

static void
test_service_tags_come_as_file_and_as_answer(void **state)
{
    (void) state;
    static const char *const documents[] = {
        "{'changeNumber':376,'cloud':'Public','values':[{'name':'Storage',"
        "'id':'Storage','properties':{'changeNumber':1,'region':'',"
        "'regionId':0,'systemService':'AzureStorage','addressPrefixes':"
        "['13.0.0.0/24','2603::/32'],'networkFeatures':null}}]}",
        "{'name':'Public','id':'/subscriptions/s/providers/Microsoft.Network/"
        "serviceTags/Public','type':'Microsoft.Network/serviceTags',"
        "'changeNumber':'67','cloud':'Public','values':[{'name':'Storage',"
        "'properties':{'changeNumber':'1','addressPrefixes':['13.0.0.0/24',"
        "'2603::/32']}}]}",
        ("[{'type':'Microsoft.Network/"
         "serviceTags','values':[{'name':'Storage',"
         "'addressPrefixes':['13.0.0.0/24','2603::/32']}]}]"),
    };

    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        struct parsed parsed = parse(documents[i]);

        if (!parsed.ok) {
            fail_msg("%s", parsed.error.message);
        }
        assert_int_equal(parsed.part->n_service_tags, 1);
        const struct service_tag *tag = &parsed.part->service_tags[0];
        assert_string_equal(tag->name, "Storage");
        assert_false(tag->has_bad_prefix);
        assert_int_equal(tag->addresses.families[FAMILY_IPV4].n, 1);
        assert_int_equal(tag->addresses.families[FAMILY_IPV6].n, 1);
        parsed_clear(&parsed);
    }
}

static void
test_tags_are_of_the_region_that_the_list_names(void **state)
{
    (void) state;
    struct parsed parsed = parse(
        "{'location':'West Europe','values':[{'name':'Storage','properties':"
        "{'addressPrefixes':['20.0.0.0/8']}}]}");

    assert_int_equal(parsed.part->n_service_tags, 1);
    assert_string_equal(parsed.part->service_tags[0].name, "Storage");
    assert_string_equal(parsed.part->service_tags[0].key,
                        "westeurope Storage");
    parsed_clear(&parsed);
}

static void
test_a_tag_that_is_not_whole_says_so(void **state)
{
    (void) state;
    static const char *const cases[] = {
        "'properties':{'addressPrefixes':['13.0.0.0/24','13.0.0.0/99']}",
        "'properties':{'addressPrefixes':['13.0.0.0/24',7]}",
        "'properties':{'addressPrefixes':null}",
        "'properties':{}",
        "'region':''",
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char document[512];
        snprintf(document, sizeof document,
                 "{'values':[{'name':'Storage',%s}]}", cases[i]);
        struct parsed parsed = parse(document);

        assert_int_equal(parsed.part->n_service_tags, 1);
        assert_true(parsed.part->service_tags[0].has_bad_prefix);
        parsed_clear(&parsed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_effective_rules_belong_to_their_network),
        cmocka_unit_test(test_no_rules_is_a_list_too),
        cmocka_unit_test(test_half_a_list_is_unavailable),
        cmocka_unit_test(test_a_list_that_is_no_json_costs_the_document),
        cmocka_unit_test(test_what_cannot_be_told_apart_is_left_out),
        cmocka_unit_test(test_a_priority_that_is_none_is_found),
        cmocka_unit_test(test_a_list_in_force_without_its_network_is_left_out),
        cmocka_unit_test(test_priorities_come_from_active_lists_and_rules),
        cmocka_unit_test(test_a_manager_ranks_by_its_scope),
        cmocka_unit_test(test_a_network_group_is_its_prefixes),
        cmocka_unit_test(test_a_network_group_may_be_incomplete),
        cmocka_unit_test(test_half_a_network_group_is_left_out),
        cmocka_unit_test(test_service_tags_come_as_file_and_as_answer),
        cmocka_unit_test(test_tags_are_of_the_region_that_the_list_names),
        cmocka_unit_test(test_a_tag_that_is_not_whole_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
