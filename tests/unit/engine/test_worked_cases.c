/* The worked cases of Azure's documentation (S) and what follows from them
 * (D), each by its id.
 *
 * Left out, because rules do not decide them: S47 (the data path exempts
 * platform traffic; the rules' own answer is D4, and explain notes the
 * exemption) and S48 (a Standard public address is closed without a group;
 * explain notes it).  S45 needs the setting "empty_asg" and D31 a list that
 * Azure has already filtered; both are here with that list and setting. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/arena.h"
#include "tests/unit/engine/worked_case.h"

/* A virtual network, a subnet, a NIC at 10.0.0.4. */
static void
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

static void
nic_only(struct builder *b)
{
    fixture(b, NULL, "nsg");
}

static void
subnet_only(struct builder *b)
{
    fixture(b, "nsg", NULL);
}

static void
both(struct builder *b)
{
    fixture(b, "nsg1", "nsg2");
}

static void
none(struct builder *b)
{
    fixture(b, NULL, NULL);
}

static void
same_twice(struct builder *b)
{
    fixture(b, "nsg", "nsg");
}

/* The machine of a recorded answer. */
static void
recorded(struct builder *b)
{
    build_network(b, "vnet", "10.17.3.0/24");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "vm", "vnet/sub", "10.17.3.4", "nsg");
    build_rule(b, "nsg",
               "default-allow-rdp Inbound 1000 Allow TCP * * * 3389");
}

static void
two_machines(struct builder *b)
{
    subnet_only(b);
    build_nic(b, "vm2", "vnet/sub", "10.0.0.5", NULL);
}

/* "Application security groups": web, logic and database tiers. */
static void
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
static void
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
static void
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

static void
behind_gateway(struct builder *b)
{
    nic_only(b);
    build_subnet(b, "vnet", "GatewaySubnet", NULL)->has_ip_configurations =
        true;
    build_on_premises(b, "vnet", "198.51.100.0/24");
}

/* All traffic is routed to a firewall inside the network. */
static void
forced_tunnel(struct builder *b)
{
    nic_only(b);
    build_subnet(b, "vnet", "routed", NULL)->route_table_id =
        id_of(b, "routeTables", "rt");
    build_nic(b, "vmr", "vnet/routed", "10.0.9.4", "nsg");
    build_route(b, "rt", "0.0.0.0/0 appliance 10.0.0.100");
}

static void
peering_without_access(struct builder *b)
{
    nic_only(b);
    build_peering(b, "vnet", "peer", "connected", "10.1.0.0/16");
}

static void
peered(struct builder *b)
{
    nic_only(b);
    build_peering(b, "vnet", "b", "connected access", "10.1.0.0/16");
}

/* A route on the client's subnet alone. */
static void
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

static void
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

static void
empty_group(struct builder *b)
{
    nic_only(b);
    build_member(b, "vm", "10.0.0.4", "Asg1");
    build_rule(b, "nsg", "web Inbound 100 Allow Tcp * * asg=Asg1,asg=Asg4 80");
}

static void
poisoned_group(struct builder *b)
{
    empty_group(b);
    builder_settings(b)->empty_asg_no_match = true;
}

