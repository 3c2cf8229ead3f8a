/* What is inside a builder, for those who add parts to it. */

#ifndef TESTS_SUPPORT_BUILDER_PARTS_H
#define TESTS_SUPPORT_BUILDER_PARTS_H

#include "tests/support/builder.h"

/* More than any test needs; what is past it aborts. */
enum { ITEMS_MAX = 128, PARTS_MAX = 64, VERDICTS_MAX = 4096 };

struct builder {
    struct arena *arena;
    struct engine_settings settings;
    struct on_premises on_premises[PARTS_MAX];
    struct network_part part;
    enum admin_rules_absent absent;
    struct virtual_network networks[ITEMS_MAX];
    struct nic nics[ITEMS_MAX];
    struct security_group groups[ITEMS_MAX];
    struct route_table tables[ITEMS_MAX];
    struct network_manager managers[ITEMS_MAX];
    struct effective_admin_rules admin[ITEMS_MAX];
    struct admin_rule_priority priorities[ITEMS_MAX];
    struct network_group network_groups[ITEMS_MAX];
    struct service_tag tags[ITEMS_MAX];
    struct policies *policies;
    struct network *built; /* NULL after a change. */
    struct estate *estate;
    struct verdict *verdicts[VERDICTS_MAX];
    size_t n_verdicts;
};

/* Forgets the network that was put together. */
void builder_changed(struct builder *b);

/* Makes room for one more of 'n' things in an array of 'max'. */
size_t builder_more(struct builder *b, size_t *n, size_t max);

#endif
