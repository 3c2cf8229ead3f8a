#include "exporter/web/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "exporter/web/tls_priorities.h"
#include "exporter/web/web_config.h"

enum { FILE_MAX = 1024 * 1024, CHAIN_MAX = 16 };

struct tls {
    const struct web_config *config; /* A reference. */
    struct text certificate, key, priorities;
    gnutls_x509_trust_list_t trusted; /* NULL without client_ca_file. */
    gnutls_priority_t limited;        /* Of TLS 1.2, if other; or NULL. */
};

static bool read_pem(const char *path, const char *given, struct text *text,
                     struct error *error);
static bool read_file(const char *path, struct text *text,
                      struct error *error);
static bool check_pair(const struct tls *tls, struct error *error);
static bool read_trusted(struct tls *tls, struct error *error);
static const char *name_of(const char *path, const char *key);
static bool set_priorities(struct tls *tls, struct error *error);
static bool has_rsa_key(const struct tls *tls);
static int limit_suites(gnutls_session_t session);
static int check_client(gnutls_session_t session);
static bool chain_is_trusted(const struct tls *tls, gnutls_x509_crt_t chain[],
                             unsigned int n);
static bool name_is_allowed(const struct tls *tls, gnutls_x509_crt_t leaf);
static bool name_equal(unsigned int type, const void *name, size_t size,
                       const char *word);

struct tls *
tls_create(const struct web_config *config, struct error *error)
{
    struct tls *tls = memory_calloc(1, sizeof *tls);
    tls->config = web_config_ref(config);
    text_init(&tls->certificate);
    text_init(&tls->key);
    text_init(&tls->priorities);

    if (read_pem(config->cert_file, config->cert, &tls->certificate, error)
        && read_pem(config->key_file, config->key, &tls->key, error)
        && check_pair(tls, error) && read_trusted(tls, error)
        && set_priorities(tls, error)) {
        return tls;
    }
    tls_destroy(tls);
    return NULL;
}

void
tls_destroy(struct tls *tls)
{
    if (!tls) {
        return;
    }
    explicit_bzero(tls->key.data, tls->key.length);
    text_clear(&tls->certificate);
    text_clear(&tls->key);
    text_clear(&tls->priorities);
    if (tls->trusted) {
        gnutls_x509_trust_list_deinit(tls->trusted, 1);
    }
    if (tls->limited) {
        gnutls_priority_deinit(tls->limited);
    }
    web_config_unref(tls->config);
    free(tls);
}

const char *
tls_certificate(const struct tls *tls)
{
    return tls->certificate.data;
}

const char *
tls_key(const struct tls *tls)
{
    return tls->key.data;
}

const char *
tls_priorities(const struct tls *tls)
{
    return tls->priorities.data;
}

void
tls_prepare(const struct tls *tls, void *session)
{
    static const gnutls_certificate_request_t requests[] = {
        [CLIENT_AUTH_NONE] = GNUTLS_CERT_IGNORE,
        [CLIENT_AUTH_REQUEST] = GNUTLS_CERT_REQUEST,
        [CLIENT_AUTH_REQUIRE_ANY] = GNUTLS_CERT_REQUIRE,
        [CLIENT_AUTH_VERIFY_IF_GIVEN] = GNUTLS_CERT_REQUEST,
        [CLIENT_AUTH_REQUIRE_AND_VERIFY] = GNUTLS_CERT_REQUIRE,
    };
    gnutls_session_t own = session;
    gnutls_certificate_server_set_request(own,
                                          requests[tls->config->client_auth]);
    gnutls_session_set_ptr(own, (void *) (uintptr_t) tls);
    if (tls->config->client_auth != CLIENT_AUTH_NONE) {
        gnutls_session_set_verify_function(own, check_client);
    }
    if (tls->limited) {
        gnutls_handshake_set_post_client_hello_function(own, limit_suites);
    }
}

