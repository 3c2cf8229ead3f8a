/* What may be behind a syntax error: libconfig only names its line. */

#ifndef CONFIG_SYNTAX_H
#define CONFIG_SYNTAX_H

struct arena;

/* Returns what looks wrong in the first 'line' lines of 'text', in words that
 * go behind "syntax error: ", or NULL.  Values are not shown, for they may be
 * secrets.  The words live in 'arena'. */
const char *syntax_suspect(struct arena *arena, const char *text,
                           unsigned int line);

#endif
