/* Network security groups. */

#include "tests/unit/parse/parsing.h"

#define ID NETWORK("networkSecurityGroups", "nsg-web")
#define HEAD                                                                  \
    "'id':'" ID "','name':'nsg-web',"                                         \
    "'type':'Microsoft.Network/networkSecurityGroups',"                       \
    "'location':'West Europe',"

static const char arm_form[] =
    "{" HEAD "'etag':'W/\\'x\\'','properties':{'provisioningState':"
    "'Succeeded','securityRules':[{'id':'" ID "/securityRules/https',"
    "'name':'https','properties':{'description':'shop','protocol':'TCP',"
    "'sourcePortRange':'*','sourcePortRanges':[],"
    "'destinationPortRange':'','destinationPortRanges':['443','8000-8100'],"
    "'sourceAddressPrefix':'INTERNET','sourceAddressPrefixes':[],"
    "'destinationApplicationSecurityGroups':[{'id':'/asg/web'}],"
    "'access':'Allow','priority':200,'direction':'Inbound'}}],"
    "'defaultSecurityRules':[{'id':'" ID "/defaultSecurityRules/DenyAll',"
    "'name':'DenyAll','properties':{'protocol':'*','sourcePortRange':'*',"
    "'destinationPortRange':'*','sourceAddressPrefix':'*',"
    "'destinationAddressPrefix':'*','access':'Deny','priority':65500,"
    "'direction':'Inbound'}}]}}";

/* What "az network nsg show" prints of the same group. */
static const char flattened_form[] =
    "{'defaultSecurityRules':[{'access':'Deny','destinationAddressPrefix':"
    "'*','destinationPortRange':'*','direction':'Inbound','id':'" ID
    "/defaultSecurityRules/DenyAll','name':'DenyAll','priority':65500,"
    "'protocol':'*','resourceGroup':'rg','sourceAddressPrefix':'*',"
    "'sourcePortRange':'*'}]," HEAD "'provisioningState':'Succeeded',"
    "'securityRules':[{'access':'Allow','description':'shop',"
    "'destinationApplicationSecurityGroups':[{'id':'/asg/web',"
    "'resourceGroup':'rg'}],'destinationPortRanges':['443','8000-8100'],"
    "'direction':'Inbound','id':'" ID "/securityRules/https',"
    "'name':'https','priority':200,'protocol':'TCP',"
    "'sourceAddressPrefix':'INTERNET','sourceAddressPrefixes':null,"
    "'sourcePortRange':'*'}]}";

static void
assert_shop_group(const struct security_group *group)
{
    assert_string_equal(group->resource.id, ID);
    assert_string_equal(group->resource.name, "nsg-web");
    assert_string_equal(group->resource.resource_group, "rg");
    assert_string_equal(group->resource.location, "westeurope");
    assert_int_equal(group->resource.origin, 10 + FEED_NSG);
    assert_int_equal(group->n_rules, 2);
    const struct rule *https = &group->rules[0];
    assert_string_equal(https->name, "https");
    assert_string_equal(https->id, ID "/securityRules/https");
    assert_string_equal(https->description, "shop");
    assert_string_equal(https->protocol, "TCP");
    assert_string_equal(https->access_text, "Allow");
    assert_int_equal(https->kind, RULE_CUSTOM);
    assert_int_equal(https->direction, DIRECTION_INBOUND);
    assert_int_equal(https->access, ACCESS_ALLOW);
    assert_int_equal(https->priority, 200);
    assert_int_equal(https->source.n_terms, 1);
    assert_string_equal(https->source.terms[0].text, "INTERNET");
    assert_int_equal(https->source.n_ports, 1);
    assert_string_equal(https->source.ports[0], "*");
    assert_int_equal(https->destination.n_terms, 1);
    assert_int_equal(https->destination.terms[0].kind, TERM_ASG);
    assert_string_equal(https->destination.terms[0].text, "/asg/web");
    assert_int_equal(https->destination.n_ports, 2);
    assert_string_equal(https->destination.ports[1], "8000-8100");
    assert_int_equal(group->rules[1].kind, RULE_DEFAULT);
    assert_int_equal(group->rules[1].priority, 65500);
}

static void
test_both_shapes_are_one_group(void **state)
{
    (void) state;

    struct parsed arm = parse(arm_form);
    struct parsed flattened = parse(flattened_form);

    assert_true(arm.ok);
    assert_true(flattened.ok);
    assert_shop_group(&arm.part->security_groups[0]);
    assert_shop_group(&flattened.part->security_groups[0]);
    assert_true(hash_equal(arm.part->security_groups[0].hash,
                           flattened.part->security_groups[0].hash));
    assert_string_equal(arm.findings.data, "");
    parsed_clear(&arm);
    parsed_clear(&flattened);
}

