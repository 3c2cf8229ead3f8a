/* flowverify run: collects once, judges the flows, prints them. */

#include <stdlib.h>

#include "config/config.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "exporter/options.h"
#include "exporter/render/json.h"
#include "exporter/render/table.h"
#include "exporter/snapshot.h"
#include "exporter/tool/collect.h"
#include "exporter/tool/tool.h"

struct run_options {
    struct collect_options collect;
    const char *output;
    bool help;
};

#define MEMBER(name) offsetof(struct run_options, name)

static const struct option flags[] = {
    { "config.file", OPTION_WORD, "F", "/etc/flowverify/flowverify.cfg",
      "Configuration with the flows.", MEMBER(collect.config_file) },
    { "source", OPTION_WORD, "DIR", NULL,
      "Read this folder instead of the configuration's source.",
      MEMBER(collect.dir) },
    { "output", OPTION_WORD, "FORMAT", "table", "table or json.",
      MEMBER(output) },
    { "help", OPTION_SWITCH, NULL, NULL, "Print this help and exit.",
      MEMBER(help) },
};

const struct option_table tool_run_flags = {
    .usage = "flowverify run --config.file=F [FLAGS] [FLOW...]",
    .about = "Collects once, judges the flows (all, or those named) and "
             "prints them. Exit code 0: all as expected; 1: at least one "
             "violated; 2: none violated, some unknown; 3: could not "
             "run.",
    .options = flags,
    .n = sizeof flags / sizeof *flags,
};

/* The results that were asked for. */
struct selection {
    const struct flow_result **results; /* From the heap. */
    size_t n;
};

static bool select_results(const struct snapshot *snapshot,
                           char *const names[], size_t n_names,
                           struct selection *selection);
static int exit_code(const struct selection *selection);
static bool is_selected(const void *aux, const struct flow_result *result);

int
tool_run(int argc, char *argv[])
{
    struct run_options options = { .help = false };
    struct selection selection = { .n = 0 };
    struct collected collected;
    struct text out;
    size_t n_names;
    bool json;
    int code;

    if (!tool_parse(&tool_run_flags, argc, argv, &options, &options.help,
                    &n_names, &code)) {
        return code;
    }
    if (!tool_parse_output(options.output, "table", &json)) {
        return tool_fail("run: --output: '%s' is not table or json",
                         options.output);
    }
    code = TOOL_FAILED;
    if (collect(&options.collect, &collected)
        && select_results(collected.snapshot, argv + 1, n_names, &selection)) {
        text_init(&out);
        if (json) {
            json_results(&out, collected.snapshot, is_selected, &selection);
            text_append_char(&out, '\n');
        } else {
            struct table_style style = tool_style();
            table_results(&out, selection.results, selection.n, &style);
        }
        code = tool_print(&out, exit_code(&selection));
    }
    free(selection.results);
    collected_clear(&collected);
    return code;
}

static bool
select_results(const struct snapshot *snapshot, char *const names[],
               size_t n_names, struct selection *selection)
{
    size_t n = n_names ? n_names : snapshot->n_results;

    selection->results = memory_calloc(n, sizeof *selection->results);
    selection->n = n;
    for (size_t i = 0; i < n; i++) {
        selection->results[i] = n_names ? snapshot_find(snapshot, names[i])
                                        : &snapshot->results[i];
        if (!selection->results[i]) {
            (void) tool_fail("run: no flow is called '%s'", names[i]);
            return false;
        }
    }
    return true;
}

static int
exit_code(const struct selection *selection)
{
    int code = TOOL_OK;

    for (size_t i = 0; i < selection->n; i++) {
        const struct flow_result *result = selection->results[i];
        if (result->violated) {
            return TOOL_VIOLATED;
        }
        if (result->verdict->kind == VERDICT_UNKNOWN) {
            code = TOOL_UNKNOWN;
        }
    }
    return code;
}

static bool
is_selected(const void *aux, const struct flow_result *result)
{
    const struct selection *selection = aux;

    for (size_t i = 0; i < selection->n; i++) {
        if (selection->results[i] == result) {
            return true;
        }
    }
    return false;
}
