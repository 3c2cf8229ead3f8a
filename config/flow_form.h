/* A flow as words, wherever they came from, and the one place that checks
 * them and makes the engine's flow of them (spec interfaces,
 * "Configuration"; spec verdict 1 and 2). */

#ifndef CONFIG_FLOW_FORM_H
#define CONFIG_FLOW_FORM_H

#include "config/config.h"
#include "config/setting.h"

/* The fields of one group are neighbours: the flow itself, 'from', 'to'. */
enum form_field {
    FORM_NIC,
    FORM_VM,
    FORM_DIRECTION,
    FORM_PROTOCOL,
    FORM_LOCAL_ADDRESS,
    FORM_LOCAL_PORT,
    FORM_REMOTE_ADDRESS,
    FORM_REMOTE_PORT,
    FORM_PORT,
    FORM_SOURCE_PORT,
    FORM_FROM_NIC,
    FORM_FROM_VM,
    FORM_FROM_ADDRESS,
    FORM_TO_NIC,
    FORM_TO_VM,
    FORM_TO_ADDRESS,
    N_FORM_FIELDS
};

struct flow_form {
    struct place place; /* Of the flow as a whole. */
    bool has_from;
    bool has_to;
    struct words fields[N_FORM_FIELDS];
};

/* Returns the path of the field's key, "flows.from.nic", and its name in
 * messages, "from.nic". */
const char *flow_form_path(enum form_field field);
const char *flow_form_name(enum form_field field);

/* Fills the flow and the texts of 'out' from the form; what is wrong is
 * reported, and 'out' is then not to be used. */
void flow_form_read(struct reader *reader, const struct flow_form *form,
                    struct config_flow *out);

#endif
