/* Reads what "bench --dump" wrote. */

#ifndef TESTS_BENCH_PEERS_RULES_H
#define TESTS_BENCH_PEERS_RULES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct peer_span {
    unsigned long first, last;
};

struct peer_spans {
    struct peer_span *items;
    size_t n;
};

struct peer_rule {
    int allow;
    int protocols; /* Bits: 1 Tcp, 2 Udp, 4 Icmp, more: others. */
    struct peer_spans source, destination, ports; /* 65536: "no port". */
};

struct peer_rules {
    struct peer_rule *items;
    size_t n;
};

struct peer_flow {
    unsigned int source, source_last, destination, destination_last, port;
    unsigned int answer; /* 1 all allowed, 2 all denied, 3 both. */
};

static inline double
peer_now(void)
{
    struct timespec now;

    (void) clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

static inline FILE *
peer_open(const char *folder, const char *name, const char *kind)
{
    char path[4096];

    (void) snprintf(path, sizeof path, "%s/%s.%s", folder, name, kind);
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

static inline void
peer_add(struct peer_spans *spans, unsigned long first, unsigned long last)
{
    spans->items = (struct peer_span *) realloc(
        spans->items, (spans->n + 1) * sizeof *spans->items);
    if (!spans->items) {
        abort();
    }
    spans->items[spans->n].first = first;
    spans->items[spans->n++].last = last;
}

static inline struct peer_rules
peer_read_rules(const char *folder, const char *name)
{
    FILE *file = peer_open(folder, name, "boxes");
    struct peer_rules rules = { NULL, 0 };
    char line[128];

    while (fgets(line, sizeof line, file)) {
        struct peer_rule *rule = rules.n ? &rules.items[rules.n - 1] : NULL;
        unsigned long first, last;
        int allow, protocols;
        char tag;
        if (sscanf(line, "rule %*u %d %d", &allow, &protocols) == 2) {
            rules.items = (struct peer_rule *) realloc(
                rules.items, (rules.n + 1) * sizeof *rules.items);
            if (!rules.items) {
                abort();
            }
            rule = &rules.items[rules.n++];
            memset(rule, 0, sizeof *rule);
            rule->allow = allow;
            rule->protocols = protocols;
        } else if (rule
                   && sscanf(line, "%c %lu %lu", &tag, &first, &last) == 3) {
            peer_add(tag == 's'   ? &rule->source
                     : tag == 'd' ? &rule->destination
                                  : &rule->ports,
                     first, last);
        }
    }
    fclose(file);
    return rules;
}

static inline size_t
peer_read_flows(const char *folder, const char *name, struct peer_flow flows[],
                size_t max)
{
    FILE *file = peer_open(folder, name, "flows");
    size_t n = 0;

    while (n < max
           && fscanf(file, "%u %u %u %u %u %u", &flows[n].source,
                     &flows[n].source_last, &flows[n].destination,
                     &flows[n].destination_last, &flows[n].port,
                     &flows[n].answer)
                  == 6) {
        n++;
    }
    fclose(file);
    return n;
}

/* Tells the caller: a row of ours is to stand next to this value.  'lower'
 * says that less is better; 'ratio' is what we want to be better by. */
static inline void
peer_tell(const char *ours, const char *also, const char *peer, double value,
          const char *unit, int lower, double ratio)
{
    printf("row|%s|%s|%s|%.6g|%s|%s|%g\n", ours, also, peer, value, unit,
           lower ? "lower" : "higher", ratio);
    fflush(stdout);
}

#endif
