/* What each route answers, without a server. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/text.h"
#include "engine/compile/policy.h"
#include "exporter/render/portal.h"
#include "exporter/web/routes.h"
#include "tests/support/folder.h"
#include "tests/support/web_estate.h"

#define WATCHER                                                               \
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/"          \
    "networkWatchers/w/ipFlowVerify"
#define NETWORK                                                               \
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/"
#define PORTAL "https://portal.azure.com/#@/resource"
#define QUESTION(direction, protocol, local, remote)                          \
    "{\"targetResourceId\":\"" ESTATE_VM "\",\"direction\":\"" direction      \
    "\",\"protocol\":\"" protocol "\",\"localPort\":\"" local                 \
    "\",\"remotePort\":\"" remote "\",\"localIPAddress\":\"10.1.0.4\","       \
    "\"remoteIPAddress\":\"203.0.113.9\"}"

/* Asks, and checks status and a part of the body. */
static void
expect(const struct web_estate *estate, const char *method, const char *target,
       const char *body, unsigned int status, const char *part)
{
    struct response response;
    web_estate_ask(estate, method, target, NULL, body, &response);
    if (response.status != status || !strstr(response.body.data, part)) {
        fail_msg("%s %s: %u %s", method, target, response.status,
                 response.body.data);
    }
    response_clear(&response);
}

static void
test_before_the_first_cycle_data_is_refused(void **state)
{
    struct web_estate estate;
    web_estate_start(&estate, *state);

    expect(&estate, "GET", "/-/healthy", NULL, 200, "healthy");
    expect(&estate, "GET", "/-/ready", NULL, 503, "No complete cycle");
    expect(&estate, "GET", "/metrics", NULL, 503, "No cycle");
    expect(&estate, "GET", "/api/v1/flows", NULL, 503,
           "\"errorType\":\"unavailable\"");
    expect(&estate, "GET", "/", NULL, 200, "first cycle is under way");
    expect(&estate, "POST", WATCHER, QUESTION("Inbound", "TCP", "443", "*"),
           503, "ServiceUnavailable");
    web_estate_end(&estate);
}

static void
test_routes_answer_with_their_kind(void **state)
{
    static const struct {
        const char *target, *type;
        unsigned int status;
    } cases[] = {
        { "/", "text/html; charset=utf-8", 200 },
        { "/?verdict=deny", "text/html; charset=utf-8", 200 },
        { "/?verdict=maybe", "text/html; charset=utf-8", 400 },
        { "/flows/web", "text/html; charset=utf-8", 200 },
        { "/flows/admin/a:1", "text/html; charset=utf-8", 200 },
        { "/flows/admin%2Fa%3A1", "text/html; charset=utf-8", 200 },
        { "/flows/none", "text/html; charset=utf-8", 404 },
        { "/changes", "text/html; charset=utf-8", 200 },
        { "/what-if", "text/html; charset=utf-8", 200 },
        { "/metrics", "text/plain; version=0.0.4; charset=utf-8", 200 },
        { "/-/ready", "text/plain; charset=utf-8", 200 },
        { "/api/v1/flows", "application/json", 200 },
        { "/api/v1/flows/web", "application/json", 200 },
        { "/api/v1/flows/none", "application/json", 404 },
        { "/api/v1/changes?limit=3", "application/json", 200 },
        { "/api/v1/changes?limit=x", "application/json", 400 },
        { "/api/v1/status", "application/json", 200 },
        { "/api/v1/openapi.json", "application/json", 200 },
        { "/api/v1/nothing", "application/json", 404 },
        { "/assets/style.css", "text/css; charset=utf-8", 200 },
        { "/assets/none", "text/plain; charset=utf-8", 404 },
        { "/assets/../server.c", "text/plain; charset=utf-8", 404 },
        { "/favicon.ico", "image/svg+xml", 200 },
        { "/metrics/", "text/plain; charset=utf-8", 404 },
        { "//metrics", "text/plain; charset=utf-8", 404 },
        { "/flows/", "text/plain; charset=utf-8", 404 },
        { "/METRICS", "text/plain; charset=utf-8", 404 },
    };
    struct web_estate estate;
    struct response response;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        web_estate_ask(&estate, "GET", cases[i].target, NULL, NULL, &response);
        if (response.status != cases[i].status
            || strcmp(response.content_type, cases[i].type) != 0) {
            fail_msg("%s: %u %s", cases[i].target, response.status,
                     response.content_type);
        }
        response_clear(&response);
    }
    web_estate_end(&estate);
}

