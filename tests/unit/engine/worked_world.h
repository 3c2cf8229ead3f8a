/* The small networks of the worked cases. */

#ifndef TESTS_UNIT_ENGINE_WORKED_WORLD_H
#define TESTS_UNIT_ENGINE_WORKED_WORLD_H

#include <stdbool.h>
#include <string.h>

#include "tests/support/builder.h"

/* A virtual network, a subnet, a NIC at 10.0.0.4. */
static inline void
fixture(struct builder *b, const char *subnet_nsg, const char *nic_nsg)
{
    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "sub", subnet_nsg);
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", nic_nsg);
    if (subnet_nsg) {
        build_nsg(b, subnet_nsg);
    }
    if (nic_nsg && (!subnet_nsg || strcmp(subnet_nsg, nic_nsg) != 0)) {
        build_nsg(b, nic_nsg);
    }
}

static inline void
nic_only(struct builder *b)
{
    fixture(b, NULL, "nsg");
}

static inline void
subnet_only(struct builder *b)
{
    fixture(b, "nsg", NULL);
}

static inline void
both(struct builder *b)
{
    fixture(b, "nsg1", "nsg2");
}

static inline void
none(struct builder *b)
{
    fixture(b, NULL, NULL);
}

static inline void
same_twice(struct builder *b)
{
    fixture(b, "nsg", "nsg");
}

/* The machine of a recorded answer. */
static inline void
recorded(struct builder *b)
{
    build_network(b, "vnet", "10.17.3.0/24");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "vm", "vnet/sub", "10.17.3.4", "nsg");
    build_rule(b, "nsg",
               "default-allow-rdp Inbound 1000 Allow TCP * * * 3389");
}

static inline void
two_machines(struct builder *b)
{
    subnet_only(b);
    build_nic(b, "vm2", "vnet/sub", "10.0.0.5", NULL);
}

/* "Application security groups": web, logic and database tiers. */
static inline void
tiers(struct builder *b)
{
    static const char *const nics[][3] = { { "nic1", "10.0.0.4", "AsgWeb" },
                                           { "nic2", "10.0.0.5", "AsgWeb" },
                                           { "nic3", "10.0.1.4", "AsgLogic" },
                                           { "nic4", "10.0.1.5", "AsgDb" } };

    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "one", "nsg");
    build_subnet(b, "vnet", "two", "nsg");
    for (size_t i = 0; i < COUNT_OF(nics); i++) {
        build_nic(b, nics[i][0], i < 2 ? "vnet/one" : "vnet/two", nics[i][1],
                  NULL);
        build_member(b, nics[i][0], nics[i][1], nics[i][2]);
    }
    build_rule(b, "nsg",
               "Allow-HTTP-Inbound-Internet Inbound 100 Allow Tcp Internet * "
               "asg=AsgWeb 80");
    build_rule(b, "nsg",
               "Allow-Database-BusinessLogic Inbound 110 Allow Tcp "
               "asg=AsgLogic * asg=AsgDb 1433");
    build_rule(b, "nsg",
               "Deny-Database-All Inbound 120 Deny * * * asg=AsgDb 1433");
}

/* A security team denies SSH everywhere but to the application's networks. */
static inline void
ssh_exception(struct builder *b)
{
    static const char deny[] = "m/base/NoSsh Inbound 10 Deny Tcp * * * 22";

    build_network(b, "vnet1", "10.1.0.0/16");
    build_network(b, "vnet4", "10.4.0.0/16");
    build_subnet(b, "vnet1", "sub", "nsg");
    build_subnet(b, "vnet4", "sub", "nsg");
    build_subnet(b, "vnet4", "closed", "strict");
    build_nic(b, "vm1", "vnet1/sub", "10.1.0.4", NULL);
    build_nic(b, "vm4", "vnet4/sub", "10.4.0.4", NULL);
    build_nic(b, "vm5", "vnet4/closed", "10.4.1.4", NULL);
    build_rule(b, "nsg", "ssh Inbound 100 Allow Tcp * * * 22");
    build_nsg(b, "strict");
    build_admin_rule(b, "vnet1", deny);
    build_admin_rule(b, "vnet4", deny);
    build_admin_rule(b, "vnet4",
                     "m/app/SshForApp Inbound 5 Allow Tcp * * * 22");
}

