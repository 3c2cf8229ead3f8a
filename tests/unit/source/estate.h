/* A small estate on the fake Azure: in each subscription a network with two
 * NICs, a group that lets port 80 through to the first or not. */

#ifndef TESTS_UNIT_SOURCE_ESTATE_H
#define TESTS_UNIT_SOURCE_ESTATE_H

#include <stdio.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "tests/support/fake_arm.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

#define SUB_A "aaaaaaaa-0000-4000-8000-000000000001"
#define SUB_B "bbbbbbbb-0000-4000-8000-000000000002"
#define SUB_C "cccccccc-0000-4000-8000-000000000003"
#define ID(sub, type, name)                                                   \
    "/subscriptions/" sub                                                     \
    "/resourceGroups/rg/providers/Microsoft.Network/" type "/" name

#define PUT_NSG(arm, sub, access, more)                                       \
    fake_arm_put(                                                             \
        arm, ID(sub, "networkSecurityGroups", "nsg"),                         \
        "{\"id\":\"" ID(sub, "networkSecurityGroups",                         \
                        "nsg") "\",\"name\":\"nsg\",\"location\":"            \
                               "\"westeurope\",\"properties\":{"              \
                               "\"securityRules\":[{\"name\":\"web\","        \
                               "\"properties\":{\"priority\":200,"            \
                               "\"direction\":\"Inbound\",\"access\":"        \
                               "\"%s\",\"protocol\":\"Tcp\","                 \
                               "\"sourceAddressPrefix\":\"10.9.0.0/16\","     \
                               "\"sourcePortRange\":\"*\","                   \
                               "\"destinationAddressPrefix\":\"*\","          \
                               "\"destinationPortRange\":\"80\"}}%s]}}",      \
        access, more)

#define PUT_NIC(arm, sub, name, address, asgs)                                \
    fake_arm_put(                                                             \
        arm, ID(sub, "networkInterfaces", name),                              \
        "{\"id\":\"" ID(sub, "networkInterfaces",                             \
                        name) "\",\"name\":\"" name "\",\"properties\":{"     \
                              "\"networkSecurityGroup\":{\"id\":\"" ID(       \
                                  sub, "networkSecurityGroups",               \
                                  "nsg") "\"},\"ipConfigurations\":[{"        \
                                         "\"name\":\"c\",\"properties\":{"    \
                                         "\"primary\":true,"                  \
                                         "\"privateIPAddress\":\"" address    \
                                         "\",\"subnet\":{\"id\":\"" ID(       \
                                             sub, "virtualNetworks",          \
                                             "vnet/subnets/"                  \
                                             "s") "\"}%s}}]}}",               \
        asgs)

#define PUT_VNET(arm, sub, configurations)                                    \
    fake_arm_put(                                                             \
        arm, ID(sub, "virtualNetworks", "vnet"),                              \
        "{\"id\":\"" ID(sub, "virtualNetworks",                               \
                        "vnet") "\",\"name\":\"vnet\",\"location\":"          \
                                "\"westeurope\",\"properties\":{"             \
                                "\"addressSpace\":{\"addressPrefixes\":["     \
                                "\"10.1.0.0/16\"]},\"subnets\":[{\"id\":"     \
                                "\"" ID(sub, "virtualNetworks",               \
                                        "vnet/subnets/"                       \
                                        "s") "\",\"name\":\"s\","             \
                                             "\"properties\":{"               \
                                             "\"addressPrefix\":"             \
                                             "\"10.1.0.0/24\","               \
                                             "\"ipConfigurations\":["         \
                                             "%s]}}]}}",                      \
        configurations)

#define PUT_SUBSCRIPTION(arm, sub)                                            \
    do {                                                                      \
        PUT_NSG(arm, sub, "Allow", "");                                       \
        PUT_NIC(arm, sub, "nic-1", "10.1.0.4", "");                           \
        PUT_NIC(arm, sub, "nic-2", "10.1.0.5", "");                           \
        PUT_VNET(arm, sub, "");                                               \
    } while (0)

/* Writes and loads a configuration with these subscriptions and flows. */
static inline const struct config *
load_config(const char *folder, const char *subscriptions, const char *flows,
            const char *more)
{
    struct text text;
    struct text errors;

    text_init(&text);
    text_init(&errors);
    text_printf(&text,
                "interval = \"60s\"; max_age = \"10m\";\n"
                "source = { kind = \"azure\"; cloud = \"custom\";\n"
                " arm_endpoint = \"https://arm.example\";\n"
                " authority = \"https://login.example\";\n"
                " audience = \"https://arm.example\";\n"
                " credential = { kind = \"client_secret\"; tenant_id = \"t\";"
                " client_id = \"c\"; secret_file = \"secret\"; };\n"
                " refresh = { admin_rules = \"5m\"; };\n"
                " subscriptions = ( %s ); %s };\nflows = ( %s );\n",
                subscriptions, more, flows);
    folder_write(folder, "secret", "s3cret");
    const struct config *config =
        config_load(folder_write(folder, "f.cfg", text.data), &errors);
    if (!config) {
        fail_msg("%s", errors.data);
    }
    text_clear(&text);
    text_clear(&errors);
    return config;
}

#define SUBSCRIPTION(sub, alias) "{ id = \"" sub "\"; alias = \"" alias "\"; }"
#define FLOW(name, nic)                                                       \
    "{ name = \"" name "\"; nic = \"" nic "\"; direction = \"Inbound\"; "     \
    "protocol = \"Tcp\"; local_port = 80; remote_address = \"10.9.0.1\"; }"

#endif