static void
test_another_method_is_refused_with_those_that_fit(void **state)
{
    static const struct {
        const char *method, *target, *allow;
    } cases[] = {
        { "POST", "/metrics", "GET, HEAD" },
        { "DELETE", "/api/v1/flows", "GET, HEAD" },
        { "OPTIONS", "/", "GET, HEAD" },
        { "GET", "/-/reload", "POST, PUT" },
        { "GET", WATCHER, "POST" },
        { "head", "/metrics", "GET, HEAD" },
        { "X<script>", "/metrics", "GET, HEAD" },
    };
    struct web_estate estate;
    struct response response;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        web_estate_ask(&estate, cases[i].method, cases[i].target, NULL, NULL,
                       &response);
        assert_int_equal(response.status, 405);
        assert_string_equal(response.allow, cases[i].allow);
        response_clear(&response);
    }
    web_estate_end(&estate);
}

static void
test_flows_are_filtered_sorted_and_paged(void **state)
{
    static const struct {
        const char *query, *names;
    } cases[] = {
        { "", "web,web-closed,admin/a:1,half,lost," },
        { "?verdict=allow", "web,web-closed," },
        { "?verdict=unknown", "lost," },
        { "?violated=true", "web-closed,half," },
        { "?violated=false&verdict=deny", "admin/a:1," },
        { "?direction=outbound", "lost," },
        { "?group=NSG-A", "web,web-closed,admin/a:1,half," },
        { "?q=ALLOW-web", "web,web-closed," },
        { "?q=nothing+here", "" },
        { "?sort=severity", "web-closed,half,lost,web,admin/a:1," },
        { "?sort=name", "admin/a:1,half,lost,web,web-closed," },
        { "?sort=name&order=desc", "web-closed,web,lost,half,admin/a:1," },
        { "?limit=2&offset=1", "web-closed,admin/a:1," },
        { "?offset=99", "" },
        { "?verdict=&q=", "web,web-closed,admin/a:1,half,lost," },
    };
    struct web_estate estate;
    struct response response;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text target, names;
        text_init(&target);
        text_init(&names);
        text_printf(&target, "/api/v1/flows%s", cases[i].query);
        web_estate_ask(&estate, "GET", target.data, NULL, NULL, &response);
        const char *at = response.body.data;
        while ((at = strstr(at, "{\"name\":\""))) {
            at += 9;
            text_append_bytes(&names, at, strcspn(at, "\""));
            text_append_char(&names, ',');
        }
        if (strcmp(names.data, cases[i].names) != 0) {
            fail_msg("%s: %s", cases[i].query, names.data);
        }
        response_clear(&response);
        text_clear(&target);
        text_clear(&names);
    }
    expect(&estate, "GET", "/api/v1/flows?verdict=maybe", NULL, 400,
           "'maybe' is no value of 'verdict'");
    expect(&estate, "GET", "/api/v1/flows?limit=-1", NULL, 400,
           "'-1' is no value of 'limit'");
    web_estate_end(&estate);
}