static const struct worked_case documented[] = {
    { "S1",
      nic_only,
      { NULL },
      { { "Outbound vm Tcp - 60000 13.107.21.200 80",
          "allow nsg/AllowInternetOutBound" } } },
    { "S2",
      nic_only,
      { NULL },
      { { "Outbound vm Tcp - 60000 10.0.1.10 80",
          "allow nsg/AllowVnetOutBound" } } },
    { "S3",
      nic_only,
      { NULL },
      { { "Outbound vm Tcp - 60000 10.10.10.10 80",
          "deny nsg/DenyAllOutBound" } } },
    { "S4",
      nic_only,
      { NULL },
      { { "Inbound vm Tcp 10.10.10.10 60000 - 80",
          "deny nsg/DenyAllInBound" } } },
    { "S5",
      nic_only,
      { NULL },
      { { "Outbound vm Tcp - 60000 172.31.0.100 80",
          "deny nsg/DenyAllOutBound" } } },
    { "S6",
      nic_only,
      { NULL },
      { { "Inbound vm Tcp 172.31.0.100 60000 - 80",
          "deny nsg/DenyAllInBound" } } },
    { "S7",
      recorded,
      { "nsg: sr2 Inbound 123 Allow Tcp * 23-45 * 46-56" },
      { { "Inbound vm Tcp 121.11.12.14 40 - 50", "allow nsg/sr2" } } },
    { "S8",
      recorded,
      { "nsg: scr1 Outbound 122 Deny Tcp * * * 80" },
      { { "Outbound vm Tcp - 80 12.11.12.14 80", "deny nsg/scr1" } } },
    { "S9",
      nic_only,
      { NULL },
      { { "Inbound vm Tcp 100.1.2.3 * - 22", "deny nsg/DenyAllInBound" } } },
    { "S10",
      nic_only,
      { NULL },
      { { "Outbound vm Tcp - * 100.1.2.3 80",
          "allow nsg/AllowInternetOutBound" } } },
    { "S11",
      recorded,
      { NULL },
      { { "Inbound vm Tcp 10.1.1.4 * - 50", "deny nsg/DenyAllInBound" } } },
    { "S12",
      bastion,
      { NULL },
      { { "Inbound vm Tcp 10.0.1.0/26 * - *",
          "deny nsg2/DenyVnetInBound" } } },
    { "S13",
      both,
      { "nsg1: fe_rule Inbound 100 Allow Tcp * * * 12100",
        "nsg2: fe_rule Inbound 200 Allow Tcp * * * 12100" },
      { { "Inbound vm Tcp 10.1.0.4 * - 12100", "allow nsg2/fe_rule" } } },
    { "S14",
      both,
      { "nsg2: web Inbound 100 Allow Tcp * * * 80" },
      { { "Inbound vm Tcp 8.8.8.8 * - 80", "deny nsg1/DenyAllInBound" } } },
    { "S15",
      both,
      { "nsg1: web1 Inbound 100 Allow Tcp * * * 80",
        "nsg2: web2 Inbound 100 Allow Tcp * * * 80" },
      { { "Inbound vm Tcp 8.8.8.8 * - 80", "allow nsg2/web2" } } },
    { "S16",
      subnet_only,
      { "nsg: web Inbound 100 Allow Tcp * * * 80" },
      { { "Inbound vm Tcp 8.8.8.8 * - 80", "allow nsg/web" },
        { "Inbound vm Tcp 8.8.8.8 * - 81", "deny nsg/DenyAllInBound" } } },
    { "S17",
      nic_only,
      { "nsg: web Inbound 100 Allow Tcp * * * 80" },
      { { "Inbound vm Tcp 8.8.8.8 * - 80", "allow nsg/web" },
        { "Inbound vm Tcp 8.8.8.8 * - 81", "deny nsg/DenyAllInBound" } } },
    { "S18",
      none,
      { NULL },
      { { "Inbound vm * * * - *", "allow none" },
        { "Outbound vm * - * * *", "allow none" } } },
    { "S19",
      both,
      { "nsg2: no80 Outbound 100 Deny Tcp * * * 80" },
      { { "Outbound vm Tcp - * 8.8.8.8 80", "deny nsg2/no80" } } },
    { "S20",
      both,
      { NULL },
      { { "Outbound vm Tcp - * 8.8.8.8 80",
          "allow nsg1/AllowInternetOutBound" } } },
    { "S21",
      two_machines,
      { "nsg: noin Inbound 100 Deny * * * * *",
        "nsg: noout Outbound 100 Deny * * * * *" },
      { { "Inbound vm2 Tcp 10.0.0.4 * - 22", "deny nsg/noin" },
        { "Outbound vm Tcp - * 10.0.0.5 22", "deny nsg/noout" },
        { "Both vm,vm2 Tcp - * - 22", "deny nsg/noout" } } },
    { "S22",
      tiers,
      { NULL },
      { { "Inbound nic1 Tcp 8.8.8.8 * - 80",
          "allow nsg/Allow-HTTP-Inbound-Internet" } } },
    { "S23",
      tiers,
      { NULL },
      { { "Inbound nic3 Tcp 8.8.8.8 * - 80", "deny nsg/DenyAllInBound" } } },
    { "S24",
      tiers,
      { NULL },
      { { "Inbound nic4 Tcp 10.0.1.4 * - 1433",
          "allow nsg/Allow-Database-BusinessLogic" } } },
    { "S25",
      tiers,
      { NULL },
      { { "Inbound nic4 Tcp 10.0.0.4 * - 1433",
          "deny nsg/Deny-Database-All" } } },
    { "S26",
      ssh_exception,
      { NULL },
      { { "Inbound vm1 Tcp 8.8.8.8 * - 22", "deny admin:m/base/NoSsh" } } },
    { "S27",
      ssh_exception,
      { NULL },
      { { "Inbound vm4 Tcp 8.8.8.8 * - 22", "allow nsg/ssh" },
        { "Inbound vm5 Tcp 8.8.8.8 * - 22", "deny strict/DenyAllInBound" } } },
    { "S28",
      nic_only,
      { "admin@vnet: m/c/Scanner Inbound 1 AlwaysAllow * 20.1.2.3 * * *",
        "nsg: no Inbound 100 Deny * * * * *" },
      { { "Inbound vm Tcp 20.1.2.3 * - 80", "allow admin:m/c/Scanner" } } },
    { "S29",
      nic_only,
      { "admin@vnet: m/c/Low Inbound 20 Allow * * * * *",
        "admin@vnet: m/c/High Inbound 10 Deny * * * * *" },
      { { "Inbound vm Tcp 8.8.8.8 * - 80", "deny admin:m/c/High" } } },
    { "S30",
      high_risk_ports,
      { NULL },
      { { "Inbound vm6 Tcp 101.33.218.153 55188 - 22",
          "deny admin:m/c/BlockHighRiskTCPPortsFromInternet" } } },
    { "S31",
      high_risk_ports,
      { NULL },
      { { "Inbound vm6 Tcp 192.241.200.164 35276 - 119",
          "deny admin:m/c/BlockHighRiskTCPPortsFromInternet" } } },
    { "S32",
      high_risk_ports,
      { NULL },
      { { "Inbound vm6 Tcp 20.106.221.10 50557 - 44357",
          "deny admin:m/c/Internet" } } },
    { "S33",
      high_risk_ports,
      { NULL },
      { { "Outbound vm6 Tcp - 23956 52.239.184.180 443",
          "allow nsg/AllowInternetOutBound" } } },
    { "S34",
      nic_only,
      { NULL },
      { { "Inbound vm Tcp 42.119.146.95 51529 - 5358",
          "deny nsg/DenyAllInBound" } } },
    { "S35",
      nic_only,
      { "nsg: default-allow-rdp Inbound 1000 Allow Tcp * * * 3389" },
      { { "Inbound vm Tcp 163.28.66.17 61771 - 3389",
          "allow nsg/default-allow-rdp" } } },
    { "S36",
      nic_only,
      { NULL },
      { { "Inbound vm Udp 94.102.49.190 28746 - 443",
          "deny nsg/DenyAllInBound" } } },
    { "S37",
      nic_only,
      { "nsg: novnet Inbound 4000 Deny * VirtualNetwork * * *" },
      { { "Inbound vm Tcp 168.63.129.16 * - 80", "deny nsg/novnet" } } },
    { "S38",
      nic_only,
      { "nsg: noall Inbound 4096 Deny * * * * *" },
      { { "Inbound vm Tcp 168.63.129.16 * - 80", "deny nsg/noall" } } },
    { "S39",
      behind_gateway,
      { "nsg: nonet Outbound 200 Deny * * * Internet *" },
      { { "Outbound vm Tcp - * 198.51.100.7 443", "deny nsg/nonet" } } },
    { "S40",
      behind_gateway,
      { "nsg: nonet Outbound 200 Deny * * * Internet *",
        "nsg: vnet Outbound 100 Allow * * * VirtualNetwork *" },
      { { "Outbound vm Tcp - * 198.51.100.7 443", "allow nsg/vnet" } } },
    { "S41",
      forced_tunnel,
      { "nsg: vnet Outbound 100 Allow * * * VirtualNetwork *",
        "nsg: nonet Outbound 200 Deny * * * Internet *" },
      { { "Outbound vmr Tcp - * 8.8.8.8 443", "allow nsg/vnet" } } },
    { "S42",
      forced_tunnel,
      { NULL },
      { { "Inbound vmr Tcp 0.0.0.0/0 * - 443", "allow nsg/AllowVnetInBound" },
        { "Inbound vm Tcp 8.8.8.8 * - 443", "deny nsg/DenyAllInBound" } } },
    { "S43",
      peering_without_access,
      { NULL },
      { { "Inbound vm Tcp 10.1.0.4 * - 443", "deny nsg/DenyAllInBound" } } },
    { "S44",
      peering_without_access,
      { "nsg: peer Inbound 100 Allow Icmp 10.1.0.0/16 * * *" },
      { { "Inbound vm Icmp 10.1.0.4 * - *", "allow nsg/peer" } } },
    { "S45",
      poisoned_group,
      { NULL },
      { { "Inbound vm Tcp 8.8.8.8 * - 80", "deny nsg/DenyAllInBound" } } },
    { "S46",
      nic_only,
      { "nsg: no8080 Outbound 100 Deny Tcp * * Internet 8080" },
      { { "Outbound vm Tcp - * 8.8.8.8 443",
          "allow nsg/AllowInternetOutBound" },
        { "Outbound vm Tcp - * 8.8.8.8 8080", "deny nsg/no8080" } } },
    { "S49",
      appliance,
      { NULL },
      { { "Inbound nva Tcp 10.0.0.4 * 172.20.0.9 443",
          "deny nsg/DenyAllInBound" },
        { "Outbound client Tcp - * 172.20.0.9 443",
          "allow nsg/AllowVnetOutBound" } } },
    { "S50",
      nic_only,
      { NULL },
      { { "Outbound vm Tcp - * 13.104.0.0/13 80",
          "allow nsg/AllowInternetOutBound" } } },
};

