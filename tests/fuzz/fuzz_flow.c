/* A flow and two chains of rules from bytes are swept: the counts of the
 * groups add up to the flow, and each example is judged alike by the plain
 * evaluator. */

#include <stdlib.h>

#include "engine/judge/sweep.h"
#include "tests/fuzz/input.h"
#include "tests/oracle/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHAINS = 2, RULES_MAX = 16 };

struct sum {
    struct policy_rule rules[CHAINS][RULES_MAX];
    size_t n[CHAINS];
    struct wide total;
};

static void
add_group(void *aux, const struct match matches[], struct wide count,
          const struct packet *example)
{
    struct sum *sum = aux;

    for (size_t i = 0; i < CHAINS; i++) {
        struct match plain = plain_match(sum->rules[i], sum->n[i], example);
        if (!match_equal(&plain, &matches[i])) {
            abort();
        }
    }
    sum->total = wide_add(sum->total, count);
}

static struct wide
query_packets(const struct query *query)
{
    struct wide count =
        wide_from((unsigned int) __builtin_popcount(query->protocols));

    count = wide_multiply(count, span_set_count(query->source));
    count = wide_multiply(count, span_set_count(query->destination));
    count = wide_multiply(count, span_set_count(query->source_ports));
    return wide_multiply(count, span_set_count(query->destination_ports));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, size, arena_create() };
    struct query query = input_query(&input);
    /* From plenty to next to nothing: packets may stay undecided. */
    uint64_t budget = UINT64_C(10) << (input_byte(&input) % 24);
    struct sum sum = { .total = wide_from(0) };
    struct classifier *chains[CHAINS];
    struct wide undecided;

    for (size_t i = 0; i < CHAINS; i++) {
        sum.n[i] = input_rules(&input, sum.rules[i], RULES_MAX);
        chains[i] = classifier_compile(sum.rules[i], sum.n[i]);
    }
    const struct classifier *const both[] = { chains[0], chains[1] };
    (void) sweep(both, CHAINS, &query, budget, add_group, &sum, &undecided);
    sum.total = wide_add(sum.total, undecided);
    if (wide_compare(sum.total, query_packets(&query))) {
        abort();
    }
    for (size_t i = 0; i < CHAINS; i++) {
        classifier_unref(chains[i]);
    }
    arena_unref(input.arena);
    return 0;
}
