/* Which documents a folder holds: all *.json below it, in a fixed order. */

#ifndef EXPORTER_SOURCE_DIRECTORY_SCAN_H
#define EXPORTER_SOURCE_DIRECTORY_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct error;

/* What tells a file from its later self without reading it. */
struct file_stamp {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t modified_ns;
    int64_t changed_ns;
};

struct scan_entry {
    const char *path;  /* With the folder before it. */
    const char *error; /* NULL, or why nothing can be said about it: a folder
                        * that cannot be read, or a link to nowhere. */
    bool is_folder;
    struct file_stamp stamp;
};

/* Lists the folder into 'arena', sorted by path.  Hidden names are left out
 * (a mounted ConfigMap keeps its versions there), links are followed, and a
 * folder that is reached twice counts once.  Returns false if 'root' itself
 * cannot be read. */
bool directory_scan(const char *root, struct arena *arena,
                    const struct scan_entry **entries, size_t *n,
                    struct error *error);

bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b);

/* Reads the stamp of an open file; false if it is no regular file. */
bool file_stamp_read(int descriptor, struct file_stamp *stamp);

#endif
