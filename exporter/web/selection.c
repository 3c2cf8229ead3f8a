#include "exporter/web/selection.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/number.h"
#include "exporter/snapshot.h"
#include "exporter/web/query.h"

static const char *const verdicts[] = { "allow", "deny", "partial", "unknown",
                                        NULL };
static const char *const booleans[] = { "false", "true", NULL };
static const char *const directions[] = { [FLOW_INBOUND] = "inbound",
                                          [FLOW_OUTBOUND] = "outbound",
                                          [FLOW_BOTH] = "both",
                                          NULL };
static const char *const orders[] = { "asc", "desc", NULL };
static const char *const sorts[] = { "",        "severity", "name",
                                     "verdict", "changed",  NULL };

typedef int compare_results(const struct flow_result *,
                            const struct flow_result *);
static compare_results compare_severity, compare_name, compare_verdict,
    compare_changed;

/* Descending turns the order around; flows that are equal in it stay in the
 * order of the configuration, which is that of their addresses. */
struct ordered {
    const struct flow_result *result;
    int (*compare)(const struct flow_result *, const struct flow_result *);
    bool descending;
};

static bool read_word(const struct query *query, const char *name,
                      const char *const words[], bool *given,
                      unsigned int *index, struct error *error);
static bool read_size(const struct query *query, const char *name,
                      size_t *value, struct error *error);
static bool fits(const struct selection *selection,
                 const struct flow_result *result);
static bool has_words(const struct flow_result *result, const char *words);
static void order(const struct selection *selection,
                  const struct flow_result **results, size_t n);
static int compare_ordered(const void *a, const void *b);

bool
selection_read(struct selection *selection, const struct query *query,
               struct error *error)
{
    unsigned int verdict = 0, violated = 0, direction = 0, sort = 0;
    unsigned int order = 0;
    bool has_sort, has_order;
    const char *group = query_get(query, "group");
    const char *words = query_get(query, "q");

    *selection = (struct selection){ .limit = SIZE_MAX };
    if (!read_word(query, "verdict", verdicts, &selection->has_verdict,
                   &verdict, error)
        || !read_word(query, "violated", booleans, &selection->has_violated,
                      &violated, error)
        || !read_word(query, "direction", directions,
                      &selection->has_direction, &direction, error)
        || !read_word(query, "sort", sorts, &has_sort, &sort, error)
        || !read_word(query, "order", orders, &has_order, &order, error)
        || !read_size(query, "limit", &selection->limit, error)
        || !read_size(query, "offset", &selection->offset, error)) {
        return false;
    }
    selection->verdict = (enum verdict_kind) verdict;
    selection->violated = violated;
    selection->direction = (enum flow_direction) direction;
    selection->sort = (enum selection_sort) sort;
    selection->descending = order;
    selection->group = group ? group : "";
    selection->words = words ? words : "";
    return true;
}

struct selected
selection_apply(const struct selection *selection,
                const struct snapshot *snapshot)
{
    struct selected selected = { 0 };
    selected.results = memory_calloc(snapshot->n_results + 1,
                                     sizeof(const struct flow_result *));
    for (size_t i = 0; i < snapshot->n_results; i++) {
        if (fits(selection, &snapshot->results[i])) {
            selected.results[selected.total++] = &snapshot->results[i];
        }
    }
    order(selection, selected.results, selected.total);

    size_t first = selection->offset < selected.total ? selection->offset
                                                      : selected.total;
    selected.n = selected.total - first;
    if (selected.n > selection->limit) {
        selected.n = selection->limit;
    }
    memmove(selected.results, selected.results + first,
            selected.n * sizeof(const struct flow_result *));
    return selected;
}

void
selected_clear(struct selected *selected)
{
    free(selected->results);
    *selected = (struct selected){ 0 };
}

