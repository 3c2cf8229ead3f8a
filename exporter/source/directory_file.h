/* One document of a folder: what it gave when it was last read well. */

#ifndef EXPORTER_SOURCE_DIRECTORY_FILE_H
#define EXPORTER_SOURCE_DIRECTORY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "exporter/parse/parse.h"
#include "exporter/source/directory_scan.h"

struct directory_file {
    char *path;
    struct file_stamp stamp;
    /* The stamp was the same in two readings: until it differs, the content
     * is taken to be the same without reading it. */
    bool settled;
    struct hash good_hash; /* Of the content that gave the part. */
    bool has_bad_hash;
    struct hash bad_hash; /* Of the content that the error is about. */
    /* What the file gave when it was last well; part is NULL if it never
     * was.  The file owns one reference to the part's arena. */
    struct parse_result result;
    struct text findings; /* Of that parsing. */
    char *error;          /* Why the file cannot be read now, or NULL. */
};

struct directory_file *directory_file_create(const char *path);
void directory_file_destroy(struct directory_file *file);

/* Notes that the file cannot be read; what it gave before stays. */
void directory_file_fail(struct directory_file *file, const char *cause);

/* Brings the file up to date with what 'stamp' says is there now.  Returns
 * true if it gave a new part. */
bool directory_file_update(struct directory_file *file,
                           const struct file_stamp *stamp,
                           const struct parse_request *request,
                           int64_t wall_ms);

#endif
