#include "exporter/source/http_curl_transfer.h"

#include <string.h>

#include "engine/base/ascii.h"
#include "engine/base/memory.h"

enum { HEADERS_BYTES_MAX = 128 * 1024 };

static void set_headers(const struct curl_library *library,
                        struct transfer *transfer,
                        const struct http_request *request);
static void set_authorities(struct http_curl *curl, CURL *easy);
static size_t take_body(char *bytes, size_t size, size_t n, void *aux);
static size_t take_header(char *bytes, size_t size, size_t n, void *aux);

void
transfer_set_options(struct http_curl *curl, struct transfer *transfer,
                     const struct http_request *request)
{
    const struct curl_library *library = curl->library;
    CURL *easy = transfer->easy;
    long timeout = (long) request->timeout_ms;

    library->easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    library->easy_setopt(easy, CURLOPT_URL, request->url);
    library->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* A name that is still being looked up must not hold up the end. */
    library->easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    library->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    library->easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
                         request->plain ? "http,https" : "https");
    library->easy_setopt(easy, CURLOPT_HTTP_VERSION,
                         (long) CURL_HTTP_VERSION_2TLS);
    library->easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    library->easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    library->easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout < 1 ? 1 : timeout);
    library->easy_setopt(easy, CURLOPT_BUFFERSIZE, 65536L);
    library->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    library->easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    library->easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    library->easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    if (request->no_proxy) {
        library->easy_setopt(easy, CURLOPT_PROXY, "");
        library->easy_setopt(easy, CURLOPT_NOPROXY, "*");
    }
    set_authorities(curl, easy);
    set_headers(library, transfer, request);
}

static void
set_headers(const struct curl_library *library, struct transfer *transfer,
            const struct http_request *request)
{
    struct text line;

    text_init(&line);
    for (size_t i = 0; i < request->n_headers; i++) {
        text_reset(&line);
        text_printf(&line, "%s: %s", request->headers[i].name,
                    request->headers[i].value);
        struct curl_slist *longer =
            library->slist_append(transfer->headers, line.data);
        if (longer) {
            transfer->headers = longer;
        }
    }
    /* The line may have held a token. */
    memset(line.data, 0, line.length);
    text_clear(&line);
    if (request->body) {
        size_t size = strlen(request->body);
        transfer->body = memory_alloc(size + 1);
        memcpy(transfer->body, request->body, size + 1);
        library->easy_setopt(transfer->easy, CURLOPT_POST, 1L);
        library->easy_setopt(transfer->easy, CURLOPT_POSTFIELDS,
                             transfer->body);
        library->easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE,
                             (long) size);
        struct curl_slist *longer =
            library->slist_append(transfer->headers, "Expect:");
        if (longer) {
            transfer->headers = longer;
        }
    }
    library->easy_setopt(transfer->easy, CURLOPT_HTTPHEADER,
                         transfer->headers);
}

static void
set_authorities(struct http_curl *curl, CURL *easy)
{
    const struct curl_library *library = curl->library;

    if (curl->ca_bytes) {
        struct curl_blob blob = { .data = curl->ca_bytes,
                                  .len = curl->ca_size,
                                  .flags = CURL_BLOB_NOCOPY };
        library->easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
        library->easy_setopt(easy, CURLOPT_PROXY_CAINFO_BLOB, &blob);
    } else if (curl->ca_file) {
        library->easy_setopt(easy, CURLOPT_CAINFO, curl->ca_file);
        library->easy_setopt(easy, CURLOPT_PROXY_CAINFO, curl->ca_file);
    }
    library->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    library->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
}

static size_t
take_body(char *bytes, size_t size, size_t n, void *aux)
{
    struct transfer *transfer = aux;
    size_t length = size * n;

    if (length > transfer->max_bytes - transfer->response.body.length) {
        transfer->too_large = true;
        return 0;
    }
    text_append_bytes(&transfer->response.body, bytes, length);
    return length;
}

/* Keeps "name: value\n" with the name in lower case, as HTTP/2 has it. */
static size_t
take_header(char *bytes, size_t size, size_t n, void *aux)
{
    struct transfer *transfer = aux;
    struct text *headers = &transfer->response.headers;
    size_t length = size * n;
    size_t end = length;

    if (length > 5 && !memcmp(bytes, "HTTP/", 5)) {
        text_reset(headers); /* A proxy's answer came before. */
        return length;
    }
    while (end && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
        end--;
    }
    const char *colon = end ? memchr(bytes, ':', end) : NULL;
    if (!colon || memchr(bytes, '\0', end)) {
        return length;
    }
    if (headers->length + end > HEADERS_BYTES_MAX) {
        transfer->too_large = true;
        return 0;
    }
    for (const char *c = bytes; c < bytes + end; c++) {
        text_append_char(headers, c < colon ? ascii_lower(*c) : *c);
    }
    text_append_char(headers, '\n');
    return length;
}
