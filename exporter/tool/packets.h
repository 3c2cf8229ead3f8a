/* Packets and sets of them in words, for people and for JSON. */

#ifndef EXPORTER_TOOL_PACKETS_H
#define EXPORTER_TOOL_PACKETS_H

#include "engine/base/wide.h"
#include "engine/compile/policy.h"

struct packet;
struct text;

/* "Tcp 10.0.0.4:1024 -> 10.0.1.4:443" */
void packets_example(struct text *out, const struct packet *packet);

/* "Tcp,Udp 10.0.0.0/8 -> 10.0.1.0/24:443", long lists cut. */
void packets_box(struct text *out, const struct box *box, enum family family);

/* "1,048,576", or "about 1.8e19" for more than a person reads. */
void packets_count(struct text *out, struct wide count);

/* All digits. */
void packets_digits(struct text *out, struct wide count);

/* "100 allow-web (Allow)", "no rule". */
void packets_rule(struct text *out, const struct policy_rule *rule);

/* "rg/name" of an ARM id, or the id itself. */
void packets_resource(struct text *out, const char *id);

/* Replaces what could steer a terminal: names come from others. */
void packets_make_safe(struct text *out);

#endif
