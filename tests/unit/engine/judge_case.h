/* Flows of one small network and what is said of them. */

#ifndef TESTS_UNIT_ENGINE_JUDGE_CASE_H
#define TESTS_UNIT_ENGINE_JUDGE_CASE_H

#include "tests/support/test.h"

#include <string.h>

#include "tests/support/builder.h"

/* A flow and what verdict_words() says of it. */
struct asked {
    const char *flow;
    const char *words;
};

static inline struct builder *
basic(void)
{
    struct builder *b = builder_create();

    build_network(b, "vnet", "10.0.0.0/16,fd00::/64");
    build_subnet(b, "vnet", "sub", NULL);
    build_nic(b, "vm", "vnet/sub", "10.0.0.4", "nsg");
    build_nsg(b, "nsg");
    return b;
}

static inline void
expect(struct builder *b, const struct asked asked[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *words = verdict_words(b, builder_judge(b, asked[i].flow));
        if (strcmp(words, asked[i].words) != 0) {
            print_message("%s\n", asked[i].flow);
        }
        assert_string_equal(words, asked[i].words);
    }
    builder_destroy(b);
}

#define EXPECT(b, ...)                                                        \
    do {                                                                      \
        const struct asked asked[] = { __VA_ARGS__ };                         \
        expect(b, asked, COUNT_OF(asked));                                    \
    } while (0)

#endif
