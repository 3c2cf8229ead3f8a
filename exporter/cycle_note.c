#include "exporter/cycle_note.h"

#include <stdlib.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/hash.h"
#include "engine/base/memory.h"
#include "engine/judge/cause.h"
#include "exporter/changes.h"
#include "exporter/cycle_world.h"
#include "exporter/log.h"
#include "exporter/source/feed.h"

/* Causes are looked for by judging the flow once for each thing that changed;
 * when very many flows flip at once, the first say it for all. */
enum { CAUSES_PER_PASS = 100 };

struct notes {
    struct changes *changes;
    int64_t now_ms;
    size_t causes_left;
    uint64_t *findings; /* Sorted fingerprints of those that were told. */
    size_t n_findings;
    uint64_t *feeds; /* Fingerprint of each feed's failure; 0: it is up. */
    size_t n_feeds;
};

static void log_event(const struct cycle_flow *flow, enum flow_event event,
                      const struct verdict_words *before, bool violated);
static const struct rule_change *
find_causes(struct notes *notes, const struct config *config, size_t i,
            const struct cycle_flow *flow, struct world *world,
            struct arena *arena, size_t *n);
static uint64_t fingerprint(const char *a, const char *b, const char *c);
static int compare_u64(const void *a, const void *b);

struct notes *
notes_create(struct changes *changes)
{
    struct notes *notes = memory_calloc(1, sizeof *notes);

    notes->changes = changes;
    return notes;
}

void
notes_destroy(struct notes *notes)
{
    if (notes) {
        free(notes->findings);
        free(notes->feeds);
        free(notes);
    }
}

void
notes_begin(struct notes *notes, int64_t now_ms)
{
    notes->now_ms = now_ms;
    notes->causes_left = CAUSES_PER_PASS;
}

int64_t
notes_now(const struct notes *notes)
{
    return notes->now_ms;
}

void
notes_flow(struct notes *notes, const struct config *config, size_t i,
           const struct cycle_flow *flow, struct world *world,
           enum flow_event event, const struct verdict_words *before)
{
    if (event == FLOW_EVENT_NONE || event == FLOW_EVENT_FIRST) {
        return;
    }
    bool violated =
        verdict_violates(flow->shown, config->flows[i].expect_allow);
    log_event(flow, event, before, violated);
    if (!notes->changes) {
        return;
    }
    struct verdict_words after = verdict_words(flow->shown);
    struct arena *arena = arena_create();
    struct change change = {
        .at_ms = notes->now_ms,
        .flow = flow->name,
        .verdict_before = verdict_name(before->kind),
        .verdict_after = verdict_name(after.kind),
        .violated = violated,
        .layer_before = before->layer,
        .ruleset_before = before->ruleset,
        .rule_before = before->rule,
        .layer_after = after.layer,
        .ruleset_after = after.ruleset,
        .rule_after = after.rule,
    };
    change.rule_changes = find_causes(notes, config, i, flow, world, arena,
                                      &change.n_rule_changes);
    changes_add(notes->changes, &change);
    arena_unref(arena);
}

void
notes_feeds(struct notes *notes, const struct feed_state *feeds, size_t n)
{
    if (n != notes->n_feeds) {
        free(notes->feeds);
        notes->feeds = memory_calloc(n, sizeof *notes->feeds);
        notes->n_feeds = n;
    }
    for (size_t i = 0; i < n; i++) {
        const struct feed_state *feed = &feeds[i];
        const char *name = feed_name(feed->feed);
        bool failed = !feed->up && feed->last_attempt_ms;
        uint64_t failure =
            failed ? fingerprint(name, feed->scope, feed->error) : 0;

        if (failure && failure != notes->feeds[i]) {
            log_warn("feed failed", "feed", name, "scope", feed->scope,
                     "error", feed->error, NULL);
        } else if (!failure && notes->feeds[i]) {
            log_info("feed recovered", "feed", name, "scope", feed->scope,
                     NULL);
        }
        notes->feeds[i] = failure;
    }
}

void
notes_findings(struct notes *notes, const char *const findings[], size_t n)
{
    uint64_t *told = memory_calloc(n, sizeof *told);

    for (size_t i = 0; i < n; i++) {
        told[i] = fingerprint(findings[i], "", "");
        if (!notes->n_findings
            || !bsearch(&told[i], notes->findings, notes->n_findings,
                        sizeof *told, compare_u64)) {
            log_warn("odd data", "finding", findings[i], NULL);
        }
    }
    if (n) {
        qsort(told, n, sizeof *told, compare_u64);
    }
    free(notes->findings);
    notes->findings = told;
    notes->n_findings = n;
}

static void
log_event(const struct cycle_flow *flow, enum flow_event event,
          const struct verdict_words *before, bool violated)
{
    struct verdict_words after = verdict_words(flow->shown);
    const char *reason = flow->shown->kind == VERDICT_UNKNOWN
                             ? reason_name(flow->shown->reason)
                             : NULL;

    if (event == FLOW_EVENT_VERDICT) {
        (violated ? log_warn : log_info)(
            "verdict changed", "flow", flow->name, "from",
            verdict_name(before->kind), "to", verdict_name(after.kind),
            "violated", violated ? "true" : "false", "layer", after.layer,
            "ruleset", after.ruleset, "rule", after.rule, "reason", reason,
            NULL);
    } else {
        log_info("decision changed", "flow", flow->name, "verdict",
                 verdict_name(after.kind), "layer_before", before->layer,
                 "ruleset_before", before->ruleset, "rule_before",
                 before->rule, "layer", after.layer, "ruleset", after.ruleset,
                 "rule", after.rule, NULL);
    }
}

static bool
is_want_of_data(const struct verdict *verdict)
{
    return verdict->reason == REASON_NO_DATA
           || verdict->reason == REASON_DATA_EXPIRED;
}

/* Only between two verdicts of the engine there is something to find. */
static const struct rule_change *
find_causes(struct notes *notes, const struct config *config, size_t i,
            const struct cycle_flow *flow, struct world *world,
            struct arena *arena, size_t *n)
{
    *n = 0;
    if (!flow->last || is_want_of_data(flow->last)
        || is_want_of_data(flow->shown) || !notes->causes_left) {
        return NULL;
    }
    notes->causes_left--;
    const struct cause *causes =
        world_causes(world, config, i, flow->last, flow->shown, arena, n);
    struct rule_change *rules = arena_alloc_array(arena, *n, sizeof *rules);
    for (size_t k = 0; k < *n; k++) {
        rules[k] = (struct rule_change){
            .what = causes[k].what,
            .layer = causes[k].layer,
            .ruleset = causes[k].ruleset,
            .rule = causes[k].rule,
            .field = causes[k].field,
            .before = causes[k].before,
            .after = causes[k].after,
            .alone = causes[k].alone,
        };
    }
    return rules;
}

/* Never 0. */
static uint64_t
fingerprint(const char *a, const char *b, const char *c)
{
    struct hasher hasher;

    hasher_init(&hasher);
    hasher_add_string(&hasher, a);
    hasher_add_string(&hasher, b);
    hasher_add_string(&hasher, c);
    return hasher_finish(&hasher).low | 1;
}

static int
compare_u64(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;

    return (*left > *right) - (*left < *right);
}
