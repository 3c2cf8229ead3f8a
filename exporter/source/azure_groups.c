/* Network groups: the prefixes of the networks and subnets in them.
 *
 * Azure works the prefixes out when a configuration is deployed and does not
 * tell them; those that today's members have come closest.  A group with a
 * member that was not read stays unknown, and so does one without members:
 * then a policy chooses them, which no list tells (spec verdict 6). */

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
                log_warn("network group left out", "error", error.message,
                         NULL);
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
    *whole = n > 0;
    for (size_t i = 0; i < n; i++) {
        *whole &= append_member(azure, links->links[i].to, text);
    }
    text_append(text, "]}");
}

static void
append_prefix(struct text *text, const char *prefix)
{
    text_printf(text, "%s\"%s\"",
                text->data[text->length - 1] == '[' ? "" : ",", prefix);
}

static void
append_network(struct text *text, const struct virtual_network *network)
{
    struct text prefixes;

    text_init(&prefixes);
    for (enum family family = FAMILY_IPV4; family < N_FAMILIES; family++) {
        struct span_set spans = network->address_space.families[family];
        text_reset(&prefixes);
        address_spans_format(family, spans, "\",\"", SIZE_MAX, &prefixes);
        if (prefixes.length) {
            append_prefix(text, prefixes.data);
        }
    }
    text_clear(&prefixes);
}

/* A member is a virtual network or a subnet. */
static bool
append_member(const struct azure *azure, const char *id, struct text *text)
{
    const struct virtual_network *network;

    if (!azure->network) {
        return false;
    }
    const struct subnet *subnet =
        network_find_subnet(azure->network, id, &network);
    for (size_t i = 0; subnet && i < subnet->n_prefixes; i++) {
        append_prefix(text, subnet->prefixes[i]);
    }
    network = network_find_virtual_network(azure->network, id);
    if (network) {
        append_network(text, network);
    }
    return network || (subnet && subnet->n_prefixes);
}
