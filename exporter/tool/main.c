/* flowverify: the tool for people and for CI. */

#include <stdio.h>
#include <string.h>

#include "engine/base/text.h"
#include "exporter/build.h"
#include "exporter/tool/tool.h"

static int tool_help(int argc, char *argv[]);
static int tool_version(int argc, char *argv[]);

static const struct command {
    const char *name;
    const char *usage;
    const char *summary;
    int (*run)(int argc, char *argv[]);
} commands[] = {
    { "run", "--config.file=F [FLOW...]",
      "collect once, judge the flows, print them", tool_run },
    { "explain", "--config.file=F FLOW",
      "show every layer and rule up to the match", tool_explain },
    { "verify",
      "(--nic=N|--vm=V) --direction=D --protocol=P --local=... "
      "--remote=...",
      "judge one flow from the command line", tool_verify },
    { "check-config", "F", "print every error of a configuration",
      tool_check_config },
    { "help", "[COMMAND]", "print this list, or a command's flags",
      tool_help },
    { "version", "", "print the version", tool_version },
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

int
main(int argc, char *argv[])
{
    const char *word = argc > 1 ? argv[1] : "";

    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        word = "help";
    } else if (strcmp(word, "--version") == 0) {
        word = "version";
    }
    const struct command *command = find_command(word);
    if (!command) {
        return tool_fail("'%s' is no command; 'flowverify help' lists them",
                         word);
    }
    return command->run(argc - 1, argv + 1);
}

static int
tool_help(int argc, char *argv[])
{
    char help[] = "--help";
    const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
    struct text out;

    if (command && command->run != tool_help && command->run != tool_version) {
        char *words[] = { argv[1], help, NULL };
        return command->run(2, words);
    }
    text_init(&out);
    text_append(&out, "usage: flowverify COMMAND [FLAGS]\n\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        text_printf(&out, "  %-13s %s\n", commands[i].name,
                    commands[i].summary);
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
