#include "engine/judge/judge.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/compile/settings.h"
#include "engine/judge/question.h"
#include "engine/judge/verdict_create.h"
#include "engine/model/flow.h"

/* The layers of all sites of one flow, and what they are kept alive by. */
struct holdings {
    const struct policy **items; /* From the heap. */
    size_t n;
    size_t capacity;
};

static struct verdict *judge(struct estate *estate, const struct flow *flow,
                             struct questions *questions, struct arena *arena);
static void put_questions(const struct questions *questions, uint64_t budget,
                          struct tally *tally, struct verdict *draft);
static void conclude(const struct tally *tally, struct verdict *draft);
static void explain_doubt(const struct tally *tally, struct verdict *draft,
                          struct arena *arena);
static void fill_layers(const struct questions *questions, struct tally *tally,
                        struct verdict *draft);
static void fill_regions(const struct tally *tally, struct verdict *draft,
                         struct region regions[REGIONS_MAX]);
static void hold_policies(const struct questions *questions,
                          struct holdings *holdings);

struct verdict *
estate_judge(struct estate *estate, const struct flow *flow,
             const struct verdict *before)
{
    struct arena *arena = arena_create();
    struct questions questions = questions_prepare(estate, flow, arena);
    struct verdict *verdict =
        before && hash_equal(before->basis, questions.basis)
            ? verdict_ref(before)
            : judge(estate, flow, &questions, arena);

    arena_unref(arena);
    return verdict;
}

static struct verdict *
judge(struct estate *estate, const struct flow *flow,
      struct questions *questions, struct arena *arena)
{
    struct verdict draft = { .kind = VERDICT_UNKNOWN,
                             .reason_detail = "",
                             .decided_ratio = 1,
                             .decision = { SIDE_NONE, LAYER_NONE, NULL } };
    struct region regions[REGIONS_MAX];
    struct holdings holdings = { .items = NULL };
    struct tally tally;

    questions_fill(questions, flow, arena);
    draft.reason = questions->reason;
    draft.reason_detail = questions->detail;
    draft.origins = questions->origins.items;
    draft.n_origins = questions->origins.n;
    draft.basis = questions->basis;
    tally_init(&tally);
    if (questions->reason == REASON_NONE) {
        put_questions(questions, estate_settings(estate)->budget, &tally,
                      &draft);
        counts_settle(&tally.regions);
        conclude(&tally, &draft);
        explain_doubt(&tally, &draft, arena);
        fill_layers(questions, &tally, &draft);
        fill_regions(&tally, &draft, regions);
        hold_policies(questions, &holdings);
    }
    struct verdict *verdict =
        verdict_create(&draft, holdings.items, holdings.n);
    free(holdings.items);
    tally_clear(&tally);
    return verdict;
}

static void
put_questions(const struct questions *questions, uint64_t budget,
              struct tally *tally, struct verdict *draft)
{
    const struct classifier *chains[QUESTION_CHAINS_MAX];
    struct wide undecided = wide_from(0);

    draft->packets = wide_from(0);
    for (size_t i = 0; i < questions->n; i++) {
        const struct question *question = &questions->items[i];
        struct wide left = wide_from(0);
        size_t n = question_chains(question, chains);
        tally->question = question;
        draft->packets =
            wide_add(draft->packets, query_count(&question->query));
        if (!sweep(chains, n, &question->query, budget, tally_add, tally,
                   &left)) {
            undecided = wide_add(undecided, left);
        }
    }
    if (!wide_is_zero(undecided)) {
        tally->totals[VERDICT_UNKNOWN] =
            wide_add(tally->totals[VERDICT_UNKNOWN], undecided);
        draft->decided_ratio = wide_ratio(
            wide_subtract(draft->packets, undecided), draft->packets);
        draft->reason = REASON_UNDECIDED;
    }
}

/* The verdict from the totals (spec verdict 1). */
static void
conclude(const struct tally *tally, struct verdict *draft)
{
    bool some_allowed = !wide_is_zero(tally->totals[VERDICT_ALLOW]);
    bool some_denied = !wide_is_zero(tally->totals[VERDICT_DENY]);
    bool some_unknown = !wide_is_zero(tally->totals[VERDICT_UNKNOWN]);

    draft->allowed = tally->totals[VERDICT_ALLOW];
    draft->allowed_ratio = wide_ratio(draft->allowed, draft->packets);
    draft->kind = some_allowed && some_denied ? VERDICT_PARTIAL
                  : some_unknown              ? VERDICT_UNKNOWN
                  : some_denied               ? VERDICT_DENY
                                              : VERDICT_ALLOW;
    draft->certain = !some_unknown;
    for (size_t i = 0; i < tally->regions.n; i++) {
        draft->certain &= tally->regions.items[i].certain;
    }
    enum verdict_kind decisive =
        draft->kind == VERDICT_ALLOW ? VERDICT_ALLOW : VERDICT_DENY;
    for (size_t i = 0; draft->kind != VERDICT_UNKNOWN && i < tally->regions.n;
         i++) {
        if (tally->regions.items[i].kind == decisive) {
            draft->decision = count_decision(&tally->regions.items[i]);
            return;
        }
    }
}

/* Of the packets in doubt, the first uncertain rule in layer order, then in
 * the order of the layer. */
