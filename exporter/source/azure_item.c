#include "exporter/source/azure_item.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/model/network.h"
#include "exporter/parse/parse.h"
#include "exporter/source/arm_page.h"

static bool add_page(struct azure_item *item, const char *bytes, size_t size,
                     uint16_t origin, struct error *error);
static bool parse_page(const struct azure_item *item, const char *bytes,
                       size_t size, uint16_t origin, struct azure_page *page,
                       struct error *error);
static bool add_merged(struct azure_item *item, uint16_t origin,
                       struct error *error);
static void pages_clear(struct azure_pages *pages);
static bool pages_equal(const struct azure_pages *a,
                        const struct azure_pages *b);

struct azure_item *
azure_item_create(const struct azure_want *want, const char *key,
                  const char *label)
{
    struct azure_item *item = memory_calloc(1, sizeof *item);

    item->arena = arena_create();
    item->want = *want;
    item->want.id = arena_strdup(item->arena, want->id);
    item->want.region = arena_strdup(item->arena, want->region);
    item->key = arena_strdup(item->arena, key);
    item->label = arena_strdup(item->arena, label);
    text_init(&item->merged);
    return item;
}

void
azure_item_destroy(struct azure_item *item)
{
    if (item) {
        pages_clear(&item->last);
        pages_clear(&item->fresh);
        text_clear(&item->merged);
        free(item->change_number);
        free(item->fresh_change_number);
        arena_unref(item->arena);
        free(item);
    }
}

static bool
is_merged(const struct azure_item *item)
{
    return item->want.kind == WANT_EFFECTIVE_RULES
           || item->want.kind == WANT_ACTIVE_RULES
           || azure_want_is_links(&item->want);
}

bool
azure_item_page(struct azure_item *item, struct text *body,
                const struct arm_page *page, uint16_t origin,
                struct error *error)
{
    if (!is_merged(item)) {
        if (page->change_number) {
            free(item->fresh_change_number);
            item->fresh_change_number = strdup(page->change_number);
        }
        return add_page(item, body->data, body->length, origin, error);
    }
    const char *start = body->data + page->array_start;
    size_t size = page->array_end - page->array_start;
    size_t blanks = strspn(start, " \t\r\n");
    if (blanks < size) {
        if (item->merged.length) {
            text_append_char(&item->merged, ',');
        }
        text_append_bytes(&item->merged, start, size);
    }
    return true;
}

bool
azure_item_finish(struct azure_item *item, uint16_t origin,
                  struct error *error)
{
    if (is_merged(item) && !item->fresh.n
        && !add_merged(item, origin, error)) {
        azure_item_abandon(item);
        return false;
    }
    item->changed = !item->has_data || !pages_equal(&item->last, &item->fresh);
    item->unsaved |= item->changed;
    pages_clear(&item->last);
    item->last = item->fresh;
    item->fresh = (struct azure_pages){ .pages = NULL };
    text_clear(&item->merged);
    free(item->change_number);
    item->change_number = item->fresh_change_number;
    item->fresh_change_number = NULL;
    item->has_data = true;
    return true;
}

void
azure_item_abandon(struct azure_item *item)
{
    pages_clear(&item->fresh);
    text_clear(&item->merged);
    free(item->fresh_change_number);
    item->fresh_change_number = NULL;
}

void
azure_item_gone(struct azure_item *item)
{
    azure_item_abandon(item);
    item->changed = !item->has_data || item->last.n > 0;
    item->unsaved |= item->changed;
    pages_clear(&item->last);
    item->has_data = true;
}

bool
azure_item_derive(struct azure_item *item, const struct text *document,
                  const char *finding, uint16_t origin, struct error *error)
{
    struct azure_page *page = &item->last.pages[0];
    struct azure_page derived = { .part = NULL };

    bool parsed = parse_page(item, document->data, document->length, origin,
                             &derived, error);
    if (page->part) {
        arena_unref(page->part->arena);
    }
    page->part = derived.part;
    free(derived.findings);
    free(page->findings);
    page->findings = finding[0] ? strdup(finding) : NULL;
    return parsed;
}

bool
azure_item_restore(struct azure_item *item, const char *bytes, size_t size,
                   uint16_t origin, struct error *error)
{
    return add_page(item, bytes, size, origin, error);
}

size_t
azure_item_objects(const struct azure_item *item)
{
    size_t n = 0;

    for (size_t i = 0; i < item->last.n; i++) {
        n += item->last.pages[i].objects;
    }
    return n;
}

void
azure_item_forget_documents(struct azure_item *item)
{
    for (size_t i = 0; i < item->last.n; i++) {
        free(item->last.pages[i].bytes);
        item->last.pages[i].bytes = NULL;
    }
}

