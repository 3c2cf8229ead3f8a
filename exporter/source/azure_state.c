/* What survives a restart: the last good answers, and when they were got.
 *
 * Each item is a document of its own, written when it changed; the times of
 * all are one more, written after each collection. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/ascii.h"
#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "exporter/log.h"
#include "exporter/source/azure_source.h"
#include "exporter/state.h"

#define ITEM_PREFIX "azure-item-"
#define TIMES_NAME "azure-times"

enum { NAME_SIZE = 64, HEAD_MAX = 8192 };

struct loading {
    struct azure *azure;
    struct map *times; /* Key to text of the time. */
    struct arena *arena;
};

static void make_name(const struct azure_item *item, char name[NAME_SIZE]);
static void load_times(struct loading *loading);
static void load_item(void *aux, const char *name);
static bool read_item(struct loading *loading, const struct text *bytes,
                      struct error *error);
static bool read_want(const struct azure *azure, char *head,
                      struct azure_want *want, int64_t *success_ms,
                      size_t *n_pages);
static bool read_pages(struct azure_item *item, const char *at,
                       const char *end, size_t n, struct error *error);

void
azure_state_load(struct azure *azure)
{
    struct loading loading = { .azure = azure, .arena = arena_create() };

    loading.times = map_create(loading.arena);
    load_times(&loading);
    state_each(azure->storage, ITEM_PREFIX, load_item, &loading);
    arena_unref(loading.arena);
}

void
azure_state_save_item(struct azure *azure, struct azure_item *item)
{
    char name[NAME_SIZE];
    struct error error;
    struct text text;

    text_init(&text);
    text_printf(
        &text, "%s\n%d %d %" PRId64 " %zu\n%s\n%s\n%s\n", item->key,
        (int) item->want.kind, (int) item->want.feed, item->last_success_ms,
        item->last.n,
        azure->config->source.subscriptions[item->want.subscription].id,
        item->want.id, item->want.region);
    for (size_t i = 0; i < item->last.n; i++) {
        const struct azure_page *page = &item->last.pages[i];
        text_printf(&text, "%zu\n", page->size);
        text_append_bytes(&text, page->bytes, page->size);
        text_append_char(&text, '\n');
    }
    make_name(item, name);
    if (state_save(azure->storage, name, text.data, text.length, &error)) {
        item->unsaved = false;
    } else {
        log_warn("state was not saved", "error", error.message, NULL);
    }
    text_clear(&text);
}

void
azure_state_save_times(struct azure *azure)
{
    struct error error;
    struct text text;

    text_init(&text);
    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_item *item = azure->items[i];
        if (item->has_data) {
            text_printf(&text, "%" PRId64 " %s\n", item->last_success_ms,
                        item->key);
        }
    }
    if (!state_save(azure->storage, TIMES_NAME, text.data, text.length,
                    &error)) {
        log_warn("state was not saved", "error", error.message, NULL);
    }
    text_clear(&text);
}

void
azure_state_forget(struct azure *azure, const struct azure_item *item)
{
    char name[NAME_SIZE];

    if (azure->storage) {
        make_name(item, name);
        state_remove(azure->storage, name);
    }
}

static void
make_name(const struct azure_item *item, char name[NAME_SIZE])
{
    struct hash hash = hash_bytes(item->key, strlen(item->key));

    snprintf(name, NAME_SIZE, ITEM_PREFIX "%016" PRIx64 "%016" PRIx64,
             hash.high, hash.low);
}

static void
load_times(struct loading *loading)
{
    struct error error;
    struct text bytes;

    text_init(&bytes);
    enum state_outcome outcome =
        state_load(loading->azure->storage, TIMES_NAME, &bytes, &error);
    if (outcome == STATE_PUT_ASIDE) {
        log_warn("state was put aside", "error", error.message, NULL);
    }
    char *copy = arena_strdup(loading->arena, bytes.data);
    text_clear(&bytes);
    for (char *line = copy; outcome == STATE_LOADED && *line;) {
        char *end = strchr(line, '\n');
        char *space = strchr(line, ' ');
        if (!end || !space || space > end) {
            break;
        }
        *end = '\0';
        *space = '\0';
        map_put(loading->times, space + 1, line);
        line = end + 1;
    }
}

