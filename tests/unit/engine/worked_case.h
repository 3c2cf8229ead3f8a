/* One worked case: a small world, a flow and what Azure says about it. */

#ifndef TESTS_UNIT_ENGINE_WORKED_CASE_H
#define TESTS_UNIT_ENGINE_WORKED_CASE_H

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

#endif
