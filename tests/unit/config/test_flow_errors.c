/* Every bad flow gives the one line that names file, line and cause. */

#include "tests/support/test.h"

#include "tests/support/bad_configs.h"
#include "tests/support/folder.h"

#define DIRECTORY "source = { kind = \"directory\"; path = \"x\"; };\n"
/* One flow, on line 2. */
#define FLOW(keys) DIRECTORY "flows = ( { " keys " } );\n"
/* What a flow has beside what is under test. */
#define OUT                                                                   \
    "name = \"f\"; nic = \"n\"; direction = \"Outbound\"; "                   \
    "protocol = \"Tcp\"; "
#define IN                                                                    \
    "name = \"f\"; nic = \"n\"; direction = \"Inbound\"; "                    \
    "protocol = \"Tcp\"; "
#define TO_80 "remote_address = \"*\"; remote_port = 80; "
#define TWO "name = \"f\"; from = { nic = \"a\"; }; to = { nic = \"b\"; }; "

static const struct bad_config flows[] = {
    { "flows as group", DIRECTORY "flows = { };",
      "2: flows: { ... } is a group, not a list of groups" },
    { "a flow as word", DIRECTORY "flows = ( \"x\" );",
      "2: flows: entry 1 is not a group" },
    { "no name",
      FLOW(
          "nic = \"n\"; direction = \"Outbound\"; protocol = \"Tcp\"; " TO_80),
      "2: name is missing in flows" },
    { "an empty name",
      FLOW("name = \"\"; nic = \"n\"; direction = \"Outbound\"; protocol = "
           "\"Tcp\"; " TO_80),
      "2: name is empty" },
    { "a name with a blank",
      FLOW("name = \"a b\"; nic = \"n\"; direction = \"Outbound\"; protocol = "
           "\"Tcp\"; " TO_80),
      "2: name: \"a b\" has other characters than letters, digits and _ . : / "
      "-" },
    { "an unknown key", FLOW(OUT TO_80 "colour = \"red\";"),
      "2: flow \"f\": colour: unknown key in flows" },
    { "an expectation of neither", FLOW(OUT TO_80 "expect = \"partial\";"),
      "2: flow \"f\": expect: \"partial\" is not \"allow\" or \"deny\"" },
    { "no NIC",
      FLOW("name = \"f\"; direction = \"Outbound\"; protocol = "
           "\"Tcp\"; " TO_80),
      "2: flow \"f\": nic or vm is missing" },
    { "NIC and machine", FLOW(OUT TO_80 "vm = \"v\";"),
      "2: flow \"f\": vm: \"v\" beside nic, give one" },
    { "a NIC with two slashes",
      FLOW("name = \"f\"; nic = \"a/b/c\"; direction = \"Outbound\"; protocol "
           "= \"Tcp\"; " TO_80),
      "2: flow \"f\": nic: \"a/b/c\" is not an ARM id, a "
      "\"resource-group/name\" or a name" },
    { "the ARM id of something else",
      FLOW("name = \"f\"; vm = \"/subscriptions/s/resourceGroups/g/providers/"
           "Microsoft.Network/networkInterfaces/n\"; direction = "
           "\"Outbound\"; protocol = \"Tcp\"; " TO_80),
      "2: flow \"f\": vm: \"/subscriptions/s/resourceGroups/g/providers/"
      "Microsoft.Network/networkInterfaces/n\" is not an ARM id, a "
      "\"resource-group/name\" or a name" },
    { "no direction",
      FLOW("name = \"f\"; nic = \"n\"; protocol = \"Tcp\"; " TO_80),
      "2: flow \"f\": direction is missing" },
    { "a direction of another kind",
      FLOW("name = \"f\"; nic = \"n\"; direction = \"In\"; protocol = "
           "\"Tcp\"; " TO_80),
      "2: flow \"f\": direction: \"In\" is not \"Inbound\" or \"Outbound\"" },
    { "a label with a dash", FLOW(OUT TO_80 "labels = { my-team = \"x\"; };"),
      "2: flow \"f\": labels: \"my-team\" is no label name, which has "
      "letters, digits and _" },
    { "a number as label", FLOW(OUT TO_80 "labels = { team = 7; };"),
      "2: flow \"f\": labels: team is not a string" },
};