void
tls_digest(const void *bytes, size_t size,
           unsigned char digest[TLS_DIGEST_SIZE])
{
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, size, digest) < 0) {
        abort();
    }
}

void
tls_random(void *bytes, size_t size)
{
    if (gnutls_rnd(GNUTLS_RND_RANDOM, bytes, size) < 0) {
        abort();
    }
}

/* What stands in the file counts, if one is named. */
static bool
read_pem(const char *path, const char *given, struct text *text,
         struct error *error)
{
    if (path) {
        return read_file(path, text, error);
    }
    text_reserve(text, strlen(given));
    text_append(text, given);
    return true;
}

/* The buffer is made large at once: growing it would leave copies of the key
 * behind. */
static bool
read_file(const char *path, struct text *text, struct error *error)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        return error_set(error, "%s: %s", path, strerror(errno));
    }
    (void) setvbuf(file, NULL, _IONBF, 0);
    long size = fseek(file, 0, SEEK_END) ? -1 : ftell(file);
    if (size < 0 || size > FILE_MAX) {
        (void) fclose(file);
        return error_set(error, "%s: not a file of PEM", path);
    }
    rewind(file);
    text_reserve(text, (size_t) size);
    size_t n = fread(text->data, 1, (size_t) size, file);
    (void) fclose(file);
    text->length = n;
    text->data[n] = '\0';
    return n == (size_t) size || error_set(error, "%s: cannot be read", path);
}

static bool
check_pair(const struct tls *tls, struct error *error)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_datum_t certificate = { (unsigned char *) tls->certificate.data,
                                   (unsigned int) tls->certificate.length };
    gnutls_datum_t key = { (unsigned char *) tls->key.data,
                           (unsigned int) tls->key.length };

    if (gnutls_certificate_allocate_credentials(&credentials) < 0) {
        abort();
    }
    int code = gnutls_certificate_set_x509_key_mem(credentials, &certificate,
                                                   &key, GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(credentials);
    return code >= 0
           || error_set(
               error, "%s and %s: %s", name_of(tls->config->cert_file, "cert"),
               name_of(tls->config->key_file, "key"), gnutls_strerror(code));
}

static bool
read_trusted(struct tls *tls, struct error *error)
{
    const struct web_config *config = tls->config;
    struct text text;
    if (!config->client_ca_file && !config->client_ca) {
        return true;
    }
    text_init(&text);
    if (!read_pem(config->client_ca_file, config->client_ca, &text, error)) {
        text_clear(&text);
        return false;
    }
    gnutls_datum_t pem = { (unsigned char *) text.data,
                           (unsigned int) text.length };
    if (gnutls_x509_trust_list_init(&tls->trusted, 0) < 0) {
        abort();
    }
    int n = gnutls_x509_trust_list_add_trust_mem(tls->trusted, &pem, NULL,
                                                 GNUTLS_X509_FMT_PEM, 0, 0);
    text_clear(&text);
    return n > 0
           || error_set(error, "%s: no certificate in it",
                        name_of(config->client_ca_file, "client_ca"));
}

static const char *
name_of(const char *path, const char *key)
{
    return path ? path : key;
}

static bool
set_priorities(struct tls *tls, struct error *error)
{
    struct text limited;
    text_init(&limited);
    bool good = tls_priorities_make(tls->config, has_rsa_key(tls),
                                    &tls->priorities, &limited, error);
    if (good && limited.length) {
        int code = gnutls_priority_init(&tls->limited, limited.data, NULL);
        good = code >= 0
               || error_set(error, "cipher suites: %s", gnutls_strerror(code));
    }
    text_clear(&limited);
    return good;
}

