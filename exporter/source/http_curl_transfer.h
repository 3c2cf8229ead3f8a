/* One transfer of curl, and what all share.  Private to
 * exporter/source/http_curl*.c. */

#ifndef EXPORTER_SOURCE_HTTP_CURL_TRANSFER_H
#define EXPORTER_SOURCE_HTTP_CURL_TRANSFER_H

#include <stdatomic.h>

#include "exporter/source/http.h"
#include "exporter/source/http_curl_library.h"

struct transfer {
    struct transfer *next;
    struct transfer *previous;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    size_t max_bytes;
    bool too_large;
    struct http_response response;
    http_done *done;
    void *aux;
};

struct http_curl {
    struct http up;
    const struct curl_library *library;
    CURLM *multi;
    struct transfer *transfers;
    char *ca_file;  /* Replaces curl's own bundle; NULL: curl's. */
    char *ca_bytes; /* Curl's own bundle and ours, one after the other. */
    size_t ca_size;
    atomic_bool interrupted;
};

/* Sets the options of a transfer from the request (http_curl_transfer.c). */
void transfer_set_options(struct http_curl *curl, struct transfer *transfer,
                          const struct http_request *request);

#endif
