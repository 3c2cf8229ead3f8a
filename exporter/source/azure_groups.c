/* Network groups: the prefixes of the virtual networks in them.
 *
 * Azure works the prefixes out when a configuration is deployed and does not
 * tell them; the address spaces of today's members come closest.  A group with
 * a member that was not read stays unknown (spec verdict 6). */

#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "engine/model/network.h"
#include "exporter/log.h"
#include "exporter/source/azure_source.h"

static bool append_member(const struct azure *azure, const char *id,
                          struct text *text);

void
azure_groups_resolve(struct azure *azure)
{
    for (size_t i = 0; i < azure->n_items; i++) {
        struct azure_item *item = azure->items[i];
        struct error error;
        struct text document;
        bool whole = false;

        if (item->want.kind != WANT_GROUP_MEMBERS || item->last.n != 1) {
            continue;
        }
        text_init(&document);
        azure_group_document(azure, item, &document, &whole);
        struct hash hash = hash_bytes(document.data, document.length);
        bool same =
            item->last.pages[0].part && hash_equal(hash, item->derived);
        if (whole && !same) {
            uint16_t origin = (uint16_t) (item->want.subscription * N_FEEDS);
            item->derived = hash;
            if (azure_item_derive(item, &document, origin, &error)) {
                azure->stale = true;
            } else {
                log_warn("network group", "error", error.message, NULL);
            }
        }
        text_clear(&document);
    }
}

void
azure_group_document(const struct azure *azure, const struct azure_item *item,
                     struct text *text, bool *whole)
{
    const struct azure_links *links = item->last.pages[0].links;
    size_t n = links ? links->n : 0;

    text_append(text, "{\"networkGroup\":{\"id\":\"");
    text_append(text, item->want.id);
    text_append(text, "\"},\"addressPrefixes\":[");
    /* A group of subnets shows no networks, so none is not "empty". */
    *whole = n > 0;
    for (size_t i = 0; i < n; i++) {
        *whole &= append_member(azure, links->links[i].to, text);
    }
    text_append(text, "]}");
}

static bool
append_member(const struct azure *azure, const char *id, struct text *text)
{
    const struct virtual_network *network =
        azure->network ? network_find_virtual_network(azure->network, id)
                       : NULL;
    struct text prefixes;

    if (!network) {
        return false;
    }
    text_init(&prefixes);
    for (enum family family = FAMILY_IPV4; family < N_FAMILIES; family++) {
        struct span_set spans = network->address_space.families[family];
        text_reset(&prefixes);
        address_spans_format(family, spans, "\",\"", SIZE_MAX, &prefixes);
        if (prefixes.length) {
            text_printf(text, "%s\"%s\"",
                        text->data[text->length - 1] == '[' ? "" : ",",
                        prefixes.data);
        }
    }
    text_clear(&prefixes);
    return true;
}
