// The same questions, put to a package of binary decision diagrams.

#include <bdd.h>

#include "rules.h"

enum { SOURCE = 0, DESTINATION = 32, PORT = 64, VARIABLES = 80 };
enum { N_FLOWS = 300 };

// Values of 'bits' bits that are at least, or at most, 'bound'.
static bdd
compare(int first, int bits, unsigned long bound, bool least)
{
    bdd result = bddtrue;
    for (int i = 0; i < bits; i++) {
        bdd bit = bdd_ithvar(first + bits - 1 - i);
        bool set = bound >> i & 1;
        if (least) {
            result = set ? (bit & result) : (bit | result);
        } else {
            result = set ? (!bit | result) : (!bit & result);
        }
    }
    return result;
}

static bdd
between(int first, int bits, unsigned long low, unsigned long high)
{
    return compare(first, bits, low, true) & compare(first, bits, high, false);
}

static bdd
within(int first, int bits, const struct peer_spans *spans)
{
    unsigned long max = bits == 16 ? 65535 : 0xffffffff;
    bdd result = bddfalse;
    for (size_t i = 0; i < spans->n; i++) {
        if (spans->items[i].first <= max) {
            unsigned long last = spans->items[i].last;
            result |= between(first, bits, spans->items[i].first,
                              last < max ? last : max);
        }
    }
    return result;
}

static void
run(const char *folder, const char *name)
{
    struct peer_rules rules = peer_read_rules(folder, name);
    static struct peer_flow flows[N_FLOWS];
    size_t n = peer_read_flows(folder, name, flows, N_FLOWS);
    bdd permit = bddfalse, rest = bddtrue;
    size_t never = 0, wrong = 0;

    double start = peer_now();
    for (size_t i = 0; i < rules.n; i++) {
        const struct peer_rule *rule = &rules.items[i];
        if (!(rule->protocols & 1)) {
            continue;
        }
        bdd match = within(SOURCE, 32, &rule->source)
                    & within(DESTINATION, 32, &rule->destination)
                    & within(PORT, 16, &rule->ports);
        bdd decided = rest & match;
        never += decided == bddfalse;
        if (rule->allow) {
            permit |= decided;
        }
        rest &= !match;
    }
    double compiled = peer_now() - start;
    start = peer_now();
    for (size_t i = 0; i < n; i++) {
        const struct peer_flow *flow = &flows[i];
        bdd query
            = between(SOURCE, 32, flow->source, flow->source_last)
              & between(DESTINATION, 32, flow->destination,
                        flow->destination_last)
              & between(PORT, 16, flow->port, flow->port);
        unsigned int answer = ((query & permit) != bddfalse ? 1u : 0u)
                              | ((query & !permit) != bddfalse ? 2u : 0u);
        wrong += answer != flow->answer;
    }
    double mean = (peer_now() - start) / (double) n * 1e6;
    printf("BuDDy, set %s: compiled in %.0f ms (%zu Tcp rules never decide), "
           "%.1f us a flow, %zu of %zu answers differ\n",
           name, compiled * 1e3, never, mean, wrong, n);
    char ours[64];
    snprintf(ours, sizeof ours, "one layer, set %s, mean", name);
    peer_tell(ours, "", "BuDDy", mean, "us", 1, 0);
    snprintf(ours, sizeof ours, "never-deciding rules of 1,000, set %s", name);
    peer_tell(ours, "", "BuDDy", compiled * 1e3, "ms", 1, 0);
    if (wrong) {
        exit(1);
    }
}

int
main(int argc, char *argv[])
{
    (void) argc;
    bdd_init(4000000, 400000);
    bdd_setvarnum(VARIABLES);
    bdd_setmaxincrease(1000000);
    bdd_gbc_hook(NULL);
    run(argv[1], "S");
    run(argv[1], "M");
    // Not bdd_done(): the library ends with the process.
    fflush(stdout);
    _Exit(0);
}
