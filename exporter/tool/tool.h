/* The contract of the commands of 'flowverify'.
 *
 * A command is one function in one file; commands.c has the table of all.  argv[0]
 * is the command's own word.  Results go to standard output, errors to
 * standard error as one line "flowverify: what: why", never with a secret. */

#ifndef EXPORTER_TOOL_TOOL_H
#define EXPORTER_TOOL_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "exporter/render/table.h"

struct feed_state;
struct option_table;
struct text;

/* Exit codes (spec interfaces, "flowverify"). */
enum tool_exit {
    TOOL_OK = 0,       /* As expected; allow; nothing differs. */
    TOOL_VIOLATED = 1, /* A violation; deny or partial; a difference. */
    TOOL_UNKNOWN = 2,  /* None violated, some unknown. */
    TOOL_FAILED = 3    /* Could not run, wrong usage included. */
};

int tool_run(int argc, char *argv[]);
int tool_explain(int argc, char *argv[]);
int tool_verify(int argc, char *argv[]);
int tool_snapshot(int argc, char *argv[]);
int tool_diff(int argc, char *argv[]);
int tool_analyze(int argc, char *argv[]);
int tool_check_config(int argc, char *argv[]);

/* The flags of each, which its file defines. */
extern const struct option_table tool_run_flags;
extern const struct option_table tool_explain_flags;
extern const struct option_table tool_verify_flags;
extern const struct option_table tool_snapshot_flags;
extern const struct option_table tool_diff_flags;
extern const struct option_table tool_analyze_flags;
extern const struct option_table tool_check_config_flags;

/* Prints "flowverify: FORMAT" and returns TOOL_FAILED. */
int tool_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints each line of 'errors' behind "flowverify: "; returns TOOL_FAILED. */
int tool_fail_lines(const struct text *errors);

/* Tells why feeds are not up: one line for one cause, none for what 'findings'
 * say, which the caller tells. */
void tool_tell_feeds(const struct feed_state *feeds, size_t n,
                     const char *const *findings, size_t n_findings);

/* Writes 'out' to standard output and clears it.  Returns 'code', or
 * TOOL_FAILED if it could not be written. */
int tool_print(struct text *out, int code);

/* Reads the word of --output: "json" or the command's word for people. */
bool tool_parse_output(const char *word, const char *for_people, bool *json);

/* How tables suit standard output: as wide as the terminal, and in colour if
 * it is one and NO_COLOR is not set. */
struct table_style tool_style(void);

/* Reads flags into 'values'.  Returns true if the command shall go on; false
 * with '*code' set if help was printed ('*help', a member of 'values') or
 * something was wrong. */
bool tool_parse(const struct option_table *table, int argc, char *argv[],
                void *values, const bool *help, size_t *n_operands, int *code);

#endif
