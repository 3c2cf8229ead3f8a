#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "packaging/man/pages.h"
#include "packaging/man/roff.h"

static const char first_flows[] =
    "interval = \"60s\";\n"
    "source = {\n"
    "  kind = \"azure\";\n"
    "  credential = { kind = \"managed_identity\"; };\n"
    "  subscriptions = (\n"
    "    { id = \"11111111-2222-3333-4444-555555555555\"; alias = \"prod\"; "
    "}\n"
    "  );\n"
    "};\n"
    "flows = (\n"
    "  { name = \"web-to-db\";\n"
    "    nic = \"rg-web/nic-web-01\"; direction = \"Outbound\";\n"
    "    protocol = \"Tcp\"; remote_address = \"10.0.2.5\"; remote_port = "
    "1433; },\n"
    "  { name = \"no-rdp-from-internet\";\n"
    "    vm = \"rg-web/vm-web-01\"; direction = \"Inbound\";\n"
    "    protocol = \"Tcp\"; local_port = 3389; remote_address = "
    "\"Internet\";\n"
    "    expect = \"deny\"; }\n"
    ");\n";

static const char two_sided[] = "{ name = \"web-to-db-both-ends\";\n"
                                "  from = { vm = \"rg-web/vm-web-01\"; };\n"
                                "  to = { nic = \"rg-db/nic-db-01\"; };\n"
                                "  protocol = \"Tcp\"; port = 1433; }\n";

static void
describe_words(struct text *out)
{
    static const struct {
        const char *term;
        const char *text;
    } words[] = {
        { "names of NICs, virtual machines and networks",
          "The ARM id, \"resource-group/name\", or a name that is unique in "
          "what was read. Case does not matter." },
        { "addresses",
          "An address, a CIDR, \"first-last\", a service tag (\"Internet\", "
          "\"VirtualNetwork\", \"Storage.WestEurope\"), \"*\", or a list of "
          "them: [ \"10.0.0.0/8\", \"Internet\" ]. A local address is a "
          "single address of the NIC, a list of such, or \"*\" for all of "
          "them; the default is the NIC's primary address." },
        { "ports",
          "A number, \"80,443\", \"8000-8100\", \"*\", or a list. The "
          "port at the source side defaults to \"*\"; the port at "
          "the destination side must be given for Tcp and Udp. "
          "Icmp, Esp and Ah have none." },
        { "durations", "As in Prometheus: 30s, 5m, 1h30m." },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        roff_item(out, words[i].term, words[i].text);
    }
}

static void
describe_keys(struct text *out)
{
    const struct config_key *keys;
    size_t n = config_keys(&keys);
    struct text term;
    struct text about;

    text_init(&term);
    text_init(&about);
    for (size_t i = 0; i < n; i++) {
        text_reset(&term);
        text_reset(&about);
        text_printf(&term, "*%s* (%s)", keys[i].path, keys[i].type);
        text_append(&about, keys[i].help);
        if (*keys[i].standard) {
            text_printf(&about, " Default: %s.", keys[i].standard);
        }
        roff_item(out, term.data, about.data);
    }
    text_clear(&term);
    text_clear(&about);
}

void
page_config(struct text *out)
{
    roff_page(out, "flowverify.cfg", "5",
              "configuration of flowverify_exporter and flowverify");
    roff_section(out, "DESCRIPTION");
    roff_paragraph(
        out, "The configuration says where the network's rules are read from "
             "and which flows are judged. It is written in the language of "
             "libconfig: *name = value;*, groups in *{ }*, lists in *( )*, "
             "arrays in *[ ]*, strings in double quotes, comments behind "
             "*//* or *#*.");
    roff_paragraph(
        out, "*flowverify check-config* _FILE_ prints every error with file "
             "and line. Keys that are not listed here are errors.");
    roff_section(out, "A FIRST CONFIGURATION");
    roff_paragraph(out, "Two flows, one that must be allowed and one that "
                        "must not:");
    roff_example(out, first_flows);
    roff_paragraph(
        out, "A flow is seen from one network interface. *Outbound*: the "
             "interface sends, so its own side is *local_address* and "
             "*local_port*, and it is the source. *Inbound*: it receives, its "
             "own side is the destination, and *local_port* is the port that "
             "is served. *expect* says what you want the verdict to be; the "
             "alert fires when it is something else.");
    roff_paragraph(out, "A two-sided flow names both interfaces and is judged "
                        "at both, outbound and inbound:");
    roff_example(out, two_sided);
    roff_section(out, "WORDS");
    describe_words(out);
    roff_section(out, "KEYS");
    roff_paragraph(out, "A dot leads into a group: *source.kind* is the key "
                        "_kind_ of the group _source_. *flows.name* is the "
                        "key _name_ of each entry of the list _flows_.");
    describe_keys(out);
    roff_section(out, "SECRETS");
    roff_paragraph(out, "A secret is never in this file. Name a file that "
                        "holds it, or hand it over in the environment.");
    roff_section(out, "SEE ALSO");
    roff_paragraph(out, "*flowverify*(1), *flowverify_exporter*(8)");
}