static void
dual_stack(struct builder *b)
{
    build_network(b, "vnet", "10.0.0.0/16,fd00:db8::/48");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", "nsg");
    build_ip(b, "vm", "vnet/sub", "fd00:db8::4");
    build_nsg(b, "nsg");
}

static void
two_addresses(struct builder *b)
{
    nic_only(b);
    build_ip(b, "vm", "vnet/sub", "10.0.0.5");
    build_member(b, "vm", "10.0.0.4", "AsgWeb");
}

static void
member_elsewhere(struct builder *b)
{
    nic_only(b);
    build_nic(b, "vm9", "vnet/sub", "10.0.0.9", NULL);
    build_member(b, "vm9", "10.0.0.9", "AsgX");
}

static void
public_space(struct builder *b)
{
    build_network(b, "vnet", "20.128.0.0/16");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "vm", "vnet/sub", "20.128.0.4", "nsg");
    build_nsg(b, "nsg");
}

static void
storage_tags(struct builder *b)
{
    nic_only(b);
    build_tag(b, "Storage", "52.239.0.0/16,20.38.0.0/16");
    build_tag(b, "Storage.WestEurope", "52.239.0.0/16");
    build_tag(b, "AzureCloud", "52.0.0.0/8,20.0.0.0/8");
}

static void
network_group(struct builder *b)
{
    nic_only(b);
    build_rule(b, "nsg", "open Inbound 100 Allow * * * * *");
    build_network_group(b, "g", "10.5.0.0/16");
    build_admin_rule(b, "vnet", "m/c/No Inbound 1 Deny * group=g * * *");
}

