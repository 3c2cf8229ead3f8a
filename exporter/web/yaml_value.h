/* What stands behind a key of YAML on its own line: plain and quoted words,
 * and lists and mappings in brackets, as JSON writes them, too.
 *
 * Threads: any, no shared state. */

#ifndef EXPORTER_WEB_YAML_VALUE_H
#define EXPORTER_WEB_YAML_VALUE_H

#include <stdbool.h>

struct arena;
struct error;
struct yaml_node;

/* Reads 'text', which begins on node->line and may hold further lines, into
 * kind, scalar and children of 'node'.  Returns false with "line N: cause". */
bool yaml_value_read(struct yaml_node *node, const char *text,
                     struct arena *arena, struct error *error);

/* Reads the quoted word at '*text' and moves '*text' behind it.  Returns NULL
 * on failure. */
const char *yaml_quoted_read(const char **text, unsigned int line,
                             struct arena *arena, struct error *error);

/* Tells whether '**c' is part of a quoted word of 'text', its quotes among it;
 * then '*c' may move over an escape.  '*quote' is '\0' at the start of the
 * text, and belongs to this function. */
bool yaml_is_quoted(const char *text, const char **c, char *quote);

/* How many brackets are open at the end of 'text'; less than none if one
 * closes that was never opened. */
int yaml_brackets(const char *text);

/* Puts 'child' behind the children of 'parent'.  Returns false if its key is
 * there already, or if they are too many. */
bool yaml_add(struct yaml_node *parent, struct yaml_node *child,
              struct error *error);

#endif
