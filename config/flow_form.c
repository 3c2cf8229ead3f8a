#include "config/flow_form.h"

#include <string.h>

#include "config/flow_end.h"
#include "config/flow_text.h"
#include "engine/base/arena.h"
#include "engine/model/port.h"

/* Which of the two ways to write a flow a field belongs to. */
enum shape { SHAPE_ONE_SIDED, SHAPE_TWO_SIDED, SHAPE_ANY };

static const struct {
    const char *path;
    enum shape shape;
} fields[N_FORM_FIELDS] = {
    [FORM_NIC] = { "flows.nic", SHAPE_ONE_SIDED },
    [FORM_VM] = { "flows.vm", SHAPE_ONE_SIDED },
    [FORM_DIRECTION] = { "flows.direction", SHAPE_ONE_SIDED },
    [FORM_LOCAL_ADDRESS] = { "flows.local_address", SHAPE_ONE_SIDED },
    [FORM_LOCAL_PORT] = { "flows.local_port", SHAPE_ONE_SIDED },
    [FORM_REMOTE_ADDRESS] = { "flows.remote_address", SHAPE_ONE_SIDED },
    [FORM_REMOTE_PORT] = { "flows.remote_port", SHAPE_ONE_SIDED },
    [FORM_FROM_NIC] = { "flows.from.nic", SHAPE_ANY },
    [FORM_FROM_VM] = { "flows.from.vm", SHAPE_ANY },
    [FORM_FROM_ADDRESS] = { "flows.from.address", SHAPE_ANY },
    [FORM_TO_NIC] = { "flows.to.nic", SHAPE_ANY },
    [FORM_TO_VM] = { "flows.to.vm", SHAPE_ANY },
    [FORM_TO_ADDRESS] = { "flows.to.address", SHAPE_ANY },
    [FORM_PORT] = { "flows.port", SHAPE_TWO_SIDED },
    [FORM_SOURCE_PORT] = { "flows.source_port", SHAPE_TWO_SIDED },
    [FORM_PROTOCOL] = { "flows.protocol", SHAPE_ANY },
};

/* The words of each role, whichever way the flow is written. */
struct roles {
    const struct words *source_port;
    const struct words *destination_port; /* NULL: the direction is wrong. */
};

static void check_shape(struct reader *reader, const struct flow_form *form,
                        bool two_sided);
static struct roles read_ends(struct reader *reader,
                              const struct flow_form *form,
                              struct config_flow *out);
static struct roles read_two_sided(struct reader *reader,
                                   const struct flow_form *form,
                                   struct config_flow *out);
static void read_protocols(struct reader *reader, const struct flow_form *form,
                           const struct roles *roles, struct config_flow *out);

const char *
flow_form_path(enum form_field field)
{
    return fields[field].path;
}

const char *
flow_form_name(enum form_field field)
{
    return fields[field].path + strlen("flows.");
}

void
flow_form_read(struct reader *reader, const struct flow_form *form,
               struct config_flow *out)
{
    bool two_sided = form->has_from || form->has_to;

    check_shape(reader, form, two_sided);
    struct roles roles = two_sided ? read_two_sided(reader, form, out)
                                   : read_ends(reader, form, out);
    out->flow.source.ports = flow_ports_read(reader, roles.source_port);
    out->flow.destination.ports =
        flow_ports_read(reader, roles.destination_port);
    read_protocols(reader, form, &roles, out);
    flow_text_fill(reader, form, out);
}

static void
check_shape(struct reader *reader, const struct flow_form *form,
            bool two_sided)
{
    enum shape wrong = two_sided ? SHAPE_ONE_SIDED : SHAPE_TWO_SIDED;

    for (int i = 0; i < N_FORM_FIELDS; i++) {
        if (form->fields[i].given && fields[i].shape == wrong) {
            reader_problem(reader, form->fields[i].place,
                           two_sided ? "%s does not go with from and to"
                                     : "%s needs from and to",
                           flow_form_name((enum form_field) i));
        }
    }
}

/* Reads the direction; false after reporting that there is none. */
static bool
read_direction(struct reader *reader, const struct flow_form *form,
               bool *inbound)
{
    const struct words *words = &form->fields[FORM_DIRECTION];

    if (!words->given) {
        reader_problem(reader, form->place, "direction is missing");
        return false;
    }
    if (words->bad) {
        return false;
    }
    enum direction direction = direction_parse(words->list[0].text);
    if (direction == DIRECTION_UNKNOWN) {
        reader_problem(reader, words->place,
                       "direction: \"%s\" is not \"Inbound\" or \"Outbound\"",
                       words->list[0].text);
        return false;
    }
    *inbound = direction == DIRECTION_INBOUND;
    return true;
}

/* Reads the ends of a flow that is judged at one NIC. */
static struct roles
read_ends(struct reader *reader, const struct flow_form *form,
          struct config_flow *out)
{
    const struct words *words = form->fields;
    struct flow_end local = { .nic = NULL };
    struct flow_end remote = { .nic = NULL };
    bool inbound = false;
    bool known = read_direction(reader, form, &inbound);

