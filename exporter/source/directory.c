/* The directory source (spec interfaces, "Directory source").
 *
 * The folder is the whole truth: what it does not hold does not exist.  A
 * file that cannot be read keeps what it last gave, and the feeds it held
 * then are down and age; one that never could be read takes all feeds down,
 * for nobody knows what it holds, but what was read is fresh. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "exporter/clock.h"
#include "exporter/source/directory_file.h"
#include "exporter/source/directory_scan.h"
#include "exporter/source/source.h"

struct directory {
    struct source source;
    struct clock *clock;
    struct directory_file **files; /* Sorted by path. */
    size_t n_files;
    bool was_read; /* Some scan of the folder has succeeded. */
    /* What the collection under way has changed. */
    bool changed;
    bool changed_feeds[N_FEEDS];
    struct feed_state feeds[N_FEEDS];
    struct arena *arena; /* Of the collection's lists. */
    struct collection collection;
};

static const struct collection *collect(struct source *source,
                                        const struct config *config);
static const struct feed_state *list_feeds(const struct source *source,
                                           size_t *n);
static void destroy(struct source *source);
static void merge(struct directory *directory,
                  const struct scan_entry *entries, size_t n);
static void update_feeds(struct directory *directory, const char *root_error,
                         int64_t started_ms);
static void update_lists(struct directory *directory, const char *root_error);

static const struct source_class directory_class = {
    .collect = collect,
    .feeds = list_feeds,
    .destroy = destroy,
};

struct source *
directory_create(const struct config *config, struct clock *clock)
{
    struct directory *directory = memory_calloc(1, sizeof *directory);

    (void) config;
    directory->source.class = &directory_class;
    directory->clock = clock;
    directory->arena = arena_create();
    for (size_t i = 0; i < N_FEEDS; i++) {
        directory->feeds[i].feed = (enum feed) i;
        directory->feeds[i].scope = "directory";
        directory->feeds[i].error = "";
    }
    return &directory->source;
}

static void
destroy(struct source *source)
{
    struct directory *directory = (struct directory *) source;

    for (size_t i = 0; i < directory->n_files; i++) {
        directory_file_destroy(directory->files[i]);
    }
    free(directory->files);
    arena_unref(directory->arena);
    free(directory);
}

static const struct collection *
collect(struct source *source, const struct config *config)
{
    struct directory *directory = (struct directory *) source;
    int64_t started_ms = directory->clock->monotonic_ms(directory->clock);
    struct arena *scratch = arena_create();
    const struct scan_entry *entries = NULL;
    size_t n = 0;
    struct error error;

    directory->changed = false;
    memset(directory->changed_feeds, 0, sizeof directory->changed_feeds);
    bool ok =
        directory_scan(config->source.path, scratch, &entries, &n, &error);
    if (ok) {
        merge(directory, entries, n);
        directory->changed |= !directory->was_read;
    }
    update_lists(directory, ok ? NULL : error.message);
    update_feeds(directory, ok ? NULL : error.message, started_ms);
    directory->was_read |= ok;
    directory->collection.complete = directory->was_read;
    directory->collection.absent = config->source.admin_rules
                                       ? ADMIN_RULES_ABSENT_IS_NONE
                                       : ADMIN_RULES_OFF;
    directory->collection.changed = directory->changed;
    arena_unref(scratch);
    return &directory->collection;
}

static const struct feed_state *
list_feeds(const struct source *source, size_t *n)
{
    *n = N_FEEDS;
    return ((const struct directory *) source)->feeds;
}

/* Notes that the parts of a file come, go or change. */
static void
mark_feeds(struct directory *directory, const struct directory_file *file)
{
    for (size_t i = 0; i < N_FEEDS; i++) {
        directory->changed_feeds[i] |= file->result.has_feed[i];
    }
}

static void
update_file(struct directory *directory, struct directory_file *file,
            const struct scan_entry *entry)
{
    struct parse_request request = { .label = entry->path };

    for (size_t i = 0; i < N_FEEDS; i++) {
        request.origins[i] = (uint16_t) i;
    }
    if (entry->error) {
        char cause[512];
        snprintf(cause, sizeof cause, "%s: %s", entry->path, entry->error);
        directory_file_fail(file, cause);
        return;
    }
    struct parse_result before = file->result;
    if (!directory_file_update(file, &entry->stamp, &request,
                               directory->clock->wall_ms(directory->clock))) {
        return;
    }
    directory->changed = true;
    mark_feeds(directory, file);
    for (size_t i = 0; i < N_FEEDS; i++) {
        directory->changed_feeds[i] |= before.has_feed[i];
    }
}

/* Returns the folder that cannot be read and would hold 'path', or NULL:
 * what was in there is not gone, only out of sight. */
static const struct scan_entry *
find_hidden(const struct scan_entry *entries, size_t n, const char *path)
{
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(entries[i].path);
        if (entries[i].is_folder && strncmp(path, entries[i].path, length) == 0
            && path[length] == '/') {
            return &entries[i];
        }
    }
    return NULL;
}

/* Decides what becomes of a file that is not listed any more.  Returns NULL
 * if it is gone. */
