/* What a flow of the configuration, or of the command line, becomes. */

#include "tests/support/test.h"

#include <string.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/model/port.h"
#include "tests/support/folder.h"

#define DIRECTORY "source = { kind = \"directory\"; path = \"x\"; };\n"

enum {
    TCP = 1 << PROTOCOL_TCP,
    UDP = 1 << PROTOCOL_UDP,
    ICMP = 1 << PROTOCOL_ICMP,
    ESP = 1 << PROTOCOL_ESP
};

/* Loads one flow from its keys; the test fails if it is refused. */
static struct config *
load(void **state, const char *keys)
{
    struct text content;
    struct text errors;

    text_init(&content);
    text_init(&errors);
    text_printf(&content, DIRECTORY "flows = ( { name = \"f\"; %s } );", keys);
    struct config *config =
        config_load(folder_write(*state, "f.cfg", content.data), &errors);
    assert_string_equal(errors.data, "");
    text_clear(&content);
    text_clear(&errors);
    return config;
}

/* Ports and protocols of one way to write them. */
static const struct {
    const char *keys;
    protocol_set protocols;
    const char *protocol_text;
    const char *source_port;
    const char *destination_port;
} table[] = {
    { "direction = \"Outbound\"; protocol = \"Tcp\"; remote_port = 1433;", TCP,
      "Tcp", "*", "1433" },
    { "direction = \"outbound\"; protocol = \"UDP\"; local_port = 53; "
      "remote_port = \"53, 5353\";",
      UDP, "Udp", "53", "53,5353" },
    { "direction = \"Inbound\"; protocol = \"Tcp\"; local_port = "
      "\"8000-8100\";",
      TCP, "Tcp", "*", "8000-8100" },
    { "direction = \"Inbound\"; protocol = \"Tcp\"; local_port = [ 80, 443 "
      "]; remote_port = \"1024-65535\";",
      TCP, "Tcp", "1024-65535", "80,443" },
    { "direction = \"Inbound\"; protocol = \"Tcp\"; local_port = ( 80, "
      "\"443-450\", 81 );",
      TCP, "Tcp", "*", "80-81,443-450" },
    { "direction = \"Inbound\"; protocol = [ \"Udp\", \"Tcp\" ]; local_port "
      "= \"*\";",
      TCP | UDP, "Tcp,Udp", "*", "*" },
    { "direction = \"Inbound\"; protocol = \"Tcp\"; local_port = 0x50;", TCP,
      "Tcp", "*", "80" },
    { "direction = \"Inbound\"; protocol = \"Tcp\"; local_port = 0;", TCP,
      "Tcp", "*", "0" },
    { "direction = \"Inbound\"; protocol = \"*\";", PROTOCOLS_ALL, "*", "*",
      "*" },
    { "direction = \"Inbound\"; protocol = \"*\"; local_port = \"*\"; "
      "remote_port = \"0-65535\";",
      PROTOCOLS_ALL, "*", "*", "*" },
    { "direction = \"Inbound\"; protocol = \"*\"; local_port = 80;", TCP | UDP,
      "*", "*", "80" },
    { "direction = \"Inbound\"; protocol = \"*\"; remote_port = 80;",
      TCP | UDP, "*", "80", "*" },
    { "direction = \"Inbound\"; protocol = [ \"*\", \"Tcp\" ];", PROTOCOLS_ALL,
      "*", "*", "*" },
    { "direction = \"Inbound\"; protocol = \"Icmp\";", ICMP, "Icmp", "", "" },
    { "direction = \"Inbound\"; protocol = [ \"esp\", \"ICMP\" ];", ICMP | ESP,
      "Icmp,Esp", "", "" },
};

static void
test_ports_and_protocols_are_read_together(void **state)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct text keys;
        text_init(&keys);
        text_printf(&keys, "nic = \"n\"; remote_address = \"*\"; %s",
                    table[i].keys);

        struct config *config = load(state, keys.data);

        const struct config_flow *flow = &config->flows[0];
        if (flow->flow.protocols != table[i].protocols
            || strcmp(flow->source_port_text, table[i].source_port) != 0) {
            print_error("%s\n", table[i].keys);
        }
        assert_int_equal(flow->flow.protocols, table[i].protocols);
        assert_string_equal(flow->protocol_text, table[i].protocol_text);
        assert_string_equal(flow->source_port_text, table[i].source_port);
        assert_string_equal(flow->destination_port_text,
                            table[i].destination_port);
        config_unref(config);
        text_clear(&keys);
    }
}

