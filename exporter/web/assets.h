/* The files that pages need, embedded in the program by embed.sh. */

#ifndef EXPORTER_WEB_ASSETS_H
#define EXPORTER_WEB_ASSETS_H

#include <stddef.h>

struct asset {
    const char *name; /* "style.css" */
    const char *content_type;
    const char *etag; /* Of the content, with its quotes. */
    const unsigned char *bytes;
    size_t size;
};

/* Ends with a NULL name. */
extern const struct asset assets[];

#endif
