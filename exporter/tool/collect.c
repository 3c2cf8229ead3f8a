#include "exporter/tool/collect.h"

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/judge/explain.h"
#include "engine/judge/judge.h"
#include "engine/model/network.h"
#include "exporter/clock.h"
#include "exporter/cycle.h"
#include "exporter/log.h"
#include "exporter/snapshot.h"
#include "exporter/source/source.h"
#include "exporter/tool/tool.h"

static const struct config *load(const struct collect_options *options);
static bool tell(const struct snapshot *snapshot);

bool
collect(const struct collect_options *options, struct collected *collected)
{
    struct error error;

    *collected = (struct collected){ .arena = arena_create() };
    /* What a daemon would log is told in the tool's own way. */
    log_configure(N_LOG_LEVELS, LOG_FORMAT_LOGFMT);
    collected->config = load(options);
    if (!collected->config) {
        return false;
    }
    collected->source =
        source_create(collected->config, NULL, clock_system(), &error);
    if (!collected->source) {
        (void) tool_fail("%s", error.message);
        return false;
    }
    if (options->flow) {
        source_add_flow(collected->source, &options->flow->flow);
    }
    collected->cycle = cycle_create(&(struct cycle_options){
        .config = collected->config,
        .source = collected->source,
        .clock = clock_system(),
    });
    collected->snapshot = cycle_run(collected->cycle);
    if (!tell(collected->snapshot)) {
        return false;
    }
    collected->policies = policies_create();
    collected->estate =
        estate_create(collected->snapshot->network, &collected->config->engine,
                      collected->policies);
    return true;
}

void
collected_clear(struct collected *collected)
{
    arena_unref(collected->arena);
    if (collected->estate) {
        estate_destroy(collected->estate);
        policies_destroy(collected->policies);
    }
    snapshot_unref(collected->snapshot);
    cycle_destroy(collected->cycle);
    source_destroy(collected->source);
    config_unref(collected->config);
}

static void
end_verdict(void *aux)
{
    verdict_unref(aux);
}

const struct explanation *
collected_explain(struct collected *collected, struct flow_result *result)
{
    const struct flow *flow = &result->flow->flow;
    struct verdict *verdict = estate_judge(collected->estate, flow, NULL);

    arena_at_end(collected->arena, end_verdict, verdict);
    result->verdict = verdict;
    return explain(collected->estate, flow, verdict, collected->arena);
}

static const struct config *
load(const struct collect_options *options)
{
    struct text errors;
    const struct config *config;

    text_init(&errors);
    if (!options->config_file) {
        config = config_for_directory(options->dir);
    } else if (options->dir) {
        config = config_load_with_directory(options->config_file, options->dir,
                                            &errors);
    } else {
        config = config_load(options->config_file, &errors);
    }
    if (!config) {
        (void) tool_fail_lines(&errors);
    }
    text_clear(&errors);
    return config;
}

/* Tells what went wrong; returns false if nothing at all was read. */
static bool
tell(const struct snapshot *snapshot)
{
    bool any = false;

    for (size_t i = 0; i < snapshot->n_feeds; i++) {
        const struct feed_state *feed = &snapshot->feeds[i];
        any |= feed->has_data || feed->objects;
    }
    tool_tell_feeds(snapshot->feeds, snapshot->n_feeds, snapshot->findings,
                    snapshot->n_findings);
    for (size_t i = 0; i < snapshot->n_findings; i++) {
        (void) tool_fail("%s", snapshot->findings[i]);
    }
    return any;
}
