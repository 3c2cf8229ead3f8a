/* A folder of its own for one test. */

#ifndef TESTS_SUPPORT_FOLDER_H
#define TESTS_SUPPORT_FOLDER_H

#include <stddef.h>

/* Fixtures of cmocka: '*state' becomes the folder's path, which ends with all
 * it holds at the teardown. */
int folder_setup(void **state);
int folder_teardown(void **state);

/* An entry of cmocka's table of tests: 'function' gets such a folder. */
#define FOLDER_TEST(function)                                                 \
    cmocka_unit_test_setup_teardown(function, folder_setup, folder_teardown)

/* Writes 'content' to the file 'name' below the folder, whose parents are
 * made.  Returns its path, valid until the next call. */
const char *folder_write(const char *folder, const char *name,
                         const char *content);
const char *folder_write_bytes(const char *folder, const char *name,
                               const void *bytes, size_t n);

/* Returns the path of 'name' below the folder, valid until the next call. */
const char *folder_path(const char *folder, const char *name);

#endif