static void
load_item(void *aux, const char *name)
{
    struct loading *loading = aux;
    struct error error;
    struct text bytes;

    text_init(&bytes);
    switch (state_load(loading->azure->storage, name, &bytes, &error)) {
    case STATE_LOADED:
        if (!read_item(loading, &bytes, &error)) {
            state_put_aside(loading->azure->storage, name);
            log_warn("state was put aside", "document", name, "error",
                     error.message, NULL);
        }
        break;
    case STATE_PUT_ASIDE:
        log_warn("state was put aside", "error", error.message, NULL);
        break;
    case STATE_ABSENT: break;
    }
    text_clear(&bytes);
}

static bool
read_item(struct loading *loading, const struct text *bytes,
          struct error *error)
{
    struct azure *azure = loading->azure;
    struct azure_want want;
    int64_t success_ms = 0;
    size_t n_pages = 0;
    const char *at = bytes->data;

    for (unsigned int line = 0; at && line < 5; line++) {
        at = strchr(at, '\n');
        at = at ? at + 1 : NULL;
    }
    if (!at) {
        return error_set(error, "it is too short");
    }
    char *head = arena_strndup(loading->arena, bytes->data,
                               (size_t) (at - bytes->data));
    if (!read_want(azure, head, &want, &success_ms, &n_pages)) {
        /* Of a subscription that is not configured any more. */
        return error_set(error, "it is of another configuration");
    }
    struct azure_item *item = azure_item_of(azure, &want);
    uint16_t origin = (uint16_t) (want.subscription * N_FEEDS);
    if (strcmp(item->key, head) != 0 || item->has_data
        || !read_pages(item, at, bytes->data + bytes->length, n_pages, error)
        || !azure_item_finish(item, origin, error)) {
        azure_item_abandon(item);
        return error_set(error, "it makes no sense");
    }
    const char *time = map_get(loading->times, item->key);
    item->last_success_ms = time ? strtoll(time, NULL, 10) : success_ms;
    item->last_attempt_ms = item->last_success_ms;
    item->up = true;
    item->changed = false;
    item->unsaved = false;
    azure->stale = true;
    azure->restored = true;
    return true;
}

/* Cuts 'head' into its five lines; the first stays in place. */
static bool
read_want(const struct azure *azure, char *head, struct azure_want *want,
          int64_t *success_ms, size_t *n_pages)
{
    const struct config_source *source = &azure->config->source;
    char *lines[5];
    int kind;
    int feed;

    for (unsigned int i = 0; i < 5; i++) {
        lines[i] = head;
        head += strcspn(head, "\n");
        *head++ = '\0';
    }
    if (sscanf(lines[1], "%4d %4d %18" SCNd64 " %9zu", &kind, &feed,
               success_ms, n_pages)
            != 4
        || kind < 0 || kind >= N_WANT_KINDS || feed < 0 || feed >= N_FEEDS) {
        return false;
    }
    *want = (struct azure_want){ .kind = (enum want_kind) kind,
                                 .feed = (enum feed) feed,
                                 .id = lines[3],
                                 .region = lines[4] };
    for (size_t i = 0; i < source->n_subscriptions; i++) {
        if (ascii_equal(source->subscriptions[i].id, lines[2])) {
            want->subscription = i;
            return true;
        }
    }
    return false;
}

static bool
read_pages(struct azure_item *item, const char *at, const char *end, size_t n,
           struct error *error)
{
    uint16_t origin = (uint16_t) (item->want.subscription * N_FEEDS);

    for (size_t i = 0; i < n; i++) {
        char *stop;
        unsigned long long size = strtoull(at, &stop, 10);
        if (stop == at || *stop != '\n'
            || size + 1 > (unsigned long long) (end - stop - 1)) {
            return error_set(error, "a page is cut");
        }
        if (!azure_item_restore(item, stop + 1, (size_t) size, origin,
                                error)) {
            return false;
        }
        at = stop + 1 + size + 1;
    }
    return at == end || error_set(error, "bytes are left over");
}