/* Equal bytes give an equal part, so the old one serves on; of service tags an
 * equal change number says as much. */
static bool
add_page(struct azure_item *item, const char *bytes, size_t size,
         uint16_t origin, struct error *error)
{
    size_t number = item->fresh.n;
    struct azure_page page = { .hash = hash_bytes(bytes, size), .size = size };
    const struct azure_page *old =
        number < item->last.n ? &item->last.pages[number] : NULL;
    bool same_tags =
        item->change_number && item->fresh_change_number
        && !strcmp(item->change_number, item->fresh_change_number);

    if (old && (hash_equal(old->hash, page.hash) || same_tags)) {
        page.hash = old->hash;
        page.objects = old->objects;
        page.part = old->part;
        if (page.part) {
            arena_ref(page.part->arena);
        }
        page.findings = old->findings ? strdup(old->findings) : NULL;
        page.links = old->links;
        if (page.links) {
            arena_ref(page.links->arena);
        }
    } else {
        if (!azure_links_find(&item->want, bytes, size, &page.links, error)) {
            return error_prefix(error, "%s", item->label);
        }
        if (!azure_want_is_links(&item->want)
            && !parse_page(item, bytes, size, origin, &page, error)) {
            if (page.links) {
                arena_unref(page.links->arena);
            }
            return false;
        }
    }
    if (item->keeps) {
        page.bytes = memory_alloc(size + 1);
        memcpy(page.bytes, bytes, size);
        page.bytes[size] = '\0';
    }
    item->fresh.pages = memory_grow(item->fresh.pages, item->fresh.n,
                                    &item->fresh.capacity, sizeof page);
    item->fresh.pages[item->fresh.n++] = page;
    return true;
}

static bool
parse_page(const struct azure_item *item, const char *bytes, size_t size,
           uint16_t origin, struct azure_page *page, struct error *error)
{
    struct parse_request request = { .label = item->label,
                                     .follows_pages = true,
                                     .region = item->want.region };
    struct text findings;
    struct parse_result result = { .findings = &findings };

    for (size_t i = 0; i < N_FEEDS; i++) {
        request.origins[i] = (uint16_t) (origin + i);
    }
    text_init(&findings);
    bool parsed = parse_document(&request, bytes, size, &result, error);
    if (parsed) {
        page->part = result.part;
        page->objects = result.objects[item->want.feed];
        page->findings = findings.length ? text_steal(&findings) : NULL;
    }
    text_clear(&findings);
    return parsed;
}

static void
append_quoted(struct text *text, const char *string)
{
    text_append_char(text, '"');
    for (; *string; string++) {
        if (*string == '"' || *string == '\\') {
            text_append_char(text, '\\');
        }
        text_append_char(text, *string);
    }
    text_append_char(text, '"');
}

/* The pages of a list by POST together, in the form that a folder holds. */
static bool
add_merged(struct azure_item *item, uint16_t origin, struct error *error)
{
    static const char *const members[N_WANT_KINDS] = {
        [WANT_EFFECTIVE_RULES] = "virtualNetwork",
        [WANT_ACTIVE_RULES] = "networkManager",
        [WANT_GROUP_MEMBERS] = "members",
        [WANT_MEMBERSHIPS] = "memberships",
        [WANT_SUBSCRIPTIONS] = "subscriptions",
        [WANT_DESCENDANTS] = "descendants",
    };
    struct text document;

    text_init(&document);
    text_printf(&document, "{\"%s\":{\"id\":", members[item->want.kind]);
    append_quoted(&document, item->want.id);
    text_append(&document, "},\"value\":[");
    text_append_bytes(&document, item->merged.data, item->merged.length);
    text_append(&document, "]}");
    bool added = add_page(item, document.data, document.length, origin, error);
    text_clear(&document);
    return added;
}

static void
pages_clear(struct azure_pages *pages)
{
    for (size_t i = 0; i < pages->n; i++) {
        if (pages->pages[i].part) {
            arena_unref(pages->pages[i].part->arena);
        }
        if (pages->pages[i].links) {
            arena_unref(pages->pages[i].links->arena);
        }
        free(pages->pages[i].bytes);
        free(pages->pages[i].findings);
    }
    free(pages->pages);
    *pages = (struct azure_pages){ .pages = NULL };
}

static bool
pages_equal(const struct azure_pages *a, const struct azure_pages *b)
{
    if (a->n != b->n) {
        return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (!hash_equal(a->pages[i].hash, b->pages[i].hash)) {
            return false;
        }
    }
    return true;
}
