#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "engine/base/text.h"
#include "exporter/daemon.h"
#include "exporter/options.h"
#include "exporter/tool/commands.h"
#include "packaging/man/pages.h"

/* Flags whose value is a file or folder, by the word of their argument. */
static bool
takes_path(const struct option *option)
{
    return option->argument
           && (strcmp(option->argument, "PATH") == 0
               || strcmp(option->argument, "DIR") == 0
               || strcmp(option->argument, "F") == 0
               || strcmp(option->argument, "FILE") == 0);
}

static void
append_bash_flags(struct text *out, const struct option_table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        text_printf(out, "%s--%s%s", i ? " " : "", table->options[i].name,
                    table->options[i].argument ? "=" : "");
    }
}

/* Bash splits "--flag=value" at the "=" into three words. */
static const char bash_head[] =
    "    local cur prev\n"
    "    cur=${COMP_WORDS[COMP_CWORD]}\n"
    "    prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    if [[ $cur == = ]]; then cur=; "
    "elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n";

static void
append_bash_values(struct text *out, const struct option_table *table)
{
    text_append(out, "    case $prev in\n");
    for (size_t i = 0; i < table->n; i++) {
        const struct option *option = &table->options[i];
        if (takes_path(option)) {
            text_printf(out,
                        "    --%s) mapfile -t COMPREPLY < <(compgen -f -- "
                        "\"$cur\"); return ;;\n",
                        option->name);
        }
    }
    text_append(out,
                "    --log.level) mapfile -t COMPREPLY < <(compgen -W 'debug "
                "info warn error' -- \"$cur\"); return ;;\n"
                "    --log.format) mapfile -t COMPREPLY < <(compgen -W "
                "'logfmt json' -- \"$cur\"); return ;;\n"
                "    esac\n");
}

void
completion_exporter_bash(struct text *out)
{
    text_append(out, "# Completion of flowverify_exporter for bash.\n"
                     "_flowverify_exporter() {\n");
    text_append(out, bash_head);
    append_bash_values(out, &daemon_flags);
    text_append(out, "    mapfile -t COMPREPLY < <(compgen -W '");
    append_bash_flags(out, &daemon_flags);
    text_append(out, "' -- \"$cur\")\n"
                     "    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o "
                     "nospace\n}\n"
                     "complete -F _flowverify_exporter "
                     "flowverify_exporter\n");
}

void
completion_tool_bash(struct text *out)
{
    const struct tool_command *commands;
    size_t n = tool_commands(&commands);

    text_append(out, "# Completion of flowverify for bash.\n"
                     "_flowverify() {\n");
    text_append(out, bash_head);
    text_append(out, "    if [[ $COMP_CWORD -eq 1 ]]; then\n"
                     "        mapfile -t COMPREPLY < <(compgen -W '");
    for (size_t i = 0; i < n; i++) {
        text_printf(out, "%s%s", i ? " " : "", commands[i].name);
    }
    text_append(out, "' -- \"$cur\")\n        return\n    fi\n"
                     "    case $prev in\n"
                     "    --config.file|--before|--after|--source|--out) "
                     "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); "
                     "return ;;\n"
                     "    esac\n"
                     "    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < n; i++) {
        if (commands[i].flags) {
            text_printf(out, "    %s) mapfile -t COMPREPLY < <(compgen -W '",
                        commands[i].name);
            append_bash_flags(out, commands[i].flags);
            text_append(out, "' -f -- \"$cur\") ;;\n");
        }
    }
    text_append(out, "    esac\n    [[ ${COMPREPLY[0]-} == *= ]] && compopt "
                     "-o nospace\n}\n"
                     "complete -F _flowverify flowverify\n");
}

/* zsh's specifications are in single quotes, brackets end the text. */
static void
append_zsh_text(struct text *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'') {
            text_append(out, "'\\''");
        } else if (*text == '[' || *text == ']' || *text == ':'
                   || *text == '\\') {
            text_printf(out, "\\%c", *text);
        } else {
            text_append_char(out, *text == '\n' ? ' ' : *text);
        }
    }
}

static void
append_zsh_flags(struct text *out, const struct option_table *table,
                 const char *indent)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct option *option = &table->options[i];
        text_printf(out, " \\\n%s'%s--%s%s[", indent,
                    option->kind == OPTION_WORDS ? "*" : "", option->name,
                    option->argument ? "=" : "");
        append_zsh_text(out, option->help);
        text_append(out, "]");
        if (option->argument) {
            text_append(out, ":");
            append_zsh_text(out, option->argument);
            text_append(out, takes_path(option) ? ":_files" : ":");
        }
        text_append(out, "'");
    }
    text_append(out, "\n");
}

void
completion_exporter_zsh(struct text *out)
{
    text_append(out, "#compdef flowverify_exporter\n\n_arguments -s");
    append_zsh_flags(out, &daemon_flags, "  ");
}

void
completion_tool_zsh(struct text *out)
{
    const struct tool_command *commands;
    size_t n = tool_commands(&commands);

    text_append(out, "#compdef flowverify\n\n"
                     "local -a commands\ncommands=(\n");
    for (size_t i = 0; i < n; i++) {
        text_printf(out, "  '%s:", commands[i].name);
        append_zsh_text(out, commands[i].summary);
        text_append(out, "'\n");
    }
    text_append(out, ")\nif (( CURRENT == 2 )); then\n"
                     "  _describe command commands\n  return\nfi\n"
                     "case ${words[2]} in\n");
    for (size_t i = 0; i < n; i++) {
        if (commands[i].flags) {
            text_printf(out,
                        "%s)\n  shift words; (( CURRENT-- ))\n"
                        "  _arguments -s '*:file:_files'",
                        commands[i].name);
            append_zsh_flags(out, commands[i].flags, "    ");
            text_append(out, "  ;;\n");
        }
    }
    text_append(out, "esac\n");
}
