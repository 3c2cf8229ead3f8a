/* The parts of ARM ids. */

#include "tests/support/test.h"

#include "engine/base/arena.h"
#include "engine/model/arm_id.h"

#define GROUP(rg) "/subscriptions/s1/resourceGroups/" rg "/providers/"
#define VNET_ID(rg, name) GROUP(rg) "Microsoft.Network/virtualNetworks/" name

static void
test_parts_of_arm_ids(void **state)
{
    (void) state;
    static const struct {
        const char *id;
        const char *word;
        const char *value;
        const char *up_to;
    } cases[] = {
        { "/subscriptions/s/resourceGroups/g", "resourceGroups", "g",
          "/subscriptions/s/resourceGroups/g" },
        { "/Subscriptions/s/RESOURCEGROUPS/g/providers/p", "resourcegroups",
          "g", "/Subscriptions/s/RESOURCEGROUPS/g" },
        { VNET_ID("g", "v") "/subnets/a", "virtualNetworks", "v",
          VNET_ID("g", "v") },
        /* Names that are words. */
        { "/subscriptions/resourceGroups/resourceGroups/subscriptions",
          "resourceGroups", "subscriptions",
          "/subscriptions/resourceGroups/resourceGroups/subscriptions" },
        { VNET_ID("g", "subnets") "/subnets/a", "subnets", "a",
          VNET_ID("g", "subnets") "/subnets/a" },
        { GROUP("g") "Microsoft.Compute/virtualMachineScaleSets/ss/"
                     "virtualMachines/0/networkInterfaces/n",
          "virtualMachines", "0",
          GROUP("g") "Microsoft.Compute/virtualMachineScaleSets/ss/"
                     "virtualMachines/0" },
        { "/subscriptions/s", "resourceGroups", "", "" },
        { "/subscriptions/", "subscriptions", "", "" },
        { "/subscriptions", "subscriptions", "", "" },
        { "/subscriptions//resourceGroups/g", "subscriptions", "", "" },
        { "name", "name", "", "" },
        { "", "subscriptions", "", "" },
    };
    struct arena *arena = arena_create();

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(arm_id_segment(arena, cases[i].id, cases[i].word),
                            cases[i].value);
        assert_string_equal(arm_id_up_to(arena, cases[i].id, cases[i].word),
                            cases[i].up_to);
    }
    assert_string_equal(arm_id_name("/a/b/c"), "c");
    assert_string_equal(arm_id_name("c"), "c");
    arena_unref(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_of_arm_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
