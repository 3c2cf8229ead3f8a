/* The table of the commands of 'flowverify': what main() looks up, what help
 * prints, and what the manual page and the completions are made from. */

#ifndef EXPORTER_TOOL_COMMANDS_H
#define EXPORTER_TOOL_COMMANDS_H

#include <stddef.h>

struct option_table;

struct tool_command {
    const char *name;
    const char *operands; /* "--config.file=F [FLOW...]" */
    const char *summary;
    int (*run)(int argc, char *argv[]);
    const struct option_table *flags; /* NULL: it has none. */
};

size_t tool_commands(const struct tool_command **commands);

/* Returns the command of that name, or NULL. */
const struct tool_command *tool_find_command(const char *name);

#endif
