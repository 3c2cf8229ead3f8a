/* One cycle over a fake source and a simulated clock. */

#ifndef TESTS_UNIT_EXPORTER_CYCLE_WORLD_H
#define TESTS_UNIT_EXPORTER_CYCLE_WORLD_H

#include "tests/support/test.h"

#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "exporter/changes.h"
#include "exporter/cycle.h"
#include "exporter/log.h"
#include "exporter/snapshot.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_source.h"
#include "tests/support/folder.h"

enum { MINUTE_MS = 60000 };

/* The world of one test. */
struct world {
    const char *folder;
    const struct config *config;
    struct fake_clock clock;
    struct fake_source *source;
    struct changes *changes;
    struct cycle *cycle;
    struct text log;
};

static const char one_flow[] =
    "interval = \"60s\"; max_age = \"10m\";\n"
    "source = { kind = \"directory\"; path = \".\"; };\n"
    "flows = ( { name = \"web\"; nic = \"rg/nic-web\";\n"
    "  direction = \"Inbound\"; protocol = \"Tcp\"; local_port = 443;\n"
    "  remote_address = \"192.0.2.1\"; expect = \"allow\"; } );\n";

static inline void
take_line(void *aux, const char *line)
{
    text_append(aux, line);
    text_append_char(aux, '\n');
}

static const struct config *
load(const char *folder, const char *content)
{
    struct text errors;

    text_init(&errors);
    const struct config *config =
        config_load(folder_write(folder, "flows.cfg", content), &errors);
    assert_string_equal(errors.data, "");
    assert_non_null(config);
    return config;
}

static inline void
world_start(struct world *world, void **state, const char *storage)
{
    world->folder = *state;
    world->config = load(world->folder, one_flow);
    fake_clock_init(&world->clock);
    world->source = fake_source_create(&world->clock.clock);
    fake_source_put_estate(world->source);
    fake_source_put_rule(world->source, "web-in", "Allow");
    world->changes = changes_create();
    world->cycle = cycle_create(&(struct cycle_options){
        .config = world->config,
        .source = &world->source->source,
        .storage = storage,
        .clock = &world->clock.clock,
        .changes = world->changes,
        .renders = true,
    });
    text_init(&world->log);
    log_configure(LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT);
    log_redirect(take_line, &world->log);
}

static inline void
world_end(struct world *world)
{
    cycle_destroy(world->cycle);
    changes_destroy(world->changes);
    source_destroy(&world->source->source);
    config_unref(world->config);
    log_redirect(NULL, NULL);
    text_clear(&world->log);
}

/* Makes a pass and returns what it says of the flow "web"; the rest of the
 * snapshot ends with the next pass. */
static inline struct flow_result
run(struct world *world)
{
    struct snapshot *snapshot = cycle_run(world->cycle);
    struct flow_result result = *snapshot_find(snapshot, "web");

    snapshot_unref(snapshot); /* The cycle keeps the newest. */
    return result;
}

static inline void
count_change(void *aux, const struct change *change)
{
    size_t *n = aux;

    assert_string_equal(change->flow, "web");
    (*n)++;
}

static inline size_t
n_changes(struct world *world)
{
    size_t n = 0;

    changes_each(world->changes, "web", 100, count_change, &n);
    return n;
}

static inline size_t
n_lines(const struct world *world, const char *part)
{
    size_t n = 0;

    for (const char *at = world->log.data; (at = strstr(at, part)); at++) {
        n++;
    }
    return n;
}

#endif