static void
test_a_result_has_the_shape_that_is_promised(void **state)
{
    struct web_estate estate;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);

    expect(&estate, "GET", "/api/v1/flows", NULL, 200,
           "{\"status\":\"success\",\"data\":{\"evaluated_at\":"
           "\"2026-11-21T10:00:00Z\",\"flows\":[{\"name\":\"web\","
           "\"description\":\"a <b> & c\",\"expected\":\"allow\",\"verdict\":"
           "\"allow\",\"violated\":false,\"reason\":\"\",\"certain\":true,"
           "\"allowed_ratio\":1,\"decision\":{\"side\":\"destination\","
           "\"layer\":\"subnet_nsg\",\"ruleset\":\"rg-a/nsg-a\",");
    expect(&estate, "GET", "/api/v1/flows/lost", NULL, 200,
           "\"verdict\":\"unknown\",\"violated\":false,\"reason\":"
           "\"nic_not_found\",\"reason_detail\":");
    expect(&estate, "GET", "/api/v1/flows/lost", NULL, 200,
           "\"decision\":{\"side\":\"\",\"layer\":\"none\",\"ruleset\":\"\","
           "\"ruleset_id\":\"\",\"rule\":\"\",\"rule_id\":\"\",\"rule_kind\":"
           "\"none\",\"access\":\"\",\"priority\":0,\"portal_url\":\"\"}");
    expect(&estate, "GET", "/api/v1/flows/web", NULL, 200,
           "\"portal_url\":\"https://portal.azure.com/#@/resource/"
           "subscriptions/");
    expect(&estate, "GET", "/api/v1/flows/web", NULL, 200,
           "\"example\":{\"protocol\":\"Tcp\",\"local_address\":\"10.1.0.4\","
           "\"local_port\":443,\"remote_address\":\"203.0.113.9\"");
    expect(&estate, "GET", "/api/v1/flows/web", NULL, 200,
           "\"explanation\":{\"sentence\":");
    web_estate_end(&estate);
}

/* Groups and managers have a page in the portal, default rules do not. */
static void
test_a_link_leads_to_the_resource_that_owns_the_rule(void **state)
{
    static const struct {
        enum rule_kind kind;
        const char *ruleset_id;
        const char *url;
    } cases[] = {
        { RULE_CUSTOM, NETWORK "networkSecurityGroups/nsg a",
          PORTAL NETWORK "networkSecurityGroups/nsg%20a" },
        { RULE_ADMIN,
          NETWORK "networkManagers/m/securityAdminConfigurations/c/"
                  "ruleCollections/r",
          PORTAL NETWORK "networkManagers/m" },
        { RULE_DEFAULT, NETWORK "networkSecurityGroups/nsg", "" },
        { RULE_ADMIN, "", "" },
        { RULE_NONE, "", "" },
    };
    struct text url;

    (void) state;
    text_init(&url);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct policy_rule rule = { .kind = cases[i].kind,
                                    .ruleset_id = cases[i].ruleset_id };
        text_reset(&url);
        portal_append_url(&url, NULL, &rule);
        assert_string_equal(url.data, cases[i].url);
    }
    text_clear(&url);
}

static void
test_any_flow_can_be_asked_for(void **state)
{
    struct web_estate estate;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);

    expect(&estate, "GET",
           "/api/v1/verify?nic=nic-a&direction=Inbound&protocol=Tcp&local_"
           "port=8080&remote_address=203.0.113.9",
           NULL, 200, "\"verdict\":\"deny\"");
    expect(&estate, "GET",
           "/api/v1/verify?nic=nic-a&direction=Sideways&protocol=Tcp&local_"
           "port=8080&remote_address=203.0.113.9",
           NULL, 400, "\"errorType\":\"bad_data\"");
    expect(&estate, "GET", "/api/v1/verify", NULL, 400, "bad_data");
    expect(&estate, "GET",
           "/what-if?nic=nic-a&direction=Inbound&protocol=Tcp&local_port=8080&"
           "remote_address=203.0.113.9",
           NULL, 200, "deny-admin");
    web_estate_end(&estate);
}