static const struct count *
first_doubt(const struct tally *tally)
{
    const struct count *first = NULL;

    for (size_t i = 0; i < tally->regions.n; i++) {
        const struct count *count = &tally->regions.items[i];
        if (count->kind == VERDICT_UNKNOWN
            && (!first || count->place < first->place
                || (count->place == first->place && count->rule && first->rule
                    && count->rule->priority < first->rule->priority))) {
            first = count;
        }
    }
    return first;
}

static void
explain_doubt(const struct tally *tally, struct verdict *draft,
              struct arena *arena)
{
    const struct count *doubt = first_doubt(tally);

    if (draft->kind != VERDICT_UNKNOWN) {
        draft->reason = REASON_NONE;
        return;
    }
    if (doubt) {
        const struct policy_doubt *flaw =
            tally_doubt(doubt->rule, &doubt->example);
        draft->reason = doubt->reason;
        /* A rule whose place is in doubt may have a doubt of its own. */
        draft->reason_detail =
            flaw && flaw->reason == doubt->reason ? flaw->detail
            : doubt->rule->reason == doubt->reason
                ? doubt->rule->reason_detail
                : arena_printf(arena,
                               "which comes first of admin rule %s and "
                               "others is not known",
                               doubt->rule->name);
    } else {
        draft->reason_detail =
            "the flow is too complex for the budget of an exact answer";
    }
}

static enum layer_outcome
layer_outcome(const struct layer_tally *layer, bool undecided)
{
    static const enum layer_outcome single[] = { OUTCOME_ALLOW, OUTCOME_DENY,
                                                 OUTCOME_ALWAYS_ALLOW,
                                                 OUTCOME_NO_MATCH };

    if (!layer->reached) {
        return undecided ? OUTCOME_UNCERTAIN : OUTCOME_NOT_CONSULTED;
    }
    if (layer->uncertain) {
        return OUTCOME_UNCERTAIN;
    }
    for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
        if (layer->outcomes == 1U << single[i]) {
            return single[i];
        }
    }
    return OUTCOME_MIXED;
}

/* Returns the first site layer in this place that has a policy, or that of
 * the first question. */
static const struct site_layer *
typical_layer(const struct questions *questions, int side, int layer)
{
    for (size_t i = 0; i < questions->n; i++) {
        const struct site_layer *here =
            &questions->items[i].sites[side]->layers[layer];
        if (here->policy) {
            return here;
        }
    }
    return &questions->items[0].sites[side]->layers[layer];
}

static void
fill_layers(const struct questions *questions, struct tally *tally,
            struct verdict *draft)
{
    bool undecided = draft->decided_ratio < 1;

    for (int side = 0; side < questions->n_ends; side++) {
        for (int i = 0; i < SITE_LAYERS; i++) {
            struct layer_tally *here = &tally->layers[side * SITE_LAYERS + i];
            const struct site_layer *typical =
                typical_layer(questions, side, i);
            struct layer_result *result = &draft->layers[draft->n_layers++];
            counts_settle(&here->rules);
            const struct policy_rule *rule =
                here->rules.n ? here->rules.items[0].rule : NULL;
            *result = (struct layer_result){
                .side = questions->sides[side],
                .layer = typical->layer,
                .outcome = typical->policy ? layer_outcome(here, undecided)
                                           : typical->absent,
                .ruleset = rule              ? rule->ruleset
                           : typical->policy ? typical->policy->ruleset
                                             : "",
                .ruleset_id = rule              ? rule->ruleset_id
                              : typical->policy ? typical->policy->ruleset_id
                                                : "",
                .rule = rule,
                .denies = here->denies,
            };
        }
    }
}

static void
fill_regions(const struct tally *tally, struct verdict *draft,
             struct region regions[REGIONS_MAX])
{
    draft->regions = regions;
    for (size_t i = 0; i < tally->regions.n; i++) {
        const struct count *count = &tally->regions.items[i];
        if (draft->n_regions == REGIONS_MAX) {
            draft->n_more_regions = tally->regions.n - REGIONS_MAX;
            break;
        }
        regions[draft->n_regions++] = (struct region){
            .kind = count->kind,
            .decision = count_decision(count),
            .count = count->packets,
            .share = wide_ratio(count->packets, draft->packets),
            .example = count->example,
            .certain = count->certain,
            .reason = count->reason,
        };
    }
}

static void
hold_policy(struct holdings *holdings, const struct policy *policy)
{
    for (size_t i = 0; i < holdings->n; i++) {
        if (holdings->items[i] == policy) {
            return;
        }
    }
    holdings->items =
        memory_grow(holdings->items, holdings->n, &holdings->capacity,
                    sizeof(const struct policy *));
    holdings->items[holdings->n++] = policy;
}

static void
hold_policies(const struct questions *questions, struct holdings *holdings)
{
    for (size_t i = 0; i < questions->n; i++) {
        const struct question *question = &questions->items[i];
        for (int side = 0; side < question->n_sides; side++) {
            for (int j = 0; j < SITE_LAYERS; j++) {
                const struct policy *policy =
                    question->sites[side]->layers[j].policy;
                if (policy) {
                    hold_policy(holdings, policy);
                }
            }
        }
    }
}
