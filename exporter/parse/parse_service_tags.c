/* Service tags: the answer of the API and the file that Microsoft publishes
 * every week differ in members that do not matter here. */

#include "exporter/parse/parser.h"

void
parse_service_tag(struct parser *parser, const struct cJSON *resource)
{
    struct json_reader *reader = &parser->reader;
    const struct cJSON *properties = json_properties(reader, resource);
    const struct cJSON *array =
        json_array(reader, properties, "addressPrefixes");
    struct address_list list;
    struct service_tag tag = {
        .name = json_word(reader, resource, "name"),
        .key = "",
        .origin = parser->request->origins[FEED_SERVICE_TAGS],
        /* Without its list a tag is not empty but unknown. */
        .has_bad_prefix = array == NULL,
    };

    if (!*tag.name) {
        json_bad(reader, "a tag has no name");
    }
    address_list_init(&list);
    for (const struct cJSON *e = json_first(array); e; e = json_following(e)) {
        struct address_range range;
        const char *prefix = json_text(e);
        if (prefix_parse(prefix, &range)) {
            address_list_add(&list, range);
        } else {
            parse_finding(parser, "\"%s\" is no address prefix", prefix);
            tag.has_bad_prefix = true;
        }
    }
    tag.addresses = address_list_finish(&list, parser->arena);
    tag.key = service_tag_key(parser->arena, parser->region, tag.name);
    if (!reader->bad) {
        growing_add(&parser->service_tags, &tag, sizeof tag);
    }
}
