/* Parts of the network: all of them for planning, and those that may be shown.
 *
 * An application group stands for its members, and the members in a scale set
 * are in no other list.  While the NICs of a scale set were never read, the
 * groups in its virtual network are not known, which nothing in the data would
 * say.  So the network itself is held back: what lies in it is unknown. */

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/memory.h"
#include "engine/model/network.h"
#include "exporter/source/azure_source.h"

static bool is_unread_scale_set(const struct azure *azure, const char *id);
static bool is_held_back(const struct azure *azure, const char *network_id);
static const struct network_part *without_held_back(struct azure *azure,
                                                    struct network_part *part);

void
azure_network_update(struct azure *azure)
{
    if (!azure->stale && azure->network) {
        return;
    }
    azure->n_parts = 0;
    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_pages *pages = &azure->items[i]->last;
        for (size_t k = 0; k < pages->n; k++) {
            if (!pages->pages[k].part) {
                continue;
            }
            azure->parts =
                memory_grow(azure->parts, azure->n_parts,
                            &azure->parts_capacity, sizeof *azure->parts);
            azure->parts[azure->n_parts++] = pages->pages[k].part;
        }
    }
    network_unref(azure->network);
    azure->network =
        network_create(azure->parts, azure->n_parts,
                       ADMIN_RULES_ABSENT_IS_UNAVAILABLE, NULL, NULL);
    azure->stale = false;
    azure->changed = true;
}

const struct network_part *const *
azure_shown_parts(struct azure *azure)
{
    bool any = false;

    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_item *item = azure->items[i];
        any |= item->want.kind == WANT_SCALE_SET_NICS && !item->has_data;
    }
    arena_unref(azure->shown_arena);
    azure->shown_arena = NULL;
    if (!any) {
        return azure->parts;
    }
    azure->shown_arena = arena_create();
    const struct network_part **shown =
        arena_alloc_array(azure->shown_arena, azure->n_parts, sizeof *shown);
    size_t n = 0;
    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_pages *pages = &azure->items[i]->last;
        for (size_t k = 0; k < pages->n; k++) {
            if (pages->pages[k].part) {
                shown[n++] = without_held_back(azure, pages->pages[k].part);
            }
        }
    }
    return shown;
}

static bool
is_unread_scale_set(const struct azure *azure, const char *id)
{
    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_item *item = azure->items[i];
        if (item->want.kind == WANT_SCALE_SET_NICS && !item->has_data
            && ascii_equal(item->want.id, id)) {
            return true;
        }
    }
    return false;
}

static bool
is_held_back(const struct azure *azure, const char *network_id)
{
    for (size_t i = 0; i < azure->n_items; i++) {
        const struct azure_pages *pages = &azure->items[i]->last;
        for (size_t k = 0; k < pages->n; k++) {
            const struct azure_links *links = pages->pages[k].links;
            for (size_t l = 0; links && l < links->n; l++) {
                if (ascii_equal(links->links[l].from, network_id)
                    && is_unread_scale_set(azure, links->links[l].to)) {
                    return true;
                }
            }
        }
    }
    return false;
}

static const struct network_part *
without_held_back(struct azure *azure, struct network_part *part)
{
    struct arena *arena = azure->shown_arena;
    struct virtual_network *kept =
        arena_alloc_array(arena, part->n_virtual_networks, sizeof *kept);
    size_t n = 0;

    for (size_t i = 0; i < part->n_virtual_networks; i++) {
        if (!is_held_back(azure, part->virtual_networks[i].resource.id)) {
            kept[n++] = part->virtual_networks[i];
        }
    }
    if (n == part->n_virtual_networks) {
        return part;
    }
    /* The copy points into the part, so its arena keeps the part's. */
    arena_keep(arena, part->arena);
    struct network_part *copy = arena_memdup(arena, part, sizeof *part);
    copy->arena = arena;
    copy->virtual_networks = kept;
    copy->n_virtual_networks = n;
    return copy;
}