/* The rules of the sample flow log of Virtual Network Manager. */
static inline void
high_risk_ports(struct builder *b)
{
    nic_only(b);
    build_nic(b, "vm6", "vnet/sub", "10.0.0.6", "nsg");
    build_rule(b, "nsg", "open Inbound 100 Allow * * * * *");
    build_admin_rule(b, "vnet",
                     "m/c/BlockHighRiskTCPPortsFromInternet Inbound 10 Deny "
                     "Tcp Internet * * 20-23,119,445,3389");
    build_admin_rule(b, "vnet",
                     "m/c/Internet Inbound 20 Deny * Internet * * *");
}

static inline void
behind_gateway(struct builder *b)
{
    nic_only(b);
    build_subnet(b, "vnet", "GatewaySubnet", NULL)->has_ip_configurations =
        true;
    build_on_premises(b, "vnet", "198.51.100.0/24");
}

/* All traffic is routed to a firewall inside the network. */
static inline void
forced_tunnel(struct builder *b)
{
    nic_only(b);
    build_subnet(b, "vnet", "routed", NULL)->route_table_id =
        id_of(b, "routeTables", "rt");
    build_nic(b, "vmr", "vnet/routed", "10.0.9.4", "nsg");
    build_route(b, "rt", "0.0.0.0/0 appliance 10.0.0.100");
}

static inline void
peering_without_access(struct builder *b)
{
    nic_only(b);
    build_peering(b, "vnet", "peer", "connected", "10.1.0.0/16");
}

static inline void
peered(struct builder *b)
{
    nic_only(b);
    build_peering(b, "vnet", "b", "connected access", "10.1.0.0/16");
}

/* A route on the client's subnet alone. */
static inline void
appliance(struct builder *b)
{
    build_network(b, "vnet", "10.0.0.0/16");
    build_subnet(b, "vnet", "client", "nsg")->route_table_id =
        id_of(b, "routeTables", "rt");
    build_subnet(b, "vnet", "nva", "nsg");
    build_nsg(b, "nsg");
    build_route(b, "rt", "172.20.0.0/16 appliance 10.0.1.4");
    build_nic(b, "client", "vnet/client", "10.0.0.4", NULL);
    build_nic(b, "nva", "vnet/nva", "10.0.1.4", NULL);
    build_ip(b, "nva", "vnet/nva", "172.20.0.9");
}

static inline void
bastion(struct builder *b)
{
    both(b);
    build_admin_rule(
        b, "vnet",
        "GlobalRules/c/VirtualNetwork Inbound 100 Allow * VirtualNetwork * * "
        "*");
    build_rule(b, "nsg2",
               "DenyVnetInBound Inbound 1000 Deny * virtualNetwork * * *");
}

static inline void
empty_group(struct builder *b)
{
    nic_only(b);
    build_member(b, "vm", "10.0.0.4", "Asg1");
    build_rule(b, "nsg", "web Inbound 100 Allow Tcp * * asg=Asg1,asg=Asg4 80");
}

static inline void
poisoned_group(struct builder *b)
{
    empty_group(b);
    builder_settings(b)->empty_asg_no_match = true;
}

static inline void
dual_stack(struct builder *b)
{
    build_network(b, "vnet", "10.0.0.0/16,fd00:db8::/48");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", "nsg");
    build_ip(b, "vm", "vnet/sub", "fd00:db8::4");
    build_nsg(b, "nsg");
}

static inline void
two_addresses(struct builder *b)
{
    nic_only(b);
    build_ip(b, "vm", "vnet/sub", "10.0.0.5");
    build_member(b, "vm", "10.0.0.4", "AsgWeb");
}

static inline void
member_elsewhere(struct builder *b)
{
    nic_only(b);
    build_nic(b, "vm9", "vnet/sub", "10.0.0.9", NULL);
    build_member(b, "vm9", "10.0.0.9", "AsgX");
}

static inline void
public_space(struct builder *b)
{
    build_network(b, "vnet", "20.128.0.0/16");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "vm", "vnet/sub", "20.128.0.4", "nsg");
    build_nsg(b, "nsg");
}

static inline void
storage_tags(struct builder *b)
{
    nic_only(b);
    build_tag(b, "Storage", "52.239.0.0/16,20.38.0.0/16");
    build_tag(b, "Storage.WestEurope", "52.239.0.0/16");
    build_tag(b, "AzureCloud", "52.0.0.0/8,20.0.0.0/8");
}

static inline void
network_group(struct builder *b)
{
    nic_only(b);
    build_rule(b, "nsg", "open Inbound 100 Allow * * * * *");
    build_network_group(b, "g", "10.5.0.0/16");
    build_admin_rule(b, "vnet", "m/c/No Inbound 1 Deny * group=g * * *");
}

#endif
