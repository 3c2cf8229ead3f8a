/* Equal strings stored once: 20,000 flows repeat the same few words. */

#ifndef CONFIG_STRINGS_H
#define CONFIG_STRINGS_H

struct arena;
struct strings;

/* The strings live in 'arena'; the table itself ends with
 * strings_destroy(). */
struct strings *strings_create(struct arena *arena);
void strings_destroy(struct strings *strings);

/* Returns the one copy of 'string'. */
const char *strings_share(struct strings *strings, const char *string);

#endif