static bool
read_word(const struct query *query, const char *name,
          const char *const words[], bool *given, unsigned int *index,
          struct error *error)
{
    const char *value = query_get(query, name);
    *given = value && *value;
    if (!*given) {
        return true;
    }
    for (unsigned int i = 0; words[i]; i++) {
        if (!strcmp(value, words[i])) {
            *index = i;
            return true;
        }
    }
    return error_set(error, "'%.64s' is no value of '%s'", value, name);
}

static bool
read_size(const struct query *query, const char *name, size_t *value,
          struct error *error)
{
    const char *word = query_get(query, name);
    uint64_t number;
    if (!word || !*word) {
        return true;
    }
    if (!number_parse(word, strlen(word), UINT32_MAX, &number)) {
        return error_set(error, "'%.64s' is no value of '%s'", word, name);
    }
    *value = number;
    return true;
}

static bool
fits(const struct selection *selection, const struct flow_result *result)
{
    const struct policy_rule *rule = result->verdict->decision.rule;

    return (!selection->has_verdict
            || result->verdict->kind == selection->verdict)
           && (!selection->has_violated
               || result->violated == selection->violated)
           && (!selection->has_direction
               || result->flow->direction == selection->direction)
           && (!*selection->group
               || (rule && ascii_find(rule->ruleset, selection->group)))
           && (!*selection->words || has_words(result, selection->words));
}

static bool
has_words(const struct flow_result *result, const char *words)
{
    const struct config_flow *flow = result->flow;
    const struct policy_rule *rule = result->verdict->decision.rule;
    const char *const texts[] = {
        flow->flow.name,
        flow->description,
        flow->protocol_text,
        flow->source_text,
        flow->source_port_text,
        flow->destination_text,
        flow->destination_port_text,
        flow->nic_text,
        rule ? rule->name : NULL,
        rule ? rule->ruleset : NULL,
        reason_name(result->verdict->reason),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i] && ascii_find(texts[i], words)) {
            return true;
        }
    }
    for (size_t i = 0; i < flow->n_labels; i++) {
        if (ascii_find(flow->labels[i].value, words)) {
            return true;
        }
    }
    return false;
}

static void
order(const struct selection *selection, const struct flow_result **results,
      size_t n)
{
    static compare_results *const compares[N_SORTS] = {
        [SORT_SEVERITY] = compare_severity,
        [SORT_NAME] = compare_name,
        [SORT_VERDICT] = compare_verdict,
        [SORT_CHANGED] = compare_changed,
    };
    compare_results *compare = compares[selection->sort];
    if (!compare) {
        return;
    }
    struct ordered *all = memory_calloc(n + 1, sizeof *all);
    for (size_t i = 0; i < n; i++) {
        all[i] =
            (struct ordered){ results[i], compare, selection->descending };
    }
    qsort(all, n, sizeof *all, compare_ordered);
    for (size_t i = 0; i < n; i++) {
        results[i] = all[i].result;
    }
    free(all);
}

static int
compare_ordered(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    int order = x->compare(x->result, y->result);
    if (order) {
        return x->descending ? -order : order;
    }
    return x->result < y->result ? -1 : x->result > y->result;
}

/* What a person must look at first: violations, then what is not known. */
static int
severity(const struct flow_result *result)
{
    return result->violated                           ? 0
           : result->verdict->kind == VERDICT_UNKNOWN ? 1
                                                      : 2;
}

static int
compare_severity(const struct flow_result *a, const struct flow_result *b)
{
    return severity(a) - severity(b);
}

static int
compare_name(const struct flow_result *a, const struct flow_result *b)
{
    return ascii_compare(a->flow->flow.name, b->flow->flow.name);
}

static int
compare_verdict(const struct flow_result *a, const struct flow_result *b)
{
    return (int) a->verdict->kind - (int) b->verdict->kind;
}

/* The newest change first. */
static int
compare_changed(const struct flow_result *a, const struct flow_result *b)
{
    return a->last_change_ms > b->last_change_ms
               ? -1
               : a->last_change_ms < b->last_change_ms;
}
