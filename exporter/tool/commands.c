#include "exporter/tool/commands.h"

#include <string.h>

#include "engine/base/text.h"
#include "exporter/build.h"
#include "exporter/tool/tool.h"

static int tool_help(int argc, char *argv[]);
static int tool_version(int argc, char *argv[]);

static const struct tool_command table[] = {
    { "run", "--config.file=F [FLOW...]",
      "collect once, judge the flows, print them", tool_run, &tool_run_flags },
    { "explain", "--config.file=F FLOW",
      "show every layer and rule up to the match", tool_explain,
      &tool_explain_flags },
    { "verify",
      "--config.file=F (--nic=N|--vm=V) --direction=D --protocol=P "
      "--local=IP:PORT --remote=IP:PORT",
      "judge one flow from the command line", tool_verify,
      &tool_verify_flags },
    { "snapshot", "--config.file=F --out=DIR",
      "collect from Azure and write a folder", tool_snapshot,
      &tool_snapshot_flags },
    { "diff", "--before=DIR --after=DIR [--config.file=F]",
      "show which packets two states treat otherwise", tool_diff,
      &tool_diff_flags },
    { "analyze", "--source=DIR [--nsg=N]",
      "find rules and groups that do nothing", tool_analyze,
      &tool_analyze_flags },
    { "check-config", "F", "print every error of a configuration",
      tool_check_config, &tool_check_config_flags },
    { "help", "[COMMAND]", "print this list, or a command's flags", tool_help,
      NULL },
    { "version", "", "print the version", tool_version, NULL },
};
enum { N_COMMANDS = sizeof table / sizeof *table };

size_t
tool_commands(const struct tool_command **commands)
{
    *commands = table;
    return N_COMMANDS;
}

const struct tool_command *
tool_find_command(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static int
tool_help(int argc, char *argv[])
{
    char help[] = "--help";
    const struct tool_command *command =
        argc > 1 ? tool_find_command(argv[1]) : NULL;
    struct text out;

    if (argc > 1 && !command) {
        return tool_fail("'%s' is no command; 'flowverify help' lists them",
                         argv[1]);
    }
    if (command && command->flags) {
        char *words[] = { argv[1], help, NULL };
        return command->run(2, words);
    }
    text_init(&out);
    text_append(&out, "usage: flowverify COMMAND [FLAGS]\n\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        text_printf(&out, "  %-13s %s\n", table[i].name, table[i].summary);
    }
    text_append(&out, "\n'flowverify help COMMAND' lists the flags of one.\n");
    return tool_print(&out, TOOL_OK);
}

static int
tool_version(int argc, char *argv[])
{
    struct text out;

    (void) argc;
    (void) argv;
    text_init(&out);
    build_describe(&out, "flowverify");
    return tool_print(&out, TOOL_OK);
}
