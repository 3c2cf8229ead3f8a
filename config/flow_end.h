/* One end of a flow: the NIC or virtual machine, addresses, ports. */

#ifndef CONFIG_FLOW_END_H
#define CONFIG_FLOW_END_H

#include "config/setting.h"
#include "engine/model/flow.h"

/* Reads 'nic' or 'vm', of which at most one may be given. */
void flow_end_read_reference(struct reader *reader, const struct words *nic,
                             const struct words *vm, struct flow_end *end);

/* Reads addresses of the NIC itself: single ones, or "*". */
void flow_end_read_own_addresses(struct reader *reader,
                                 const struct words *words,
                                 struct flow_end *end);

/* Reads addresses of whatever is at the other end: address, CIDR, "a-b",
 * tag, "*". */
void flow_end_read_addresses(struct reader *reader, const struct words *words,
                             struct flow_end *end);

/* Returns the ports; all of them if the words are absent (or NULL). */
struct span_set flow_ports_read(struct reader *reader,
                                const struct words *words);

#endif
