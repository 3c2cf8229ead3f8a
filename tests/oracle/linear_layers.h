/* What each layer of a side may do with one packet: its cases. */

#ifndef TESTS_ORACLE_LINEAR_LAYERS_H
#define TESTS_ORACLE_LINEAR_LAYERS_H

#include "tests/oracle/linear_match.h"

enum { CASES_MAX = 256 };

/* What a layer does in one case. */
struct layer_case {
    enum layer_outcome outcome;
    const struct rule *rule;
    bool base; /* No uncertain rule matches in it. */
};

/* Every case of one layer. */
struct layer_cases {
    struct layer_case items[CASES_MAX];
    int n;
    bool maybe; /* An uncertain rule may match. */
    unsigned int reasons;
};

/* Adds the cases of a group. */
void linear_judge_group(const struct linear_view *view, const char *id,
                        struct layer_cases *cases);

/* The same for the admin rules; returns false if there is no such layer. */
bool linear_judge_admin(const struct linear_view *view,
                        struct layer_cases *cases);

#endif
