#include "exporter/parse/walk.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "exporter/parse/json_scan.h"
#include "exporter/parse/kind.h"
#include "exporter/parse/parser.h"

/* Lists inside of lists: an array of pages is one more level. */
enum { LEVELS_MAX = 3 };

struct walk {
    struct parser *parser;
    struct json_span document;
    struct error *error;
    int level;
};

/* An object whose long list stays text. */
struct split_object {
    cJSON *head;             /* All members but the lists below. */
    struct json_span value;  /* The array "value"; empty if there is none. */
    struct json_span values; /* The array "values". */
};

static bool walk_value(struct walk *walk, struct json_span span);
static bool walk_array(struct walk *walk, struct json_span span);
static bool walk_object(struct walk *walk, struct json_span span);
static bool split(struct walk *walk, struct json_span span,
                  struct split_object *object);

bool
walk_document(struct parser *parser, const char *bytes, size_t size,
              struct error *error)
{
    struct json_span document = { bytes, size };
    struct walk walk = { parser, document, error, 0 };
    struct json_span root;

    return json_scan(document, &root, error) && walk_value(&walk, root);
}

static bool
walk_value(struct walk *walk, struct json_span span)
{
    bool ok;

    if (walk->level == LEVELS_MAX) {
        return json_error_at(walk->document, span.at,
                             "lists inside of lists, too deep", walk->error);
    }
    walk->level++;
    if (*span.at == '{') {
        ok = walk_object(walk, span);
    } else if (*span.at == '[') {
        ok = walk_array(walk, span);
    } else {
        kind_refuse_unknown(walk->parser, "an element that is no object");
        ok = true;
    }
    walk->level--;
    return ok;
}

/* Turns the text of one value into a tree; NULL if it is not JSON. */
static cJSON *
parse_tree(struct walk *walk, struct json_span span)
{
    const char *end = span.at;
    cJSON *tree = cJSON_ParseWithLengthOpts(span.at, span.length, &end, false);

    if (tree && end == span.at + span.length) {
        return tree;
    }
    cJSON_Delete(tree);
    json_error_at(walk->document, end, "not JSON", walk->error);
    return NULL;
}

/* What is done with each element of a list. */
typedef bool visit_element(struct walk *walk, struct json_span element,
                           void *aux);

static bool
for_each(struct walk *walk, struct json_span array, visit_element *visit,
         void *aux)
{
    size_t cursor = 0;
    struct json_span key;
    struct json_span element;

    for (;;) {
        switch (json_next(array, &cursor, &key, &element)) {
        case JSON_STEP_VALUE:
            if (!visit(walk, element, aux)) {
                return false;
            }
            break;
        case JSON_STEP_END: return true;
        case JSON_STEP_BAD:
            return json_error_at(walk->document, array.at + cursor, "not JSON",
                                 walk->error);
        }
    }
}

static bool
visit_any(struct walk *walk, struct json_span element, void *aux)
{
    (void) aux;
    return walk_value(walk, element);
}

static bool
walk_array(struct walk *walk, struct json_span span)
{
    return for_each(walk, span, visit_any, NULL);
}

/* An element that is read by one function of parser.h. */
struct reading {
    parse_resource *read;
    enum feed feed;
    const char *kind;
};

static bool
visit_tree(struct walk *walk, struct json_span element, void *aux)
{
    const struct reading *reading = aux;
    cJSON *tree = parse_tree(walk, element);

    if (tree) {
        kind_read(walk->parser, tree, reading->kind, reading->feed,
                  reading->read);
    }
    cJSON_Delete(tree);
    return tree != NULL;
}

static bool
visit_effective_rule(struct walk *walk, struct json_span element, void *aux)
{
    cJSON *tree = parse_tree(walk, element);

    if (tree) {
        parse_effective_rule(walk->parser, aux, tree);
    }
    cJSON_Delete(tree);
    return tree != NULL;
}

/* Tells whether the list goes on in a page that is not here. */
static bool
has_more(struct walk *walk, const cJSON *head)
{
    bool more = *json_peek(head, "nextLink") || *json_peek(head, "skipToken");

    if (more && !walk->parser->request->follows_pages) {
        parse_finding(walk->parser, "the list goes on in a page that is not "
                                    "in this document");
        return true;
    }
    return false;
}

