/* How flow_info shows a flow (spec metrics). */

#ifndef CONFIG_FLOW_TEXT_H
#define CONFIG_FLOW_TEXT_H

struct config_flow;
struct flow_form;
struct reader;

/* Fills the '_text' members of 'out', whose other members are read. */
void flow_text_fill(struct reader *reader, const struct flow_form *form,
                    struct config_flow *out);

#endif
