#include "config/flow_setting.h"

#include <stdlib.h>
#include <string.h>

#include "config/flow_form.h"
#include "config/setting.h"
#include "config/strings.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"

enum { NAME_MAX_LENGTH = 128 };

static void read_flow(struct reader *reader, const config_setting_t *group,
                      struct config_flow *flow);
static void read_name(struct reader *reader, const config_setting_t *group,
                      struct config_flow *flow);
static void read_labels(struct reader *reader, const config_setting_t *group,
                        struct config_flow *flow);
static void read_form(struct reader *reader, const config_setting_t *group,
                      struct flow_form *form);
static int compare_names(const void *a, const void *b);

void
flow_list_read(struct reader *reader, const config_setting_t *setting,
               struct flow_list *list)
{
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *group =
            config_setting_get_elem(setting, (unsigned int) i);
        if (!config_setting_is_group(group)) {
            reader_problem(reader, setting_place(reader, setting),
                           "flows: entry %d is not a group", i + 1);
            continue;
        }
        list->flows = memory_grow(list->flows, list->n, &list->capacity,
                                  sizeof *list->flows);
        struct config_flow *flow = &list->flows[list->n++];
        *flow = (struct config_flow){ .description = "" };
        read_flow(reader, group, flow);
    }
}

void
flow_list_check(struct reader *reader, const struct flow_list *list,
                size_t limit)
{
    if (list->n > limit) {
        const struct config_flow *flow = &list->flows[limit];
        reader_problem(reader, (struct place){ flow->file, flow->line },
                       "flow \"%s\" is one more than limits.flows, %zu",
                       flow->flow.name, limit);
    }
    if (!list->n) {
        return;
    }
    const struct config_flow **sorted = memory_calloc(list->n, sizeof *sorted);
    for (size_t i = 0; i < list->n; i++) {
        sorted[i] = &list->flows[i];
    }
    qsort(sorted, list->n, sizeof *sorted, compare_names);
    const struct config_flow *first = sorted[0];
    for (size_t i = 1; i < list->n; i++) {
        if (strcmp(first->flow.name, sorted[i]->flow.name) != 0) {
            first = sorted[i];
        } else if (*first->flow.name) {
            reader_problem(reader,
                           (struct place){ sorted[i]->file, sorted[i]->line },
                           "name: \"%s\" is taken by the flow at %s:%u",
                           sorted[i]->flow.name, first->file, first->line);
        }
    }
    free(sorted);
}

/* By name, then in the order of the files. */
static int
compare_names(const void *a_, const void *b_)
{
    const struct config_flow *const *a = a_;
    const struct config_flow *const *b = b_;
    int order = strcmp((*a)->flow.name, (*b)->flow.name);

    return order ? order : *a < *b ? -1 : *a > *b;
}

static void
read_flow(struct reader *reader, const config_setting_t *group,
          struct config_flow *flow)
{
    static const char *const expectations[] = { "allow", "deny" };
    struct place place = setting_place(reader, group);
    struct flow_form form = { .place = place };

    flow->file = strings_share(reader->strings, place.file);
    flow->line = place.line;
    read_name(reader, group, flow);
    reader->context =
        *flow->flow.name
            ? arena_printf(reader->scratch, "flow \"%s\": ", flow->flow.name)
            : "";
    setting_check_keys(reader, group, "flows");
    flow->description = setting_string(reader, group, "flows.description");
    flow->expect_allow =
        setting_choice(reader, group, "flows.expect", expectations, 2) != 1;
    read_labels(reader, group, flow);
    read_form(reader, group, &form);
    flow_form_read(reader, &form, flow);
    reader->context = "";
}

static void
read_name(struct reader *reader, const config_setting_t *group,
          struct config_flow *flow)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_.:/-";
    const char *name = setting_string(reader, group, "flows.name");
    const config_setting_t *setting = setting_member(group, "flows.name");

    flow->flow.name = name;
    setting_require(reader, group, "flows.name");
    if (name[strspn(name, allowed)]) {
        reader_problem(reader, setting_place(reader, setting),
                       "name: \"%s\" has other characters than letters, "
                       "digits and _ . : / -",
                       name);
    } else if (strlen(name) > NAME_MAX_LENGTH) {
        reader_problem(reader, setting_place(reader, setting),
                       "name: \"%s\" has more than %d characters", name,
                       NAME_MAX_LENGTH);
    }
}

static int
compare_labels(const void *a_, const void *b_)
{
    const struct config_label *a = a_;
    const struct config_label *b = b_;

    return strcmp(a->name, b->name);
}

static void
read_labels(struct reader *reader, const config_setting_t *group,
            struct config_flow *flow)
{
    const config_setting_t *setting = setting_member(group, "flows.labels");
    int n = setting ? config_setting_length(setting) : 0;

    if (!n) {
        return;
    }
    struct config_label *labels =
        arena_alloc_array(reader->arena, (size_t) n, sizeof *labels);
    for (int i = 0; i < n; i++) {
        const config_setting_t *label =
            config_setting_get_elem(setting, (unsigned int) i);
        const char *name = config_setting_name(label);
        /* libconfig's names may have '-' and '*', Prometheus' may not. */
        if (strpbrk(name, "-*")) {
            reader_problem(reader, setting_place(reader, label),
                           "labels: \"%s\" is no label name, which has "
                           "letters, digits and _",
                           name);
        }
        if (config_setting_type(label) != CONFIG_TYPE_STRING) {
            reader_problem(reader, setting_place(reader, label),
                           "labels: %s is not a string", name);
            continue;
        }
        labels[flow->n_labels++] = (struct config_label){
            strings_share(reader->strings, name),
            strings_share(reader->strings, config_setting_get_string(label)),
        };
    }
    if (flow->n_labels) {
        qsort(labels, flow->n_labels, sizeof *labels, compare_labels);
    }
    flow->labels = labels;
}

/* Reads some fields from the group that holds them. */
static void
read_fields(struct reader *reader, const config_setting_t *group,
            enum form_field first, enum form_field last,
            struct flow_form *form)
{
    for (int i = (int) first; i <= (int) last; i++) {
        enum form_field field = (enum form_field) i;
        struct words *words = &form->fields[field];
        *words = setting_words(reader, group, flow_form_path(field));
        words->key = flow_form_name(field);
    }
}

/* Reads 'from' or 'to', whose fields are neighbours. */
static bool
read_side(struct reader *reader, const config_setting_t *group,
          const char *path, enum form_field nic, enum form_field address,
          struct flow_form *form)
{
    const config_setting_t *side = setting_member(group, path);
    struct words *first = &form->fields[nic];

    read_fields(reader, side, nic, address, form);
    if (side) {
        setting_check_keys(reader, side, path);
    } else if (setting_has(group, path)) {
        first->given = true;
        first->bad = true;
    }
    return setting_has(group, path);
}

static void
read_form(struct reader *reader, const config_setting_t *group,
          struct flow_form *form)
{
    read_fields(reader, group, FORM_NIC, FORM_SOURCE_PORT, form);
    form->has_from = read_side(reader, group, "flows.from", FORM_FROM_NIC,
                               FORM_FROM_ADDRESS, form);
    form->has_to = read_side(reader, group, "flows.to", FORM_TO_NIC,
                             FORM_TO_ADDRESS, form);
}
