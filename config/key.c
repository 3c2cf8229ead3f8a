#include "config/key.h"

#include <assert.h>
#include <libconfig.h>
#include <string.h>

enum {
    STRING = 1 << CONFIG_TYPE_STRING,
    INTEGER = 1 << CONFIG_TYPE_INT | 1 << CONFIG_TYPE_INT64,
    BOOLEAN = 1 << CONFIG_TYPE_BOOL,
    GROUP = 1 << CONFIG_TYPE_GROUP,
    LIST = 1 << CONFIG_TYPE_LIST,
    ARRAY = 1 << CONFIG_TYPE_ARRAY
};

/* What libconfig may have read for a key of each type, and how messages say
 * that something else was expected. */
static const struct {
    const char *type;
    unsigned int accepted;
    const char *phrase;
} types[] = {
    { "string", STRING, "a string" },
    { "path", STRING, "a path in quotes" },
    { "URL", STRING, "a URL in quotes" },
    { "GUID", STRING, "a GUID in quotes" },
    { "duration", STRING, "a duration in quotes" },
    { "integer", INTEGER, "an integer" },
    { "boolean", BOOLEAN, "a boolean" },
    { "group", GROUP, "a group" },
    { "list of groups", LIST, "a list of groups" },
    { "list of paths", ARRAY | LIST, "a list of paths" },
    { "list of prefixes", ARRAY | LIST, "a list of prefixes" },
    { "addresses", STRING | ARRAY | LIST,
      "an address in quotes or a list of them" },
    { "ports", INTEGER | STRING | ARRAY | LIST, "a port or a list of ports" },
    { "protocols", STRING | ARRAY | LIST,
      "a protocol in quotes or a list of them" },
    { "labels", GROUP, "a group of strings" },
};

/* Every key, a group's own directly behind it.  'standard' is the default and
 * is read by the loader itself. */
static const struct config_key keys[] = {
    { "interval", "duration", "60s",
      "Time from the start of one cycle to the next; 5s or more." },
    { "max_age", "duration", "",
      "Data older than this makes a verdict unknown; ten intervals if not "
      "given." },
    { "source", "group", "",
      "Where rules, NICs and networks are read from. Required." },
    { "source.kind", "string", "", "\"azure\" or \"directory\". Required." },
    { "source.path", "path", "",
      "Folder of JSON files, relative to this file. Required by the kind "
      "\"directory\", and only for it." },
    { "source.cloud", "string", "AzurePublic",
      "AzurePublic, AzureUSGovernment, AzureChina or custom." },
    { "source.arm_endpoint", "URL", "",
      "Resource Manager of a custom cloud; https, or http to a loopback "
      "address." },
    { "source.authority", "URL", "",
      "Token authority of a custom cloud; https, or http to a loopback "
      "address." },
    { "source.audience", "string", "",
      "What tokens of a custom cloud are asked for." },
    { "source.credential", "group", "",
      "How the exporter proves who it is; a secret itself never stands "
      "here. Required by the kind \"azure\"." },
    { "source.credential.kind", "string", "",
      "client_secret, client_certificate, workload_identity, "
      "managed_identity, azure_cli or environment. Required." },
    { "source.credential.tenant_id", "string", "",
      "Tenant, as GUID or domain." },
    { "source.credential.client_id", "string", "",
      "Application, or the user-assigned identity to take." },
    { "source.credential.object_id", "string", "",
      "User-assigned identity, by object id." },
    { "source.credential.resource_id", "string", "",
      "User-assigned identity, by ARM id." },
    { "source.credential.secret_file", "path", "",
      "File that holds the client secret." },
    { "source.credential.certificate_file", "path", "",
      "PEM or PKCS#12 file with certificate and private key." },
    { "source.credential.certificate_password_file", "path", "",
      "File that holds the password of the certificate file." },
    { "source.credential.token_file", "path", "",
      "File that holds the federated token of a workload identity." },
    { "source.credential.algorithm", "string", "PS256",
      "Signature of a client assertion: PS256, or RS256 for AD FS." },
    { "source.ca_file", "path", "",
      "PEM file with extra certificate authorities." },
    { "source.request_timeout", "duration", "30s",
      "How long one request may take." },
    { "source.subscriptions", "list of groups", "",
      "Subscriptions to read; at least one. Required by the kind \"azure\"." },
    { "source.subscriptions.id", "GUID", "",
      "The subscription's id. Required." },
    { "source.subscriptions.alias", "string", "",
      "Short name for metrics and logs; the id if not given." },
    { "source.admin_rules", "string", "required",
      "\"required\": a network whose admin rules cannot be read has unknown "
      "verdicts; \"off\": there are none." },
    { "source.refresh", "group", "",
      "Feeds that are read less often than every cycle." },
    { "source.refresh.service_tags", "duration", "24h",
      "Time between two downloads of the service tags." },
    { "source.refresh.admin_rules", "duration", "5m",
      "Time between two reads of the admin rules." },
    { "network", "group", "", "What Azure's API cannot tell." },
    { "network.on_premises", "list of groups", "",
      "Prefixes behind the gateways of virtual networks." },
    { "network.on_premises.virtual_network", "string", "",
      "ARM id, \"resource-group/name\", or a name that is unique." },
    { "network.on_premises.prefixes", "list of prefixes", "",
      "What is reached through that network's gateway; [ ] is \"nothing\"." },
    { "network.internet_excludes", "list of prefixes", "",
      "IPv4 prefixes outside the tag Internet, in place of the built-in list; "
      "[ ] excludes nothing." },
    { "network.empty_asg", "string", "ignore",
      "A rule that lists an application group without members: \"ignore\" "
      "that group, or \"no_match\" for the whole rule." },
    { "limits", "group", "", "Upper limits." },
    { "limits.flows", "integer", "20000", "The most flows of all files." },
    { "limits.label_length", "integer", "128",
      "Characters after which a label value is cut." },
    { "metrics", "group", "", "Metric families that can be switched off." },
    { "metrics.layer_denies", "boolean", "true",
      "Whether flowverify_flow_layer_denies is served." },
    { "metrics.decision_priority", "boolean", "true",
      "Whether flowverify_flow_decision_priority is served." },
    { "metrics.changes", "boolean", "true",
      "Whether the counters of verdict and decision changes are served." },
    { "flows_files", "list of paths", "",
      "Files and patterns whose flows are added; relative to this file." },
    { "flows", "list of groups", "", "The flows to verify." },
    { "flows.name", "string", "",
      "1 to 128 letters, digits and the signs _ . : / and -. Unique, and "
      "required." },
    { "flows.description", "string", "", "A sentence for people." },
    { "flows.nic", "string", "",
      "NIC: ARM id, \"resource-group/name\", or a name that is unique. This, "
      "vm, or from and to are required." },
    { "flows.vm", "string", "", "Virtual machine, in place of nic." },
    { "flows.direction", "string", "",
      "Inbound or Outbound. Required with nic or vm." },
    { "flows.protocol", "protocols", "",
      "Tcp, Udp, Icmp, Esp, Ah, a list of them, or \"*\". Required." },
    { "flows.local_address", "addresses", "",
      "The NIC's primary address if not given; single addresses or \"*\"." },
    { "flows.local_port", "ports", "",
      "Number, \"80,443\", \"8000-8100\", \"*\" or a list; \"*\" if Outbound "
      "and not given." },
    { "flows.remote_address", "addresses", "",
      "Address, CIDR, \"a-b\", service tag, \"*\" or a list. Required with "
      "nic or vm." },
    { "flows.remote_port", "ports", "",
      "Like local_port; \"*\" if Inbound and not given." },
    { "flows.from", "group", "", "Source end of a two-sided flow." },
    { "flows.from.nic", "string", "", "Like nic." },
    { "flows.from.vm", "string", "", "Like vm." },
    { "flows.from.address", "addresses", "",
      "Beside nic or vm like local_address, alone like remote_address." },
    { "flows.to", "group", "", "Destination end of a two-sided flow." },
    { "flows.to.nic", "string", "", "Like nic." },
    { "flows.to.vm", "string", "", "Like vm." },
    { "flows.to.address", "addresses", "", "Like from.address." },
    { "flows.port", "ports", "",
      "Destination port of a flow with from and to. Required for Tcp and "
      "Udp." },
    { "flows.source_port", "ports", "",
      "Source port of a flow with from and to; \"*\" if not given." },
    { "flows.expect", "string", "allow", "allow or deny." },
    { "flows.labels", "labels", "",
      "Own labels for flowverify_flow_info, as label_NAME." },
};

