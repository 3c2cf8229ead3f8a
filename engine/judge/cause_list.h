/* What differs between two networks that one flow could feel, each change
 * with the resources that carry it alone into the old network. */

#ifndef ENGINE_JUDGE_CAUSE_LIST_H
#define ENGINE_JUDGE_CAUSE_LIST_H

#include "engine/judge/cause.h"
#include "engine/model/network.h"

struct cause_change {
    struct cause cause;
    struct network_part overlay;
};

struct cause_list {
    struct arena *arena;
    const struct network *before;
    const struct network *after;
    struct cause_change *items; /* From the heap. */
    size_t n;
    size_t capacity;
    struct map *seen;   /* Resources that were compared already. */
    const char *region; /* Of what is compared: tags go by it. */
};

/* Adds a change and returns it; its strings are "" but for 'what' and
 * 'rule'. */
struct cause_change *cause_list_add(struct cause_list *list, const char *what,
                                    const char *rule);

/* Compare a NIC, or a subnet with its virtual network, and the rule sets that
 * filter them, by id. */
void cause_list_nic(struct cause_list *list, const char *id);
void cause_list_network(struct cause_list *list, const char *subnet_id);

/* Compares what the words of a rule stand for, each word once. */
void cause_list_words(struct cause_list *list, const struct rule *rule);

/* Compares two lists of rules, and the tags and groups that they name. */
struct cause_rules {
    const struct rule *rules;
    size_t n;
    struct hash hash;
};

/* Puts edited rules into the overlay of a change. */
typedef void cause_put(struct cause_list *list, struct cause_change *change,
                       const struct cause_rules *rules, const void *aux);

void cause_list_rules(struct cause_list *list,
                      const struct cause_rules *before,
                      const struct cause_rules *after, cause_put *put,
                      const void *aux, const char *layer, const char *ruleset);

#endif
