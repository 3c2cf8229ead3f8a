#include "config/flow_text.h"

#include <string.h>

#include "config/flow_form.h"
#include "config/strings.h"
#include "engine/base/text.h"
#include "engine/model/port.h"

static const char *protocol_text(struct reader *reader,
                                 const struct words *words,
                                 const struct flow *flow);
static const char *end_text(struct reader *reader, const struct words *words,
                            const struct flow_end *end);
static const char *port_text(struct reader *reader, const struct flow *flow,
                             struct span_set ports);
static const char *reference(const struct flow_end *end);

void
flow_text_fill(struct reader *reader, const struct flow_form *form,
               struct config_flow *out)
{
    const struct words *words = form->fields;
    const struct flow *flow = &out->flow;
    bool two_sided = form->has_from || form->has_to;
    bool inbound = !two_sided && out->direction == FLOW_INBOUND;
    const char *source = reference(&flow->source);
    const char *destination = reference(&flow->destination);

    out->protocol_text = protocol_text(reader, &words[FORM_PROTOCOL], flow);
    out->source_text = end_text(reader,
                                &words[two_sided ? FORM_FROM_ADDRESS
                                       : inbound ? FORM_REMOTE_ADDRESS
                                                 : FORM_LOCAL_ADDRESS],
                                &flow->source);
    out->destination_text = end_text(reader,
                                     &words[two_sided ? FORM_TO_ADDRESS
                                            : inbound ? FORM_LOCAL_ADDRESS
                                                      : FORM_REMOTE_ADDRESS],
                                     &flow->destination);
    out->source_port_text = port_text(reader, flow, flow->source.ports);
    out->destination_port_text =
        port_text(reader, flow, flow->destination.ports);
    if (*source && *destination) {
        struct text both;
        text_init(&both);
        text_printf(&both, "%s -> %s", source, destination);
        out->nic_text = strings_share(reader->strings, both.data);
        text_clear(&both);
    } else {
        out->nic_text = *source ? source : destination;
    }
}

/* The protocols as configured, in one order and spelling. */
static const char *
protocol_text(struct reader *reader, const struct words *words,
              const struct flow *flow)
{
    struct text text;

    for (size_t i = 0; i < words->n; i++) {
        if (!strcmp(words->list[i].text, "*")) {
            return "*";
        }
    }
    text_init(&text);
    for (int i = 0; i < N_PROTOCOLS; i++) {
        if (flow->protocols & 1U << i) {
            text_append(&text, text.length ? "," : "");
            text_append(&text, protocol_name((enum protocol) i));
        }
    }
    const char *shared = strings_share(reader->strings, text.data);
    text_clear(&text);
    return shared;
}

/* The addresses as configured, or the NIC that stands for its primary one. */
static const char *
end_text(struct reader *reader, const struct words *words,
         const struct flow_end *end)
{
    struct text text;

    if (!words->given) {
        return reference(end);
    }
    text_init(&text);
    for (size_t i = 0; i < words->n; i++) {
        text_append(&text, i ? "," : "");
        text_append(&text, words->list[i].text);
    }
    const char *shared = strings_share(reader->strings, text.data);
    text_clear(&text);
    return shared;
}

/* Nothing is to be said of the ports of Icmp, Esp and Ah. */
static const char *
port_text(struct reader *reader, const struct flow *flow,
          struct span_set ports)
{
    struct text text;

    if (!(flow->protocols & PROTOCOLS_WITH_PORTS)) {
        return "";
    }
    text_init(&text);
    port_set_format(ports, &text);
    const char *shared = strings_share(reader->strings, text.data);
    text_clear(&text);
    return shared;
}

static const char *
reference(const struct flow_end *end)
{
    return end->nic ? end->nic : end->vm ? end->vm : "";
}
