/* The state of the feeds, and the collection that is handed out. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "exporter/clock.h"
#include "exporter/source/azure_source.h"

static void feed_update(struct azure *azure, size_t subscription,
                        enum feed feed, bool settled);
static bool is_settled(const struct azure *azure, size_t subscription);
static void collect_findings(struct azure *azure);
static bool is_complete(const struct azure *azure);

void
azure_feeds_init(struct azure *azure)
{
    const struct config_source *source = &azure->config->source;

    azure->n_feeds = source->n_subscriptions * N_FEEDS;
    azure->feeds = memory_calloc(azure->n_feeds, sizeof *azure->feeds);
    azure->errors = memory_calloc(azure->n_feeds, sizeof *azure->errors);
    for (size_t i = 0; i < azure->n_feeds; i++) {
        azure->feeds[i] = (struct feed_state){
            .feed = (enum feed)(i % N_FEEDS),
            .scope = source->subscriptions[i / N_FEEDS].alias,
            .refresh_ms = azure_refresh_ms(azure, (enum feed)(i % N_FEEDS)),
            .error = azure->errors[i],
        };
    }
}

void
azure_feeds_clear(struct azure *azure)
{
    free(azure->feeds);
    free(azure->errors);
    free(azure->findings);
    free(azure->parts);
    arena_unref(azure->shown_arena);
    arena_unref(azure->findings_arena);
}

int64_t
azure_refresh_ms(const struct azure *azure, enum feed feed)
{
    const struct config_source *source = &azure->config->source;

    if (feed == FEED_SERVICE_TAGS) {
        return source->refresh_service_tags_ms;
    }
    return feed == FEED_ADMIN_RULES || feed == FEED_NETWORK_MANAGER
               ? source->refresh_admin_rules_ms
               : 0;
}

void
azure_feeds_update(struct azure *azure)
{
    for (size_t i = 0; i < azure->n_feeds / N_FEEDS; i++) {
        bool settled = is_settled(azure, i);
        for (enum feed feed = FEED_NSG; feed < N_FEEDS; feed++) {
            feed_update(azure, i, feed, settled);
        }
    }
    for (size_t i = 0; i < azure->n_items; i++) {
        azure->items[i]->changed = false;
    }
    if (azure->changed) {
        collect_findings(azure);
    }
}

const struct collection *
azure_collection(struct azure *azure)
{
    bool succeeded = true;

    for (size_t i = 0; i < azure->n_feeds; i++) {
        succeeded &= azure->feeds[i].up;
    }
    azure->collection = (struct collection){
        .parts = azure_shown_parts(azure),
        .n_parts = azure->n_parts,
        .feeds = azure->feeds,
        .n_feeds = azure->n_feeds,
        .changed = azure->changed,
        .complete = is_complete(azure),
        .succeeded = succeeded,
        .absent = azure->config->source.admin_rules
                      ? ADMIN_RULES_ABSENT_IS_UNAVAILABLE
                      : ADMIN_RULES_OFF,
        .findings = azure->findings,
        .n_findings = azure->n_findings,
    };
    return &azure->collection;
}

/* What a subscription needs is known once everything it was asked for has
 * been answered, be it by a refusal. */
static bool
is_settled(const struct azure *azure, size_t subscription)
{
    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_item *item = azure->items[i];
        if (item->want.subscription == subscription && item->wanted
            && !item->has_data && !item->refused) {
            return false;
        }
    }
    return true;
}

/* A refusal is an answer: what is behind it stays missing, and verdicts that
 * need it say so. */
static bool
is_complete(const struct azure *azure)
{
    for (size_t i = 0; i < azure->n_feeds / N_FEEDS; i++) {
        if (!is_settled(azure, i)) {
            return false;
        }
    }
    return true;
}

/* What was refused from the start and would only have shown that a network
 * group has no further members: the group says so, and what is known of it is
 * no older for it. */
static bool
is_doubt(const struct azure_item *item)
{
    return item->refused && !item->has_data
           && item->want.feed == FEED_NETWORK_MANAGER
           && item->want.kind != WANT_GROUP_MEMBERS
           && item->want.kind != WANT_ACTIVE_RULES;
}

/* Adds what one item says to the state of its feed.  Who may not look into a
 * management group has asked in vain, but has not failed: a finding says what
 * that leaves open. */
static void
feed_add(struct feed_state *state, char error[256],
         const struct azure_item *item)
{
    if (is_doubt(item) && item->want.kind == WANT_DESCENDANTS) {
        return;
    }
    if (!item->up && !error[0]) {
        snprintf(error, 256, "%s",
                 item->error[0] ? item->error : "it was not read yet");
    }
    state->up &= item->up;
    state->has_data &= item->has_data;
    state->objects += azure_item_objects(item);
    if (item->last_success_ms < state->last_success_ms && !is_doubt(item)) {
        state->last_success_ms = item->last_success_ms;
    }
    if (item->last_attempt_ms > state->last_attempt_ms) {
        state->last_attempt_ms = item->last_attempt_ms;
    }
    if (item->duration_ms > state->duration_ms) {
        state->duration_ms = item->duration_ms;
    }
}

/* A feed is as old as the oldest thing in it.  One that nothing needs is as
 * good as read, once it is known that nothing does. */
static void
feed_update(struct azure *azure, size_t subscription, enum feed feed,
            bool settled)
{
    size_t number = subscription * N_FEEDS + feed;
    struct feed_state *state = &azure->feeds[number];
    struct feed_state next = *state;
    bool had_data = state->has_data;
    bool changed = false;
    size_t n = 0;

    next.refresh_ms = azure_refresh_ms(azure, feed);
    next.up = true;
    next.has_data = true;
    next.objects = 0;
    next.duration_ms = 0;
    next.last_attempt_ms = 0;
    next.last_success_ms = INT64_MAX;
    azure->errors[number][0] = '\0';
    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_item *item = azure->items[i];
        if (item->want.subscription == subscription && item->wanted
            && item->want.feed == feed) {
            feed_add(&next, azure->errors[number], item);
            changed |= item->changed;
            n++;
        }
    }
    if (!n && !settled) {
        snprintf(azure->errors[number], sizeof azure->errors[number],
                 "what it needs could not be read yet");
        next = *state;
        next.up = false;
    } else if (!n) {
        next.last_success_ms = azure->clock->wall_ms(azure->clock);
        next.last_attempt_ms = next.last_success_ms;
    }
    if (next.last_success_ms == INT64_MAX) {
        next.last_success_ms = 0;
    }
    if (changed && had_data) {
        next.changes++;
    }
    *state = next;
}

static void
add_findings(struct azure *azure, const char *lines)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        azure->findings =
            memory_grow(azure->findings, azure->n_findings,
                        &azure->findings_capacity, sizeof *azure->findings);
        azure->findings[azure->n_findings++] =
            arena_strndup(azure->findings_arena, lines, length);
        lines += length + (lines[length] == '\n');
    }
}

static void
collect_findings(struct azure *azure)
{
    arena_unref(azure->findings_arena);
    azure->findings_arena = arena_create();
    azure->n_findings = 0;
    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_pages *pages = &azure->items[i]->last;
        for (size_t k = 0; k < pages->n; k++) {
            if (pages->pages[k].findings) {
                add_findings(azure, pages->pages[k].findings);
            }
        }
    }
}