static size_t find_type(const struct config_key *key);

enum { N_KEYS = sizeof keys / sizeof *keys };

size_t
config_keys(const struct config_key **table)
{
    *table = keys;
    return N_KEYS;
}

struct key_range
key_range_of(const char *path)
{
    size_t length = strlen(path);
    size_t first = 0;

    if (!length) {
        return (struct key_range){ keys, N_KEYS, 0 };
    }
    while (first < N_KEYS
           && (strncmp(keys[first].path, path, length) != 0
               || keys[first].path[length] != '.')) {
        first++;
    }
    size_t last = first;
    while (last < N_KEYS && !strncmp(keys[last].path, path, length)
           && keys[last].path[length] == '.') {
        last++;
    }
    return (struct key_range){ keys + first, last - first, length + 1 };
}

const struct config_key *
key_find(struct key_range range, const char *name)
{
    for (size_t i = 0; i < range.n; i++) {
        if (!strcmp(range.first[i].path + range.prefix, name)) {
            return &range.first[i];
        }
    }
    return NULL;
}

const struct config_key *
key_at(const char *path)
{
    const struct config_key *key = key_find(key_range_of(""), path);

    assert(key);
    return key;
}

const char *
key_name(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot ? dot + 1 : path;
}

bool
key_accepts(const struct config_key *key, int type, int length)
{
    unsigned int accepted = types[find_type(key)].accepted;

    /* "[ ]" and "( )" are the same nothing. */
    return (accepted & 1U << type)
           || (type == CONFIG_TYPE_ARRAY && length == 0 && accepted & LIST);
}

const char *
key_phrase(const struct config_key *key)
{
    return types[find_type(key)].phrase;
}

static size_t
find_type(const struct config_key *key)
{
    size_t i = 0;

    while (strcmp(types[i].type, key->type) != 0) {
        i++;
        assert(i < sizeof types / sizeof *types);
    }
    return i;
}