static struct directory_file *
keep_or_drop(struct directory *directory, struct directory_file *file,
             const struct scan_entry *entries, size_t n)
{
    const struct scan_entry *folder = find_hidden(entries, n, file->path);

    if (folder) {
        char cause[512];
        snprintf(cause, sizeof cause, "%s: %s", folder->path, folder->error);
        directory_file_fail(file, cause);
        return file;
    }
    mark_feeds(directory, file);
    directory->changed |= file->result.part != NULL;
    directory_file_destroy(file);
    return NULL;
}

/* Brings the sorted files in line with the sorted entries. */
static void
merge(struct directory *directory, const struct scan_entry *entries, size_t n)
{
    struct directory_file **files =
        memory_calloc(directory->n_files + n + 1, sizeof *files);
    size_t n_files = 0;
    size_t old = 0;
    size_t i = 0;

    while (i < n || old < directory->n_files) {
        int order = i == n ? -1
                    : old == directory->n_files
                        ? 1
                        : strcmp(directory->files[old]->path, entries[i].path);
        struct directory_file *file;
        if (order < 0) {
            file =
                keep_or_drop(directory, directory->files[old++], entries, n);
        } else {
            file = order == 0 ? directory->files[old++]
                              : directory_file_create(entries[i].path);
            update_file(directory, file, &entries[i++]);
        }
        if (file) {
            files[n_files++] = file;
        }
    }
    free(directory->files);
    directory->files = files;
    directory->n_files = n_files;
}

/* What the files say about one feed. */
struct feed_view {
    bool stale; /* A file that held it keeps what it last gave. */
    const char *error;
    size_t objects;
    size_t refused;
};

static struct feed_view
view_feed(const struct directory *directory, enum feed feed)
{
    struct feed_view view = { .error = "" };

    for (size_t i = 0; i < directory->n_files; i++) {
        const struct directory_file *file = directory->files[i];
        const struct parse_result *result = &file->result;
        bool held = result->part && result->has_feed[feed];
        view.objects += result->part ? result->objects[feed] : 0;
        view.refused += result->part ? result->refused[feed] : 0;
        if (file->error && (held || !result->part)) {
            view.stale |= held;
            view.error = *view.error ? view.error : file->error;
        }
    }
    if (view.refused && !*view.error) {
        view.error = "resources were left out: see the findings";
    }
    return view;
}

static void
update_feeds(struct directory *directory, const char *root_error,
             int64_t started_ms)
{
    struct clock *clock = directory->clock;
    int64_t now_ms = clock->wall_ms(clock);
    int64_t duration_ms = clock->monotonic_ms(clock) - started_ms;

    directory->collection.succeeded = true;
    for (size_t i = 0; i < N_FEEDS; i++) {
        struct feed_state *state = &directory->feeds[i];
        struct feed_view view = view_feed(directory, (enum feed) i);
        const char *error = root_error ? root_error : view.error;
        state->last_attempt_ms = now_ms;
        state->duration_ms = duration_ms;
        state->objects = view.objects;
        state->up = !*error;
        state->error = arena_strdup(directory->arena, error);
        if (!root_error && !view.stale) {
            state->last_success_ms = now_ms;
        }
        state->has_data |= !root_error;
        state->changes +=
            directory->was_read && directory->changed_feeds[i] ? 1 : 0;
        directory->collection.succeeded &= state->up;
    }
    directory->collection.feeds = directory->feeds;
    directory->collection.n_feeds = N_FEEDS;
}

static size_t
count_lines(const char *lines)
{
    size_t n = 0;

    for (; *lines; lines++) {
        n += *lines == '\n';
    }
    return n;
}

/* Appends each of the lines as a string of its own. */
static void
add_lines(struct arena *arena, const char *lines, const char **findings,
          size_t *n)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        findings[(*n)++] = arena_strndup(arena, lines, length);
        lines += length + (lines[length] == '\n');
    }
}

/* Makes the lists that the collection shows anew. */
static void
update_lists(struct directory *directory, const char *root_error)
{
    struct collection *collection = &directory->collection;
    struct arena *arena = arena_create();
    size_t n_lines = root_error ? 1 : 0;

    for (size_t i = 0; i < directory->n_files; i++) {
        const struct directory_file *file = directory->files[i];
        n_lines += count_lines(file->findings.data) + (file->error ? 1 : 0);
    }
    const struct network_part **parts =
        arena_alloc_array(arena, directory->n_files, sizeof *parts);
    const char **findings =
        arena_alloc_array(arena, n_lines, sizeof *findings);
    *collection = (struct collection){ .parts = parts, .findings = findings };
    if (root_error) {
        findings[collection->n_findings++] = arena_strdup(arena, root_error);
    }
    for (size_t i = 0; i < directory->n_files; i++) {
        const struct directory_file *file = directory->files[i];
        if (file->result.part) {
            parts[collection->n_parts++] = file->result.part;
        }
        if (file->error) {
            findings[collection->n_findings++] =
                arena_strdup(arena, file->error);
        }
        add_lines(arena, file->findings.data, findings,
                  &collection->n_findings);
    }
    arena_unref(directory->arena);
    directory->arena = arena;
}