static const struct bad_config addresses[] = {
    { "no remote address", FLOW(OUT "remote_port = 80;"),
      "2: flow \"f\": remote_address is missing (\"*\" is any)" },
    { "no such address",
      FLOW(OUT "remote_address = \"10.0.0.256\"; remote_port = 80;"),
      "2: flow \"f\": remote_address: \"10.0.0.256\" is no address, CIDR, "
      "\"a-b\", service tag or \"*\"" },
    { "an address with a leading zero",
      FLOW(OUT "remote_address = \"10.0.0.01\"; remote_port = 80;"),
      "2: flow \"f\": remote_address: \"10.0.0.01\" is no address, CIDR, "
      "\"a-b\", service tag or \"*\"" },
    { "too long a prefix",
      FLOW(OUT "remote_address = \"::/129\"; remote_port = 80;"),
      "2: flow \"f\": remote_address: \"::/129\" is no address, CIDR, "
      "\"a-b\", service tag or \"*\"" },
    { "a range the wrong way",
      FLOW(OUT "remote_address = \"10.0.0.2-10.0.0.1\"; remote_port = 80;"),
      "2: flow \"f\": remote_address: \"10.0.0.2-10.0.0.1\" is no address, "
      "CIDR, \"a-b\", service tag or \"*\"" },
    { "a range of two families",
      FLOW(OUT "remote_address = \"10.0.0.2-::1\"; remote_port = 80;"),
      "2: flow \"f\": remote_address: \"10.0.0.2-::1\" is no address, CIDR, "
      "\"a-b\", service tag or \"*\"" },
    { "a list in one word",
      FLOW(OUT "remote_address = \"10.0.0.1,10.0.0.2\"; remote_port = 80;"),
      "2: flow \"f\": remote_address: \"10.0.0.1,10.0.0.2\" is no address, "
      "CIDR, \"a-b\", service tag or \"*\"" },
    { "an empty list", FLOW(OUT "remote_address = [ ]; remote_port = 80;"),
      "2: flow \"f\": remote_address: the list is empty" },
    { "a number as address",
      FLOW(OUT "remote_address = 10; remote_port = 80;"),
      "2: flow \"f\": remote_address: 10 is an integer, not an address in "
      "quotes or a list of them" },
    { "a group in a list of addresses",
      FLOW(OUT "remote_address = ( { } ); remote_port = 80;"),
      "2: flow \"f\": remote_address: { ... } is a group, not a string" },
    { "a CIDR as own address",
      FLOW(OUT TO_80 "local_address = \"10.0.0.0/24\";"),
      "2: flow \"f\": local_address: \"10.0.0.0/24\" is a range, give single "
      "addresses of the NIC or \"*\"" },
    { "a range as own address",
      FLOW(OUT TO_80 "local_address = [ \"10.0.0.1-10.0.0.2\" ];"),
      "2: flow \"f\": local_address: \"10.0.0.1-10.0.0.2\" is a range, give "
      "single addresses of the NIC or \"*\"" },
    { "a tag as own address", FLOW(OUT TO_80 "local_address = \"Internet\";"),
      "2: flow \"f\": local_address: \"Internet\" is no address" },
};

