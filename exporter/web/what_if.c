#include "exporter/web/what_if.h"

#include <pthread.h>
#include <stdlib.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/judge/explain.h"
#include "engine/judge/judge.h"
#include "engine/model/network.h"
#include "exporter/cycle_age.h"
#include "exporter/snapshot.h"

struct what_if {
    pthread_mutex_t lock;
    /* Guarded by 'lock'; all NULL until the first question. */
    struct policies *policies;
    struct estate *estate;
    struct network *network;
    const struct config *config;
};

static const struct explanation *explain_both(struct estate *estate,
                                              const struct flow *flow,
                                              const struct verdict *shown,
                                              const struct verdict *judged,
                                              struct arena *arena);
static void end_verdict(void *aux);
static void drop_estate(struct what_if *what_if);
static void use_snapshot(struct what_if *what_if,
                         const struct snapshot *snapshot);

struct what_if *
what_if_create(void)
{
    struct what_if *what_if = memory_calloc(1, sizeof *what_if);
    (void) pthread_mutex_init(&what_if->lock, NULL);
    return what_if;
}

void
what_if_destroy(struct what_if *what_if)
{
    if (what_if) {
        drop_estate(what_if);
        (void) pthread_mutex_destroy(&what_if->lock);
        free(what_if);
    }
}

struct what_if_answer
what_if_ask(struct what_if *what_if, const struct snapshot *snapshot,
            const struct flow *flow, struct arena *arena)
{
    struct what_if_answer answer = { 0 };
    if (!snapshot->network) {
        answer.verdict =
            verdict_unknown(REASON_NO_DATA, "nothing has been collected yet");
        return answer;
    }
    (void) pthread_mutex_lock(&what_if->lock);
    use_snapshot(what_if, snapshot);
    struct verdict *judged = estate_judge(what_if->estate, flow, NULL);
    struct ages *ages = ages_copy(snapshot->ages, snapshot->feeds);
    answer.verdict = verdict_ref(ages_apply(ages, judged));
    answer.data_timestamp_ms = ages_data_timestamp(ages, judged);
    ages_destroy(ages);
    answer.explanation =
        explain_both(what_if->estate, flow, answer.verdict, judged, arena);
    arena_at_end(arena, end_verdict, judged);
    /* Sets of policies are kept for the next question, but not those of
     * questions about other places. */
    policies_sweep(what_if->policies);
    (void) pthread_mutex_unlock(&what_if->lock);
    return answer;
}

void
what_if_forget(struct what_if *what_if, const struct snapshot *snapshot)
{
    if (pthread_mutex_trylock(&what_if->lock)) {
        return; /* Somebody is asking: the next scrape looks again. */
    }
    if (what_if->estate
        && (what_if->network != snapshot->network
            || what_if->config != snapshot->config)) {
        drop_estate(what_if);
    }
    (void) pthread_mutex_unlock(&what_if->lock);
}

/* Explains what is shown.  Data that is too old has the last word no more, but
 * whoever was woken by it wants to see what it said. */
static const struct explanation *
explain_both(struct estate *estate, const struct flow *flow,
             const struct verdict *shown, const struct verdict *judged,
             struct arena *arena)
{
    const struct explanation *now = explain(estate, flow, shown, arena);

    if (shown == judged || shown->reason != REASON_DATA_EXPIRED) {
        return now;
    }
    const struct explanation *then = explain(estate, flow, judged, arena);
    const char *note = arena_printf(arena,
                                    "The layers are those of the old data, "
                                    "which said %s.",
                                    verdict_name(judged->kind));
    struct explanation *both = arena_memdup(arena, now, sizeof *now);
    both->layers = then->layers;
    both->n_layers = then->n_layers;
    if (both->n_layers) {
        both->notes = arena_memdup(arena, &note, sizeof note);
        both->n_notes = 1;
    }
    return both;
}

static void
end_verdict(void *aux)
{
    verdict_unref(aux);
}

static void
drop_estate(struct what_if *what_if)
{
    if (what_if->estate) {
        estate_destroy(what_if->estate);
        policies_destroy(what_if->policies);
        network_unref(what_if->network);
        config_unref(what_if->config);
    }
    what_if->estate = NULL;
    what_if->policies = NULL;
    what_if->network = NULL;
    what_if->config = NULL;
}

static void
use_snapshot(struct what_if *what_if, const struct snapshot *snapshot)
{
    if (what_if->estate && what_if->network == snapshot->network
        && what_if->config == snapshot->config) {
        return;
    }
    drop_estate(what_if);
    what_if->policies = policies_create();
    what_if->network = network_ref(snapshot->network);
    what_if->config = config_ref(snapshot->config);
    what_if->estate = estate_create(what_if->network, &what_if->config->engine,
                                    what_if->policies);
}
