/* Addresses of a custom cloud's endpoints. */

#ifndef CONFIG_URL_H
#define CONFIG_URL_H

#include <stdbool.h>

struct arena;

/* Returns true if the exporter may send tokens to 'url': https, or http to a
 * loopback address; no user, query or fragment.  Otherwise '*cause' says what
 * is wrong, to follow the url in a sentence. */
bool url_check(const char *url, const char **cause);

/* Returns the url with "user:password@" replaced, fit for a message. */
const char *url_without_user(struct arena *arena, const char *url);

#endif