static void
test_an_outbound_flow_starts_at_the_nic(void **state)
{
    struct config *config = load(
        state, "description = \"d\"; vm = \"rg/vm\"; direction = "
               "\"Outbound\"; protocol = \"Tcp\"; remote_address = "
               "\"Internet\"; remote_port = 443; expect = \"Deny\"; labels = "
               "{ team = \"t\"; app = \"a\"; };");
    const struct config_flow *flow = &config->flows[0];

    assert_string_equal(flow->flow.name, "f");
    assert_string_equal(flow->description, "d");
    assert_int_equal(flow->direction, FLOW_OUTBOUND);
    assert_false(flow->expect_allow);
    assert_string_equal(flow->flow.source.vm, "rg/vm");
    assert_null(flow->flow.source.nic);
    assert_int_equal(flow->flow.source.n_addresses, 0);
    assert_false(flow->flow.source.any);
    assert_null(flow->flow.destination.nic);
    assert_int_equal(flow->flow.destination.n_tags, 1);
    assert_string_equal(flow->flow.destination.tags[0], "Internet");
    assert_string_equal(flow->source_text, "rg/vm");
    assert_string_equal(flow->destination_text, "Internet");
    assert_string_equal(flow->nic_text, "rg/vm");
    assert_int_equal(flow->n_labels, 2);
    assert_string_equal(flow->labels[0].name, "app");
    assert_string_equal(flow->labels[1].name, "team");
    assert_string_equal(flow->labels[1].value, "t");
    assert_int_equal(flow->line, 2);
    assert_string_equal(flow->file, config->path);
    config_unref(config);
}

static void
test_an_inbound_flow_ends_at_the_nic(void **state)
{
    struct config *config = load(
        state, "nic = \"n\"; direction = \"INBOUND\"; protocol = \"Tcp\"; "
               "local_address = [ \"10.0.0.4\", \"2001:DB8::4\" ]; local_port "
               "= 22; remote_address = [ \"10.1.0.0/16\", \"10.2.0.1-10.2.0.9"
               "\", \"192.0.2.1\", \"Storage.WestEurope\", \"Sql\" ];");
    const struct config_flow *flow = &config->flows[0];

    assert_int_equal(flow->direction, FLOW_INBOUND);
    assert_true(flow->expect_allow);
    assert_string_equal(flow->flow.destination.nic, "n");
    assert_int_equal(flow->flow.destination.n_addresses, 2);
    assert_int_equal(flow->flow.source.n_addresses, 3);
    assert_int_equal(flow->flow.source.n_tags, 2);
    assert_string_equal(flow->flow.source.tags[1], "Sql");
    assert_string_equal(flow->source_text,
                        "10.1.0.0/16,10.2.0.1-10.2.0.9,192.0.2.1,"
                        "Storage.WestEurope,Sql");
    assert_string_equal(flow->destination_text, "10.0.0.4,2001:DB8::4");
    config_unref(config);
}

static void
test_star_is_every_address(void **state)
{
    struct config *config =
        load(state, "nic = \"n\"; direction = \"Inbound\"; protocol = \"*\";"
                    " local_address = \"*\"; remote_address = [ \"*\" ];");
    const struct config_flow *flow = &config->flows[0];

    assert_true(flow->flow.source.any);
    assert_true(flow->flow.destination.any);
    assert_string_equal(flow->source_text, "*");
    config_unref(config);
}

static void
test_a_two_sided_flow_is_judged_at_both_ends(void **state)
{
    struct config *config = load(
        state, "from = { vm = \"a\"; }; to = { nic = \"b\"; address = "
               "\"10.0.0.4\"; }; protocol = \"Tcp\"; port = 80; source_port "
               "= \"1024-65535\";");
    const struct config_flow *flow = &config->flows[0];

    assert_int_equal(flow->direction, FLOW_BOTH);
    assert_string_equal(flow->flow.source.vm, "a");
    assert_string_equal(flow->flow.destination.nic, "b");
    assert_int_equal(flow->flow.destination.n_addresses, 1);
    assert_string_equal(flow->nic_text, "a -> b");
    assert_string_equal(flow->source_text, "a");
    assert_string_equal(flow->destination_text, "10.0.0.4");
    assert_string_equal(flow->source_port_text, "1024-65535");
    config_unref(config);
}

