#include "exporter/options.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"

enum { HELP_WIDTH = 79, HELP_INDENT = 10 };

/* One argument of the command line, taken apart. */
struct argument {
    const struct option *option;
    const char *value; /* Behind "=", or NULL. */
    bool negated;      /* "--no-flag" */
};

static void *
member(const struct option *option, void *values)
{
    return (unsigned char *) values + option->offset;
}

static void
set_word(const struct option *option, void *values, const char *word)
{
    memcpy(member(option, values), &word, sizeof word);
}

static void
add_word(const struct option *option, void *values, const char *word)
{
    struct option_words *words = member(option, values);

    words->words =
        memory_resize(words->words, words->n + 1, sizeof *words->words);
    words->words[words->n++] = word;
}

static void
set_defaults(const struct option_table *table, void *values)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct option *option = &table->options[i];
        if (option->kind == OPTION_WORD) {
            set_word(option, values, option->standard);
        }
    }
}

static const struct option *
find_option(const struct option_table *table, const char *name, size_t length)
{
    for (size_t i = 0; i < table->n; i++) {
        const char *known = table->options[i].name;
        if (strlen(known) == length && memcmp(known, name, length) == 0) {
            return &table->options[i];
        }
    }
    return NULL;
}

static bool
take_apart(const struct option_table *table, const char *word,
           struct argument *argument, struct error *error)
{
    const char *name = word + 2;
    const char *equals = strchr(name, '=');
    size_t length = equals ? (size_t) (equals - name) : strlen(name);

    *argument = (struct argument){
        .option = find_option(table, name, length),
        .value = equals ? equals + 1 : NULL,
    };
    if (argument->option) {
        return true;
    }
    if (length > 3 && memcmp(name, "no-", 3) == 0 && !equals) {
        argument->option = find_option(table, name + 3, length - 3);
        argument->negated = true;
        if (argument->option && argument->option->kind == OPTION_SWITCH) {
            return true;
        }
    }
    return error_set(error, "unknown flag --%.*s", (int) length, name);
}

static bool
set_switch(const struct argument *argument, void *values, struct error *error)
{
    bool on = !argument->negated;

    if (argument->value) {
        on = strcmp(argument->value, "true") == 0;
        if (!on && strcmp(argument->value, "false") != 0) {
            return error_set(error, "--%s: '%s' is not true or false",
                             argument->option->name, argument->value);
        }
    }
    memcpy(member(argument->option, values), &on, sizeof on);
    return true;
}

/* Reads the flag 'word', which is argv[*i], and its value if that stands
 * behind it. */
static bool
read_flag(const struct option_table *table, const char *word, int argc,
          char *argv[], int *i, void *values, struct error *error)
{
    struct argument argument;

    if (!take_apart(table, word, &argument, error)) {
        return false;
    }
    const struct option *option = argument.option;
    if (option->kind == OPTION_SWITCH) {
        return set_switch(&argument, values, error);
    }
    if (!argument.value) {
        if (*i + 1 >= argc) {
            return error_set(error, "--%s needs a value: --%s=%s",
                             option->name, option->name, option->argument);
        }
        argument.value = argv[++*i];
    }
    if (option->kind == OPTION_WORDS) {
        add_word(option, values, argument.value);
    } else {
        set_word(option, values, argument.value);
    }
    return true;
}

bool
options_parse(const struct option_table *table, int argc, char *argv[],
              void *values, size_t *n_operands, struct error *error)
{
    int n = 0;
    bool flags = true;

    set_defaults(table, values);
    for (int i = 1; i < argc; i++) {
        const char *word = strcmp(argv[i], "-h") == 0 ? "--help" : argv[i];
        if (!flags || word[0] != '-' || !word[1]) {
            argv[1 + n++] = argv[i];
        } else if (strcmp(word, "--") == 0) {
            flags = false;
        } else if (word[1] != '-') {
            return error_set(error, "unknown flag %s", word);
        } else if (!read_flag(table, word, argc, argv, &i, values, error)) {
            return false;
        }
    }
    *n_operands = (size_t) n;
    return true;
}

void
options_clear(const struct option_table *table, void *values)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct option *option = &table->options[i];
        if (option->kind == OPTION_WORDS) {
            struct option_words *words = member(option, values);
            free(words->words);
            *words = (struct option_words){ 0 };
        }
    }
}

/* Appends 'sentence' in lines that are indented and fit the width. */
static void
append_wrapped(struct text *out, const char *sentence, size_t indent)
{
    size_t column = 0;

    while (*sentence) {
        size_t length = strcspn(sentence, " ");
        if (column && column + 1 + length > HELP_WIDTH) {
            text_append_char(out, '\n');
            column = 0;
        }
        text_printf(out, "%*s", column ? 1 : (int) indent, "");
        column += column ? 1 : indent;
        text_append_bytes(out, sentence, length);
        column += length;
        sentence += length + strspn(sentence + length, " ");
    }
    text_append_char(out, '\n');
}

void
options_describe(const struct option_table *table, struct text *out)
{
    text_printf(out, "usage: %s\n\n", table->usage);
    append_wrapped(out, table->about, 0);
    text_append(out, "\nFlags:\n");
    for (size_t i = 0; i < table->n; i++) {
        const struct option *option = &table->options[i];
        text_printf(out, "  --%s", option->name);
        if (option->argument) {
            text_printf(out, "=%s", option->argument);
        }
        if (option->standard && *option->standard) {
            text_printf(out, "  (default %s)", option->standard);
        }
        if (option->kind == OPTION_WORDS) {
            text_append(out, "  (repeatable)");
        }
        text_append_char(out, '\n');
        append_wrapped(out, option->help, HELP_INDENT);
    }
}
