#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "packaging/man/pages.h"
#include "packaging/man/roff.h"

static const char first_flows[] =
    "source = {\n"
    "  kind = \"azure\";\n"
    "  credential = { kind = \"managed_identity\"; };\n"
    "  subscriptions = (\n"
    "    { id = \"11111111-2222-3333-4444-555555555555\"; }\n"
    "  );\n"
    "};\n"
    "flows = (\n"
    "  { name = \"web-to-db\";\n"
    "    nic = \"rg-web/nic-web-01\"; direction = \"Outbound\";\n"
    "    protocol = \"Tcp\";\n"
    "    remote_address = \"10.0.2.5\"; remote_port = 1433; },\n"
    "  { name = \"no-rdp-from-internet\";\n"
    "    vm = \"rg-web/vm-web-01\"; direction = \"Inbound\";\n"
    "    protocol = \"Tcp\"; local_port = 3389;\n"
    "    remote_address = \"Internet\"; expect = \"deny\"; }\n"
    ");\n";

static const char two_sided[] = "{ name = \"web-to-db-both-ends\";\n"
                                "  from = { vm = \"rg-web/vm-web-01\"; };\n"
                                "  to = { nic = \"rg-db/nic-db-01\"; };\n"
                                "  protocol = \"Tcp\"; port = 1433; }\n";

static const char several_subscriptions[] =
    "source = {\n"
    "  kind = \"azure\";\n"
    "  credential = {\n"
    "    kind = \"client_secret\";\n"
    "    tenant_id = \"contoso.onmicrosoft.com\";\n"
    "    client_id = \"22222222-3333-4444-5555-666666666666\";\n"
    "    secret_file = \"/run/secrets/flowverify\";\n"
    "  };\n"
    "  subscriptions = (\n"
    "    { id = \"11111111-2222-3333-4444-555555555555\"; alias = \"prod\"; "
    "},\n"
    "    { id = \"11111111-2222-3333-4444-666666666666\"; alias = \"test\"; "
    "}\n"
    "  );\n"
    "};\n";

static const char save_estate[] =
    "mkdir estate && cd estate\n"
    "az network nsg list -o json > nsg.json\n"
    "az network nic list -o json > nic.json\n"
    "az network vnet list -o json > vnet.json\n"
    "az network asg list -o json > asg.json\n"
    "az network route-table list -o json > route-table.json\n"
    "az network list-service-tags -l westeurope -o json > tags.json\n";

static const char small_group[] =
    "[ { \"name\": \"nsg-web\",\n"
    "    \"type\": \"Microsoft.Network/networkSecurityGroups\",\n"
    "    \"id\": \"/subscriptions/11111111-2222-3333-4444-555555555555"
    "/...\",\n"
    "    \"securityRules\": [\n"
    "      { \"name\": \"AllowHttps\", \"priority\": 100,\n"
    "        \"direction\": \"Inbound\", \"access\": \"Allow\",\n"
    "        \"protocol\": \"Tcp\",\n"
    "        \"sourceAddressPrefix\": \"Internet\",\n"
    "        \"sourcePortRange\": \"*\",\n"
    "        \"destinationAddressPrefix\": \"*\",\n"
    "        \"destinationPortRange\": \"443\" } ] } ]\n";

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

static void
describe_internet(struct text *out)
{
    roff_paragraph(
        out, "The tag _Internet_ holds one address that is in the tag "
             "_VirtualNetwork_ as well: 168.63.129.16, Azure's platform. "
             "Where nothing but the rules that Azure adds to each group "
             "stands between, AllowVnetInBound lets that one address in, and "
             "a flow from _Internet_ that should be denied is *partial*. A "
             "rule that denies the port from _Internet_ makes it *deny*. To "
             "leave the address out of the question, list what is outside "
             "the Internet yourself in *network.internet_excludes*, and that "
             "address with it.");
}