static const struct worked_case derived[] = {
    { "D1",
      nic_only,
      { NULL },
      { { "Outbound vm Tcp - * 203.0.113.10 443",
          "allow nsg/AllowInternetOutBound" } } },
    { "D2",
      nic_only,
      { NULL },
      { { "Outbound vm Tcp - * 192.0.2.1 443",
          "deny nsg/DenyAllOutBound" } } },
    { "D3",
      nic_only,
      { NULL },
      { { "Outbound vm Tcp - * 100.64.0.1 443", "deny nsg/DenyAllOutBound" },
        { "Outbound vm Tcp - * 198.18.0.1 443", "deny nsg/DenyAllOutBound" },
        { "Outbound vm Tcp - * 224.0.0.1 443", "deny nsg/DenyAllOutBound" },
        { "Outbound vm Tcp - * 169.254.169.254 80",
          "deny nsg/DenyAllOutBound" } } },
    { "D4",
      nic_only,
      { NULL },
      { { "Outbound vm Udp - * 168.63.129.16 53",
          "allow nsg/AllowVnetOutBound" } } },
    { "D5",
      nic_only,
      { NULL },
      { { "Inbound vm Tcp 168.63.129.16 50000 - 80",
          "allow nsg/AllowVnetInBound" } } },
    { "D6",
      nic_only,
      { "nsg: r100 Inbound 100 Deny * AzureLoadBalancer * * *" },
      { { "Inbound vm Tcp 168.63.129.16 * - 80", "deny nsg/r100" } } },
    { "D7",
      nic_only,
      { NULL },
      { { "Inbound vm Tcp 10.0.0.5 40000 - 22",
          "allow nsg/AllowVnetInBound" } } },
    { "D8",
      both,
      { "nsg2: r100 Inbound 100 Allow Tcp Internet * * 22" },
      { { "Inbound vm Tcp 198.51.100.7 * - 22",
          "deny nsg1/DenyAllInBound" } } },
    { "D9",
      both,
      { "nsg1: r100 Inbound 100 Allow Tcp * * * 22" },
      { { "Inbound vm Tcp 198.51.100.7 * - 22",
          "deny nsg2/DenyAllInBound" } } },
    { "D10",
      both,
      { "nsg2: nic Outbound 100 Deny * * * * *",
        "nsg1: subnet Outbound 100 Deny * * * * *" },
      { { "Outbound vm * - * * *", "deny nsg2/nic" } } },
    { "D11",
      both,
      { "nsg2: nic Inbound 100 Deny * * * * *",
        "nsg1: subnet Inbound 100 Deny * * * * *" },
      { { "Inbound vm * * * - *", "deny nsg1/subnet" } } },
    { "D12",
      nic_only,
      { "nsg: r100 Inbound 100 Allow Tcp * * * 80",
        "nsg: r110 Inbound 110 Deny * * * * *" },
      { { "Inbound vm Tcp 8.8.8.8 * - 80", "allow nsg/r100" },
        { "Inbound vm Udp 8.8.8.8 * - 80", "deny nsg/r110" } } },
    { "D13",
      nic_only,
      { "nsg: r100 Inbound 100 Allow tcp * * * 443" },
      { { "Inbound vm Tcp 8.8.8.8 * - 443", "allow nsg/r100" } } },
    { "D14",
      nic_only,
      { "nsg: r100 Inbound 100 Allow Tcp * * * 80,443,8000-8010" },
      { { "Inbound vm Tcp 8.8.8.8 * - 8005", "allow nsg/r100" },
        { "Inbound vm Tcp 8.8.8.8 * - 8011", "deny nsg/DenyAllInBound" } } },
    { "D15",
      nic_only,
      { "nsg: r100 Inbound 100 Allow Tcp * 1024-65535 * *" },
      { { "Inbound vm Tcp 8.8.8.8 1023 - 80", "deny nsg/DenyAllInBound" },
        { "Inbound vm Tcp 8.8.8.8 1024 - 80", "allow nsg/r100" } } },
    /* Azure's tool asks whether the rule contains the query; here the answer
     * is exact, and names the part that is denied. */
    { "D16",
      nic_only,
      { "nsg: r100 Inbound 100 Allow Tcp * 1024-65535 * *" },
      { { "Inbound vm Tcp 8.8.8.8 * - 80", "partial nsg/DenyAllInBound" } } },
    { "D17",
      nic_only,
      { "nsg: r100 Inbound 100 Allow Tcp * * 51.1.2.3 443" },
      { { "Inbound vm Tcp 8.8.8.8 * - 443", "deny nsg/DenyAllInBound" } } },
    { "D18",
      nic_only,
      { "nsg: r100 Inbound 100 Allow Tcp * * 10.0.0.5/32 *" },
      { { "Inbound vm Tcp 8.8.8.8 * - 443", "deny nsg/DenyAllInBound" } } },
    { "D19",
      nic_only,
      { "nsg: r100 Inbound 100 Allow Tcp 10.9.0.7/24 * * *" },
      { { "Inbound vm Tcp 10.9.0.99 * - 443", "allow nsg/r100" } } },
    { "D20",
      two_addresses,
      { "nsg: r100 Inbound 100 Allow Tcp * * asg=AsgWeb 80" },
      { { "Inbound vm Tcp 8.8.8.8 * 10.0.0.4 80", "allow nsg/r100" },
        { "Inbound vm Tcp 8.8.8.8 * 10.0.0.5 80",
          "deny nsg/DenyAllInBound" } } },
    { "D21",
      tiers,
      { NULL },
      { { "Inbound nic4 Tcp 10.0.0.4 * - 1434",
          "allow nsg/AllowVnetInBound" } } },
    { "D22",
      member_elsewhere,
      { "nsg: r100 Inbound 100 Deny Tcp asg=AsgX * * *" },
      { { "Inbound vm Tcp 10.0.0.9 * - 80", "deny nsg/r100" },
        { "Inbound vm Tcp 10.0.0.10 * - 80",
          "allow nsg/AllowVnetInBound" } } },
    { "D23",
      nic_only,
      { "nsg: r100 Inbound 100 Allow Tcp * * asg=AsgEmpty *" },
      { { "Inbound vm Tcp 8.8.8.8 * - 80", "deny nsg/DenyAllInBound" } } },
    { "D24",
      none,
      { "admin@vnet: m/c/Web Inbound 1 Allow Tcp * * * 443" },
      { { "Inbound vm Tcp 8.8.8.8 * - 443", "allow admin:m/c/Web" } } },
    { "D25",
      nic_only,
      { "admin@vnet: m/c/Web Inbound 1 Allow Tcp * * * 443" },
      { { "Inbound vm Tcp 8.8.8.8 * - 443", "deny nsg/DenyAllInBound" } } },
    { "D26",
      nic_only,
      { "admin@vnet: m/c/Web Inbound 1 AlwaysAllow Tcp * * * 443",
        "nsg: r100 Inbound 100 Deny * * * * *" },
      { { "Inbound vm Tcp 8.8.8.8 * - 443", "allow admin:m/c/Web" } } },
    { "D27",
      nic_only,
      { "admin@vnet: m/c/NoRdp Inbound 1 Deny Tcp * * * 3389",
        "nsg: r100 Inbound 100 Allow Tcp * * * 3389" },
      { { "Inbound vm Tcp 8.8.8.8 * - 3389", "deny admin:m/c/NoRdp" } } },
    { "D28",
      none,
      { "admin@vnet: m/c/No Inbound 10 Deny Tcp * * * 22",
        "admin@vnet: m/c/Yes Inbound 5 Allow Tcp * * * 22" },
      { { "Inbound vm Tcp 8.8.8.8 * - 22", "allow admin:m/c/Yes" } } },
    { "D29",
      none,
      { "admin@vnet: m/c/Yes Inbound 20 AlwaysAllow Tcp * * * 22",
        "admin@vnet: m/c/No Inbound 10 Deny Tcp * * * 22" },
      { { "Inbound vm Tcp 8.8.8.8 * - 22", "deny admin:m/c/No" } } },
    { "D30",
      nic_only,
      { "admin@vnet: m/c/No Inbound 10 Deny Tcp * * * 443" },
      { { "Outbound vm Tcp - * 8.8.8.8 443",
          "allow nsg/AllowInternetOutBound" } } },
    /* Where only Allow rules apply, Azure's effective list holds only them. */
    { "D31",
      nic_only,
      { "admin@vnet: m/c/Yes Inbound 10 Allow Tcp * * * 443",
        "nsg: r100 Inbound 100 Allow Tcp * * * 22" },
      { { "Inbound vm Tcp 8.8.8.8 * - 22", "allow nsg/r100" } } },
    { "D32",
      network_group,
      { NULL },
      { { "Inbound vm Tcp 10.5.1.1 * - 80", "deny admin:m/c/No" },
        { "Inbound vm Tcp 10.6.1.1 * - 80", "allow nsg/open" } } },
    { "D33",
      peered,
      { NULL },
      { { "Inbound vm Tcp 10.1.0.4 * - 80", "allow nsg/AllowVnetInBound" } } },
    { "D34",
      peered,
      { NULL },
      { { "Inbound vm Tcp 10.2.0.4 * - 80", "deny nsg/DenyAllInBound" } } },
    { "D35",
      public_space,
      { NULL },
      { { "Outbound vm Tcp - * 20.128.9.9 80",
          "allow nsg/AllowVnetOutBound" } } },
    { "D36",
      storage_tags,
      { "nsg: r100 Outbound 100 Deny * * * Internet *",
        "nsg: r110 Outbound 110 Allow * * * Storage *" },
      { { "Outbound vm Tcp - * 52.239.1.1 443", "deny nsg/r100" } } },
    { "D37",
      storage_tags,
      { "nsg: r100 Outbound 100 Allow * * * Storage.WestEurope *",
        "nsg: r110 Outbound 110 Deny * * * Internet *" },
      { { "Outbound vm Tcp - * 20.38.1.1 443", "deny nsg/r110" } } },
    { "D38",
      storage_tags,
      { "nsg: r100 Outbound 100 Allow * * * AzureCloud *",
        "nsg: r110 Outbound 110 Deny * * * Internet *" },
      { { "Outbound vm Tcp - * 52.1.1.1 443", "allow nsg/r100" },
        { "Outbound vm Tcp - * 8.8.8.8 443", "deny nsg/r110" } } },
    { "D39",
      storage_tags,
      { "nsg: r100 Outbound 100 Allow * * * storage.westeurope *",
        "nsg: r110 Outbound 110 Deny * * * INTERNET *" },
      { { "Outbound vm Tcp - * 52.239.1.1 443", "allow nsg/r100" },
        { "Outbound vm Tcp - * 8.8.8.8 443", "deny nsg/r110" } } },
    { "D40",
      same_twice,
      { "nsg: r100 Inbound 100 Allow Tcp * * * 80" },
      { { "Inbound vm Tcp 8.8.8.8 * - 80", "allow nsg/r100" } } },
    { "D41",
      dual_stack,
      { "nsg: r100 Inbound 100 Allow * 0.0.0.0/0 * * *" },
      { { "Inbound vm Tcp 2001:db8::1 * fd00:db8::4 80",
          "deny nsg/DenyAllInBound" },
        { "Inbound vm Tcp 8.8.8.8 * 10.0.0.4 80", "allow nsg/r100" } } },
    { "D42",
      nic_only,
      { "nsg: r100 Inbound 100 Allow Icmp * * * *" },
      { { "Inbound vm Icmp 8.8.8.8 * - *", "allow nsg/r100" },
        { "Inbound vm Tcp 8.8.8.8 * - 80", "deny nsg/DenyAllInBound" } } },
};