static void
test_singular_and_plural_are_one_list(void **state)
{
    (void) state;
    struct parsed parsed = parse(
        "{" HEAD "'properties':{'securityRules':[{'name':'r','properties':{"
        "'sourceAddressPrefix':'10.0.0.1','sourceAddressPrefixes':["
        "'10.0.0.2',null,''],'sourceApplicationSecurityGroups':[{'id':'/a'}],"
        "'sourcePortRange':'1','sourcePortRanges':['2'],"
        "'destinationPortRange':80,'priority':'300'}}]}}");

    const struct rule *rule = &parsed.part->security_groups[0].rules[0];

    assert_int_equal(rule->source.n_terms, 3);
    assert_string_equal(rule->source.terms[0].text, "10.0.0.1");
    assert_string_equal(rule->source.terms[1].text, "10.0.0.2");
    assert_int_equal(rule->source.terms[2].kind, TERM_ASG);
    assert_int_equal(rule->source.n_ports, 2);
    assert_string_equal(rule->destination.ports[0], "80");
    assert_int_equal(rule->destination.n_terms, 0);
    assert_int_equal(rule->priority, 300);
    parsed_clear(&parsed);
}

static void
test_missing_default_rules_are_the_six(void **state)
{
    (void) state;
    static const char *const documents[] = {
        "{" HEAD "'properties':{}}",
        "{" HEAD "'properties':{'defaultSecurityRules':null}}",
        "{" HEAD "'properties':{'securityRules':[],"
        "'defaultSecurityRules':[]}}",
        "{" HEAD "'securityRules':[]}",
    };

    for (size_t i = 0; i < COUNT_OF(documents); i++) {
        struct parsed parsed = parse(documents[i]);
        size_t n;
        const struct rule *six = default_rules(&n);

        assert_true(parsed.ok);
        const struct security_group *group = parsed.part->security_groups;
        assert_int_equal(group->n_rules, 6);
        assert_string_equal(group->rules[5].name, six[5].name);
        parsed_clear(&parsed);
    }
}

static void
test_odd_words_stay_as_they_are(void **state)
{
    (void) state;
    struct parsed parsed = parse(
        "{" HEAD "'properties':{'securityRules':[{'name':'odd','properties':{"
        "'protocol':'Gre','sourceAddressPrefix':'789',"
        "'destinationAddressPrefix':'CorpNetSaw','access':'Audit',"
        "'direction':'Sideways','priority':100,'newMember':{'x':1}}}]}}");

    const struct rule *rule = &parsed.part->security_groups[0].rules[0];

    assert_string_equal(rule->protocol, "Gre");
    assert_string_equal(rule->access_text, "Audit");
    assert_int_equal(rule->access, ACCESS_UNKNOWN);
    assert_int_equal(rule->direction, DIRECTION_UNKNOWN);
    assert_string_equal(rule->source.terms[0].text, "789");
    assert_string_equal(rule->destination.terms[0].text, "CorpNetSaw");
    assert_int_equal(parsed.result.refused[FEED_NSG], 0);
    parsed_clear(&parsed);
}

static void
test_a_priority_that_is_none_is_0_and_found(void **state)
{
    (void) state;
    static const char *const priorities[] = {
        "",
        "'priority':null,",
        "'priority':0,",
        "'priority':99,",
        "'priority':4097,",
        "'priority':100.5,",
        "'priority':'x',",
        "'priority':1e300,",
        "'priority':-100,",
        "'priority':true,",
        "'priority':[100],",
        "'priority':'1 00',",
    };

    for (size_t i = 0; i < COUNT_OF(priorities); i++) {
        char document[1024];
        snprintf(document, sizeof document,
                 "{" HEAD "'properties':{'securityRules':[{'name':'r',"
                 "'properties':{%s'access':'Deny'}}]}}",
                 priorities[i]);
        struct parsed parsed = parse(document);

        assert_true(parsed.ok);
        assert_int_equal(parsed.part->security_groups[0].rules[0].priority, 0);
        assert_string_equal(parsed.findings.data,
                            "x.json: networkSecurityGroups/nsg-web: rule r: "
                            "the priority is not a number from 100 to 4096\n");
        parsed_clear(&parsed);
    }
}