/* Which keys each kind takes, as config/credential_setting.c checks it. */
static void
describe_credentials(struct text *out)
{
    static const struct {
        const char *kind;
        const char *keys;
    } credentials[] = {
        { "*managed_identity*",
          "The identity of the machine; it needs no further key. Of several, "
          "one of _client_id_, _object_id_ and _resource_id_ chooses." },
        { "*workload_identity*",
          "The identity of a pod. _tenant_id_, _client_id_ and _token_file_ "
          "come from AZURE_TENANT_ID, AZURE_CLIENT_ID and "
          "AZURE_FEDERATED_TOKEN_FILE where they are absent." },
        { "*client_certificate*",
          "_tenant_id_, _client_id_ and _certificate_file_ are needed; "
          "_certificate_password_file_ and _algorithm_ may be given." },
        { "*client_secret*",
          "_tenant_id_, _client_id_ and _secret_file_ are needed." },
        { "*azure_cli*",
          "What \"az login\" left behind; _tenant_id_ may be given." },
        { "*environment*", "Everything from AZURE_* variables; no key." },
    };

    roff_section(out, "AZURE AS THE SOURCE");
    roff_paragraph(
        out, "*source.credential.kind* says how the exporter proves who it "
             "is. The identity needs the role Reader at each subscription. "
             "The keys beside _kind_ depend on it:");
    for (size_t i = 0; i < sizeof credentials / sizeof *credentials; i++) {
        roff_item(out, credentials[i].kind, credentials[i].keys);
    }
    roff_paragraph(out, "For example, two subscriptions and a secret, which "
                        "stands in a file of its own:");
    roff_example(out, several_subscriptions);
}

static void
describe_folder(struct text *out)
{
    roff_section(out, "A FOLDER AS THE SOURCE");
    roff_paragraph(
        out, "*source = { kind = \"directory\"; path = \"estate\"; };* reads "
             "every _*.json_ below that folder, whatever its name, and reads "
             "it again when it changes. No other key of *source* is needed. "
             "*flowverify snapshot* writes such a folder, and so do these "
             "lines:");
    roff_example(out, save_estate);
    roff_paragraph(
        out, "A file holds a list as _az_ prints it, an answer of Azure's "
             "API, or a single resource; _type_, or the _id_, tells what it "
             "is. What you write by hand needs no more than this, with whole "
             "ids:");
    roff_example(out, small_group);
    roff_paragraph(
        out, "A network needs _id_, _addressSpace.addressPrefixes_, and "
             "_subnets_ with _id_, _addressPrefix_ and "
             "_networkSecurityGroup.id_. A NIC needs _id_ and "
             "_ipConfigurations_ with _privateIPAddress_, _primary_ and "
             "_subnet.id_; _networkSecurityGroup.id_ if it has a group of "
             "its own, _virtualMachine.id_ if flows name the machine.");
    roff_paragraph(
        out, "The folder is the whole truth: a NIC that it does not hold does "
             "not exist. A network or a group that is named by id but is not "
             "there is missing data, and makes verdicts *unknown*.");
    roff_paragraph(
        out, "Admin rules of a network are one object with the members "
             "\"virtualNetwork\": {\"id\": ...} and \"value\", the list that "
             "_az network manager list-effective-security-admin-rule_ "
             "prints. A network without such a file has no admin rules.");
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
             "*//* or *#*. Entries of a list are parted by commas; there is "
             "none behind the last.");
    roff_paragraph(
        out, "*flowverify check-config* _FILE_ prints every error with file "
             "and line, and warns of what is doubtful in a good one, such as "
             "a file that cannot be read. Keys that are not listed here are "
             "errors. "
             "*flowverify run --config.file=FILE* judges the flows once; "
             "a running *flowverify_exporter* reads the file again at "
             "SIGHUP.");
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
    describe_internet(out);
    describe_credentials(out);
    describe_folder(out);
    roff_section(out, "FLOWS IN SEVERAL FILES");
    roff_example(out, "flows_files = [ \"flows.d/*.cfg\" ];\n");
    roff_paragraph(out, "adds the flows of other files, one for each team "
                        "perhaps. Such a file holds a list *flows* and "
                        "nothing else. A pattern may match nothing, a file "
                        "that is named must exist.");
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
