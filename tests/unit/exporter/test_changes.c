/* The change log: bounded, newest first, and violations stay longest. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "exporter/changes.h"

enum { SEEN_MAX = 2000 };

/* What a walk over the log gave. */
struct seen {
    int64_t at_ms[SEEN_MAX];
    size_t n;
    size_t n_violated;
};

static void
see(void *aux, const struct change *change)
{
    struct seen *seen = aux;

    assert_true(seen->n < SEEN_MAX);
    seen->at_ms[seen->n++] = change->at_ms;
    seen->n_violated += change->violated;
}

static void
add(struct changes *changes, const char *flow, int64_t at_ms, bool violated)
{
    changes_add(changes, &(struct change){ .at_ms = at_ms,
                                           .flow = flow,
                                           .verdict_before = "allow",
                                           .verdict_after = "deny",
                                           .violated = violated });
}

static struct seen
walk(struct changes *changes, const char *flow, size_t limit)
{
    struct seen seen = { .n = 0 };

    changes_each(changes, flow, limit, see, &seen);
    return seen;
}

static void
test_changes_come_newest_first_of_one_flow_or_of_all(void **state)
{
    (void) state;
    struct changes *changes = changes_create();
    add(changes, "a", 1, false);
    add(changes, "b", 2, false);
    add(changes, "a", 3, false);

    struct seen all = walk(changes, NULL, 10);
    struct seen of_a = walk(changes, "a", 10);
    struct seen one = walk(changes, NULL, 1);
    struct seen none = walk(changes, "c", 10);

    assert_int_equal(all.n, 3);
    assert_int_equal(all.at_ms[0], 3);
    assert_int_equal(all.at_ms[2], 1);
    assert_int_equal(of_a.n, 2);
    assert_int_equal(of_a.at_ms[0], 3);
    assert_int_equal(one.n, 1);
    assert_int_equal(none.n, 0);
    changes_destroy(changes);
}

static void
test_names_of_flows_are_told_apart_by_case(void **state)
{
    (void) state;
    struct changes *changes = changes_create();
    add(changes, "web", 1, false);
    add(changes, "WEB", 2, false);

    struct seen lower = walk(changes, "web", 10);

    assert_int_equal(lower.n, 1);
    assert_int_equal(lower.at_ms[0], 1);
    changes_destroy(changes);
}

static void
test_good_news_does_not_push_out_violations(void **state)
{
    (void) state;
    struct changes *changes = changes_create();
    for (int i = 0; i < 5; i++) {
        add(changes, "a", i, true);
    }
    for (int i = 0; i < 3000; i++) {
        add(changes, "a", 100 + i, false);
    }

    struct seen of_a = walk(changes, "a", 10000);
    struct seen all = walk(changes, NULL, 10000);

    assert_int_equal(of_a.n, CHANGES_PER_FLOW_MAX);
    assert_int_equal(of_a.n_violated, 5);
    assert_int_equal(all.n, CHANGES_MAX);
    assert_int_equal(all.n_violated, 5);
    assert_int_equal(all.at_ms[0], 3099);
    changes_destroy(changes);
}

static void
test_violations_keep_no_more_than_half_of_a_full_list(void **state)
{
    (void) state;
    struct changes *changes = changes_create();
    for (int i = 0; i < CHANGES_MAX; i++) {
        add(changes, "a", i, false);
    }
    for (int i = 0; i < 3000; i++) {
        add(changes, "b", 5000 + i, true);
    }

    struct seen all = walk(changes, NULL, 10000);

    assert_int_equal(all.n, CHANGES_MAX);
    assert_int_equal(all.n_violated, CHANGES_MAX / 2);
    /* The newest of each kind are left. */
    assert_int_equal(all.at_ms[0], 7999);
    assert_int_equal(all.at_ms[CHANGES_MAX / 2], CHANGES_MAX - 1);
    changes_destroy(changes);
}

static void
test_all_flows_together_are_bounded(void **state)
{
    (void) state;
    struct changes *changes = changes_create();
    struct seen seen = { .n = 0 };
    char flow[32];
    for (int i = 0; i < CHANGES_TOTAL_MAX + 500; i++) {
        (void) snprintf(flow, sizeof flow, "flow-%d", i);
        add(changes, flow, i, false);
    }

    struct seen first = walk(changes, "flow-0", 10);
    struct seen last_kept = walk(changes, "flow-500", 10);
    changes_each(changes, NULL, 10000, see, &seen);

    assert_int_equal(first.n, 0);
    assert_int_equal(last_kept.n, 1);
    assert_int_equal(seen.n, CHANGES_MAX);
    changes_destroy(changes);
}

static void
check_copy(void *aux, const struct change *change)
{
    (void) aux;
    assert_string_equal(change->flow, "a");
    assert_string_equal(change->verdict_after, "deny");
    assert_string_equal(change->rule_before, "");
    assert_int_equal(change->n_rule_changes, 2);
    assert_string_equal(change->rule_changes[0].what, "added");
    assert_string_equal(change->rule_changes[1].what, "changed");
    assert_string_equal(change->rule_changes[1].after, "443");
    assert_true(change->rule_changes[1].alone);
}

static void
test_a_change_is_copied_with_all_it_points_to(void **state)
{
    (void) state;
    struct changes *changes = changes_create();
    char flow[] = "a";
    char after[] = "443";
    struct rule_change rules[] = {
        { .what = "added" },
        { .what = "changed", .after = after, .alone = true }
    };
    changes_add(changes, &(struct change){ .flow = flow,
                                           .verdict_after = "deny",
                                           .rule_changes = rules,
                                           .n_rule_changes = 2 });
    memset(flow, 'x', 1);
    memset(after, 'x', 3);
    memset(rules, 0, sizeof rules);

    changes_each(changes, "a", 1, check_copy, NULL);

    changes_destroy(changes);
}

static void
take_back(void *aux, const struct change *change)
{
    changes_add(aux, change);
}

static void
test_what_is_kept_can_be_taken_back_in_order(void **state)
{
    (void) state;
    struct changes *before = changes_create();
    struct changes *after = changes_create();
    for (int i = 0; i < 1500; i++) {
        add(before, i % 3 ? "a" : "b", i, i % 7 == 0);
    }

    changes_each_kept(before, take_back, after);

    static const char *const flows[] = { NULL, "a", "b" };
    for (size_t i = 0; i < COUNT_OF(flows); i++) {
        struct seen one = walk(before, flows[i], 10000);
        struct seen other = walk(after, flows[i], 10000);
        assert_int_equal(one.n, other.n);
        assert_memory_equal(one.at_ms, other.at_ms, one.n * sizeof *one.at_ms);
    }
    changes_destroy(before);
    changes_destroy(after);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes_come_newest_first_of_one_flow_or_of_all),
        cmocka_unit_test(test_names_of_flows_are_told_apart_by_case),
        cmocka_unit_test(test_good_news_does_not_push_out_violations),
        cmocka_unit_test(
            test_violations_keep_no_more_than_half_of_a_full_list),
        cmocka_unit_test(test_all_flows_together_are_bounded),
        cmocka_unit_test(test_a_change_is_copied_with_all_it_points_to),
        cmocka_unit_test(test_what_is_kept_can_be_taken_back_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
