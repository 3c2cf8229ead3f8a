#include "engine/model/protocol.h"

#include <stddef.h>

#include "engine/base/ascii.h"

static const struct {
    const char *word;
    protocol_set protocols;
} words[] = {
    { "Tcp", 1U << PROTOCOL_TCP },   { "Udp", 1U << PROTOCOL_UDP },
    { "Icmp", 1U << PROTOCOL_ICMP }, { "Esp", 1U << PROTOCOL_ESP },
    { "Ah", 1U << PROTOCOL_AH },     { "*", PROTOCOLS_ALL },
    { "Any", PROTOCOLS_ALL },        { "All", PROTOCOLS_ALL },
};

bool
protocol_set_parse(const char *word, protocol_set *protocols)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (ascii_equal(words[i].word, word)) {
            *protocols = words[i].protocols;
            return true;
        }
    }
    return false;
}

const char *
protocol_name(enum protocol protocol)
{
    return protocol < PROTOCOL_OTHER ? words[protocol].word : "Other";
}