static bool
has_rsa_key(const struct tls *tls)
{
    gnutls_datum_t pem = { (unsigned char *) tls->certificate.data,
                           (unsigned int) tls->certificate.length };
    gnutls_x509_crt_t leaf;
    int algorithm = GNUTLS_PK_UNKNOWN;

    if (gnutls_x509_crt_init(&leaf) < 0) {
        abort();
    }
    if (gnutls_x509_crt_import(leaf, &pem, GNUTLS_X509_FMT_PEM) >= 0) {
        algorithm = gnutls_x509_crt_get_pk_algorithm(leaf, NULL);
    }
    gnutls_x509_crt_deinit(leaf);
    return algorithm == GNUTLS_PK_RSA || algorithm == GNUTLS_PK_RSA_PSS;
}

/* Called when the version is settled and the suite is not. */
static int
limit_suites(gnutls_session_t session)
{
    const struct tls *tls = gnutls_session_get_ptr(session);
    return gnutls_protocol_get_version(session) == GNUTLS_TLS1_2
               ? gnutls_priority_set(session, tls->limited)
               : 0;
}

/* Returns 0 if the handshake may go on. */
static int
check_client(gnutls_session_t session)
{
    const struct tls *tls = gnutls_session_get_ptr(session);
    enum client_auth auth = tls->config->client_auth;
    gnutls_x509_crt_t chain[CHAIN_MAX];
    unsigned int n_peers = 0, n = 0;
    const gnutls_datum_t *peers =
        gnutls_certificate_get_peers(session, &n_peers);

    if (!peers || !n_peers) {
        return auth == CLIENT_AUTH_REQUEST
                       || auth == CLIENT_AUTH_VERIFY_IF_GIVEN
                   ? 0
                   : GNUTLS_E_NO_CERTIFICATE_FOUND;
    }
    while (n < n_peers && n < CHAIN_MAX
           && gnutls_x509_crt_init(&chain[n]) >= 0) {
        if (gnutls_x509_crt_import(chain[n], &peers[n], GNUTLS_X509_FMT_DER)
            < 0) {
            gnutls_x509_crt_deinit(chain[n]);
            break;
        }
        n++;
    }
    bool good = n && n == n_peers
                && (auth < CLIENT_AUTH_VERIFY_IF_GIVEN
                    || chain_is_trusted(tls, chain, n))
                && name_is_allowed(tls, chain[0]);
    while (n) {
        gnutls_x509_crt_deinit(chain[--n]);
    }
    return good ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

static bool
chain_is_trusted(const struct tls *tls, gnutls_x509_crt_t chain[],
                 unsigned int n)
{
    unsigned char oid[] = GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st purpose = {
        .type = GNUTLS_DT_KEY_PURPOSE_OID,
        .data = oid,
    };
    unsigned int status = 0;
    int code = gnutls_x509_trust_list_verify_crt2(
        tls->trusted, chain, n, &purpose, 1, 0, &status, NULL);
    return code >= 0 && !status;
}

static bool
name_is_allowed(const struct tls *tls, gnutls_x509_crt_t leaf)
{
    const struct web_words *allowed = &tls->config->client_allowed_sans;
    if (!allowed->words) {
        return true;
    }
    for (unsigned int i = 0;; i++) {
        char name[1024];
        size_t size = sizeof name;
        unsigned int type;
        int code = gnutls_x509_crt_get_subject_alt_name2(leaf, i, name, &size,
                                                         &type, NULL);
        if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return false;
        }
        for (size_t k = 0; code >= 0 && k < allowed->n; k++) {
            if (name_equal(type, name, size, allowed->words[k])) {
                return true;
            }
        }
    }
}

static bool
name_equal(unsigned int type, const void *name, size_t size, const char *word)
{
    if (type == GNUTLS_SAN_IPADDRESS) {
        unsigned char address[16];
        int family = size == 4 ? AF_INET : AF_INET6;
        return (size == 4 || size == 16)
               && inet_pton(family, word, address) == 1
               && !memcmp(address, name, size);
    }
    return (type == GNUTLS_SAN_DNSNAME || type == GNUTLS_SAN_RFC822NAME
            || type == GNUTLS_SAN_URI)
           && size == strlen(word) && !memcmp(name, word, size);
}
