/* Flags of a program, from one table that parsing, --help and the man page
 * share.
 *
 * "--flag=value" and "--flag value" mean the same; a switch is "--flag",
 * "--no-flag" or "--flag=true|false"; "--" ends the flags.  Flags and operands
 * may be mixed. */

#ifndef EXPORTER_OPTIONS_H
#define EXPORTER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct text;

enum option_kind {
    OPTION_SWITCH, /* bool */
    OPTION_WORD,   /* const char *, the last one counts. */
    OPTION_WORDS   /* struct option_words, all of them count. */
};

/* The values of a flag that may be repeated. */
struct option_words {
    const char **words; /* From the heap. */
    size_t n;
};

struct option {
    const char *name; /* Without "--". */
    enum option_kind kind;
    const char *argument; /* "PATH"; NULL for a switch. */
    const char *standard; /* Default of a word, or NULL. */
    const char *help;
    size_t offset; /* Of the member in the struct of values. */
};

struct option_table {
    const char *usage; /* "flowverify run [FLAGS] [FLOW...]" */
    const char *about; /* A sentence or two. */
    const struct option *options;
    size_t n;
};

/* Reads the flags into 'values', which the defaults are put into first.  The
 * operands are moved to the front of 'argv', behind argv[0], and
 * '*n_operands' says how many there are.  Returns false and fills 'error' if
 * something is no flag of the table. */
bool options_parse(const struct option_table *table, int argc, char *argv[],
                   void *values, size_t *n_operands, struct error *error);

/* Gives back what options_parse() took for repeated flags. */
void options_clear(const struct option_table *table, void *values);

/* Writes what --help prints. */
void options_describe(const struct option_table *table, struct text *out);

#endif
