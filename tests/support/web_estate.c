#include "tests/support/web_estate.h"

#include <string.h>

#include "config/config.h"
#include "engine/base/error.h"
#include "exporter/changes.h"
#include "exporter/cycle.h"
#include "exporter/snapshot.h"
#include "exporter/source/source.h"
#include "exporter/web/routes.h"
#include "exporter/web/what_if.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

#define IDS                                                                   \
    "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/"     \
    "rg-a/providers/Microsoft.Network/"
#define RULE(name, priority, access, port)                                    \
    "{\"id\":\"" IDS "networkSecurityGroups/nsg-a/securityRules/" name        \
    "\",\"name\":\"" name "\",\"properties\":{\"priority\":" priority         \
    ",\"direction\":\"Inbound\",\"access\":\"" access                         \
    "\",\"protocol\":\"Tcp\",\"description\":\"d\\\"\\\\\\n<b>\","            \
    "\"sourceAddressPrefix\":\"*\",\"sourcePortRange\":\"*\","                \
    "\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"" port     \
    "\"}}"
#define NIC(name, address, subnet, more)                                      \
    "{\"id\":\"" IDS "networkInterfaces/" name "\",\"name\":\"" name          \
    "\",\"type\":\"Microsoft.Network/networkInterfaces\",\"properties\":{"    \
    "\"primary\":true," more "\"ipConfigurations\":[{\"name\":\"one\","       \
    "\"id\":\"" IDS "networkInterfaces/" name "/ipConfigurations/one\","      \
    "\"properties\":{\"primary\":true,\"privateIPAddress\":\"" address        \
    "\",\"subnet\":{\"id\":\"" IDS "virtualNetworks/vnet-a/subnets/" subnet   \
    "\"}}}]}}"

static const char resources[] =
    "{\"value\":[{\"id\":\"" IDS "virtualNetworks/vnet-a\",\"name\":"
    "\"vnet-a\",\"type\":\"Microsoft.Network/virtualNetworks\","
    "\"properties\":{\"addressSpace\":{\"addressPrefixes\":[\"10.1.0.0/16\"]"
    "},\"subnets\":[{\"id\":\"" IDS "virtualNetworks/vnet-a/subnets/apps\","
    "\"name\":\"apps\",\"properties\":{\"addressPrefix\":\"10.1.0.0/24\","
    "\"networkSecurityGroup\":{\"id\":\"" IDS
    "networkSecurityGroups/nsg-a\"}}},{\"id\":\"" IDS
    "virtualNetworks/vnet-a/subnets/bare\",\"name\":\"bare\","
    "\"properties\":{\"addressPrefix\":\"10.1.1.0/24\"}}]}},"
    "{\"id\":\"" IDS "networkSecurityGroups/nsg-a\",\"name\":\"nsg-a\","
    "\"type\":\"Microsoft.Network/networkSecurityGroups\",\"properties\":{"
    "\"securityRules\":[" RULE("allow-web", "100", "Allow", "443") "," RULE(
        "deny-admin", "200", "Deny",
        "8080") "]}}," NIC("nic-a", "10.1.0.4", "apps",
                           "\"virtualMachine\":{\"id\":\"" ESTATE_VM
                           "\"},") "," NIC("nic-bare", "10.1.1.4", "bare",
                                           "\"virtualMachine\":{\"id\":"
                                           "\"" ESTATE_VM "-bare\"},") "]}";

#define FLOW(name, port, expect, more)                                        \
    "{ name = \"" name "\"; nic = \"rg-a/nic-a\"; direction = \"Inbound\";\n" \
    "  protocol = \"Tcp\"; local_port = \"" port "\";\n"                      \
    "  remote_address = \"203.0.113.9\"; expect = \"" expect "\"; " more "}"

static const char configuration[] =
    "interval = \"60s\";\n"
    "source = { kind = \"directory\"; path = "
    "\"data\"; };\n"
    "flows = (\n" FLOW(
        "web", "443", "allow",
        "description = \"a <b> & c\"; labels "
        "= { team = "
        "\"quote\\\" slash\\\\ \\xff end\"; "
        "};") ",\n" FLOW("web-closed", "443", "deny",
                         "") ",\n" FLOW("admin"
                                        "/a:1",
                                        "8080", "deny",
                                        "") ","
                                            "\n" FLOW(
                                                "half", "443,8080", "allow",
                                                "") ",\n"
                                                    "{ name = \"lost\"; nic = "
                                                    "\"rg-a/none\"; direction "
                                                    "= \"Outbound\";\n"
                                                    "  protocol = \"Icmp\"; "
                                                    "remote_address = \"*\"; "
                                                    "}\n);\n";

void
web_estate_start(struct web_estate *estate, const char *folder)
{
    struct text errors;
    text_init(&errors);
    (void) folder_write(folder, "data/all.json", resources);
    estate->config = config_load(
        folder_write(folder, "flowverify.cfg", configuration), &errors);
    assert_string_equal(errors.data, "");
    text_clear(&errors);

    fake_clock_init(&estate->clock);
    estate->source = directory_create(estate->config, &estate->clock.clock);
    estate->changes = changes_create();
    estate->cycle = cycle_create(&(struct cycle_options){
        .config = estate->config,
        .source = estate->source,
        .clock = &estate->clock.clock,
        .changes = estate->changes,
        .renders = true,
    });
    estate->publisher = publisher_create();
    estate->web = (struct web){
        .publisher = estate->publisher,
        .changes = estate->changes,
        .clock = &estate->clock.clock,
        .what_if = what_if_create(),
        .telemetry_path = "/metrics",
        .prefix = "",
        .base = "/",
    };
}

void
web_estate_run(struct web_estate *estate)
{
    publisher_publish(estate->publisher, cycle_run(estate->cycle));
}

void
web_estate_end(struct web_estate *estate)
{
    what_if_destroy(estate->web.what_if);
    publisher_destroy(estate->publisher);
    cycle_destroy(estate->cycle);
    changes_destroy(estate->changes);
    source_destroy(estate->source);
    config_unref(estate->config);
}

void
web_estate_ask(const struct web_estate *estate, const char *method,
               const char *target, const char *accept, const char *body,
               struct response *response)
{
    struct request request = { .method = method, .accept = accept };
    struct error error;
    struct text path;
    text_init(&path);
    text_append(&path, target);
    text_append_char(&path, '\0');
    char *query = strchr(path.data, '?');
    if (query) {
        *query++ = '\0';
    }
    assert_true(percent_decode(path.data, false));
    assert_true(query_parse(&request.query, query, &error));
    text_init(&request.body);
    text_append(&request.body, body ? body : "");
    request.path = path.data;
    request.style = route_style_of(path.data);

    response_init(response);
    const struct web_route *route =
        route_find(&estate->web, &request, response);
    if (route) {
        request.snapshot = publisher_acquire(estate->publisher);
        route_handle(&estate->web, route, &request, response);
        snapshot_unref(request.snapshot);
    }
    query_clear(&request.query);
    text_clear(&request.body);
    text_clear(&path);
}
