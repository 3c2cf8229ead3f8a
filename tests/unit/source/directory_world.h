/* A directory source over a folder of its own and a simulated clock. */

#ifndef TESTS_UNIT_SOURCE_DIRECTORY_WORLD_H
#define TESTS_UNIT_SOURCE_DIRECTORY_WORLD_H

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/config.h"
#include "exporter/clock.h"
#include "exporter/source/source.h"

#define ID(type, name)                                                        \
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/" type    \
    "/" name
#define NSG(name)                                                             \
    "{\"id\":\"" ID("networkSecurityGroups", name) "\",\"properties\":{}}"
#define ASG(name)                                                             \
    "{\"id\":\"" ID("applicationSecurityGroups", name) "\",\"properties\":{}" \
                                                       "}"

struct world {
    struct clock clock; /* Must be first: the functions find the rest. */
    int64_t now_ms;
    char folder[32];
    struct config config;
    struct source *source;
    const struct collection *last;
};

static inline int64_t
tell_time(struct clock *clock)
{
    struct world *world = (struct world *) clock;

    return world->now_ms;
}

static inline int
set_up(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);

    world->clock = (struct clock){ tell_time, tell_time };
    world->now_ms = 1000;
    snprintf(world->folder, sizeof world->folder, "/tmp/fv-dir-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    world->config.source.path = world->folder;
    world->config.source.admin_rules = true;
    world->source = directory_create(&world->config, &world->clock);
    *state = world;
    return 0;
}

static inline int
tear_down(void **state)
{
    struct world *world = *state;
    char command[128];

    source_destroy(world->source);
    snprintf(command, sizeof command, "rm -rf %s", world->folder);
    assert_int_equal(system(command), 0);
    test_free(world);
    return 0;
}

static inline void
path_of(const struct world *world, const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", world->folder, name);
}

static inline void
write_file(const struct world *world, const char *name, const char *text)
{
    char path[256];

    path_of(world, name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static inline void
remove_file(const struct world *world, const char *name)
{
    char path[256];

    path_of(world, name, path);
    assert_int_equal(remove(path), 0);
}

static inline void
make_folder(const struct world *world, const char *name)
{
    char path[256];

    path_of(world, name, path);
    assert_int_equal(mkdir(path, 0700), 0);
}

static const struct collection *
collect(struct world *world)
{
    world->now_ms += 60 * 1000;
    world->last = source_collect(world->source, &world->config);
    return world->last;
}

static inline size_t
count_groups(const struct collection *collection)
{
    size_t n = 0;

    for (size_t i = 0; i < collection->n_parts; i++) {
        n += collection->parts[i]->n_security_groups;
    }
    return n;
}

static const struct feed_state *
feed_of(const struct collection *collection, enum feed feed)
{
    assert_int_equal(collection->feeds[feed].feed, feed);
    assert_string_equal(collection->feeds[feed].scope, "directory");
    return &collection->feeds[feed];
}

static inline void
assert_finding(const struct collection *collection, const char *words)
{
    for (size_t i = 0; i < collection->n_findings; i++) {
        if (strstr(collection->findings[i], words)) {
            return;
        }
    }
    fail_msg("no finding says \"%s\"", words);
}

#endif