static void
test_what_is_half_a_group_is_left_out(void **state)
{
    (void) state;
    static const struct {
        const char *what;
        const char *document;
        const char *finding;
    } cases[] = {
        { "no id",
          "{'type':'Microsoft.Network/networkSecurityGroups',"
          "'name':'n','properties':{}}",
          "networkSecurityGroups/n: left out: it has no id" },
        { "a reference", "{'id':'" ID "','resourceGroup':'rg'}",
          "it has no properties" },
        { "rules that are no list",
          "{" HEAD "'properties':{'securityRules':{'a':1}}}",
          "left out: \"securityRules\" is no list" },
        { "a rule that is no object",
          "{" HEAD "'properties':{'securityRules':['x']}}", "is no object" },
        { "properties that are no object",
          "{" HEAD "'securityRules':[],'properties':[]}",
          "\"properties\" is no object" },
        { "a prefix that is an object",
          "{" HEAD "'properties':{'securityRules':[{'name':'r','properties':{"
          "'priority':100,'sourceAddressPrefix':{}}}]}}",
          "left out: rule r: \"sourceAddressPrefix\" is neither text nor" },
        { "a port that is a fraction",
          "{" HEAD "'properties':{'securityRules':[{'name':'r','properties':{"
          "'priority':100,'destinationPortRanges':[1.5]}}]}}",
          "rule r: \"destinationPortRanges\" is neither" },
        { "a group without an id",
          "{" HEAD "'properties':{'securityRules':[{'name':'r','properties':{"
          "'priority':100,'sourceApplicationSecurityGroups':[{}]}}]}}",
          "refers to something without an id" },
        { "a member that is there twice",
          "{" HEAD "'properties':{'securityRules':[{'name':'r','properties':{"
          "'priority':100,'access':'Deny','access':'Allow'}}]}}",
          "rule r: the member \"access\" is there twice" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct parsed parsed = parse(cases[i].document);

        if (!parsed.ok || parsed.part->n_security_groups != 0
            || parsed.result.refused[FEED_NSG] != 1
            || !strstr(parsed.findings.data, cases[i].finding)) {
            fail_msg("%s: %s%s", cases[i].what,
                     parsed.ok ? "" : parsed.error.message,
                     parsed.findings.data);
        }
        parsed_clear(&parsed);
    }
}

static void
test_rules_of_a_group_have_a_limit(void **state)
{
    (void) state;
    struct text document;

    text_init(&document);
    text_append(&document, "{" HEAD "'properties':{'securityRules':[{}");
    for (size_t i = 0; i < 20000; i++) {
        text_append(&document, ",{}");
    }
    text_append(&document, "]}}");
    struct parsed parsed = parse(document.data);

    assert_int_equal(parsed.part->n_security_groups, 0);
    assert_says(parsed.findings.data, "left out: more than 20000 rules");
    parsed_clear(&parsed);
    text_clear(&document);
}

/* What is written by hand seldom says the ids of rules. */
static void
test_a_custom_rule_without_an_id_has_the_one_that_azure_gives(void **state)
{
    (void) state;
    struct parsed parsed =
        parse("{" HEAD "'properties':{'securityRules':[{'name':'https',"
              "'properties':{'priority':100,'direction':'Inbound',"
              "'access':'Allow','protocol':'*'}},{'name':''}]}}");
    const struct rule *rules = parsed.part->security_groups[0].rules;

    assert_string_equal(rules[0].id, ID "/securityRules/https");
    assert_string_equal(rules[1].id, "");
    parsed_clear(&parsed);
}

static void
test_a_finding_is_one_line(void **state)
{
    (void) state;
    struct parsed parsed =
        parse("{" HEAD "'properties':{'securityRules':[{"
              "'name':'a\\nb\\u001b[31m\\u007f','properties':{}}]}}");

    assert_says(parsed.findings.data, "rule a?b?[31m?: the priority");
    parsed_clear(&parsed);
}

static void
test_findings_of_a_document_have_a_limit(void **state)
{
    (void) state;
    struct text document;

    text_init(&document);
    text_append(&document, "{" HEAD "'properties':{'securityRules':[");
    for (size_t i = 0; i < 150; i++) {
        text_append(&document, i ? ",{'name':'r'}" : "{'name':'r'}");
    }
    text_append(&document, "]}}");
    struct parsed parsed = parse(document.data);

    assert_says(parsed.findings.data, "x.json: 50 more findings\n");
    parsed_clear(&parsed);
    text_clear(&document);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_shapes_are_one_group),
        cmocka_unit_test(test_singular_and_plural_are_one_list),
        cmocka_unit_test(test_missing_default_rules_are_the_six),
        cmocka_unit_test(test_odd_words_stay_as_they_are),
        cmocka_unit_test(test_a_priority_that_is_none_is_0_and_found),
        cmocka_unit_test(test_what_is_half_a_group_is_left_out),
        cmocka_unit_test(test_rules_of_a_group_have_a_limit),
        cmocka_unit_test(
            test_a_custom_rule_without_an_id_has_the_one_that_azure_gives),
        cmocka_unit_test(test_a_finding_is_one_line),
        cmocka_unit_test(test_findings_of_a_document_have_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
