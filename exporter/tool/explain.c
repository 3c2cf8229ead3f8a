/* flowverify explain: why a flow has its verdict, rule by rule. */

#include "config/config.h"
#include "engine/base/text.h"
#include "engine/judge/explain.h"
#include "exporter/options.h"
#include "exporter/render/json.h"
#include "exporter/render/table.h"
#include "exporter/snapshot.h"
#include "exporter/tool/collect.h"
#include "exporter/tool/tool.h"

struct explain_options {
    struct collect_options collect;
    const char *output;
    bool help;
};

#define MEMBER(name) offsetof(struct explain_options, name)

static const struct option flags[] = {
    { "config.file", OPTION_WORD, "F", "/etc/flowverify/flowverify.cfg",
      "Configuration with the flow.", MEMBER(collect.config_file) },
    { "source", OPTION_WORD, "DIR", NULL,
      "Read this folder instead of the configuration's source.",
      MEMBER(collect.dir) },
    { "output", OPTION_WORD, "FORMAT", "text", "text or json.",
      MEMBER(output) },
    { "help", OPTION_SWITCH, NULL, NULL, "Print this help and exit.",
      MEMBER(help) },
};

const struct option_table tool_explain_flags = {
    .usage = "flowverify explain --config.file=F [FLAGS] FLOW",
    .about =
        "Shows every layer, its rules in order up to the match, and "
        "for each rule the field that did not match; for a set of "
        "packets the regions. Exit code 0: explained, whatever the verdict; "
        "3: could not run.",
    .options = flags,
    .n = sizeof flags / sizeof *flags,
};

static int
print_explained(struct collected *collected, const char *name, bool json)
{
    const struct flow_result *found = snapshot_find(collected->snapshot, name);
    struct text out;

    if (!found) {
        return tool_fail("explain: no flow is called '%s'", name);
    }
    struct flow_result result = *found;
    const struct explanation *explanation =
        collected_explain(collected, &result);
    text_init(&out);
    if (json) {
        json_explained_result(&out, collected->config, &result, explanation);
        text_append_char(&out, '\n');
    } else {
        struct table_style style = tool_style();
        table_explanation(&out, explanation, &style);
    }
    return tool_print(&out, TOOL_OK);
}

int
tool_explain(int argc, char *argv[])
{
    struct explain_options options = { .help = false };
    struct collected collected;
    size_t n_names;
    bool json;
    int code;

    if (!tool_parse(&tool_explain_flags, argc, argv, &options, &options.help,
                    &n_names, &code)) {
        return code;
    }
    if (n_names != 1) {
        return tool_fail("explain: one flow must be named, not %zu", n_names);
    }
    if (!tool_parse_output(options.output, "text", &json)) {
        return tool_fail("explain: --output: '%s' is not text or json",
                         options.output);
    }
    code = collect(&options.collect, &collected)
               ? print_explained(&collected, argv[1], json)
               : TOOL_FAILED;
    collected_clear(&collected);
    return code;
}
