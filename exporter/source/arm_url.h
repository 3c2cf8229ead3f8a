/* URLs that a bearer token may be sent to.
 *
 * What a server gives as "nextLink" or "Location" is followed only to the
 * origin (scheme, host, port) that was configured; the URL that is asked is
 * put together from that origin, so that what is checked is what is used.
 * Pure. */

#ifndef EXPORTER_SOURCE_ARM_URL_H
#define EXPORTER_SOURCE_ARM_URL_H

#include <stdbool.h>

struct error;
struct text;

struct origin {
    bool https;
    char host[256]; /* Lower case; IPv6 in its brackets. */
    unsigned int port;
};

/* Reads the origin of 'url'; '*rest' (if not NULL) becomes what follows it:
 * path, query.  Refuses user names, other schemes and odd characters. */
bool origin_parse(const char *url, struct origin *origin, const char **rest,
                  struct error *error);
/* Appends "https://host[:port]"; the port only if it is not the usual one. */
void origin_format(const struct origin *origin, struct text *url);
/* True for localhost, 127.0.0.0/8 and ::1. */
bool origin_is_loopback(const struct origin *origin);

/* Appends to 'url' the link that an answer gave, if it leads to 'pinned'; a
 * link without an origin is taken as a path there.  A double slash behind the
 * origin is tolerated, blanks and the like in the query are encoded. */
bool origin_follow(const struct origin *pinned, const char *link,
                   struct text *url, struct error *error);

/* Appends 'value' with all but letters, digits and "-_.~" encoded. */
void url_append_encoded(struct text *url, const char *value);
/* Appends the path of 'url' without its query, which may be a signature. */
void url_append_for_log(struct text *line, const char *url);

#endif
