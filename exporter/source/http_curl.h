/* Requests by curl's multi interface: the only home of curl.
 *
 * TLS is always verified; redirects are never followed; the size of a body is
 * counted as it arrives, after decompression.  Proxies come from the
 * environment as curl reads it.
 *
 * Threads: one at a time, but for http_interrupt(). */

#ifndef EXPORTER_SOURCE_HTTP_CURL_H
#define EXPORTER_SOURCE_HTTP_CURL_H

struct error;
struct http;

/* 'ca_file' holds further certificate authorities, or is "".  SSL_CERT_FILE
 * does the same if 'ca_file' is "".  Returns NULL and fills 'error' if a file
 * cannot be read, or if the system has no curl. */
struct http *http_curl_create(const char *ca_file, struct error *error);

#endif