static void
add_rule(struct builder *b, const char *words)
{
    const char *colon = strstr(words, ": ");

    assert_non_null(colon);
    const char *target =
        arena_strndup(builder_arena(b), words, (size_t) (colon - words));
    if (strncmp(target, "admin@", 6) == 0) {
        build_admin_rule(b, target + 6, colon + 2);
    } else {
        build_rule(b, target, colon + 2);
    }
}

static void
run_case(void **state)
{
    const struct worked_case *c = *state;
    struct builder *b = builder_create();

    c->world(b);
    for (size_t i = 0; i < CASE_RULES_MAX && c->rules[i]; i++) {
        add_rule(b, c->rules[i]);
    }
    for (size_t i = 0; i < CASE_FLOWS_MAX && c->flows[i][0]; i++) {
        const char *words = verdict_words(b, builder_judge(b, c->flows[i][0]));
        if (strcmp(words, c->flows[i][1]) != 0) {
            print_message("%s: %s\n", c->id, c->flows[i][0]);
        }
        assert_string_equal(words, c->flows[i][1]);
    }
    builder_destroy(b);
}

int
main(void)
{
    struct CMUnitTest tests[COUNT_OF(documented) + COUNT_OF(derived)];
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(tests); i++) {
        const struct worked_case *c = i < COUNT_OF(documented)
                                          ? &documented[i]
                                          : &derived[i - COUNT_OF(documented)];
        /* cmocka hands the state on as a pointer to what may change. */
        tests[n++] = (struct CMUnitTest){ c->id, run_case, NULL, NULL,
                                          (void *) (uintptr_t) c };
    }
    return _cmocka_run_group_tests("worked cases", tests, n, NULL, NULL);
}
