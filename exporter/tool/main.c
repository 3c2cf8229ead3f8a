/* flowverify: the tool for people and for CI. */

#include <string.h>

#include "exporter/tool/commands.h"
#include "exporter/tool/tool.h"

int
main(int argc, char *argv[])
{
    const char *word = argc > 1 ? argv[1] : "";

    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        word = "help";
    } else if (strcmp(word, "--version") == 0) {
        word = "version";
    }
    if (!*word) {
        return tool_fail("a command must be named; 'flowverify help' lists "
                         "them");
    }
    const struct tool_command *command = tool_find_command(word);
    if (!command) {
        return tool_fail("'%s' is no command; 'flowverify help' lists them",
                         word);
    }
    return command->run(argc - 1, argv + 1);
}
