/* What is wrong with a configuration: all of it, in file order. */

#ifndef CONFIG_PROBLEM_H
#define CONFIG_PROBLEM_H

#include <stdbool.h>

struct text;

/* Where a value stands.  A value that comes from no file (an argument) has
 * the file NULL, and its problems are shown without a place. */
struct place {
    const char *file;
    unsigned int line; /* From 1; 0 is shown as 1. */
};

struct problems;

struct problems *problems_create(void);
void problems_destroy(struct problems *problems);

/* Files are shown in the order of their first mention here. */
void problems_open_file(struct problems *problems, const char *file);

/* Adds one line.  Control characters in it become '?', so that a value from
 * the file cannot end the line. */
void problems_add(struct problems *problems, struct place place,
                  const char *format, ...)
    __attribute__((format(printf, 3, 4)));

bool problems_empty(const struct problems *problems);

/* Appends "FILE:LINE: cause" lines in file order, each with its newline. */
void problems_write(struct problems *problems, struct text *out);

/* Returns the cause of the first problem added, or NULL. */
const char *problems_first(const struct problems *problems);

#endif
