/* The same questions, put to Z3: two checks for each flow, one for an allowed
 * packet and one for a denied. */

#include <z3.h>

#include "rules.h"

enum { N_FLOWS = 20 };

static Z3_context context;

static Z3_ast
number(unsigned long value, unsigned int bits)
{
    return Z3_mk_unsigned_int64(context, value, Z3_mk_bv_sort(context, bits));
}

static Z3_ast
variable(const char *name, unsigned int bits)
{
    return Z3_mk_const(context, Z3_mk_string_symbol(context, name),
                       Z3_mk_bv_sort(context, bits));
}

static Z3_ast
between(Z3_ast value, unsigned long first, unsigned long last,
        unsigned int bits)
{
    Z3_ast ends[2] = { Z3_mk_bvuge(context, value, number(first, bits)),
                       Z3_mk_bvule(context, value, number(last, bits)) };

    return Z3_mk_and(context, 2, ends);
}

static Z3_ast
within(Z3_ast value, const struct peer_spans *spans, unsigned int bits)
{
    unsigned long max = bits == 16 ? 65535 : 0xffffffff;
    Z3_ast *parts = calloc(spans->n + 1, sizeof *parts);
    unsigned int n = 0;

    for (size_t i = 0; i < spans->n; i++) {
        unsigned long last = spans->items[i].last;
        if (!spans->items[i].first && last >= max) {
            free(parts);
            return Z3_mk_true(context);
        }
        if (spans->items[i].first <= max) {
            parts[n++] = between(value, spans->items[i].first,
                                 last < max ? last : max, bits);
        }
    }
    Z3_ast any = n ? Z3_mk_or(context, n, parts) : Z3_mk_false(context);
    free(parts);
    return any;
}

static void
run(const char *folder, const char *name)
{
    struct peer_rules rules = peer_read_rules(folder, name);
    struct peer_flow flows[N_FLOWS];
    size_t n = peer_read_flows(folder, name, flows, N_FLOWS);
    Z3_config config = Z3_mk_config();
    size_t wrong = 0;

    context = Z3_mk_context(config);
    Z3_ast source = variable("source", 32);
    Z3_ast destination = variable("destination", 32);
    Z3_ast port = variable("port", 16);
    Z3_ast permit = Z3_mk_false(context);
    for (size_t i = rules.n; i-- > 0;) {
        const struct peer_rule *rule = &rules.items[i];
        if (!(rule->protocols & 1)) {
            continue;
        }
        Z3_ast sides[3] = { within(source, &rule->source, 32),
                            within(destination, &rule->destination, 32),
                            within(port, &rule->ports, 16) };
        permit = Z3_mk_ite(
            context, Z3_mk_and(context, 3, sides),
            rule->allow ? Z3_mk_true(context) : Z3_mk_false(context), permit);
    }
    double start = peer_now();
    for (size_t i = 0; i < n; i++) {
        const struct peer_flow *flow = &flows[i];
        unsigned int answer = 0;
        for (int deny = 0; deny < 2; deny++) {
            Z3_solver solver = Z3_mk_solver_for_logic(
                context, Z3_mk_string_symbol(context, "QF_BV"));
            Z3_solver_inc_ref(context, solver);
            Z3_solver_assert(
                context, solver,
                between(source, flow->source, flow->source_last, 32));
            Z3_solver_assert(context, solver,
                             between(destination, flow->destination,
                                     flow->destination_last, 32));
            Z3_solver_assert(context, solver,
                             Z3_mk_eq(context, port, number(flow->port, 16)));
            Z3_solver_assert(context, solver,
                             deny ? Z3_mk_not(context, permit) : permit);
            if (Z3_solver_check(context, solver) == Z3_L_TRUE) {
                answer |= deny ? 2 : 1;
            }
            Z3_solver_dec_ref(context, solver);
        }
        wrong += answer != flow->answer;
    }
    double mean = (peer_now() - start) / (double) n * 1e6;
    char ours[64];
    snprintf(ours, sizeof ours, "one layer, set %s, mean", name);
    printf("Z3, set %s: %.1f ms a flow, %zu of %zu answers differ\n", name,
           mean / 1e3, wrong, n);
    peer_tell(ours, "", "Z3", mean, "us", 1, 1000);
    Z3_del_context(context);
    Z3_del_config(config);
    if (wrong) {
        exit(1);
    }
}

int
main(int argc, char *argv[])
{
    run(argv[1], "S");
    if (argc < 3) {
        run(argv[1], "M");
    }
    return 0;
}
