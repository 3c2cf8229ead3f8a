#include "exporter/parse/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "engine/model/arm_id.h"
#include "exporter/parse/json_scan.h"
#include "exporter/parse/parser.h"
#include "exporter/parse/walk.h"

/* A document that is odd throughout must not fill the status page. */
enum { FINDINGS_MAX = 100 };

static struct network_part *finish_part(struct parser *parser);
static void clear_lists(struct parser *parser);

bool
parse_document(const struct parse_request *request, const char *bytes,
               size_t size, struct parse_result *result, struct error *error)
{
    struct parse_result local = { .findings = result->findings };
    struct arena *arena = arena_create();
    struct parser parser = { .request = request,
                             .result = &local,
                             .arena = arena,
                             .reader = { .arena = arena },
                             .kind = "",
                             .name = "",
                             .region = "" };
    size_t start = result->findings->length;

    bool ok = walk_document(&parser, bytes, size, error);
    bool has_feed = false;
    for (size_t i = 0; i < N_FEEDS; i++) {
        has_feed |= local.has_feed[i];
    }
    if (ok && parser.n_unknown > 0 && !has_feed) {
        ok = error_set(error, "%s", parser.first_unknown.message);
    }
    if (!ok) {
        error_prefix(error, "%s", request->label);
        /* The error says it all. */
        result->findings->length = start;
        result->findings->data[start] = '\0';
        clear_lists(&parser);
        arena_unref(arena);
        return false;
    }
    if (parser.n_findings > FINDINGS_MAX) {
        text_printf(result->findings, "%s: %zu more findings\n",
                    request->label, parser.n_findings - FINDINGS_MAX);
    }
    local.part = finish_part(&parser);
    *result = local;
    return true;
}

void
growing_add(struct growing *list, const void *item, size_t size)
{
    list->items = memory_grow(list->items, list->n, &list->capacity, size);
    memcpy((char *) list->items + list->n * size, item, size);
    list->n++;
}

/* Words of a document may hold anything; a finding is one line. */
static void
append_line(struct text *text, const char *words)
{
    for (; *words; words++) {
        unsigned char c = (unsigned char) *words;
        text_append_char(text, c < 0x20 || c == 0x7f ? '?' : *words);
    }
}

void
parse_finding(struct parser *parser, const char *format, ...)
{
    struct text *findings = parser->result->findings;
    char cause[sizeof(struct error)];
    va_list arguments;

    if (++parser->n_findings > FINDINGS_MAX) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(cause, sizeof cause, format, arguments);
    va_end(arguments);
    append_line(findings, parser->request->label);
    text_append(findings, ": ");
    if (*parser->kind) {
        append_line(findings, parser->kind);
        text_append_char(findings, '/');
        append_line(findings, parser->name);
        text_append(findings, ": ");
    }
    append_line(findings, cause);
    text_append_char(findings, '\n');
}

/* "West Europe" and "westeurope" are one place. */
const char *
parse_location(struct parser *parser, const struct cJSON *resource)
{
    char *copy =
        arena_strlower(parser->arena, json_peek(resource, "location"));
    char *to = copy;

    for (const char *from = copy; *from; from++) {
        if (*from != ' ') {
            *to++ = *from;
        }
    }
    *to = '\0';
    return copy;
}

struct resource
parse_envelope(struct parser *parser, const struct cJSON *resource,
               enum feed feed)
{
    struct json_reader *reader = &parser->reader;
    const char *id = json_word(reader, resource, "id");
    const char *name = json_word(reader, resource, "name");

    if (!*id) {
        json_bad(reader, "it has no id");
    }
    if (!ascii_equal(name, arm_id_name(id))) {
        name = arm_id_name(id);
    }
    return (struct resource){
        .id = id,
        .name = name,
        .resource_group = arm_id_segment(parser->arena, id, "resourceGroups"),
        .location = parse_location(parser, resource),
        .origin = parser->request->origins[feed],
    };
}

bool
parse_prefixes(struct parser *parser, const char *what,
               const char *const *prefixes, size_t n,
               struct address_list *list)
{
    bool ok = true;

    for (size_t i = 0; i < n; i++) {
        struct address_range range;
        if (prefix_parse(prefixes[i], &range)) {
            if (list) {
                address_list_add(list, range);
            }
        } else {
            parse_finding(parser, "%s: \"%s\" is no address prefix", what,
                          prefixes[i]);
            ok = false;
        }
    }
    return ok;
}

/* Moves a list into the part's arena. */
static void *
finish_list(struct parser *parser, struct growing *list, size_t size,
            size_t *n)
{
    void *items = arena_memdup(parser->arena, list->items, list->n * size);

    *n = list->n;
    free(list->items);
    *list = (struct growing){ 0 };
    return items;
}

static struct network_part *
finish_part(struct parser *parser)
{
    struct network_part *part = arena_alloc(parser->arena, sizeof *part);

    part->arena = parser->arena;
    part->label = arena_strdup(parser->arena, parser->request->label);
#define FINISH(list, member)                                                  \
    part->member = finish_list(parser, &parser->list, sizeof *part->member,   \
                               &part->n_##member)
    FINISH(nics, nics);
    FINISH(virtual_networks, virtual_networks);
    FINISH(security_groups, security_groups);
    FINISH(asgs, asgs);
    FINISH(route_tables, route_tables);
    FINISH(managers, managers);
    FINISH(effective_admin_rules, effective_admin_rules);
    FINISH(priorities, priorities);
    FINISH(network_groups, network_groups);
    FINISH(service_tags, service_tags);
#undef FINISH
    return part;
}

static void
clear_lists(struct parser *parser)
{
    struct growing *const lists[] = {
        &parser->nics,
        &parser->virtual_networks,
        &parser->security_groups,
        &parser->asgs,
        &parser->route_tables,
        &parser->managers,
        &parser->effective_admin_rules,
        &parser->priorities,
        &parser->network_groups,
        &parser->service_tags,
    };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        free(lists[i]->items);
    }
}
