/* The envelope of an answer: where its array is and what comes next.
 *
 * The bytes are walked once without a tree, because most answers are the same
 * as last time and are not parsed at all.  What is inside the array is for
 * exporter/parse to judge.  Pure. */

#ifndef EXPORTER_SOURCE_ARM_PAGE_H
#define EXPORTER_SOURCE_ARM_PAGE_H

#include <stdbool.h>
#include <stddef.h>

enum { ARM_DEPTH_MAX = 128 };

/* The string members are from the heap, or NULL where absent, null or "". */
struct arm_page {
    bool is_object;
    bool too_deep;
    bool odd;           /* Twice a list, or a next page that is no string. */
    bool truncated;     /* "resultTruncated" is "true". */
    bool has_array;     /* The member that was asked for is an array. */
    size_t array_start; /* Of what is between its brackets. */
    size_t array_end;
    char *next_link;
    char *skip_token;
    char *change_number;
    char *id;
    char *status; /* Of a long-running operation. */
};

/* Walks the members of the object that 'bytes' are; 'array' is "value" or
 * "values".  Returns false if it is no JSON as far as can be told, or if it
 * leaves open what comes next: read as the end, that would cut the list. */
bool arm_page_scan(const char *bytes, size_t size, const char *array,
                   struct arm_page *page);
void arm_page_clear(struct arm_page *page);

#endif
