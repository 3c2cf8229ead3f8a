/* Which rules two versions of a chain have in common, and how many edits that
 * leaves. */

#include "tests/support/test.h"

#include <string.h>

#include "engine/base/arena.h"
#include "engine/judge/align.h"
#include "engine/judge/diff.h"
#include "engine/judge/region.h"

enum { N_MAX = 8 };

/* Versions as digits: each is a rule for a port of its own. */
struct versions {
    const char *what;
    const char *before;
    const char *after;
    size_t n_edits;
};

static struct policy_rule *
make_rules(const char *digits, struct arena *arena)
{
    size_t n = strlen(digits);
    struct policy_rule *rules = arena_alloc_array(arena, N_MAX, sizeof *rules);

    for (size_t i = 0; i < n; i++) {
        uint32_t port = (uint32_t) (digits[i] - '0');
        rules[i] = (struct policy_rule){ .name = "port", .accesses = 1 };
        rules[i].certain = box_all(arena);
        rules[i].certain.destination_ports = span_set_of(arena, port, port);
        rules[i].possible = rules[i].certain;
    }
    return rules;
}

/* Writes the digits of the rules that are not marked. */
static void
write_common(const char *digits, const uint64_t *marks, char common[N_MAX + 1])
{
    size_t n = 0;

    for (size_t i = 0; digits[i]; i++) {
        if (!(marks[0] >> i & 1)) {
            common[n++] = digits[i];
        }
    }
    common[n] = '\0';
}

static void
test_an_edit_is_what_is_not_common_in_order(void **state)
{
    static const struct versions cases[] = {
        { "nothing", "", "", 0 },
        { "the same", "01234", "01234", 0 },
        { "the first is gone", "01234", "1234", 1 },
        { "the middle is gone", "01234", "0134", 1 },
        { "the last is gone", "01234", "0123", 1 },
        { "all are gone", "01234", "", 5 },
        { "all are new", "", "012", 3 },
        { "one is new in front", "01234", "501234", 1 },
        { "one is new in the middle", "01234", "015234", 1 },
        { "one is new behind", "01234", "012345", 1 },
        { "one is replaced", "01234", "01534", 1 },
        { "two are replaced", "01234", "05264", 2 },
        { "the first became the last", "01234", "12340", 1 },
        { "neighbours were swapped", "01234", "02134", 1 },
        { "all were turned round", "01234", "43210", 4 },
        { "one stands twice", "01234", "001234", 1 },
        { "one stood twice", "012334", "01234", 1 },
        { "equal rules around an edit", "0102", "0302", 1 },
        { "equal rules at both ends", "010", "0", 2 },
    };
    (void) state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *arena = arena_create();
        struct diff_side before = { make_rules(cases[i].before, arena),
                                    strlen(cases[i].before), NULL };
        struct diff_side after = { make_rules(cases[i].after, arena),
                                   strlen(cases[i].after), NULL };
        char common[2][N_MAX + 1];
        uint64_t *marks[2];

        size_t n_edits = align_rules(&before, &after, marks, arena);

        if (n_edits != cases[i].n_edits) {
            fail_msg("%s: %zu edits", cases[i].what, n_edits);
        }
        write_common(cases[i].before, marks[0], common[0]);
        write_common(cases[i].after, marks[1], common[1]);
        assert_string_equal(common[0], common[1]);
        arena_unref(arena);
    }
}

/* Two rules that differ in one thing only are two rules. */
static void
test_rules_are_equal_only_in_everything(void **state)
{
    struct arena *arena = arena_create();
    uint64_t *marks[2];
    (void) state;

    for (int what = 0; what < 8; what++) {
        struct policy_rule *rule = make_rules("1", arena);
        struct diff_side before = { make_rules("1", arena), 1, NULL };
        struct diff_side after = { rule, 1, NULL };
        struct span_set some = span_set_of(arena, 7, 9);
        switch (what) {
        case 0: rule->accesses = 2; break;
        case 1: rule->uncertain = true; break;
        case 2: rule->certain.protocols = 1; break;
        case 3: rule->certain.source.families[FAMILY_IPV4] = some; break;
        case 4: rule->certain.source.families[FAMILY_IPV6] = some; break;
        case 5: rule->certain.source_ports = some; break;
        case 6: rule->certain.destination.families[FAMILY_IPV6] = some; break;
        default: rule->certain.destination_ports = some; break;
        }

        assert_int_equal(align_rules(&before, &after, marks, arena), 1);
    }
    arena_unref(arena);
}

static void
test_the_possible_box_counts_if_a_rule_is_uncertain(void **state)
{
    struct arena *arena = arena_create();
    struct policy_rule *rules[] = { make_rules("1", arena),
                                    make_rules("1", arena) };
    struct diff_side before = { rules[0], 1, NULL };
    struct diff_side after = { rules[1], 1, NULL };
    uint64_t *marks[2];
    (void) state;
    rules[1]->possible.source_ports = span_set_of(arena, 7, 9);

    assert_int_equal(align_rules(&before, &after, marks, arena), 0);
    rules[0]->uncertain = true;
    rules[1]->uncertain = true;
    assert_int_equal(align_rules(&before, &after, marks, arena), 1);

    arena_unref(arena);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_edit_is_what_is_not_common_in_order),
        cmocka_unit_test(test_rules_are_equal_only_in_everything),
        cmocka_unit_test(test_the_possible_box_counts_if_a_rule_is_uncertain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
