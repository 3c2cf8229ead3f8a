/* flowverify verify: one flow from the command line, with the arguments of
 * Azure's test-ip-flow. */

#include <string.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/judge/explain.h"
#include "exporter/cycle_flow.h"
#include "exporter/options.h"
#include "exporter/render/json.h"
#include "exporter/render/table.h"
#include "exporter/snapshot.h"
#include "exporter/tool/collect.h"
#include "exporter/tool/tool.h"

struct verify_options {
    struct collect_options collect;
    struct config_flow_words words; /* Without the ends. */
    const char *local;
    const char *remote;
    const char *output;
    bool help;
};

#define MEMBER(name) offsetof(struct verify_options, name)

static const struct option flags[] = {
    { "config.file", OPTION_WORD, "F", NULL,
      "Configuration with the source; the default file if there is no "
      "--source either.",
      MEMBER(collect.config_file) },
    { "source", OPTION_WORD, "DIR", NULL,
      "Read this folder instead of the configuration's source.",
      MEMBER(collect.dir) },
    { "nic", OPTION_WORD, "N", NULL,
      "Network interface: ARM id, resource-group/name, or a unique name.",
      MEMBER(words.nic) },
    { "vm", OPTION_WORD, "V", NULL, "Virtual machine, named likewise.",
      MEMBER(words.vm) },
    { "direction", OPTION_WORD, "D", NULL, "Inbound or Outbound.",
      MEMBER(words.direction) },
    { "protocol", OPTION_WORD, "P", NULL,
      "Tcp, Udp, Icmp, Esp, Ah or *; Tcp,Udp for a list.",
      MEMBER(words.protocol) },
    { "local", OPTION_WORD, "IP:PORT", NULL,
      "The NIC's end; * for all addresses or ports, [::1]:80 for IPv6.",
      MEMBER(local) },
    { "remote", OPTION_WORD, "IP:PORT", NULL,
      "The other end; a CIDR or a service tag may stand for the address.",
      MEMBER(remote) },
    { "output", OPTION_WORD, "FORMAT", "text", "text or json.",
      MEMBER(output) },
    { "help", OPTION_SWITCH, NULL, NULL, "Print this help and exit.",
      MEMBER(help) },
};

const struct option_table tool_verify_flags = {
    .usage = "flowverify verify --config.file=F (--nic=N|--vm=V) "
             "--direction=D\n         --protocol=P --local=IP:PORT "
             "--remote=IP:PORT [FLAGS]",
    .about = "Judges one flow. Exit code 0: allow; 1: deny or partial; "
             "2: unknown; 3: could not run.",
    .options = flags,
    .n = sizeof flags / sizeof *flags,
};

static bool take_apart(struct arena *arena, const char *flag, const char *end,
                       const char **address, const char **port,
                       struct error *error);
static bool read_flow(const struct verify_options *options,
                      struct arena *arena, struct config_flow *flow,
                      struct error *error);
static int judge(struct collected *collected, const struct config_flow *flow,
                 bool json);
static void append_answer(struct text *out, const struct verdict *verdict,
                          const struct explanation *explanation);

int
tool_verify(int argc, char *argv[])
{
    struct verify_options options = { .help = false };
    struct collected collected = { .config = NULL };
    struct config_flow flow;
    struct error error;
    size_t n_operands;
    bool json;
    int code;

    if (!tool_parse(&tool_verify_flags, argc, argv, &options, &options.help,
                    &n_operands, &code)) {
        return code;
    }
    if (n_operands) {
        return tool_fail("verify: unexpected argument '%s'", argv[1]);
    }
    if (!tool_parse_output(options.output, "text", &json)) {
        return tool_fail("verify: --output: '%s' is not text or json",
                         options.output);
    }
    if (!options.collect.config_file && !options.collect.dir) {
        options.collect.config_file = "/etc/flowverify/flowverify.cfg";
    }
    struct arena *arena = arena_create();
    if (!read_flow(&options, arena, &flow, &error)) {
        code = tool_fail("verify: %s", error.message);
    } else {
        options.collect.flow = &flow;
        code = collect(&options.collect, &collected)
                   ? judge(&collected, &flow, json)
                   : TOOL_FAILED;
        collected_clear(&collected);
    }
    arena_unref(arena);
    return code;
}

