#include "exporter/cycle_flow.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/ascii.h"
#include "engine/base/memory.h"

static void
flow_end(struct cycle_flow *flow)
{
    verdict_unref(flow->judged);
    verdict_unref(flow->shown);
    verdict_unref(flow->last);
    free(flow->kept);
    *flow = (struct cycle_flow){ .name = flow->name };
}

struct cycle_flow *
cycle_flows_create(const struct config *config, struct cycle_flow *old,
                   size_t n_old)
{
    struct cycle_flow *flows = memory_calloc(config->n_flows, sizeof *flows);
    struct cycle_flow **sorted = cycle_flows_sort(old, n_old);

    for (size_t i = 0; i < config->n_flows; i++) {
        const char *name = config->flows[i].flow.name;
        struct cycle_flow *before = cycle_flows_find(sorted, n_old, name);
        if (before) {
            const char *old_name = before->name;
            flows[i] = *before;
            *before = (struct cycle_flow){ .name = old_name };
        }
        flows[i].name = name;
    }
    free(sorted);
    cycle_flows_destroy(old, n_old);
    return flows;
}

void
cycle_flows_destroy(struct cycle_flow *flows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        flow_end(&flows[i]);
    }
    free(flows);
}

static int
compare_names(const void *a, const void *b)
{
    const struct cycle_flow *const *left = a;
    const struct cycle_flow *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

struct cycle_flow **
cycle_flows_sort(struct cycle_flow *flows, size_t n)
{
    struct cycle_flow **sorted = memory_calloc(n, sizeof *sorted);

    for (size_t i = 0; i < n; i++) {
        sorted[i] = &flows[i];
    }
    if (n) {
        qsort(sorted, n, sizeof *sorted, compare_names);
    }
    return sorted;
}

struct cycle_flow *
cycle_flows_find(struct cycle_flow *const sorted[], size_t n, const char *name)
{
    const struct cycle_flow key = { .name = name };
    const struct cycle_flow *key_pointer = &key;
    struct cycle_flow *const *found = NULL;

    if (n) {
        found =
            bsearch(&key_pointer, sorted, n, sizeof *sorted, compare_names);
    }
    return found ? *found : NULL;
}

static const char *
copy_word(char **room, const char *word)
{
    size_t size = strlen(word) + 1;
    char *copy = memcpy(*room, word, size);

    *room += size;
    return copy;
}

void
cycle_flow_keep(struct cycle_flow *flow, const struct verdict_words *words)
{
    struct verdict_words *kept =
        memory_alloc(sizeof *kept + strlen(words->side) + strlen(words->layer)
                     + strlen(words->ruleset) + strlen(words->rule)
                     + strlen(words->rule_id) + 5);
    char *room = (char *) (kept + 1);

    *kept = (struct verdict_words){
        .kind = words->kind,
        .side = copy_word(&room, words->side),
        .layer = copy_word(&room, words->layer),
        .ruleset = copy_word(&room, words->ruleset),
        .rule = copy_word(&room, words->rule),
        .rule_id = copy_word(&room, words->rule_id),
    };
    flow->kept = kept;
}

void
cycle_flow_set_judged(struct cycle_flow *flow, struct verdict *judged)
{
    verdict_unref(flow->judged);
    flow->judged = judged;
}

void
cycle_flow_set_shown(struct cycle_flow *flow, const struct verdict *shown)
{
    if (flow->shown != shown) {
        verdict_unref(flow->shown);
        flow->shown = verdict_ref(shown);
    }
}

static bool
same_decision(const struct verdict_words *a, const struct verdict_words *b)
{
    return strcmp(a->side, b->side) == 0 && strcmp(a->layer, b->layer) == 0
           && ascii_equal(a->ruleset, b->ruleset)
           && ascii_equal(a->rule, b->rule)
           && ascii_equal(a->rule_id, b->rule_id);
}

enum flow_event
cycle_flow_event(const struct cycle_flow *flow, struct verdict_words *before)
{
    const struct verdict *shown = flow->shown;
    bool judged_since_start = flow->last != NULL;

    /* Waiting for the first data is no verdict; having had one and losing it
     * is a change. */
    if (flow->last == shown
        || (!judged_since_start && shown->reason == REASON_NO_DATA)) {
        return FLOW_EVENT_NONE;
    }
    if (!judged_since_start && !flow->kept) {
        return FLOW_EVENT_FIRST;
    }
    *before = judged_since_start ? verdict_words(flow->last) : *flow->kept;
    if (before->kind != shown->kind) {
        return FLOW_EVENT_VERDICT;
    }
    struct verdict_words after = verdict_words(shown);
    bool same = judged_since_start
                    ? decision_equal(&flow->last->decision, &shown->decision)
                    : same_decision(before, &after);
    return same ? FLOW_EVENT_NONE : FLOW_EVENT_DECISION;
}

void
cycle_flow_count(struct cycle_flow *flow, enum flow_event event,
                 int64_t now_ms)
{
    if (event == FLOW_EVENT_FIRST || event == FLOW_EVENT_VERDICT) {
        flow->last_change_ms = now_ms;
    }
    flow->verdict_changes += event == FLOW_EVENT_VERDICT;
    flow->decision_changes +=
        event == FLOW_EVENT_VERDICT || event == FLOW_EVENT_DECISION;
    if (flow->shown != flow->last
        && (flow->last || flow->shown->reason != REASON_NO_DATA)) {
        verdict_unref(flow->last);
        flow->last = verdict_ref(flow->shown);
        free(flow->kept);
        flow->kept = NULL;
    }
}

struct verdict_words
verdict_words(const struct verdict *verdict)
{
    const struct policy_rule *rule = verdict->decision.rule;

    return (struct verdict_words){
        .kind = verdict->kind,
        .side = rule ? side_name(verdict->decision.side) : "",
        .layer = layer_name(rule ? verdict->decision.layer : LAYER_NONE),
        .ruleset = rule ? rule->ruleset : "",
        .rule = rule ? rule->name : "",
        .rule_id = rule ? rule->id : "",
    };
}

bool
verdict_violates(const struct verdict *verdict, bool expect_allow)
{
    switch (verdict->kind) {
    case VERDICT_ALLOW: return !expect_allow;
    case VERDICT_DENY: return expect_allow;
    case VERDICT_PARTIAL: return true;
    case VERDICT_UNKNOWN:
    case N_VERDICTS: break;
    }
    return false;
}
