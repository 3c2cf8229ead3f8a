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

/* The words that a flag's value may be, by its help: "Messages: debug, info or
 * warn." has three.  What follows a ';' is about other values. */
static void
append_words(struct text *out, const struct option *option)
{
    const char *colon = strchr(option->help, ':');
    const char *at = colon ? colon + 1 : option->help;
    const char *end = at + strcspn(at, ".;");
    bool first = true;

    while (at < end) {
        size_t n = strcspn(at, " ,.;");
        bool word = n && *at != '*' && !(n == 2 && strncmp(at, "or", n) == 0);
        if (word) {
            text_printf(out, "%s%.*s", first ? "" : " ", (int) n, at);
            first = false;
        }
        at += n + (n < (size_t) (end - at));
    }
}

static bool
takes_words(const struct option *option)
{
    static const char *const arguments[] = { "LEVEL", "FORMAT", "D", "P" };

    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
        if (option->argument && strcmp(option->argument, arguments[i]) == 0) {
            return true;
        }
    }
    return false;
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
    "    local cur prev words= kind=\n"
    "    cur=${COMP_WORDS[COMP_CWORD]}\n"
    "    prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    if [[ $cur == = ]]; then cur=; "
    "elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n";

/* What the word at the cursor can become; 'operands' is what compgen knows of
 * words that are no flags. */
static void
append_bash_cases(struct text *out, const struct option_table *table,
                  const char *operands)
{
    text_append(out, "    case $prev in\n");
    for (size_t i = 0; i < table->n; i++) {
        const struct option *option = &table->options[i];
        if (takes_path(option)) {
            text_printf(out,
                        "    --%s) compopt -o filenames; words=; "
                        "kind=-f ;;\n",
                        option->name);
        } else if (takes_words(option)) {
            text_printf(out, "    --%s) words='", option->name);
            append_words(out, option);
            text_append(out, "'; kind= ;;\n");
        } else if (option->argument) {
            text_printf(out, "    --%s) words=; kind= ;;\n", option->name);
        }
    }
    text_append(out, "    *) words='");
    append_bash_flags(out, table);
    text_printf(out, "'; kind=%s ;;\n    esac\n", operands);
}

static const char bash_tail[] =
    "    mapfile -t COMPREPLY < <(compgen -W \"$words\" $kind -- \"$cur\")\n"
    "    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n"
    "}\n";

void
completion_exporter_bash(struct text *out)
{
    text_append(out, "# Completion of flowverify_exporter for bash.\n"
                     "_flowverify_exporter() {\n");
    text_append(out, bash_head);
    append_bash_cases(out, &daemon_flags, "");
    text_append(out, bash_tail);
    text_append(out, "complete -F _flowverify_exporter "
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
    text_append(out,
                "    case $COMP_CWORD:${COMP_WORDS[1]} in\n    1:*) words='");
    for (size_t i = 0; i < n; i++) {
        text_printf(out, "%s%s", i ? " " : "", commands[i].name);
    }
    text_append(out, "' ;;\n");
    for (size_t i = 0; i < n; i++) {
        if (commands[i].flags) {
            text_printf(out, "    *:%s)\n", commands[i].name);
            append_bash_cases(out, commands[i].flags, "-f");
            text_append(out, "    ;;\n");
        }
    }
    text_append(out, "    esac\n");
    text_append(out, bash_tail);
    text_append(out, "complete -F _flowverify flowverify\n");
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
            if (takes_words(option)) {
                text_append_char(out, '(');
                append_words(out, option);
                text_append_char(out, ')');
            }
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
