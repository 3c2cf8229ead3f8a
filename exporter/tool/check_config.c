/* flowverify check-config: every error of a configuration, and what is
 * doubtful in a good one. */

#include <stdbool.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "exporter/options.h"
#include "exporter/tool/tool.h"

struct check_options {
    bool help;
};

static const struct option flags[] = {
    { "help", OPTION_SWITCH, NULL, NULL, "Print this help and exit.",
      offsetof(struct check_options, help) },
};

const struct option_table tool_check_config_flags = {
    .usage = "flowverify check-config F",
    .about = "Reads the configuration F and prints every error with file "
             "and line; in a good one it warns of what is doubtful, such as "
             "a file that cannot be read here. Exit code 0: good; 1: not; 3: "
             "could not run.",
    .options = flags,
    .n = sizeof flags / sizeof *flags,
};

int
tool_check_config(int argc, char *argv[])
{
    struct check_options options = { .help = false };
    struct text errors;
    struct text warnings;
    struct text out;
    size_t n_files;
    int code;

    if (!tool_parse(&tool_check_config_flags, argc, argv, &options,
                    &options.help, &n_files, &code)) {
        return code;
    }
    if (n_files != 1) {
        return tool_fail("check-config: one file must be named, not %zu",
                         n_files);
    }
    text_init(&errors);
    const struct config *config = config_load(argv[1], &errors);
    if (config) {
        text_init(&warnings);
        config_warn(config, &warnings);
        (void) tool_fail_lines(&warnings);
        text_clear(&warnings);
        text_init(&out);
        text_printf(&out, "%s: good, %zu flow%s\n", argv[1], config->n_flows,
                    config->n_flows == 1 ? "" : "s");
        code = tool_print(&out, TOOL_OK);
        config_unref(config);
    } else {
        (void) tool_fail_lines(&errors);
        code = TOOL_VIOLATED;
    }
    text_clear(&errors);
    return code;
}
