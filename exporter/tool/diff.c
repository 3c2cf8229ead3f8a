/* flowverify diff: which packets two states of an estate treat otherwise, and
 * which configured flows flip, by which single change. */

#include <stdlib.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "engine/judge/cause.h"
#include "engine/judge/judge.h"
#include "exporter/options.h"
#include "exporter/snapshot.h"
#include "exporter/tool/collect.h"
#include "exporter/tool/diff_report.h"
#include "exporter/tool/tool.h"

struct diff_options {
    const char *before;
    const char *after;
    const char *config_file;
    const char *output;
    bool help;
};

#define MEMBER(name) offsetof(struct diff_options, name)

static const struct option flags[] = {
    { "before", OPTION_WORD, "DIR", NULL, "Folder with the old state.",
      MEMBER(before) },
    { "after", OPTION_WORD, "DIR", NULL, "Folder with the new state.",
      MEMBER(after) },
    { "config.file", OPTION_WORD, "F", NULL,
      "Configuration with flows; without it only rule sets are compared.",
      MEMBER(config_file) },
    { "output", OPTION_WORD, "FORMAT", "text", "text or json.",
      MEMBER(output) },
    { "help", OPTION_SWITCH, NULL, NULL, "Print this help and exit.",
      MEMBER(help) },
};

const struct option_table tool_diff_flags = {
    .usage = "flowverify diff --before=DIR --after=DIR [FLAGS]",
    .about =
        "Compares two states of an estate: the exact set of packets whose "
        "verdict differs, rule set by rule set, and the configured flows "
        "that flip, with the single change that alone flips each. "
        "Exit code 0: no packet is treated otherwise; 1: some are; 3: "
        "could not run.",
    .options = flags,
    .n = sizeof flags / sizeof *flags,
};

static void
find_flips(struct collected states[2], struct diff_report *report,
           struct flow_flip flips[])
{
    const struct config *config = states[1].config;
    struct arena *arena = states[1].arena;
    struct cause_states both = {
        .before = states[0].snapshot->network,
        .after = states[1].snapshot->network,
        .settings = &config->engine,
        .policies = states[1].policies,
    };

    report->n_flows = config->n_flows;
    for (size_t i = 0; i < config->n_flows; i++) {
        const struct flow *flow = &config->flows[i].flow;
        struct verdict *before = estate_judge(states[0].estate, flow, NULL);
        struct verdict *after = estate_judge(states[1].estate, flow, NULL);
        if (before->kind == after->kind) {
            verdict_unref(before);
            verdict_unref(after);
            continue;
        }
        struct flow_flip *flip = &flips[report->n_flips++];
        *flip =
            (struct flow_flip){ &config->flows[i], before, after, NULL, 0 };
        flip->causes =
            causes_find(&both, flow, before, after, arena, &flip->n_causes);
    }
    report->flips = flips;
}

static void
drop_flips(struct flow_flip flips[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        verdict_unref((struct verdict *) (uintptr_t) flips[i].before);
        verdict_unref((struct verdict *) (uintptr_t) flips[i].after);
    }
    free(flips);
}

static int
compare(const struct diff_options *options, struct collected states[2],
        bool json)
{
    struct diff_report report = { .before = options->before,
                                  .after = options->after };
    struct flow_flip *flips =
        memory_calloc(states[1].config->n_flows + 1, sizeof *flips);
    struct text out;

    report.estates =
        estate_compare(states[0].estate, states[1].estate, states[1].arena);
    find_flips(states, &report, flips);
    text_init(&out);
    if (json) {
        diff_report_json(&out, &report);
    } else {
        diff_report_text(&out, &report);
    }
    int code = diff_report_differs(&report) ? TOOL_VIOLATED : TOOL_OK;
    drop_flips(flips, report.n_flips);
    return tool_print(&out, code);
}

int
tool_diff(int argc, char *argv[])
{
    struct diff_options options = { .help = false };
    struct collected states[2];
    size_t n_operands;
    bool json;
    int code;

    if (!tool_parse(&tool_diff_flags, argc, argv, &options, &options.help,
                    &n_operands, &code)) {
        return code;
    }
    if (!options.before || !options.after || n_operands) {
        return tool_fail("diff: --before=DIR and --after=DIR are needed, and "
                         "nothing else");
    }
    if (!tool_parse_output(options.output, "text", &json)) {
        return tool_fail("diff: --output: '%s' is not text or json",
                         options.output);
    }
    struct collect_options before = { .config_file = options.config_file,
                                      .dir = options.before };
    struct collect_options after = { .config_file = options.config_file,
                                     .dir = options.after };
    bool read = collect(&before, &states[0]);
    read = collect(&after, &states[1]) && read;
    code = read ? compare(&options, states, json) : TOOL_FAILED;
    collected_clear(&states[1]);
    collected_clear(&states[0]);
    return code;
}
