#include "exporter/source/http_curl.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "exporter/source/http_curl_transfer.h"

enum { CONNECTIONS_MAX = 8 };

static const struct http_class http_curl_class;

static bool read_authorities(struct http_curl *curl, const char *ca_file,
                             struct error *error);
static void transfer_end(struct http_curl *curl, struct transfer *transfer);
static void classify(const struct curl_library *library,
                     struct transfer *transfer, CURLcode code);

struct http *
http_curl_create(const char *ca_file, struct error *error)
{
    const struct curl_library *library = curl_library_get(error);

    if (!library) {
        return NULL;
    }
    struct http_curl *curl = memory_calloc(1, sizeof *curl);
    curl->up.class = &http_curl_class;
    curl->library = library;
    curl->multi = curl->library->multi_init();
    if (!curl->multi || !read_authorities(curl, ca_file, error)) {
        if (!curl->multi) {
            error_set(error, "curl does not start");
        }
        http_destroy(&curl->up);
        return NULL;
    }
    curl->library->multi_setopt(curl->multi, CURLMOPT_PIPELINING,
                                CURLPIPE_MULTIPLEX);
    curl->library->multi_setopt(curl->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                                (long) CONNECTIONS_MAX);
    return &curl->up;
}

static struct http_curl *
http_curl_cast(struct http *http)
{
    return (struct http_curl *) http;
}

static void
http_curl_start(struct http *http, const struct http_request *request,
                http_done *done, void *aux)
{
    struct http_curl *curl = http_curl_cast(http);
    struct transfer *transfer = memory_calloc(1, sizeof *transfer);

    transfer->done = done;
    transfer->aux = aux;
    transfer->max_bytes = request->max_bytes;
    http_response_init(&transfer->response);
    transfer->easy = curl->library->easy_init();
    if (!transfer->easy) {
        abort(); /* Memory is gone. */
    }
    transfer_set_options(curl, transfer, request);
    transfer->next = curl->transfers;
    if (transfer->next) {
        transfer->next->previous = transfer;
    }
    curl->transfers = transfer;
    curl->library->multi_add_handle(curl->multi, transfer->easy);
}

/* Calls back for each transfer that ended; returns whether one did. */
static bool
finish_transfers(struct http_curl *curl)
{
    bool any = false;
    int left;

    for (CURLMsg *message;
         (message = curl->library->multi_info_read(curl->multi, &left));) {
        struct transfer *transfer = NULL;
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        CURLcode code = message->data.result;
        curl->library->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
                                    &transfer);
        classify(curl->library, transfer, code);
        transfer->done(transfer->aux, &transfer->response);
        transfer_end(curl, transfer);
        any = true;
    }
    return any;
}

static void
http_curl_run(struct http *http, int64_t wait_ms)
{
    struct http_curl *curl = http_curl_cast(http);
    int running = 0;

    if (atomic_load(&curl->interrupted)) {
        return;
    }
    curl->library->multi_perform(curl->multi, &running);
    if (finish_transfers(curl)) {
        return;
    }
    /* An interrupt wakes the poll up, also one that came just before it. */
    int timeout = wait_ms > 1000 ? 1000 : wait_ms < 0 ? 0 : (int) wait_ms;
    curl->library->multi_poll(curl->multi, NULL, 0, timeout, NULL);
    if (!atomic_load(&curl->interrupted)) {
        curl->library->multi_perform(curl->multi, &running);
        finish_transfers(curl);
    }
}

static void
http_curl_cancel(struct http *http)
{
    struct http_curl *curl = http_curl_cast(http);

    while (curl->transfers) {
        assert(!curl->transfers->previous);
        transfer_end(curl, curl->transfers);
    }
}

static void
http_curl_interrupt(struct http *http)
{
    struct http_curl *curl = http_curl_cast(http);

    atomic_store(&curl->interrupted, true);
    curl->library->multi_wakeup(curl->multi);
}

static bool
http_curl_interrupted(struct http *http)
{
    return atomic_load(&http_curl_cast(http)->interrupted);
}

static void
http_curl_resume(struct http *http)
{
    atomic_store(&http_curl_cast(http)->interrupted, false);
}

static void
http_curl_destroy(struct http *http)
{
    struct http_curl *curl = http_curl_cast(http);

    http_curl_cancel(http);
    curl->library->multi_cleanup(curl->multi);
    free(curl->ca_file);
    free(curl->ca_bytes);
    free(curl);
}