static void
test_ip_flow_verify_answers_as_azure_does(void **state)
{
    static const struct {
        const char *what, *body;
        unsigned int status;
        const char *part;
    } cases[] = {
        { "custom rule", QUESTION("Inbound", "TCP", "443", "*"), 200,
          "{\"access\":\"Allow\",\"ruleName\":\"securityRules/allow-web\","
          "\"ruleId\":\"/subscriptions/11111111-2222-3333-4444-555555555555/"
          "resourceGroups/rg-a/providers/Microsoft.Network/"
          "networkSecurityGroups/nsg-a/securityRules/allow-web\"}" },
        { "denied", QUESTION("Inbound", "TCP", "8080", "5000"), 200,
          "{\"access\":\"Deny\",\"ruleName\":\"securityRules/deny-admin\"" },
        { "default rule", QUESTION("inbound", "udp", "53", "*"), 200,
          "{\"access\":\"Deny\",\"ruleName\":\"defaultSecurityRules/"
          "DenyAllInBound\",\"ruleId\":\"\"}" },
        { "outbound", QUESTION("Outbound", "TCP", "*", "443"), 200,
          "{\"access\":\"Allow\",\"ruleName\":\"defaultSecurityRules/"
          "AllowInternetOutBound\",\"ruleId\":\"\"}" },
        { "no group at all",
          "{\"targetResourceId\":\"" ESTATE_VM "-bare\",\"direction\":"
          "\"Inbound\",\"protocol\":\"TCP\",\"localPort\":\"80\","
          "\"remotePort\":\"*\",\"localIPAddress\":\"10.1.1.4\","
          "\"remoteIPAddress\":\"203.0.113.9\"}",
          400, "{\"error\":{\"code\":\"NsgsNotAppliedOnNic\"" },
        { "unknown machine",
          "{\"targetResourceId\":\"" ESTATE_VM "-x\",\"direction\":"
          "\"Inbound\",\"protocol\":\"TCP\",\"localPort\":\"80\","
          "\"remotePort\":\"*\",\"localIPAddress\":\"10.1.1.4\","
          "\"remoteIPAddress\":\"203.0.113.9\"}",
          404, "\"code\":\"ResourceNotFound\"" },
        { "icmp", QUESTION("Inbound", "ICMP", "443", "*"), 400,
          "InvalidParameter" },
        { "bad direction", QUESTION("Up", "TCP", "443", "*"), 400,
          "InvalidParameter" },
        { "star at the wrong side", QUESTION("Inbound", "TCP", "*", "*"), 400,
          "InvalidParameter" },
        { "port too large", QUESTION("Inbound", "TCP", "65536", "*"), 400,
          "InvalidParameter" },
        { "port range", QUESTION("Inbound", "TCP", "1-2", "*"), 400,
          "InvalidParameter" },
        { "empty", "{}", 400, "'targetResourceId' is required" },
        { "no JSON", "hello", 400, "InvalidRequestContent" },
        { "nothing", "", 400, "InvalidRequestContent" },
    };
    struct web_estate estate;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect(&estate, "POST", WATCHER "?api-version=2024-05-01",
               cases[i].body, cases[i].status, cases[i].part);
    }
    expect(&estate, "POST",
           "/Subscriptions/s/RESOURCEGROUPS/g/providers/microsoft.network/"
           "networkwatchers/w/ipflowverify",
           cases[0].body, 200, "allow-web");
    web_estate_end(&estate);
}

/* Whoever asks by hand must not be told more than the metrics dare say. */
static void
test_questions_are_not_answered_from_expired_data(void **state)
{
    static const char verify[] =
        "/api/v1/verify?nic=nic-a&direction=Inbound&protocol=Tcp&local_port="
        "443&remote_address=203.0.113.9";
    static const char question[] = QUESTION("Inbound", "TCP", "443", "1024");
    struct web_estate estate;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    expect(&estate, "GET", verify, NULL, 200, "\"verdict\":\"allow\"");
    expect(&estate, "GET", verify, NULL, 200,
           "\"data_timestamp\":\"2026-11-21T10:00:00Z\"");
    expect(&estate, "POST", WATCHER, question, 200, "\"access\":\"Allow\"");

    (void) folder_write(*state, "data/all.json", "{ broken");
    fake_clock_advance(&estate.clock, 601000);
    web_estate_run(&estate);

    expect(&estate, "GET", verify, NULL, 200,
           "\"verdict\":\"unknown\",\"violated\":false,\"reason\":"
           "\"data_expired\"");
    expect(&estate, "GET", verify, NULL, 200,
           "\"data_timestamp\":\"2026-11-21T10:00:00Z\"");
    expect(&estate, "POST", WATCHER, question, 422, "VerdictUnknown");
    expect(&estate, "GET", "/api/v1/flows/web", NULL, 200,
           "cannot be decided (data_expired)");
    web_estate_end(&estate);
}

