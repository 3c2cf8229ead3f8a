/* Tables of configurations that must be refused. */

#ifndef TESTS_SUPPORT_BAD_CONFIGS_H
#define TESTS_SUPPORT_BAD_CONFIGS_H

#include <stddef.h>

struct bad_config {
    const char *what;
    const char *content;
    const char *line; /* "LINE: cause", as it follows the file's name. */
};

/* Writes each of the 'n' files to 'folder', loads it, and fails unless that
 * one line is what comes out. */
void bad_configs_check(const char *folder, const struct bad_config table[],
                       size_t n);

#endif