static const struct http_class http_curl_class = {
    .start = http_curl_start,
    .run = http_curl_run,
    .cancel = http_curl_cancel,
    .interrupt = http_curl_interrupt,
    .interrupted = http_curl_interrupted,
    .resume = http_curl_resume,
    .destroy = http_curl_destroy,
};

static bool
append_file(const char *path, struct text *bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char chunk[16384];
    ssize_t n = -1;

    while (fd >= 0 && (n = read(fd, chunk, sizeof chunk)) > 0) {
        text_append_bytes(bytes, chunk, (size_t) n);
    }
    int reason = errno;
    if (fd >= 0) {
        close(fd);
    }
    errno = reason;
    return n == 0;
}

/* SSL_CERT_FILE replaces the system's bundle, as with OpenSSL itself; the
 * configured file comes on top of it. */
static bool
read_authorities(struct http_curl *curl, const char *ca_file,
                 struct error *error)
{
    const char *replaced = getenv("SSL_CERT_FILE");
    const curl_version_info_data *version =
        curl->library->version_info(CURLVERSION_NOW);
    const char *bundle = version->cainfo;
    struct text bytes;

    if (replaced && replaced[0]) {
        bundle = replaced;
        curl->ca_file = memory_alloc(strlen(replaced) + 1);
        memcpy(curl->ca_file, replaced, strlen(replaced) + 1);
    }
    if (!ca_file[0]) {
        return true;
    }
    text_init(&bytes);
    if (bundle) {
        /* A bundle that is not there leaves the configured file alone. */
        append_file(bundle, &bytes);
        text_append(&bytes, "\n");
    }
    if (!append_file(ca_file, &bytes)) {
        text_clear(&bytes);
        return error_set(error, "ca_file %s: %s", ca_file, strerror(errno));
    }
    curl->ca_size = bytes.length;
    curl->ca_bytes = text_steal(&bytes);
    return true;
}

static void
transfer_end(struct http_curl *curl, struct transfer *transfer)
{
    if (transfer->next) {
        transfer->next->previous = transfer->previous;
    }
    if (transfer->previous) {
        transfer->previous->next = transfer->next;
    } else {
        curl->transfers = transfer->next;
    }
    curl->library->multi_remove_handle(curl->multi, transfer->easy);
    curl->library->easy_cleanup(transfer->easy);
    curl->library->slist_free_all(transfer->headers);
    if (transfer->body) {
        memset(transfer->body, 0, strlen(transfer->body));
        free(transfer->body);
    }
    http_response_clear(&transfer->response);
    free(transfer);
}

static enum fetch_failure
failure_of(CURLcode code)
{
    static const struct {
        CURLcode code;
        enum fetch_failure failure;
    } table[] = {
        { CURLE_OPERATION_TIMEDOUT, FETCH_TIMEOUT },
        { CURLE_COULDNT_RESOLVE_HOST, FETCH_DNS },
        { CURLE_COULDNT_RESOLVE_PROXY, FETCH_DNS },
        { CURLE_COULDNT_CONNECT, FETCH_CONNECT },
        { CURLE_PROXY, FETCH_CONNECT },
        { CURLE_SSL_CONNECT_ERROR, FETCH_TLS },
        { CURLE_PEER_FAILED_VERIFICATION, FETCH_TLS },
        { CURLE_SSL_CERTPROBLEM, FETCH_TLS },
        { CURLE_SSL_CIPHER, FETCH_TLS },
        { CURLE_SSL_CACERT_BADFILE, FETCH_TLS },
        { CURLE_SSL_ISSUER_ERROR, FETCH_TLS },
        { CURLE_SSL_INVALIDCERTSTATUS, FETCH_TLS },
        { CURLE_USE_SSL_FAILED, FETCH_TLS },
        { CURLE_URL_MALFORMAT, FETCH_REFUSED },
        { CURLE_UNSUPPORTED_PROTOCOL, FETCH_REFUSED },
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].code == code) {
            return table[i].failure;
        }
    }
    return FETCH_ABORTED;
}

static void
classify(const struct curl_library *library, struct transfer *transfer,
         CURLcode code)
{
    struct http_response *response = &transfer->response;
    curl_off_t microseconds = 0;

    library->easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T,
                          &microseconds);
    response->duration_ms = (int64_t) (microseconds / 1000);
    if (transfer->too_large) {
        response->failure = FETCH_LIMIT;
        response->detail = "the answer is larger than the limit";
    } else if (code != CURLE_OK) {
        response->failure = failure_of(code);
        response->detail = library->easy_strerror(code);
    } else {
        library->easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE,
                              &response->status);
    }
}
