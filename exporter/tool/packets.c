#include "exporter/tool/packets.h"

#include <string.h>

#include "engine/base/ascii.h"
#include "engine/base/text.h"
#include "engine/judge/verdict.h"
#include "engine/model/port.h"

enum { DIGITS_MAX = 100, PREFIXES_MAX = 6 };

static void
append_end(struct text *out, struct address address, uint32_t port)
{
    char word[ADDRESS_TEXT_SIZE];
    bool bracket = address.family == FAMILY_IPV6 && port != PORT_NONE;

    address_format(address, word);
    text_printf(out, "%s%s%s", bracket ? "[" : "", word, bracket ? "]" : "");
    if (port != PORT_NONE) {
        text_printf(out, ":%u", port);
    }
}

void
packets_example(struct text *out, const struct packet *packet)
{
    text_printf(out, "%s ", protocol_name(packet->protocol));
    append_end(out, packet->source, packet->source_port);
    text_append(out, " -> ");
    append_end(out, packet->destination, packet->destination_port);
}

static void
append_protocols(struct text *out, protocol_set protocols)
{
    const char *comma = "";

    for (unsigned int i = 0; i < N_PROTOCOLS; i++) {
        if (protocols >> i & 1) {
            text_printf(out, "%s%s", comma, protocol_name((enum protocol) i));
            comma = ",";
        }
    }
}

static void
append_side(struct text *out, enum family family, struct span_set addresses,
            struct span_set ports)
{
    bool all = addresses.n == 1 && !addresses.spans[0].first
               && addresses.spans[0].last == family_max(family);

    if (all) {
        text_append(out, family == FAMILY_IPV4 ? "0.0.0.0/0" : "::/0");
    } else {
        (void) address_spans_format(family, addresses, ",", PREFIXES_MAX, out);
    }
    if (ports.n && ports.spans[0].first != PORT_NONE
        && !port_set_is_full(ports)) {
        text_append(out, " port ");
        port_set_format(ports, out);
    }
}

void
packets_box(struct text *out, const struct box *box, enum family family)
{
    append_protocols(out, box->protocols);
    text_append_char(out, ' ');
    append_side(out, family, box->source.families[family], box->source_ports);
    text_append(out, " -> ");
    append_side(out, family, box->destination.families[family],
                box->destination_ports);
}

/* Writes the decimal digits, the last first. */
static size_t
write_digits(struct wide count, char digits[DIGITS_MAX])
{
    size_t n = 0;

    do {
        uint128 rest = 0;
        for (int i = WIDE_WORDS; i-- > 0;) {
            rest = rest << 64 | count.words[i];
            count.words[i] = (uint64_t) (rest / 10);
            rest %= 10;
        }
        digits[n++] = (char) ('0' + (int) rest);
    } while (!wide_is_zero(count) && n < DIGITS_MAX);
    return n;
}

void
packets_digits(struct text *out, struct wide count)
{
    char digits[DIGITS_MAX];

    for (size_t n = write_digits(count, digits); n-- > 0;) {
        text_append_char(out, digits[n]);
    }
}

void
packets_count(struct text *out, struct wide count)
{
    enum { READABLE = 12 };
    char digits[DIGITS_MAX];
    size_t n = write_digits(count, digits);

    if (n > READABLE) {
        text_printf(out, "about %.2g", wide_to_double(count));
        return;
    }
    while (n-- > 0) {
        text_append_char(out, digits[n]);
        if (n && n % 3 == 0) {
            text_append_char(out, ',');
        }
    }
}

void
packets_rule(struct text *out, const struct policy_rule *rule)
{
    if (!rule) {
        text_append(out, "no rule");
        return;
    }
    if (rule->priority) {
        text_printf(out, "%d ", rule->priority);
    }
    text_append(out, rule->name);
}

void
packets_resource(struct text *out, const char *id)
{
    const char *group = ascii_find(id, "/resourceGroups/");
    const char *name = strrchr(id, '/');

    if (!group || !name) {
        text_append(out, id);
        return;
    }
    group += strlen("/resourceGroups/");
    text_append_bytes(out, group, strcspn(group, "/"));
    text_append(out, name);
}

void
packets_make_safe(struct text *out)
{
    for (size_t i = 0; i < out->length; i++) {
        unsigned char c = (unsigned char) out->data[i];
        bool c1 = c >= 0x80 && c < 0xa0 && i
                  && (unsigned char) out->data[i - 1] == 0xc2;
        if ((c < ' ' && c != '\n') || c == 0x7f) {
            out->data[i] = '?';
        } else if (c1) {
            out->data[i - 1] = '?';
            out->data[i] = '?';
        }
    }
}
