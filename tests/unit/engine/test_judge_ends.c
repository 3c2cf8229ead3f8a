/* Which addresses and which NIC a flow is judged at (spec verdict 2). */

#include "tests/support/test.h"

#include "engine/base/arena.h"
#include "tests/support/builder.h"
#include "tests/unit/engine/judge_case.h"

/* --- Which addresses, which NIC ------------------------------------------ */

static void
test_local_address_must_be_on_the_nic(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_ip(b, "vm", "vnet/sub", "10.0.0.5");
    EXPECT(b,
           { "Outbound vm Tcp 10.0.0.9 * 8.8.8.8 1",
             "unknown address_not_on_nic" },
           { "Outbound vm Tcp 10.0.0.5,10.0.0.9 * 8.8.8.8 1",
             "unknown address_not_on_nic" },
           { "Outbound vm Tcp 10.0.0.5,10.0.0.4 * 8.8.8.8 1",
             "allow nsg/AllowInternetOutBound" });
}

static void
test_missing_or_ambiguous_nic_is_not_found(void **state)
{
    (void) state;
    EXPECT(basic(),
           { "Outbound lost Tcp - * 8.8.8.8 1", "unknown nic_not_found" },
           { "Outbound rg/vm Tcp - * 8.8.8.8 1",
             "allow nsg/AllowInternetOutBound" },
           { "Outbound RG/VM Tcp - * 8.8.8.8 1",
             "allow nsg/AllowInternetOutBound" });
}

static const struct verdict *
judge_vm(struct builder *b, const char *address)
{
    struct flow *flow = arena_memdup(
        builder_arena(b), build_flow(b, "Inbound x Tcp 8.8.8.8 * - 80"),
        sizeof *flow);

    flow->destination.nic = NULL;
    flow->destination.vm = "machine";
    if (address) {
        struct address_range *range =
            arena_alloc(builder_arena(b), sizeof *range);
        assert_true(address_range_parse(address, range));
        flow->destination.addresses = range;
        flow->destination.n_addresses = 1;
    }
    return builder_judge_flow(b, flow);
}

static void
test_machine_stands_for_its_nic(void **state)
{
    struct builder *b = basic();
    struct nic *second = build_nic(b, "vm2", "vnet/sub", "10.0.0.6", NULL);

    (void) state;
    second->vm_id = "/subscriptions/s/resourceGroups/rg/providers/"
                    "Microsoft.Compute/virtualMachines/machine";
    assert_string_equal(verdict_words(b, judge_vm(b, NULL)), "allow none");

    struct nic *first = build_nic(b, "vm3", "vnet/sub", "10.0.0.7", "nsg");
    first->vm_id = second->vm_id;
    assert_string_equal(verdict_words(b, judge_vm(b, NULL)),
                        "unknown nic_not_found");
    assert_string_equal(verdict_words(b, judge_vm(b, "10.0.0.6")),
                        "allow none");
    first->primary = true;
    build_nic(b, "other", "vnet/sub", "10.0.0.8", NULL);
    assert_string_equal(verdict_words(b, judge_vm(b, NULL)),
                        "deny nsg/DenyAllInBound");
    assert_string_equal(verdict_words(b, judge_vm(b, "10.0.0.99")),
                        "unknown address_not_on_nic");
    builder_destroy(b);
}

static void
test_families_that_the_nic_lacks_are_left_out(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_nic(b, "nothing", "vnet/sub", NULL, NULL);
    build_nic(b, "six", "vnet/sub", "fd00::4", NULL);
    EXPECT(b,
           { "Outbound vm Tcp - * fd00::1,8.8.8.8 1",
             "allow nsg/AllowInternetOutBound" },
           { "Outbound vm Tcp - * fd00::1 1", "unknown empty_flow" },
           { "Outbound nothing Tcp - * 8.8.8.8 1", "unknown empty_flow" },
           { "Outbound nothing Tcp * * 8.8.8.8 1", "unknown empty_flow" },
           { "Both vm,six Tcp - * - 1", "unknown empty_flow" });
}

static void
test_subnet_that_is_not_in_the_data(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_nic(b, "adrift", "vnet/lost", "10.0.0.5", "nsg");
    EXPECT(b,
           { "Outbound adrift Tcp - * 8.8.8.8 1", "unknown network_missing" },
           { "Both adrift,lost Tcp - * - 1", "unknown nic_not_found" },
           { "Both vm,adrift Tcp - * - 1", "unknown network_missing" });
}

static void
test_unknown_tag_in_a_remote_list(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_tag(b, "Known", "8.8.8.0/24");
    build_tag(b, "Empty", "-");
    EXPECT(
        b,
        { "Outbound vm Tcp - * Known 1", "allow nsg/AllowInternetOutBound" },
        { "Outbound vm Tcp - * Known,NoSuchTag 1", "unknown unknown_tag" },
        { "Outbound vm Tcp - * Empty 1", "unknown empty_flow" },
        { "Outbound vm Tcp - * AzurePlatformLKM 1", "unknown unknown_tag" });
}

static void
test_an_address_that_is_there_twice_counts_once(void **state)
{
    struct builder *b = basic();

    (void) state;
    build_subnet(b, "vnet", "other", "strict");
    build_nsg(b, "strict");
    build_ip(b, "vm", "vnet/other", "10.0.0.4");
    const struct verdict *v = builder_judge(b, "Inbound vm Tcp 8.8.8.8 1 * 1");
    assert_true(wide_to_double(v->packets) == 1);
    builder_destroy(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_local_address_must_be_on_the_nic),
        cmocka_unit_test(test_missing_or_ambiguous_nic_is_not_found),
        cmocka_unit_test(test_machine_stands_for_its_nic),
        cmocka_unit_test(test_families_that_the_nic_lacks_are_left_out),
        cmocka_unit_test(test_subnet_that_is_not_in_the_data),
        cmocka_unit_test(test_unknown_tag_in_a_remote_list),
        cmocka_unit_test(test_an_address_that_is_there_twice_counts_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
