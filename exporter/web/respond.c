#include "exporter/web/respond.h"

#include <stdlib.h>

#include <microhttpd.h>

#include "engine/base/ascii.h"
#include "engine/base/memory.h"
#include "exporter/web/web.h"
#include "exporter/web/web_config.h"

static const struct web_header security_headers[] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "img-src 'self'; connect-src 'self'; base-uri 'none'; "
      "form-action 'self'; frame-ancestors 'none'; "
      "require-trusted-types-for 'script'; trusted-types 'none'" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
};

static struct MHD_Response *respond_pieces(struct response *response);
static void release_answer(void *aux);
static void add_headers(struct MHD_Response *to,
                        const struct response *response,
                        const struct web_config *config);
static void add_header(struct MHD_Response *to,
                       const struct web_header *header);
static bool is_configured(const struct web_config *config, const char *name);

struct MHD_Response *
respond(struct response *response, const struct web_config *config)
{
    struct MHD_Response *to;

    if (response->exposition) {
        to = respond_pieces(response);
        add_headers(to, response, config);
        return to;
    }
    size_t size = response->body.length;
    if (response->constant) {
        to = MHD_create_response_from_buffer(
            response->constant_size, (void *) (uintptr_t) response->constant,
            MHD_RESPMEM_PERSISTENT);
    } else {
        to = MHD_create_response_from_buffer(size, text_steal(&response->body),
                                             MHD_RESPMEM_MUST_FREE);
    }
    add_headers(to, response, config);
    release_answer(response);
    return to;
}

/* From memory: the library gives sendfile() 128 KB at a time and asks epoll in
 * between, which took half as long again as the copy that it saves. */
static struct MHD_Response *
respond_pieces(struct response *response)
{
    const struct exposition_piece *pieces = response->answer.pieces;
    size_t n = response->answer.n_pieces;
    if (n == 1) {
        return MHD_create_response_from_buffer_with_free_callback_cls(
            pieces->size, (void *) (uintptr_t) pieces->bytes, release_answer,
            response);
    }
    struct MHD_IoVec *vector = memory_calloc(n, sizeof *vector);
    for (size_t i = 0; i < n; i++) {
        vector[i].iov_base = pieces[i].bytes;
        vector[i].iov_len = pieces[i].size;
    }
    struct MHD_Response *to = MHD_create_response_from_iovec(
        vector, (unsigned int) n, release_answer, response);
    free(vector);
    return to;
}

static void
release_answer(void *aux)
{
    struct response *response = aux;
    response_clear(response);
    free(response);
}

static void
add_headers(struct MHD_Response *to, const struct response *response,
            const struct web_config *config)
{
    const struct web_header headers[] = {
        { "Content-Type", response->content_type },
        { "Content-Encoding", response->gzip ? "gzip" : NULL },
        { "Vary", response->vary ? "Accept, Accept-Encoding" : NULL },
        { "Allow", *response->allow ? response->allow : NULL },
        { "Location", response->location },
        { "Connection", response->close ? "close" : NULL },
        { "ETag", response->etag },
        { "Retry-After", response->status == 429 ? "1" : NULL },
        { "WWW-Authenticate",
          response->status == 401 ? "Basic realm=\"flowverify\"" : NULL },
        { "Cache-Control", response->etag ? "no-cache" : "no-store" },
    };
    size_t n_own = sizeof security_headers / sizeof *security_headers;

    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        add_header(to, &headers[i]);
    }
    for (size_t i = 0; i < n_own; i++) {
        if (!is_configured(config, security_headers[i].name)) {
            add_header(to, &security_headers[i]);
        }
    }
    for (size_t i = 0; config && i < config->n_headers; i++) {
        add_header(to, &config->headers[i]);
    }
}

static void
add_header(struct MHD_Response *to, const struct web_header *header)
{
    if (header->value) {
        (void) MHD_add_response_header(to, header->name, header->value);
    }
}

static bool
is_configured(const struct web_config *config, const char *name)
{
    for (size_t i = 0; config && i < config->n_headers; i++) {
        if (ascii_equal(config->headers[i].name, name)) {
            return true;
        }
    }
    return false;
}
