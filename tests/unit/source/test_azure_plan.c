/* What is read for which flows: the plan is pure, so these are tables. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/arena.h"
#include "exporter/source/azure_plan.h"
#include "tests/unit/source/estate.h"

#define NIC(sub, name) ID(sub, "networkInterfaces", name)
#define A SUBSCRIPTION(SUB_A, "a")
#define AB A ", " SUBSCRIPTION(SUB_B, "b")
#define SET_NIC                                                               \
    "/subscriptions/" SUB_A "/resourceGroups/rg/providers/"                   \
    "Microsoft.Compute/virtualMachineScaleSets/set/virtualMachines/0/"        \
    "networkInterfaces/n"

static size_t
pages(const void *aux, enum feed feed, size_t subscription)
{
    (void) feed;
    (void) subscription;
    return *(const size_t *) aux;
}

static size_t
no_links(const void *aux, const char *id, const char *const **ids)
{
    (void) aux;
    (void) id;
    *ids = NULL;
    return 0;
}

/* Flows that name their NICs in one way or another, and what is read. */
static const struct naming {
    const char *what;
    const char *subscriptions;
    const char *flows;
    size_t pages; /* Of lists that were read; 0: none was. */
    const char *plan;
} namings[] = {
    { "one id", A, FLOW("1", NIC(SUB_A, "x")), 0, "point nic 1" },
    { "one id twice, in two spellings", A,
      FLOW("1", NIC(SUB_A, "x")) ", " FLOW("2", NIC(SUB_A, "X")), 0,
      "point nic 1" },
    { "as many as an unknown list may cost", A,
      FLOW("1", NIC(SUB_A, "a")) ", " FLOW("2", NIC(SUB_A, "b")) ", " FLOW(
          "3", NIC(SUB_A, "c")) ", " FLOW("4", NIC(SUB_A, "d")),
      0, "point nic 4" },
    { "one more", A,
      FLOW("1", NIC(SUB_A, "a")) ", " FLOW("2", NIC(SUB_A, "b")) ", " FLOW(
          "3", NIC(SUB_A, "c")) ", " FLOW("4",
                                          NIC(SUB_A, "d")) ", " FLOW("5",
                                                                     NIC(SUB_A,
                                                                         "e")),
      0, "list nic 1" },
    { "two, where the list has one page", A,
      FLOW("1", NIC(SUB_A, "a")) ", " FLOW("2", NIC(SUB_A, "b")), 1,
      "list nic 1" },
    { "two, where the list has two pages", A,
      FLOW("1", NIC(SUB_A, "a")) ", " FLOW("2", NIC(SUB_A, "b")), 2,
      "point nic 2" },
    { "group and name, one subscription", A, FLOW("1", "rg/x"), 0,
      "point nic 1" },
    { "group and name, two subscriptions", AB, FLOW("1", "rg/x"), 0,
      "list nic 2" },
    { "a name", AB, FLOW("1", "x"), 0, "list nic 2" },
    { "one id each", AB,
      FLOW("1", NIC(SUB_A, "x")) ", " FLOW("2", NIC(SUB_B, "x")), 0,
      "point nic 2" },
    { "a subscription that is not configured", A, FLOW("1", NIC(SUB_B, "x")),
      0, "" },
    { "a scale set's", A, FLOW("1", SET_NIC), 0, "scale set nic 1" },
    { "a machine's id", AB,
      "{ name = \"1\"; vm = \"/subscriptions/" SUB_B
      "/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/"
      "v\"; direction = \"Inbound\"; protocol = \"Tcp\"; local_port = "
      "80; remote_address = \"*\"; }",
      0, "list nic 1" },
    { "a machine's name", AB,
      "{ name = \"1\"; vm = \"v\"; direction = \"Inbound\"; protocol = "
      "\"Tcp\"; local_port = 80; remote_address = \"*\"; }",
      0, "list nic 2" },
    { "two sides", A,
      "{ name = \"1\"; from = { nic = \"rg/a\"; }; to = { nic = "
      "\"rg/b\"; }; protocol = \"Tcp\"; port = 80; }",
      0, "point nic 2" },
};

static void
test_reads_follow_from_how_flows_name_their_nics(void **state)
{
    for (size_t i = 0; i < COUNT_OF(namings); i++) {
        const struct config *config = load_config(
            *state, namings[i].subscriptions, namings[i].flows, "");
        struct arena *arena = arena_create();
        struct azure_facts facts = { .config = config,
                                     .list_pages = pages,
                                     .scale_sets = no_links,
                                     .group_members = no_links,
                                     .manager_scopes = no_links,
                                     .aux = &namings[i].pages };
        struct text words;
        text_init(&words);

        struct azure_plan plan = azure_plan_make(&facts, arena);

        azure_plan_describe(&plan, &words);
        if (strcmp(words.data, namings[i].plan) != 0) {
            fail_msg("%s: %s", namings[i].what, words.data);
        }
        text_clear(&words);
        arena_unref(arena);
        config_unref(config);
    }
}

static void
test_paths_of_wants(void **state)
{
    static const struct {
        struct azure_want want;
        const char *path;
    } cases[] = {
        { { WANT_LIST, FEED_NSG, 0, "", "" },
          "/subscriptions/" SUB_A "/providers/Microsoft.Network/"
          "networkSecurityGroups?api-version=2024-05-01" },
        { { WANT_POINT, FEED_NIC, 0, "/subscriptions/s/a b?c#d", "" },
          "/subscriptions/s/a%20b%3Fc%23d?api-version=2024-05-01" },
        { { WANT_SCALE_SET_NICS, FEED_NIC, 0, "/set", "" },
          "/set/networkInterfaces?api-version=2018-10-01" },
        { { WANT_EFFECTIVE_RULES, FEED_ADMIN_RULES, 0, "/vnet", "" },
          "/vnet/listNetworkManagerEffectiveSecurityAdminRules?"
          "api-version=2024-05-01" },
        { { WANT_GROUP_MEMBERS, FEED_NETWORK_MANAGER, 0, "/g", "" },
          "/g/staticMembers?api-version=2024-05-01" },
        { { WANT_MEMBERSHIPS, FEED_NETWORK_MANAGER, 0, "", "" },
          "/providers/Microsoft.ResourceGraph/resources?"
          "api-version=2024-04-01" },
        { { WANT_SUBSCRIPTIONS, FEED_NETWORK_MANAGER, 0, "", "" },
          "/subscriptions?api-version=2022-12-01" },
        { { WANT_DESCENDANTS, FEED_NETWORK_MANAGER, 0, "/g", "" },
          "/g/descendants?api-version=2020-05-01" },
        /* Behind the name of the host it would lead to another one. */
        { { WANT_POINT, FEED_NSG, 0, ".evil.example/x", "" },
          "/.evil.example/x?api-version=2024-05-01" },
        { { WANT_SERVICE_TAGS, FEED_SERVICE_TAGS, 0, "", "westeurope" },
          "/subscriptions/" SUB_A "/providers/Microsoft.Network/locations/"
          "westeurope/serviceTags?api-version=2024-05-01" },
    };
    const struct config *config =
        load_config(*state, A, FLOW("1", "rg/x"), "");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text path;
        text_init(&path);

        azure_want_path(&cases[i].want, config, &path);

        assert_string_equal(path.data, cases[i].path);
        text_clear(&path);
    }
    config_unref(config);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_reads_follow_from_how_flows_name_their_nics, folder_setup,
            folder_teardown),
        cmocka_unit_test_setup_teardown(test_paths_of_wants, folder_setup,
                                        folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
