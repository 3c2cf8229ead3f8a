/* Files that tests read in place. */

#ifndef TESTS_SUPPORT_FILE_H
#define TESTS_SUPPORT_FILE_H

struct text;

/* Appends the whole file to 'text'.  The test fails if it cannot be read. */
void file_read(const char *path, struct text *text);

#endif