/* Whoever was woken wants to see what was in force, marked as old. */
static void
test_an_expired_verdict_shows_the_layers_of_the_old_data(void **state)
{
    static const char flow[] = "/api/v1/flows/web";
    static const char note[] = "The layers are those of the old data, which "
                               "said allow.";
    struct web_estate estate;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);
    (void) folder_write(*state, "data/all.json", "{ broken");
    fake_clock_advance(&estate.clock, 601000);
    web_estate_run(&estate);

    /* The verdict itself has none, its explanation has. */
    expect(&estate, "GET", flow, NULL, 200, "\"layers\":[],\"regions\":[]");
    expect(&estate, "GET", flow, NULL, 200, note);
    expect(&estate, "GET", flow, NULL, 200,
           "\"layer\":\"subnet_nsg\",\"outcome\":\"allow\"");
    expect(&estate, "GET", "/flows/web", NULL, 200, note);
    expect(&estate, "GET", "/flows/web", NULL, 200, "allow-web");
    web_estate_end(&estate);
}

static void
test_a_flow_without_layers_shows_no_list_of_them(void **state)
{
    struct web_estate estate;
    struct response response;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);

    web_estate_ask(&estate, "GET", "/flows/lost", NULL, NULL, &response);

    assert_int_equal(response.status, 200);
    assert_null(strstr(response.body.data, "Layers"));
    response_clear(&response);
    web_estate_end(&estate);
}

static void
test_reload_is_off_unless_it_is_switched_on(void **state)
{
    struct web_estate estate;
    web_estate_start(&estate, *state);

    expect(&estate, "POST", "/-/reload", NULL, 403, "not enabled");
    estate.web.enable_lifecycle = true;
    expect(&estate, "POST", "/-/reload", NULL, 503, "Nothing can be");
    web_estate_end(&estate);
}

static void
test_hostile_text_is_escaped_in_every_page(void **state)
{
    static const char *const targets[] = { "/?q=%3Cscript%3E%22%27",
                                           "/?group=%22%3E%3Cscript%3E",
                                           "/flows/%3Cscript%3E",
                                           "/what-if?nic=%22%3E%3Cscript%3E",
                                           "/?verdict=%3Cscript%3E",
                                           "/flows/web",
                                           "/" };
    struct web_estate estate;
    struct response response;
    web_estate_start(&estate, *state);
    web_estate_run(&estate);

    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        web_estate_ask(&estate, "GET", targets[i], NULL, NULL, &response);
        if (strstr(response.body.data, "<script>")
            || strstr(response.body.data, "<b> &")) {
            fail_msg("%s", targets[i]);
        }
        response_clear(&response);
    }
    web_estate_end(&estate);
}

static void
test_the_openapi_document_names_every_route(void **state)
{
    struct web_estate estate;
    struct response response;
    const struct web_route *table;
    size_t n = routes(&table);
    web_estate_start(&estate, *state);

    web_estate_ask(&estate, "GET", "/api/v1/openapi.json", NULL, NULL,
                   &response);

    for (size_t i = 0; i < n; i++) {
        if (table[i].summary && !table[i].lifecycle) {
            assert_non_null(strstr(response.body.data, table[i].summary));
        }
    }
    assert_non_null(strstr(response.body.data, "\"/api/v1/flows/{name}\""));
    assert_null(strstr(response.body.data, "..."));
    response_clear(&response);
    web_estate_end(&estate);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_before_the_first_cycle_data_is_refused),
        FOLDER_TEST(test_routes_answer_with_their_kind),
        FOLDER_TEST(test_another_method_is_refused_with_those_that_fit),
        FOLDER_TEST(test_flows_are_filtered_sorted_and_paged),
        FOLDER_TEST(test_a_result_has_the_shape_that_is_promised),
        cmocka_unit_test(test_a_link_leads_to_the_resource_that_owns_the_rule),
        FOLDER_TEST(test_any_flow_can_be_asked_for),
        FOLDER_TEST(test_ip_flow_verify_answers_as_azure_does),
        FOLDER_TEST(test_questions_are_not_answered_from_expired_data),
        FOLDER_TEST(test_an_expired_verdict_shows_the_layers_of_the_old_data),
        FOLDER_TEST(test_a_flow_without_layers_shows_no_list_of_them),
        FOLDER_TEST(test_reload_is_off_unless_it_is_switched_on),
        FOLDER_TEST(test_hostile_text_is_escaped_in_every_page),
        FOLDER_TEST(test_the_openapi_document_names_every_route),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
