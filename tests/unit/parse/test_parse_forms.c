/* Forms of documents, and which kind a resource is. */

#include "tests/unit/parse/parsing.h"

#define NSG NETWORK("networkSecurityGroups", "n")
#define ASG NETWORK("applicationSecurityGroups", "a")
#define NSG_RESOURCE "{'id':'" NSG "','properties':{}}"
#define ASG_RESOURCE "{'id':'" ASG "'}"

static void
test_accepted_forms(void **state)
{
    (void) state;
    static const struct {
        const char *what;
        const char *document;
        size_t n_nsgs;
        size_t n_asgs;
    } cases[] = {
        { "one resource", NSG_RESOURCE, 1, 0 },
        { "a list answer",
          "{'value':[" NSG_RESOURCE "],'nextLink':null,'count':1}", 1, 0 },
        { "an array of mixed kinds", "[" NSG_RESOURCE "," ASG_RESOURCE "]", 1,
          1 },
        { "an array of pages",
          "[{'value':[" NSG_RESOURCE "]},{'value':[" ASG_RESOURCE "]}]", 1,
          1 },
        { "an empty list answer", "{'value':[]}", 0, 0 },
        { "an empty array", "[]", 0, 0 },
        { "a byte order mark", "\xef\xbb\xbf" NSG_RESOURCE, 1, 0 },
        { "a type in another case",
          "{'id':'x','type':'MICROSOFT.NETWORK/networksecuritygroups',"
          "'properties':{}}",
          1, 0 },
        { "a kind told by the id, in another case",
          "{'id':'/SUBSCRIPTIONS/s/resourcegroups/g/PROVIDERS/"
          "microsoft.network/NetworkSecurityGroups/n','properties':{}}",
          1, 0 },
        { "a kind told by the members",
          "{'id':'n','properties':{'securityRules':[]}}", 1, 0 },
        { "a type before the id",
          "{'type':'Microsoft.Network/applicationSecurityGroups',"
          "'id':'" NSG "'}",
          0, 1 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct parsed parsed = parse(cases[i].document);

        if (!parsed.ok || parsed.part->n_security_groups != cases[i].n_nsgs
            || parsed.part->n_asgs != cases[i].n_asgs
            || *parsed.findings.data) {
            fail_msg("%s: %s%s", cases[i].what,
                     parsed.ok ? "" : parsed.error.message,
                     parsed.findings.data);
        }
        parsed_clear(&parsed);
    }
}

static void
test_refused_documents_say_why(void **state)
{
    (void) state;
    static const struct {
        const char *what;
        const char *document;
        const char *error;
    } cases[] = {
        { "no JSON", "hello", "x.json: line 1, column 1 (byte 0): neither" },
        { "half a resource", "{'id':'" NSG "',\n'properties':{",
          "x.json: line 2, column 15" },
        { "a word that is none", "{'id':'" NSG "',\n'properties':{'a':nul}}",
          "x.json: line 2, column 19" },
        { "a comma too many", "[" NSG_RESOURCE ",]", "not JSON" },
        { "a resource without a comma", "{'id':'x' 'type':'y'}", "not JSON" },
        { "nothing known", "{}", "x.json: an object of an unknown kind" },
        { "a virtual machine",
          "{'type':'Microsoft.Compute/virtualMachines','id':'x'}",
          "x.json: a resource of an unknown kind, "
          "Microsoft.Compute/virtualMachines" },
        { "a subnet alone",
          "{'id':'" NETWORK(
              "virtualNetworks",
              "v") "/subnets/s',"
                   "'properties':{'addressPrefix':'10.0.0.0/8'}}",
          "unknown kind, Microsoft.Network/virtualNetworks/subnets" },
        { "a rule alone",
          "{'type':'Microsoft.Network/networkSecurityGroups/securityRules',"
          "'id':'" NSG "/securityRules/r','properties':{}}",
          "unknown kind" },
        { "a list without its list", "{'value':null}", "unknown kind" },
        { "a list that is an object", "{'value':{}}", "unknown kind" },
        { "numbers", "[1,2]", "an element that is no object" },
        { "lists in lists in lists", "[[[[]]]]", "too deep" },
        { "two lists", "{'value':[],'value':[" NSG_RESOURCE "]}",
          "this list is there twice" },
        { "an error body",
          "{'error':{'code':'AuthorizationFailed','message':'no'}}",
          "unknown kind" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct parsed parsed = parse(cases[i].document);

        if (parsed.ok || !strstr(parsed.error.message, cases[i].error)
            || *parsed.findings.data) {
            fail_msg("%s: %s", cases[i].what,
                     parsed.ok ? "was read" : parsed.error.message);
        }
        parsed_clear(&parsed);
    }
}

static void
test_an_unknown_kind_costs_itself_only(void **state)
{
    (void) state;
    struct parsed parsed =
        parse("[" NSG_RESOURCE ",{'type':'Microsoft.Compute/disks'},7]");

    assert_true(parsed.ok);
    assert_int_equal(parsed.part->n_security_groups, 1);
    assert_string_equal(
        parsed.findings.data,
        "x.json: left out: a resource of an unknown kind, "
        "Microsoft.Compute/disks\nx.json: left out: an element that is no "
        "object\n");
    parsed_clear(&parsed);
}

static void
test_a_page_that_goes_on_is_found(void **state)
{
    (void) state;
    struct parsed parsed =
        parse("{'value':[" NSG_RESOURCE "],'nextLink':'https://x/'}");

    assert_true(parsed.ok);
    assert_says(parsed.findings.data, "the list goes on in a page");
    parsed_clear(&parsed);
}

static void
test_an_empty_tag_list_resource_is_left_out(void **state)
{
    (void) state;
    struct parsed parsed =
        parse("{'type':'Microsoft.Network/serviceTags','values':null}");

    assert_true(parsed.ok);
    assert_int_equal(parsed.result.refused[FEED_SERVICE_TAGS], 1);
    parsed_clear(&parsed);
}

static void
test_a_resource_with_two_types_is_left_out(void **state)
{
    (void) state;
    struct parsed parsed = parse(
        "{'type':'Microsoft.Network/applicationSecurityGroups','id':'x',"
        "'type':'Microsoft.Network/networkSecurityGroups','properties':{}}");

    assert_true(parsed.ok);
    assert_int_equal(parsed.part->n_asgs, 0);
    assert_says(parsed.findings.data, "the member \"type\" is there twice");
    parsed_clear(&parsed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted_forms),
        cmocka_unit_test(test_refused_documents_say_why),
        cmocka_unit_test(test_an_unknown_kind_costs_itself_only),
        cmocka_unit_test(test_a_page_that_goes_on_is_found),
        cmocka_unit_test(test_an_empty_tag_list_resource_is_left_out),
        cmocka_unit_test(test_a_resource_with_two_types_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
