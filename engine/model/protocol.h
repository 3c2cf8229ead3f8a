/* Protocols as rules and flows name them (spec verdict 2, "Packets and their
 * weight").  Rules know five by name; OTHER stands for all that remain. */

#ifndef ENGINE_MODEL_PROTOCOL_H
#define ENGINE_MODEL_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

enum protocol {
    PROTOCOL_TCP,
    PROTOCOL_UDP,
    PROTOCOL_ICMP,
    PROTOCOL_ESP,
    PROTOCOL_AH,
    PROTOCOL_OTHER,
    N_PROTOCOLS
};

/* Sets of protocols: bit 1 << PROTOCOL_X. */
typedef uint8_t protocol_set;

#define PROTOCOLS_ALL ((protocol_set) 0x3f)
/* Those whose packets have ports: Tcp and Udp. */
#define PROTOCOLS_WITH_PORTS ((protocol_set) 0x03)

/* Reads "Tcp", "Udp", "Icmp", "Esp", "Ah", and "*", "Any" or "All" for every
 * protocol, in any case.  Returns false for any other word. */
bool protocol_set_parse(const char *word, protocol_set *protocols);

/* Returns "Tcp" and so on; OTHER is "Other". */
const char *protocol_name(enum protocol protocol);

#endif