static const struct bad_config ports[] = {
    { "no protocol",
      FLOW("name = \"f\"; nic = \"n\"; direction = \"Outbound\"; " TO_80),
      "2: flow \"f\": protocol is missing" },
    { "no such protocol",
      FLOW("name = \"f\"; nic = \"n\"; direction = \"Outbound\"; protocol = "
           "\"Sctp\"; " TO_80),
      "2: flow \"f\": protocol: \"Sctp\" is not Tcp, Udp, Icmp, Esp, Ah or "
      "\"*\"" },
    { "a number as protocol",
      FLOW("name = \"f\"; nic = \"n\"; direction = \"Outbound\"; protocol = "
           "6; " TO_80),
      "2: flow \"f\": protocol: 6 is an integer, not a protocol in quotes or "
      "a list of them" },
    { "an empty list of protocols",
      FLOW("name = \"f\"; nic = \"n\"; direction = \"Outbound\"; protocol = "
           "[ ]; " TO_80),
      "2: flow \"f\": protocol: the list is empty" },
    { "a port of Icmp",
      FLOW("name = \"f\"; nic = \"n\"; direction = \"Outbound\"; protocol = "
           "\"Icmp\"; " TO_80),
      "2: flow \"f\": remote_port: protocol Icmp has no ports, leave it out" },
    { "every port of Esp",
      FLOW("name = \"f\"; nic = \"n\"; direction = \"Outbound\"; protocol = "
           "\"Esp\"; remote_address = \"*\"; local_port = \"*\";"),
      "2: flow \"f\": local_port: protocol Esp has no ports, leave it out" },
    { "a port of a list with Ah",
      FLOW("name = \"f\"; nic = \"n\"; direction = \"Outbound\"; protocol = "
           "[ \"Tcp\", \"Ah\" ]; " TO_80),
      "2: flow \"f\": remote_port: protocol Ah has no ports, leave it out" },
    { "Tcp and Icmp together",
      FLOW("name = \"f\"; nic = \"n\"; direction = \"Outbound\"; protocol = "
           "[ \"Tcp\", \"Icmp\" ]; remote_address = \"*\";"),
      "2: flow \"f\": protocol: Tcp and Udp need a port, which Icmp cannot "
      "have; write two flows, or \"*\"" },
    { "no port to go to", FLOW(OUT "remote_address = \"*\"; local_port = 80;"),
      "2: flow \"f\": remote_port is missing (\"*\" is any)" },
    { "no port to come in", FLOW(IN TO_80),
      "2: flow \"f\": local_port is missing (\"*\" is any)" },
    { "too large a port",
      FLOW(OUT "remote_address = \"*\"; remote_port = 65536;"),
      "2: flow \"f\": remote_port: 65536 is no port, ports are 0 to 65535" },
    { "a negative port", FLOW(OUT "remote_address = \"*\"; remote_port = -1;"),
      "2: flow \"f\": remote_port: -1 is no port, ports are 0 to 65535" },
    { "a range the wrong way",
      FLOW(OUT "remote_address = \"*\"; remote_port = \"90-80\";"),
      "2: flow \"f\": remote_port: \"90-80\" is no list of ports, write it "
      "like \"80,443\", \"8000-8100\" or \"*\"" },
    { "a list with a gap",
      FLOW(OUT "remote_address = \"*\"; remote_port = \"80,,90\";"),
      "2: flow \"f\": remote_port: \"80,,90\" is no list of ports, write it "
      "like \"80,443\", \"8000-8100\" or \"*\"" },
    { "a word as port",
      FLOW(OUT "remote_address = \"*\"; remote_port = \"https\";"),
      "2: flow \"f\": remote_port: \"https\" is no list of ports, write it "
      "like \"80,443\", \"8000-8100\" or \"*\"" },
    { "an empty list", FLOW(OUT "remote_address = \"*\"; remote_port = [ ];"),
      "2: flow \"f\": remote_port: the list is empty" },
    { "a fraction", FLOW(OUT "remote_address = \"*\"; remote_port = 80.5;"),
      "2: flow \"f\": remote_port: 80.5 is a float, not a port or a list of "
      "ports" },
    { "a boolean in a list",
      FLOW(OUT "remote_address = \"*\"; remote_port = ( 80, true );"),
      "2: flow \"f\": remote_port: true is a boolean, not a string or "
      "integer" },
};

