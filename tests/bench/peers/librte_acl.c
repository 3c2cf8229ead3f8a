/* The same packets, looked up by DPDK's librte_acl.  Its rules are single
 * prefixes and ranges, so each of ours becomes many. */

#include <rte_acl.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "rules.h"

enum { N_PACKETS = 1 << 16, CHUNK = 1 << 14, N_FIELDS = 5 };

struct key {
    uint8_t protocol;
    uint8_t pad[3];
    uint32_t source, destination; /* Network order, as all of it. */
    uint16_t source_port, port;
};

static struct rte_acl_field_def fields[N_FIELDS] = {
    { RTE_ACL_FIELD_TYPE_BITMASK, 1, 0, 0, offsetof(struct key, protocol) },
    { RTE_ACL_FIELD_TYPE_MASK, 4, 1, 1, offsetof(struct key, source) },
    { RTE_ACL_FIELD_TYPE_MASK, 4, 2, 2, offsetof(struct key, destination) },
    { RTE_ACL_FIELD_TYPE_RANGE, 2, 3, 3, offsetof(struct key, source_port) },
    { RTE_ACL_FIELD_TYPE_RANGE, 2, 4, 3, offsetof(struct key, port) },
};

RTE_ACL_RULE_DEF(row, N_FIELDS);

static struct row *rows;
static size_t n_rows, capacity;

/* Calls itself for each prefix of a span. */
static size_t
split(struct peer_span span, uint32_t addresses[64], uint8_t bits[64])
{
    size_t n = 0;
    uint64_t at = span.first;

    while (at <= span.last) {
        unsigned int size = 0;
        while (size < 32 && !(at >> size & 1)
               && at + (UINT64_C(2) << size) - 1 <= span.last) {
            size++;
        }
        addresses[n] = (uint32_t) at;
        bits[n++] = (uint8_t) (32 - size);
        at += UINT64_C(1) << size;
    }
    return n;
}

static void
add_row(size_t rule, size_t n_rules, int protocol, uint32_t source,
        uint8_t source_bits, uint32_t destination, uint8_t destination_bits,
        struct peer_span ports)
{
    if (n_rows == capacity) {
        capacity = capacity ? 2 * capacity : 4096;
        rows = realloc(rows, capacity * sizeof *rows);
    }
    struct row *row = &rows[n_rows++];
    memset(row, 0, sizeof *row);
    row->data.category_mask = 1;
    row->data.priority = (int32_t) (n_rules - rule);
    row->data.userdata = (uint32_t) rule + 1;
    row->field[0].value.u8 = protocol < 0 ? 0 : (uint8_t) protocol;
    row->field[0].mask_range.u8 = protocol < 0 ? 0 : 0xff;
    row->field[1].value.u32 = source;
    row->field[1].mask_range.u32 = source_bits;
    row->field[2].value.u32 = destination;
    row->field[2].mask_range.u32 = destination_bits;
    row->field[3].mask_range.u16 = 65535;
    row->field[4].value.u16 = (uint16_t) ports.first;
    row->field[4].mask_range.u16 =
        (uint16_t) (ports.last > 65535 ? 65535 : ports.last);
}

static void
add_rule(const struct peer_rules *rules, size_t i)
{
    static const int numbers[] = { 6, 17, 1 };
    const struct peer_rule *rule = &rules->items[i];
    uint32_t sources[64], destinations[64];
    uint8_t source_bits[64], destination_bits[64];
    int full = rule->ports.items[0].last > 65535;

    for (size_t s = 0; s < rule->source.n; s++) {
        size_t n = split(rule->source.items[s], sources, source_bits);
        for (size_t d = 0; d < rule->destination.n; d++) {
            size_t m = split(rule->destination.items[d], destinations,
                             destination_bits);
            for (size_t k = 0; k < n * m * rule->ports.n; k++) {
                size_t x = k % n, y = k / n % m, p = k / n / m;
                for (int proto = 0; proto < 3; proto++) {
                    int all = rule->protocols > 7 && full;
                    if ((all && proto) || (proto == 2 && !full)
                        || !(rule->protocols >> proto & 1)) {
                        continue;
                    }
                    add_row(i, rules->n, all ? -1 : numbers[proto], sources[x],
                            source_bits[x], destinations[y],
                            destination_bits[y], rule->ports.items[p]);
                }
            }
        }
    }
}

