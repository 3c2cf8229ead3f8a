/* What several parts, or one, say more than once. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "engine/model/network.h"
#include "tests/unit/engine/network_case.h"

/* Collects findings as lines. */
static void
collect_finding(void *aux, const char *line)
{
    struct text *lines = aux;

    text_append(lines, line);
    text_append_char(lines, '\n');
}

static void
test_of_two_with_one_id_the_first_counts_and_it_is_told(void **state)
{
    (void) state;
    static const struct nic first[] = { NIC("rg", "web", "") };
    static const struct nic second[] = { NIC("RG", "WEB", "") };
    struct network_part parts[] = { new_part("a.json"), new_part("b.json") };
    const struct network_part *const pointers[] = { &parts[0], &parts[1] };
    struct text lines;

    parts[0].nics = first;
    parts[0].n_nics = 1;
    parts[1].nics = second;
    parts[1].n_nics = 1;
    text_init(&lines);
    struct network *network = network_create(
        pointers, 2, ADMIN_RULES_ABSENT_IS_NONE, collect_finding, &lines);
    const struct nic *const *nics;
    size_t n;

    assert_ptr_equal(network_find_nic(network, second[0].resource.id), first);
    assert_int_equal(network_nics(network, &nics), 1);
    assert_ptr_equal(network_resolve_nic(network, "rg/web", &n), first);
    assert_string_equal(lines.data,
                        "b.json: networkInterfaces/WEB: left out, the first "
                        "one counts, which is in a.json\n");
    network_unref(network);
    arena_unref(parts[0].arena);
    arena_unref(parts[1].arena);
    text_clear(&lines);
}

static void
test_tags_that_agree_are_no_finding(void **state)
{
    (void) state;
    struct network_part parts[] = { new_part("a"), new_part("b") };
    const struct network_part *const pointers[] = { &parts[0], &parts[1] };
    struct service_tag tags[] = { { .name = "Storage", .key = "Storage" },
                                  { .name = "storage", .key = "storage" } };
    struct text lines;

    text_init(&lines);
    for (int disagree = 0; disagree <= 1; disagree++) {
        tags[1].has_bad_prefix = disagree;
        for (size_t i = 0; i < 2; i++) {
            parts[i].service_tags = &tags[i];
            parts[i].n_service_tags = 1;
        }
        network_unref(network_create(pointers, 2, ADMIN_RULES_OFF,
                                     collect_finding, &lines));
        assert_int_equal(lines.length > 0, disagree);
    }
    arena_unref(parts[0].arena);
    arena_unref(parts[1].arena);
    text_clear(&lines);
}

static void
test_reports_of_twins_have_a_limit(void **state)
{
    (void) state;
    static struct asg asgs[151];
    struct network_part part = new_part("p");
    const struct network_part *const pointer = &part;
    struct text lines;
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(asgs); i++) {
        asgs[i].resource.id = "/asg";
    }
    part.asgs = asgs;
    part.n_asgs = COUNT_OF(asgs);
    text_init(&lines);
    network_unref(
        network_create(&pointer, 1, ADMIN_RULES_OFF, collect_finding, &lines));

    for (const char *c = lines.data; *c; c++) {
        n += *c == '\n';
    }
    assert_int_equal(n, 101);
    assert_non_null(strstr(lines.data, "\n50 more resources are there more "
                                       "than once\n"));
    arena_unref(part.arena);
    text_clear(&lines);
}

static void
test_two_lists_of_admin_rules_for_one_network_are_none(void **state)
{
    (void) state;
    static const struct effective_admin_rules lists[] = {
        { .virtual_network_id = "/v", .hash = { 1, 1 } },
        { .virtual_network_id = "/V", .hash = { 1, 1 } },
        { .virtual_network_id = "/v", .hash = { 2, 2 } },
        { .virtual_network_id = "/v", .hash = { 3, 3 } },
    };

    for (size_t n = 1; n <= COUNT_OF(lists); n++) {
        struct network_part part = new_part("p");
        const struct network_part *const pointer = &part;
        struct text lines;
        part.effective_admin_rules = lists;
        part.n_effective_admin_rules = n;
        text_init(&lines);
        struct network *network = network_create(
            &pointer, 1, ADMIN_RULES_ABSENT_IS_NONE, collect_finding, &lines);

        assert_int_equal(network_find_admin_rules(network, "/v")->unavailable,
                         n > 2);
        assert_string_equal(lines.data,
                            n > 2 ? "p: effective admin rules of/v: neither "
                                    "this list counts nor the one in p\n"
                                  : "");
        network_unref(network);
        arena_unref(part.arena);
        text_clear(&lines);
    }
}

static void
test_an_active_priority_outranks_the_rule_resource(void **state)
{
    (void) state;
    static const struct {
        const char *what;
        struct admin_rule_priority entries[4];
        size_t n;
        int priority;
    } cases[] = {
        { "one", { { "/r", 7, false, 0 } }, 1, 7 },
        { "active later",
          { { "/r", 7, false, 0 }, { "/R", 9, true, 0 } },
          2,
          9 },
        { "active first",
          { { "/r", 9, true, 0 }, { "/r", 7, false, 0 } },
          2,
          9 },
        { "0 is none", { { "/r", 0, true, 0 }, { "/r", 7, false, 0 } }, 2, 7 },
        { "agreement", { { "/r", 7, true, 0 }, { "/r", 7, true, 0 } }, 2, 7 },
        { "disagreement",
          { { "/r", 7, true, 0 }, { "/r", 8, true, 0 } },
          2,
          0 },
        { "disagreement lasts",
          { { "/r", 7, true, 0 }, { "/r", 8, true, 0 }, { "/r", 7, true, 0 } },
          3,
          0 },
        { "active ends a disagreement of resources",
          { { "/r", 7, false, 0 },
            { "/r", 8, false, 0 },
            { "/r", 5, true, 0 } },
          3,
          5 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct network_part part = new_part("p");
        part.priorities = cases[i].entries;
        part.n_priorities = cases[i].n;
        struct network *network = new_network(&part);
        const struct admin_rule_priority *found =
            network_find_priority(network, "/r");
        if (!found || found->priority != cases[i].priority) {
            fail_msg("%s: %d", cases[i].what, found ? found->priority : -1);
        }
        network_unref(network);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_of_two_with_one_id_the_first_counts_and_it_is_told),
        cmocka_unit_test(test_tags_that_agree_are_no_finding),
        cmocka_unit_test(test_reports_of_twins_have_a_limit),
        cmocka_unit_test(
            test_two_lists_of_admin_rules_for_one_network_are_none),
        cmocka_unit_test(test_an_active_priority_outranks_the_rule_resource),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
