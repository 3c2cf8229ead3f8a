#include "config/config.h"

#include <assert.h>
#include <libconfig.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "config/document.h"
#include "config/flow_files.h"
#include "config/flow_setting.h"
#include "config/network_setting.h"
#include "config/setting.h"
#include "config/source_setting.h"
#include "config/strings.h"
#include "engine/base/arena.h"

/* What a caller's 'struct config' is part of. */
struct owned {
    struct config config; /* First, so that the pointers are the same. */
    struct owned *self;   /* What a holder of a const pointer counts in. */
    atomic_uint references;
    struct arena *arena;
};

enum {
    INTERVAL_MIN_MS = 5000,
    INTERVALS_OF_MAX_AGE = 10,
    LIMIT_FLOWS_MAX = 1000000,
    LIMIT_LABEL_MIN = 1,
    LIMIT_LABEL_MAX = 65536
};

static struct config *load(const char *path, const char *dir,
                           struct text *errors);
static void read_root(struct reader *reader, const config_setting_t *root,
                      const char *dir, struct config *config);
static struct owned *owned_create(void);
static struct owned *find_owned(const struct config *config);

struct config *
config_load(const char *path, struct text *errors)
{
    return load(path, NULL, errors);
}

struct config *
config_load_with_directory(const char *path, const char *dir,
                           struct text *errors)
{
    return load(path, dir, errors);
}

struct config *
config_for_directory(const char *dir)
{
    struct owned *owned = owned_create();
    struct reader reader = {
        .arena = owned->arena,
        .scratch = arena_create(),
        .strings = strings_create(owned->arena),
        .problems = problems_create(),
        .file = "",
        .context = "",
    };

    read_root(&reader, NULL, dir, &owned->config);
    /* Defaults have no problems. */
    assert(problems_empty(reader.problems));
    problems_destroy(reader.problems);
    strings_destroy(reader.strings);
    arena_unref(reader.scratch);
    return &owned->config;
}

void
config_keep_shard(struct config *config, size_t shard, size_t n_shards)
{
    struct config_flow *kept =
        arena_alloc_array(((const struct owned *) config)->arena,
                          config->n_flows + 1, sizeof *kept);
    size_t n = 0;

    for (size_t i = 0; i < config->n_flows; i++) {
        const char *name = config->flows[i].flow.name;
        if (hash_bytes(name, strlen(name)).low % n_shards == shard) {
            kept[n++] = config->flows[i];
        }
    }
    config->flows = kept;
    config->n_flows = n;
}

struct config *
config_ref(const struct config *config)
{
    struct owned *owned = find_owned(config);

    if (!owned) {
        return NULL;
    }
    atomic_fetch_add_explicit(&owned->references, 1, memory_order_relaxed);
    return &owned->config;
}

void
config_unref(const struct config *config)
{
    struct owned *owned = find_owned(config);

    if (owned
        && atomic_fetch_sub_explicit(&owned->references, 1,
                                     memory_order_acq_rel)
               == 1) {
        arena_unref(owned->arena); /* Holds 'owned' itself. */
    }
}

static struct owned *
find_owned(const struct config *config)
{
    return config ? ((const struct owned *) config)->self : NULL;
}

static struct owned *
owned_create(void)
{
    struct arena *arena = arena_create();
    struct owned *owned = arena_alloc(arena, sizeof *owned);

    owned->self = owned;
    owned->arena = arena;
    atomic_init(&owned->references, 1);
    owned->config.path = "";
    owned->config.flows = arena_alloc(arena, sizeof *owned->config.flows);
    return owned;
}

static struct config *
load(const char *path, const char *dir, struct text *errors)
{
    struct owned *owned = owned_create();
    struct config *config = &owned->config;
    struct reader reader = {
        .arena = owned->arena,
        .scratch = arena_create(),
        .strings = strings_create(owned->arena),
        .problems = problems_create(),
        .context = "",
    };
    struct flow_list flows = { .flows = NULL };
    struct hasher hasher;
    config_t tree;

    config->path = arena_strdup(owned->arena, path);
    reader.file = config->path;
    hasher_init(&hasher);
    if (document_read(&reader, &hasher, &tree)) {
        const config_setting_t *root = config_root_setting(&tree);
        read_root(&reader, root, dir, config);
        flow_files_read(&reader, root, &hasher, &flows);
        flow_list_check(&reader, &flows, config->limit_flows);
    }
    config_destroy(&tree);
    config->hash = hasher_finish(&hasher);
    config->n_flows = flows.n;
    if (flows.n) {
        config->flows = arena_memdup(owned->arena, flows.flows,
                                     flows.n * sizeof *flows.flows);
    }
    free(flows.flows);
    bool good = problems_empty(reader.problems);
    problems_write(reader.problems, errors);
    problems_destroy(reader.problems);
    strings_destroy(reader.strings);
    arena_unref(reader.scratch);
    if (!good) {
        config_unref(config);
        return NULL;
    }
    return config;
}

/* Reads a group of the file, with its unknown keys reported. */
static const config_setting_t *
open_group(struct reader *reader, const config_setting_t *root,
           const char *path)
{
    const config_setting_t *group = setting_member(root, path);

    if (group) {
        setting_check_keys(reader, group, path);
    }
    return group;
}

static void
read_limits(struct reader *reader, const config_setting_t *root,
            struct config *config)
{
    const config_setting_t *limits = open_group(reader, root, "limits");
    const config_setting_t *metrics = open_group(reader, root, "metrics");

    config->limit_flows = (size_t) setting_integer(
        reader, limits, "limits.flows", 1, LIMIT_FLOWS_MAX);
    config->limit_label_length =
        (size_t) setting_integer(reader, limits, "limits.label_length",
                                 LIMIT_LABEL_MIN, LIMIT_LABEL_MAX);
    config->metrics_layer_denies =
        setting_boolean(reader, metrics, "metrics.layer_denies");
    config->metrics_decision_priority =
        setting_boolean(reader, metrics, "metrics.decision_priority");
    config->metrics_changes =
        setting_boolean(reader, metrics, "metrics.changes");
}

/* Reads all but the flows.  'root' is NULL for the defaults; 'dir' replaces
 * the source. */
static void
read_root(struct reader *reader, const config_setting_t *root, const char *dir,
          struct config *config)
{
    if (root) {
        setting_check_keys(reader, root, "");
        if (!dir) {
            setting_require(reader, root, "source");
        }
    }
    config->interval_ms =
        setting_duration(reader, root, "interval", INTERVAL_MIN_MS);
    config->max_age_ms = setting_duration(reader, root, "max_age", 1);
    if (!config->max_age_ms) {
        config->max_age_ms = config->interval_ms * INTERVALS_OF_MAX_AGE;
    }
    source_setting_read(reader, setting_member(root, "source"),
                        &config->source);
    network_setting_read(reader, setting_member(root, "network"),
                         &config->engine);
    read_limits(reader, root, config);
    if (dir) {
        config->source.kind = SOURCE_DIRECTORY;
        config->source.path = arena_strdup(reader->arena, dir);
    }
}
