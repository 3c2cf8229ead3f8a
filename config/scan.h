/* A look at a file before libconfig 1.5 reads it, for two things that it
 * handles badly: folders in @include, and numbers of more than 32 bits. */

#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

struct arena;

struct scan_class {
    /* For each '@include "name"'. */
    void (*include)(void *aux, const char *file, unsigned int line,
                    const char *name);
    /* For each number that libconfig would cut. */
    void (*large_number)(void *aux, const char *file, unsigned int line,
                         const char *number);
};

/* Walks the text; 'file' is handed on.  Names and numbers live in 'arena'. */
void scan_text(struct arena *arena, const char *file, const char *text,
               const struct scan_class *class, void *aux);

#endif