    if (!words[FORM_NIC].given && !words[FORM_VM].given) {
        reader_problem(reader, form->place, "nic or vm is missing");
    }
    flow_end_read_reference(reader, &words[FORM_NIC], &words[FORM_VM], &local);
    flow_end_read_own_addresses(reader, &words[FORM_LOCAL_ADDRESS], &local);
    if (!words[FORM_REMOTE_ADDRESS].given) {
        reader_problem(reader, form->place,
                       "remote_address is missing (\"*\" is any)");
    }
    flow_end_read_addresses(reader, &words[FORM_REMOTE_ADDRESS], &remote);
    out->flow.source = inbound ? remote : local;
    out->flow.destination = inbound ? local : remote;
    out->direction = inbound ? FLOW_INBOUND : FLOW_OUTBOUND;
    if (!known) {
        /* Both are still checked; which one must be given is not known. */
        (void) flow_ports_read(reader, &words[FORM_LOCAL_PORT]);
        return (struct roles){ &words[FORM_REMOTE_PORT], NULL };
    }
    return (struct roles){
        &words[inbound ? FORM_REMOTE_PORT : FORM_LOCAL_PORT],
        &words[inbound ? FORM_LOCAL_PORT : FORM_REMOTE_PORT],
    };
}

/* Reads 'from' or 'to', whose three fields begin at 'nic'. */
static void
read_end(struct reader *reader, const struct flow_form *form, bool given,
         enum form_field nic, const char *name, struct flow_end *end)
{
    const struct words *words = form->fields + nic;
    const struct words *address = words + 2;

    if (!given) {
        reader_problem(reader, form->place, "%s is missing", name);
        return;
    }
    if (words->bad) {
        return;
    }
    flow_end_read_reference(reader, words, words + 1, end);
    if (words[0].given || words[1].given) {
        flow_end_read_own_addresses(reader, address, end);
    } else if (address->given) {
        flow_end_read_addresses(reader, address, end);
    } else {
        reader_problem(reader, form->place, "%s needs nic, vm or address",
                       name);
    }
}

static struct roles
read_two_sided(struct reader *reader, const struct flow_form *form,
               struct config_flow *out)
{
    const struct words *words = form->fields;

    read_end(reader, form, form->has_from, FORM_FROM_NIC, "from",
             &out->flow.source);
    read_end(reader, form, form->has_to, FORM_TO_NIC, "to",
             &out->flow.destination);
    bool from_judged = words[FORM_FROM_NIC].given || words[FORM_FROM_VM].given;
    bool to_judged = words[FORM_TO_NIC].given || words[FORM_TO_VM].given;
    if (words[FORM_FROM_ADDRESS].given && words[FORM_TO_ADDRESS].given
        && !from_judged && !to_judged) {
        reader_problem(reader, form->place,
                       "from or to needs a nic or a vm, two addresses cannot "
                       "be judged");
    }
    out->direction = !to_judged     ? FLOW_OUTBOUND
                     : !from_judged ? FLOW_INBOUND
                                    : FLOW_BOTH;
    return (struct roles){ &words[FORM_SOURCE_PORT], &words[FORM_PORT] };
}

/* What the words of 'protocol' name. */
struct named {
    protocol_set with_ports;    /* Tcp and Udp. */
    protocol_set without_ports; /* Icmp, Esp, Ah. */
    bool star;
    const char *portless; /* The first of those, for messages. */
};

/* Returns false after reporting a word that is no protocol. */
static bool
read_protocol_words(struct reader *reader, const struct words *words,
                    struct named *named)
{
    bool good = true;

    for (size_t i = 0; i < words->n; i++) {
        const char *word = words->list[i].text;
        protocol_set set;
        if (!strcmp(word, "*")) {
            named->star = true;
        } else if (!protocol_set_parse(word, &set) || set == PROTOCOLS_ALL) {
            reader_problem(reader, words->place,
                           "protocol: \"%s\" is not Tcp, Udp, Icmp, Esp, Ah "
                           "or \"*\"",
                           word);
            good = false;
        } else if (set & PROTOCOLS_WITH_PORTS) {
            named->with_ports |= set;
        } else {
            named->without_ports |= set;
            named->portless = named->portless ? named->portless : word;
        }
    }
    return good;
}

/* Reports a port that was given to a protocol without ports. */
static bool
check_portless(struct reader *reader, const struct roles *roles,
               const struct named *named)
{
    const struct words *ports[] = { roles->source_port,
                                    roles->destination_port };
    bool good = true;

    for (size_t i = 0; i < 2; i++) {
        if (named->without_ports && ports[i] && ports[i]->given) {
            reader_problem(reader, ports[i]->place,
                           "%s: protocol %s has no ports, leave it out",
                           ports[i]->key, named->portless);
            good = false;
        }
    }
    return good;
}

static void
read_protocols(struct reader *reader, const struct flow_form *form,
               const struct roles *roles, struct config_flow *out)
{
    const struct words *words = &form->fields[FORM_PROTOCOL];
    const struct words *port = roles->destination_port;
    struct named named = { .portless = NULL };

    if (!words->given) {
        reader_problem(reader, form->place, "protocol is missing");
        return;
    }
    if (words->bad) {
        return;
    }
    if (!words->n) {
        reader_problem(reader, words->place, "protocol: the list is empty");
        return;
    }
    if (!read_protocol_words(reader, words, &named)
        || !check_portless(reader, roles, &named)) {
        return;
    }
    if (named.star) {
        /* Spec verdict 2: '*' is all six only if both ports are '*'. */
        bool all = port_set_is_full(out->flow.source.ports)
                   && port_set_is_full(out->flow.destination.ports);
        out->flow.protocols = all ? PROTOCOLS_ALL : PROTOCOLS_WITH_PORTS;
        return;
    }
    if (named.with_ports && named.without_ports) {
        reader_problem(reader, words->place,
                       "protocol: Tcp and Udp need a port, which %s cannot "
                       "have; write two flows, or \"*\"",
                       named.portless);
    } else if (named.with_ports && port && !port->given) {
        reader_problem(reader, form->place, "%s is missing (\"*\" is any)",
                       port->key);
    }
    out->flow.protocols =
        (protocol_set) (named.with_ports | named.without_ports);
}