static const struct bad_config two_sided[] = {
    { "only from",
      FLOW("name = \"f\"; from = { nic = \"a\"; }; protocol = "
           "\"Tcp\"; port = 80;"),
      "2: flow \"f\": to is missing" },
    { "only to",
      FLOW("name = \"f\"; to = { nic = \"a\"; }; protocol = "
           "\"Tcp\"; port = 80;"),
      "2: flow \"f\": from is missing" },
    { "an empty end",
      FLOW("name = \"f\"; from = { }; to = { nic = \"b\"; }; "
           "protocol = \"Tcp\"; port = 80;"),
      "2: flow \"f\": from needs nic, vm or address" },
    { "an end as word",
      FLOW("name = \"f\"; from = \"a\"; to = { nic = "
           "\"b\"; }; protocol = \"Tcp\"; port = 80;"),
      "2: flow \"f\": from: \"a\" is a string, not a group" },
    { "an unknown key in an end",
      FLOW("name = \"f\"; from = { nic = \"a\"; port = 1; }; to = { nic = "
           "\"b\"; }; protocol = \"Tcp\"; port = 80;"),
      "2: flow \"f\": port: unknown key in flows.from" },
    { "two addresses",
      FLOW("name = \"f\"; from = { address = \"*\"; }; to = "
           "{ address = \"*\"; }; protocol = \"Tcp\"; port "
           "= 80;"),
      "2: flow \"f\": from or to needs a nic or a vm, two addresses cannot be "
      "judged" },
    { "a range beside a NIC",
      FLOW("name = \"f\"; from = { nic = \"a\"; address = \"10.0.0.0/24\"; }; "
           "to = { nic = \"b\"; }; protocol = \"Tcp\"; port = 80;"),
      "2: flow \"f\": from.address: \"10.0.0.0/24\" is a range, give single "
      "addresses of the NIC or \"*\"" },
    { "NIC and machine",
      FLOW("name = \"f\"; from = { nic = \"a\"; vm = \"v\"; }; to = { nic = "
           "\"b\"; }; protocol = \"Tcp\"; port = 80;"),
      "2: flow \"f\": from.vm: \"v\" beside from.nic, give one" },
    { "a direction",
      FLOW(TWO "protocol = \"Tcp\"; port = 80; direction = \"Inbound\";"),
      "2: flow \"f\": direction does not go with from and to" },
    { "a local port",
      FLOW(TWO "protocol = \"Tcp\"; port = 80; local_port = 80;"),
      "2: flow \"f\": local_port does not go with from and to" },
    { "a NIC beside", FLOW(TWO "protocol = \"Tcp\"; port = 80; nic = \"n\";"),
      "2: flow \"f\": nic does not go with from and to" },
    { "no port", FLOW(TWO "protocol = \"Tcp\";"),
      "2: flow \"f\": port is missing (\"*\" is any)" },
    { "a source port of Icmp",
      FLOW(TWO "protocol = \"Icmp\"; source_port = 1;"),
      "2: flow \"f\": source_port: protocol Icmp has no ports, leave it out" },
    { "a port of the other kind", FLOW(OUT TO_80 "port = 80;"),
      "2: flow \"f\": port needs from and to" },
};

static void
test_flows_are_checked(void **state)
{
    bad_configs_check(*state, flows, COUNT_OF(flows));
}

static void
test_addresses_are_checked(void **state)
{
    bad_configs_check(*state, addresses, COUNT_OF(addresses));
}

static void
test_protocols_and_ports_are_checked(void **state)
{
    bad_configs_check(*state, ports, COUNT_OF(ports));
}

static void
test_two_sided_flows_are_checked(void **state)
{
    bad_configs_check(*state, two_sided, COUNT_OF(two_sided));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_flows_are_checked, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(test_addresses_are_checked,
                                        folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_protocols_and_ports_are_checked,
                                        folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_two_sided_flows_are_checked,
                                        folder_setup, folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