static size_t
read_packets(const char *folder, const char *name, struct key *keys,
             unsigned int *rules)
{
    static const uint8_t numbers[] = { 6, 17, 1 };
    FILE *file = peer_open(folder, name, "packets");
    unsigned int source, destination, ports, protocol;
    size_t n = 0;

    while (n < N_PACKETS
           && fscanf(file, "%u %u %u %u %u", &source, &destination, &ports,
                     &protocol, &rules[n])
                  == 5) {
        keys[n] = (struct key){
            .protocol = numbers[protocol % 3],
            .source = __builtin_bswap32(source),
            .destination = __builtin_bswap32(destination),
            .source_port =
                __builtin_bswap16((uint16_t) (protocol < 2 ? ports >> 16 : 0)),
            .port = __builtin_bswap16(
                (uint16_t) (protocol < 2 ? ports & 0xffff : 0)),
        };
        n++;
    }
    fclose(file);
    return n;
}

static double
measure(struct rte_acl_ctx *acl, enum rte_acl_classify_alg path,
        const struct key *keys, size_t n, uint32_t *found)
{
    static const uint8_t *data[N_PACKETS];
    double best = 1e9;

    for (size_t i = 0; i < n; i++) {
        data[i] = (const uint8_t *) &keys[i];
    }
    for (int pass = 0; pass < 6; pass++) {
        for (size_t i = 0; i + CHUNK <= n; i += CHUNK) {
            double start = peer_now();
            if (rte_acl_classify_alg(acl, data + i, found + i, CHUNK, 1,
                                     path)) {
                return 0;
            }
            double taken = peer_now() - start;
            best = taken < best ? taken : best;
        }
    }
    return CHUNK / best / 1e6;
}

static void
run(const char *folder, const char *name, double ratio)
{
    static const enum rte_acl_classify_alg paths[] = {
        RTE_ACL_CLASSIFY_SCALAR, RTE_ACL_CLASSIFY_SSE, RTE_ACL_CLASSIFY_AVX2,
        RTE_ACL_CLASSIFY_AVX512X16, RTE_ACL_CLASSIFY_AVX512X32
    };
    static struct key keys[N_PACKETS];
    static uint32_t found[N_PACKETS];
    static unsigned int expected[N_PACKETS];
    struct peer_rules rules = peer_read_rules(folder, name);
    size_t n = read_packets(folder, name, keys, expected);
    double best = 0;

    n_rows = 0;
    for (size_t i = 0; i < rules.n; i++) {
        add_rule(&rules, i);
    }
    struct rte_acl_param param = { .name = name,
                                   .socket_id = -1,
                                   .rule_size = RTE_ACL_RULE_SZ(N_FIELDS),
                                   .max_rule_num = (uint32_t) n_rows };
    struct rte_acl_config config = { .num_categories = 1,
                                     .num_fields = N_FIELDS };
    struct rte_acl_ctx *acl = rte_acl_create(&param);
    memcpy(config.defs, fields, sizeof fields);
    if (!acl
        || rte_acl_add_rules(acl, (struct rte_acl_rule *) rows,
                             (uint32_t) n_rows)) {
        printf("librte_acl, set %s: %s\n", name, rte_strerror(rte_errno));
        return;
    }
    double start = peer_now();
    if (rte_acl_build(acl, &config)) {
        printf("librte_acl, set %s: cannot be built\n", name);
        return;
    }
    double built = peer_now() - start;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        double rate = measure(acl, paths[i], keys, n, found);
        best = rate > best ? rate : best;
    }
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        wrong += found[i] != expected[i] + 1;
    }
    printf("librte_acl, set %s: %zu rows, built in %.1f s, best path %.1f "
           "M/s, %zu of %zu answers differ\n",
           name, n_rows, built, best, wrong, n);
    char ours[64];
    snprintf(ours, sizeof ours, "lookups, set %s", name);
    peer_tell(ours, "portable", "librte_acl", best, "M/s", 0, ratio);
    peer_tell(ours, "avx512", "librte_acl", best, "M/s", 0, ratio);
    snprintf(ours, sizeof ours, "compile, set %s", name);
    peer_tell(ours, "", "librte_acl", built * 1e3, "ms", 1, 0);
    rte_acl_free(acl);
    if (wrong) {
        exit(1);
    }
}

int
main(int argc, char *argv[])
{
    char *words[] = { argv[0],
                      "--no-huge",
                      "--no-pci",
                      "--no-telemetry",
                      "--no-shconf",
                      "-m",
                      "6000",
                      "--force-max-simd-bitwidth=512",
                      "--log-level=1",
                      "--iova-mode=va",
                      "-l",
                      "0",
                      NULL };

    (void) argc;
    if (rte_eal_init(12, words) < 0) {
        printf("librte_acl: DPDK could not start\n");
        return 0;
    }
    run(argv[1], "S", 0);
    run(argv[1], "M", 1.5);
    if (getenv("BENCH_LARGE")) {
        run(argv[1], "L", 4);
    }
    return 0;
}
