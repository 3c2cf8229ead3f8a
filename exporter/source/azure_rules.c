#include "exporter/source/azure_rules.h"

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/map.h"
#include "engine/model/address.h"
#include "engine/model/arm_id.h"
#include "engine/model/rule.h"

void
rule_names_init(struct rule_names *names, struct arena *arena)
{
    *names = (struct rule_names){ .asgs = map_create(arena),
                                  .groups = map_create(arena) };
}

static void
add_side(struct rule_names *names, const struct rule_side *side)
{
    static bool yes = true;

    for (size_t i = 0; i < side->n_terms; i++) {
        const struct term *term = &side->terms[i];
        switch (term->kind) {
        case TERM_ADDRESS: rule_names_add_tag(names, term->text); break;
        case TERM_ASG: map_put(names->asgs, term->text, &yes); break;
        case TERM_NETWORK_GROUP:
            map_put(names->groups, term->text, &yes);
            break;
        }
    }
}

void
rule_names_add(struct rule_names *names, const struct rule rules[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        add_side(names, &rules[i].source);
        add_side(names, &rules[i].destination);
    }
}

/* What needs no list is left out (spec verdict 4): a list of many megabytes
 * is not read for the default rules' sake. */
void
rule_names_add_tag(struct rule_names *names, const char *word)
{
    static const char *const built_in[] = { "*",
                                            "VirtualNetwork",
                                            "VIRTUAL_NETWORK",
                                            "Internet",
                                            "AzureLoadBalancer",
                                            "AZURE_LOADBALANCER",
                                            "AzurePlatformDNS",
                                            "AzurePlatformIMDS",
                                            "AzurePlatformLKM" };
    struct address_range range;

    if (names->tags || !word[0] || address_range_parse(word, &range)) {
        return;
    }
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++) {
        if (ascii_equal(word, built_in[i])) {
            return;
        }
    }
    names->tags = true;
}

static bool
side_names_asg(const struct rule_side *side)
{
    for (size_t i = 0; i < side->n_terms; i++) {
        if (side->terms[i].kind == TERM_ASG) {
            return true;
        }
    }
    return false;
}

bool
rule_names_asgs(const struct rule rules[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (side_names_asg(&rules[i].source)
            || side_names_asg(&rules[i].destination)) {
            return true;
        }
    }
    return false;
}

void
rule_managers_find(struct rule_managers *managers, const struct rule rules[],
                   size_t n, struct arena *arena)
{
    struct map *seen = map_create(arena);

    *managers = (struct rule_managers){
        .ids = arena_alloc_array(arena, n, sizeof *managers->ids),
        .priority_missing =
            arena_alloc_array(arena, n, sizeof *managers->priority_missing),
    };
    for (size_t i = 0; i < n; i++) {
        const char *id = arm_id_up_to(arena, rules[i].id, "networkManagers");
        if (!id[0]) {
            continue;
        }
        bool *missing = map_get(seen, id);
        if (!missing) {
            missing = &managers->priority_missing[managers->n];
            managers->ids[managers->n++] = id;
            map_put(seen, id, missing);
        }
        *missing |= rules[i].priority == 0;
    }
}
