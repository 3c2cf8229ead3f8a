/* Curl's functions.  Private to exporter/source/http_curl*.c.
 *
 * The library is loaded when a source first needs it, not with the program:
 * as distributions build it, curl brings thirty libraries, and a program that
 * reads its documents from a folder would pay for them with 3 MB of memory and
 * with most of the time that it takes to start.  What loads it is the program
 * itself, not a module of ours, so that there is one file to install. */

#ifndef EXPORTER_SOURCE_HTTP_CURL_LIBRARY_H
#define EXPORTER_SOURCE_HTTP_CURL_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

struct error;

/* Those that are used, without their "curl_". */
#define CURL_FUNCTIONS(X)                                                     \
    X(easy_cleanup)                                                           \
    X(easy_getinfo)                                                           \
    X(easy_init)                                                              \
    X(easy_setopt)                                                            \
    X(easy_strerror)                                                          \
    X(global_init)                                                            \
    X(multi_add_handle)                                                       \
    X(multi_cleanup)                                                          \
    X(multi_info_read)                                                        \
    X(multi_init)                                                             \
    X(multi_perform)                                                          \
    X(multi_poll)                                                             \
    X(multi_remove_handle)                                                    \
    X(multi_setopt)                                                           \
    X(multi_wakeup)                                                           \
    X(slist_append)                                                           \
    X(slist_free_all)                                                         \
    X(version_info)

struct curl_library {
#define CURL_MEMBER(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(CURL_MEMBER)
#undef CURL_MEMBER
};

/* Returns the functions, which stay for as long as the process does, or NULL
 * and fills 'error' if the library is missing or older than what was built
 * against needs.  Threads: any. */
const struct curl_library *curl_library_get(struct error *error);

/* Fills 'library' from the file that the loader finds by the name 'soname':
 * what the above does once, for tests. */
bool curl_library_load(struct curl_library *library, const char *soname,
                       struct error *error);

#endif