static bool
read_flow(const struct verify_options *options, struct arena *arena,
          struct config_flow *flow, struct error *error)
{
    struct config_flow_words words = options->words;

    if (!take_apart(arena, "local", options->local, &words.local_address,
                    &words.local_port, error)
        || !take_apart(arena, "remote", options->remote, &words.remote_address,
                       &words.remote_port, error)) {
        return false;
    }
    if (config_flow_from_words(&words, arena, flow, error)) {
        return true;
    }
    /* The configuration's word for what stands in one flag here. */
    if (ascii_starts_with(error->message, "local_")) {
        return error_prefix(error, "--local=%s", options->local);
    }
    if (ascii_starts_with(error->message, "remote_")) {
        return error_prefix(error, "--remote=%s", options->remote);
    }
    return false;
}

/* Takes "ADDRESS:PORT", "[V6]:PORT", "ADDRESS" or "V6" apart. */
static bool
take_apart(struct arena *arena, const char *flag, const char *end,
           const char **address, const char **port, struct error *error)
{
    *address = NULL;
    *port = NULL;
    if (!end) {
        return error_set(error, "--%s is missing", flag);
    }
    const char *colon = strrchr(end, ':');
    if (end[0] == '[') {
        const char *bracket = strchr(end, ']');
        if (!bracket || (bracket[1] && bracket[1] != ':')) {
            return error_set(error, "--%s: '%s' is not [address]:port", flag,
                             end);
        }
        *address = arena_strndup(arena, end + 1, (size_t) (bracket - end) - 1);
        *port = bracket[1] ? bracket + 2 : NULL;
    } else if (colon && strchr(end, ':') == colon) {
        *address = arena_strndup(arena, end, (size_t) (colon - end));
        *port = colon + 1;
    } else {
        *address = end; /* Several colons: IPv6 without a port. */
    }
    if (!**address || (*port && !**port)) {
        return error_set(error, "--%s: '%s' is not address:port", flag, end);
    }
    return true;
}

static int
judge(struct collected *collected, const struct config_flow *flow, bool json)
{
    static const int codes[N_VERDICTS] = {
        [VERDICT_ALLOW] = TOOL_OK,
        [VERDICT_DENY] = TOOL_VIOLATED,
        [VERDICT_PARTIAL] = TOOL_VIOLATED,
        [VERDICT_UNKNOWN] = TOOL_UNKNOWN,
    };
    struct flow_result result = { .flow = flow };
    const struct explanation *explanation =
        collected_explain(collected, &result);
    struct text out;

    result.violated = verdict_violates(result.verdict, flow->expect_allow);
    text_init(&out);
    if (json) {
        json_explained_result(&out, collected->config, &result, explanation);
        text_append_char(&out, '\n');
    } else {
        append_answer(&out, result.verdict, explanation);
    }
    return tool_print(&out, codes[result.verdict->kind]);
}

/* Access and rule as Azure's command shows them, and why. */
static void
append_answer(struct text *out, const struct verdict *verdict,
              const struct explanation *explanation)
{
    static const char *const words[N_VERDICTS] = {
        [VERDICT_ALLOW] = "Allow",
        [VERDICT_DENY] = "Deny",
        [VERDICT_PARTIAL] = "Partial",
        [VERDICT_UNKNOWN] = "Unknown",
    };
    const struct policy_rule *rule = verdict->decision.rule;

    text_printf(out, "access: %s\n", words[verdict->kind]);
    if (rule) {
        const char *folder = rule->kind == RULE_CUSTOM ? "securityRules/"
                             : rule->kind == RULE_DEFAULT
                                 ? "defaultSecurityRules/"
                                 : "";
        text_printf(out, "rule: %s%s\n", folder, rule->name);
        text_append(out, "decided by: ");
        table_decision(out, &verdict->decision);
        text_append_char(out, '\n');
    } else {
        text_append(out, "rule: none\n");
    }
    if (verdict->kind == VERDICT_UNKNOWN) {
        text_printf(out, "reason: %s: %s\n", reason_name(verdict->reason),
                    verdict->reason_detail);
    } else {
        text_printf(out, "reason: %s\n", explanation->sentence);
    }
}
