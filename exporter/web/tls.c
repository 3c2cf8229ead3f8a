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
#include "exporter/web/web_config.h"

enum { FILE_MAX = 1024 * 1024, CHAIN_MAX = 16 };

struct tls {
    const struct web_config *config; /* A reference. */
    struct text certificate, key, priorities;
    gnutls_x509_trust_list_t trusted; /* NULL without client_ca_file. */
};

/* What Go calls a suite, in the words of GnuTLS: each part joins the list of
 * those that may be used. */
static const struct {
    const char *name, *parts;
} suites[] = {
    { "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      ":+ECDHE-RSA:+AES-128-GCM:+AEAD" },
    { "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      ":+ECDHE-RSA:+AES-256-GCM:+AEAD" },
    { "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      ":+ECDHE-ECDSA:+AES-128-GCM:+AEAD" },
    { "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      ":+ECDHE-ECDSA:+AES-256-GCM:+AEAD" },
    { "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
      ":+ECDHE-RSA:+CHACHA20-POLY1305:+AEAD" },
    { "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      ":+ECDHE-ECDSA:+CHACHA20-POLY1305:+AEAD" },
    { "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", ":+ECDHE-RSA:+AES-128-CBC:+SHA1" },
    { "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", ":+ECDHE-RSA:+AES-256-CBC:+SHA1" },
    { "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
      ":+ECDHE-ECDSA:+AES-128-CBC:+SHA1" },
    { "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
      ":+ECDHE-ECDSA:+AES-256-CBC:+SHA1" },
    /* Those of TLS 1.3 are always on, as in Go. */
    { "TLS_AES_128_GCM_SHA256", "" },
    { "TLS_AES_256_GCM_SHA384", "" },
    { "TLS_CHACHA20_POLY1305_SHA256", "" },
};

static const struct {
    const char *name, *group;
} curves[] = {
    { "CurveP256", ":+GROUP-SECP256R1" },
    { "CurveP384", ":+GROUP-SECP384R1" },
    { "CurveP521", ":+GROUP-SECP521R1" },
    { "X25519", ":+GROUP-X25519" },
};

static bool read_file(const char *path, struct text *text,
                      struct error *error);
static bool check_pair(const struct tls *tls, struct error *error);
static bool read_trusted(struct tls *tls, struct error *error);
static bool set_priorities(struct tls *tls, struct error *error);
static bool append_suites(struct tls *tls, struct error *error);
static bool append_curves(struct tls *tls, struct error *error);
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

    if (read_file(config->cert_file, &tls->certificate, error)
        && read_file(config->key_file, &tls->key, error)
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
    if (tls->config->client_auth != CLIENT_AUTH_NONE) {
        gnutls_session_set_ptr(own, (void *) (uintptr_t) tls);
        gnutls_session_set_verify_function(own, check_client);
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
           || error_set(error, "%s and %s: %s", tls->config->cert_file,
                        tls->config->key_file, gnutls_strerror(code));
}

static bool
read_trusted(struct tls *tls, struct error *error)
{
    const char *path = tls->config->client_ca_file;
    struct text text;
    if (!path) {
        return true;
    }
    text_init(&text);
    if (!read_file(path, &text, error)) {
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
    return n > 0 || error_set(error, "%s: no certificate in it", path);
}

static bool
set_priorities(struct tls *tls, struct error *error)
{
    const struct web_config *config = tls->config;
    text_append(&tls->priorities, "NORMAL:-VERS-ALL");
    if (config->max_version >= TLS_VERSION_13) {
        text_append(&tls->priorities, ":+VERS-TLS1.3");
    }
    if (config->min_version <= TLS_VERSION_12) {
        text_append(&tls->priorities, ":+VERS-TLS1.2");
    }
    /* Without forward secrecy nothing is offered, as in Go's defaults. */
    text_append(&tls->priorities, ":-RSA:-DHE-RSA:-AES-128-CCM:-AES-256-CCM");
    return append_suites(tls, error) && append_curves(tls, error);
}

/* The ciphers named here hold for TLS 1.3, too; Go would offer all three of
 * its suites.  It gets them all where the list leaves it none. */
static bool
append_suites(struct tls *tls, struct error *error)
{
    const struct web_words *words = &tls->config->cipher_suites;
    if (!words->n) {
        return true;
    }
    text_append(&tls->priorities, ":-KX-ALL:-MAC-ALL:-CIPHER-ALL:+AEAD");
    bool has_aead = false;
    for (size_t i = 0; i < words->n; i++) {
        const char *parts = NULL;
        for (size_t k = 0; k < sizeof suites / sizeof *suites; k++) {
            if (!strcmp(suites[k].name, words->words[i])) {
                parts = suites[k].parts;
            }
        }
        if (!parts) {
            return error_set(error, "cipher suite '%.64s' is not known",
                             words->words[i]);
        }
        has_aead |= strstr(parts, "+AEAD") != NULL;
        text_append(&tls->priorities, parts);
    }
    if (!has_aead && tls->config->max_version >= TLS_VERSION_13) {
        text_append(&tls->priorities,
                    ":+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305");
    }
    return true;
}

static bool
append_curves(struct tls *tls, struct error *error)
{
    const struct web_words *words = &tls->config->curve_preferences;
    if (!words->n) {
        return true;
    }
    text_append(&tls->priorities, ":-GROUP-ALL");
    for (size_t i = 0; i < words->n; i++) {
        const char *group = NULL;
        for (size_t k = 0; k < sizeof curves / sizeof *curves; k++) {
            if (!strcmp(curves[k].name, words->words[i])) {
                group = curves[k].group;
            }
        }
        if (!group) {
            return error_set(error, "curve '%.64s' is not known",
                             words->words[i]);
        }
        text_append(&tls->priorities, group);
    }
    return true;
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
    if (!allowed->n) {
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