static void
test_an_end_without_nic_is_not_judged(void **state)
{
    struct config *config = load(
        state, "from = { address = [ \"10.0.0.0/8\", \"Internet\" ]; }; to = "
               "{ nic = \"b\"; }; protocol = \"Tcp\"; port = 80;");
    const struct config_flow *flow = &config->flows[0];

    assert_int_equal(flow->direction, FLOW_INBOUND);
    assert_null(flow->flow.source.nic);
    assert_int_equal(flow->flow.source.n_addresses, 1);
    assert_int_equal(flow->flow.source.n_tags, 1);
    assert_string_equal(flow->nic_text, "b");
    config_unref(config);

    config = load(state, "from = { nic = \"a\"; }; to = { address = \"*\"; }; "
                         "protocol = \"Icmp\";");

    assert_int_equal(config->flows[0].direction, FLOW_OUTBOUND);
    assert_true(config->flows[0].flow.destination.any);
    config_unref(config);
}

static void
test_arm_ids_name_nics_of_scale_sets_too(void **state)
{
    struct config *config = load(
        state,
        "nic = \"/subscriptions/s/resourceGroups/g/providers/"
        "Microsoft.Compute/virtualMachineScaleSets/v/virtualMachines/0/"
        "networkInterfaces/n\"; direction = \"Inbound\"; protocol = \"*\"; "
        "remote_address = \"*\";");

    config_unref(config);
}

static void
test_words_become_a_flow(void **state)
{
    const struct config_flow_words words = {
        .nic = "n",
        .vm = "",
        .direction = "Outbound",
        .protocol = "Tcp,Udp",
        .local_address = "10.0.0.4",
        .remote_address = "10.0.0.5,Internet",
        .remote_port = "80,443",
    };
    struct arena *arena = arena_create();
    struct config_flow flow;
    struct error error;
    (void) state;

    assert_true(config_flow_from_words(&words, arena, &flow, &error));

    assert_string_equal(flow.flow.source.nic, "n");
    assert_null(flow.flow.source.vm);
    assert_int_equal(flow.flow.protocols, TCP | UDP);
    assert_int_equal(flow.flow.source.n_addresses, 1);
    assert_int_equal(flow.flow.destination.n_addresses, 1);
    assert_int_equal(flow.flow.destination.n_tags, 1);
    assert_string_equal(flow.destination_port_text, "80,443");
    assert_string_equal(flow.flow.name, "");
    arena_unref(arena);
}

static void
test_words_are_checked_like_the_file(void **state)
{
    static const struct {
        struct config_flow_words words;
        const char *message;
    } bad[] = {
        { { .nic = "n" }, "direction is missing" },
        { { .direction = "Inbound" }, "nic or vm is missing" },
        { { .nic = "n", .vm = "v", .direction = "Inbound" },
          "vm: \"v\" beside nic, give one" },
        { { .nic = "n", .direction = "Up" },
          "direction: \"Up\" is not \"Inbound\" or \"Outbound\"" },
        { { .nic = "n",
            .direction = "Inbound",
            .protocol = "Tcp",
            .local_port = "80",
            .remote_address = "10.0.0.999" },
          "remote_address: \"10.0.0.999\" is no address, CIDR, \"a-b\", "
          "service tag or \"*\"" },
        { { .nic = "n",
            .direction = "Inbound",
            .protocol = "Tcp",
            .local_port = "70000",
            .remote_address = "*" },
          "local_port: \"70000\" is no list of ports, write it like "
          "\"80,443\", \"8000-8100\" or \"*\"" },
        { { .nic = "n",
            .direction = "Inbound",
            .protocol = "Tcp",
            .remote_address = "*" },
          "local_port is missing (\"*\" is any)" },
        { { .nic = "n",
            .direction = "Inbound",
            .protocol = "Icmp",
            .local_port = "1",
            .remote_address = "*" },
          "local_port: protocol Icmp has no ports, leave it out" },
    };
    struct arena *arena = arena_create();
    (void) state;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct config_flow flow;
        struct error error;

        assert_false(
            config_flow_from_words(&bad[i].words, arena, &flow, &error));

        assert_string_equal(error.message, bad[i].message);
    }
    arena_unref(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_ports_and_protocols_are_read_together),
        FOLDER_TEST(test_an_outbound_flow_starts_at_the_nic),
        FOLDER_TEST(test_an_inbound_flow_ends_at_the_nic),
        FOLDER_TEST(test_star_is_every_address),
        FOLDER_TEST(test_a_two_sided_flow_is_judged_at_both_ends),
        FOLDER_TEST(test_an_end_without_nic_is_not_judged),
        FOLDER_TEST(test_arm_ids_name_nics_of_scale_sets_too),
        cmocka_unit_test(test_words_become_a_flow),
        cmocka_unit_test(test_words_are_checked_like_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
