/* The header lines of a request that decide how it is read and answered.
 *
 * A list may stand on several lines, which mean the same as one line with
 * commas (RFC 9110, 5.3).  What says where the body ends must be said once:
 * a proxy before us might go by the other one, and take the rest of the body
 * for a request of somebody else. */

#ifndef EXPORTER_WEB_HEAD_H
#define EXPORTER_WEB_HEAD_H

#include <stdbool.h>

#include "engine/base/text.h"

enum head_name {
    HEAD_ACCEPT,
    HEAD_ACCEPT_ENCODING,
    HEAD_IF_NONE_MATCH,
    N_HEAD_LISTS,
    HEAD_AUTHORIZATION = N_HEAD_LISTS,
    HEAD_CONTENT_LENGTH,
    HEAD_HOST,
    HEAD_TRANSFER_ENCODING,
    N_HEAD_NAMES
};

struct head {
    const char *values[N_HEAD_NAMES]; /* The first line's; NULL: none. */
    unsigned int counts[N_HEAD_NAMES];
    bool bad_name;                    /* A blank stands before a colon. */
    struct text joined[N_HEAD_LISTS]; /* Lists of several lines. */
};

/* Why a request is not read any further. */
struct refusal {
    unsigned int status; /* 0: it is good. */
    const char *cause;   /* A sentence; outlives all. */
};

void head_init(struct head *head);
void head_clear(struct head *head);
/* Notes a line.  'name' and 'value' must outlive 'head'; 'value' may be
 * NULL. */
void head_add(struct head *head, const char *name, const char *value);

/* 'version' is "HTTP/1.1"; bodies of more than 'max' bytes are refused. */
struct refusal head_check(const struct head *head, const char *version,
                          unsigned int max);

#endif
