/* Flows in a file's list 'flows'. */

#ifndef CONFIG_FLOW_SETTING_H
#define CONFIG_FLOW_SETTING_H

#include <libconfig.h>
#include <stddef.h>

#include "config/config.h"

struct reader;

/* Flows in the making, of all files. */
struct flow_list {
    struct config_flow *flows; /* From the heap. */
    size_t n;
    size_t capacity;
};

/* Appends the flows of the list 'setting', with what is wrong reported. */
void flow_list_read(struct reader *reader, const config_setting_t *setting,
                    struct flow_list *list);

/* Reports names that are used twice, and flows beyond the limit. */
void flow_list_check(struct reader *reader, const struct flow_list *list,
                     size_t limit);

#endif
