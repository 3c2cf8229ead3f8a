/* One worked case: a small world, a flow and what Azure says about it. */

#ifndef TESTS_UNIT_ENGINE_WORKED_CASE_H
#define TESTS_UNIT_ENGINE_WORKED_CASE_H

#include "tests/support/test.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "tests/support/builder.h"

enum { CASE_RULES_MAX = 6, CASE_FLOWS_MAX = 6 };

struct worked_case {
    const char *id;
    void (*world)(struct builder *b);
    /* "group: rule", or "admin@network: rule". */
    const char *rules[CASE_RULES_MAX];
    /* The flow, and the verdict as verdict_words() puts it. */
    const char *flows[CASE_FLOWS_MAX][2];
};

static inline void
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

static inline void
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

/* Makes each case a test of its own and runs them. */
static inline int
run_cases(const char *title, const struct worked_case cases[], size_t n)
{
    struct CMUnitTest *tests = calloc(n, sizeof *tests);

    assert_non_null(tests);
    for (size_t i = 0; i < n; i++) {
        /* cmocka hands the state on as a pointer to what may change. */
        tests[i] = (struct CMUnitTest){ cases[i].id, run_case, NULL, NULL,
                                        (void *) (uintptr_t) &cases[i] };
    }
    int failed = _cmocka_run_group_tests(title, tests, n, NULL, NULL);
    free(tests);
    return failed;
}

#endif