static bool
walk_effective(struct walk *walk, const struct split_object *object)
{
    struct parser *parser = walk->parser;
    struct effective_list list = {
        .virtual_network_id =
            json_reference(&parser->reader, object->head, "virtualNetwork"),
    };

    parser->kind = "effective admin rules";
    parser->name = list.virtual_network_id;
    if (!*list.virtual_network_id) {
        json_bad(&parser->reader, "\"virtualNetwork\" has no id");
    }
    list.unavailable = has_more(walk, object->head);
    if (!object->value.length) {
        parse_finding(parser, "there is no list \"value\", so the rules of "
                              "this network are not known");
        list.unavailable = true;
    } else if (!for_each(walk, object->value, visit_effective_rule, &list)) {
        free(list.rules.items);
        return false;
    }
    parse_effective_end(parser, &list);
    kind_finish(parser, FEED_ADMIN_RULES);
    return true;
}

static bool
walk_active(struct walk *walk, const struct split_object *object)
{
    struct reading reading = { parse_active_rule, FEED_NETWORK_MANAGER,
                               "active admin rules" };

    has_more(walk, object->head);
    walk->parser->result->has_feed[FEED_NETWORK_MANAGER] = true;
    return for_each(walk, object->value, visit_tree, &reading);
}

static bool
walk_service_tags(struct walk *walk, const struct split_object *object)
{
    struct reading reading = { parse_service_tag, FEED_SERVICE_TAGS,
                               "serviceTags" };

    has_more(walk, object->head);
    /* A list that says nothing is of the region that was asked, if any. */
    walk->parser->region = parse_location(walk->parser, object->head);
    if (!*walk->parser->region && walk->parser->request->region) {
        walk->parser->region = walk->parser->request->region;
    }
    walk->parser->result->has_feed[FEED_SERVICE_TAGS] = true;
    return for_each(walk, object->values, visit_tree, &reading);
}

static bool
walk_list(struct walk *walk, const struct split_object *object)
{
    has_more(walk, object->head);
    return walk_array(walk, object->value);
}

static bool
walk_resource(struct walk *walk, const struct split_object *object)
{
    kind_read_any(walk->parser, object->head);
    return true;
}

static bool
walk_network_group(struct walk *walk, const struct split_object *object)
{
    kind_read(walk->parser, object->head, "networkGroups",
              FEED_NETWORK_MANAGER, parse_network_group);
    return true;
}

static bool
walk_object(struct walk *walk, struct json_span span)
{
    struct json_reader *reader = &walk->parser->reader;
    struct split_object object = { 0 };
    bool ok = false;

    if (split(walk, span, &object)) {
        const cJSON *head = object.head;
        bool has_type = *json_peek(head, "type");
        walk->parser->kind = "";
        walk->parser->name = "";
        if (!has_type && json_get(reader, head, "virtualNetwork")) {
            ok = walk_effective(walk, &object);
        } else if (object.value.length
                   && json_get(reader, head, "networkManager")) {
            ok = walk_active(walk, &object);
        } else if (json_get(reader, head, "networkGroup")
                   && json_get(reader, head, "addressPrefixes")) {
            ok = walk_network_group(walk, &object);
        } else if (object.value.length) {
            ok = walk_list(walk, &object);
        } else if (object.values.length) {
            ok = walk_service_tags(walk, &object);
        } else {
            ok = walk_resource(walk, &object);
        }
    }
    cJSON_Delete(object.head);
    return ok;
}

/* Sets a list aside as text if the member is one of the two. */
static bool
set_aside(struct walk *walk, struct json_span key, struct json_span value,
          struct split_object *object, bool *done)
{
    struct json_span *place = json_span_equals(key, "value") ? &object->value
                              : json_span_equals(key, "values")
                                  ? &object->values
                                  : NULL;

    *done = place && *value.at == '[';
    if (*done && place->length) {
        return json_error_at(walk->document, key.at,
                             "this list is there twice", walk->error);
    }
    if (*done) {
        *place = value;
    }
    return true;
}

static bool
add_member(struct walk *walk, struct json_span key, struct json_span value,
           struct split_object *object)
{
    cJSON *tree = parse_tree(walk, value);

    if (!tree) {
        return false;
    }
    char *name = memory_alloc(key.length + 1);
    memcpy(name, key.at, key.length);
    name[key.length] = '\0';
    cJSON_AddItemToObject(object->head, name, tree);
    free(name);
    return true;
}

static bool
split(struct walk *walk, struct json_span span, struct split_object *object)
{
    size_t cursor = 0;
    struct json_span key;
    struct json_span value;
    enum json_step step;

    object->head = cJSON_CreateObject();
    while ((step = json_next(span, &cursor, &key, &value))
           == JSON_STEP_VALUE) {
        bool done;
        if (!set_aside(walk, key, value, object, &done)
            || (!done && !add_member(walk, key, value, object))) {
            return false;
        }
    }
    return step == JSON_STEP_END
           || json_error_at(walk->document, span.at + cursor, "not JSON",
                            walk->error);
}
