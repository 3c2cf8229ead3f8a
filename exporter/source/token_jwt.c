/* The signed assertion of a certificate credential (RFC 7523, as Entra wants
 * it): PS256 with x5t#S256, or RS256 with x5t for older authorities. */

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "engine/base/error.h"
#include "exporter/source/token_kind.h"

enum { ASSERTION_LIFE_S = 600, SIGNATURE_MAX = 1024, FILE_MAX = 256 * 1024 };

struct credential {
    EVP_PKEY *key;
    X509 *certificate;
    STACK_OF(X509) * chain;
};

static bool credential_load(const struct token_settings *settings,
                            struct credential *credential,
                            struct error *error);
static void credential_clear(struct credential *credential);
static bool append_header(const struct token_settings *settings,
                          const struct credential *credential,
                          struct text *assertion);
static bool append_claims(const struct token_settings *settings,
                          const char *audience, int64_t now_s,
                          struct text *assertion);
static bool append_signature(const struct token_settings *settings,
                             const struct credential *credential,
                             struct text *assertion);
static void append_base64(struct text *text, const unsigned char *bytes,
                          size_t size, bool for_url);

bool
token_assertion(const struct token_settings *settings, const char *audience,
                int64_t now_s, struct text *assertion, struct error *error)
{
    struct credential credential = { .key = NULL };

    bool made = credential_load(settings, &credential, error);
    if (made
        && (!append_header(settings, &credential, assertion)
            || !append_claims(settings, audience, now_s, assertion)
            || !append_signature(settings, &credential, assertion))) {
        made =
            error_set(error, "%s: signing failed", settings->certificate_file);
    }
    credential_clear(&credential);
    return made;
}

/* OpenSSL would ask a terminal for the password. */
static int
give_password(char *to, int size, int writing, void *aux)
{
    const struct text *password = aux;

    (void) writing;
    if (password->length > (size_t) size) {
        return -1;
    }
    memcpy(to, password->data, password->length);
    return (int) password->length;
}

static void
load_pem(BIO *bio, struct text *password, struct credential *credential)
{
    credential->key =
        PEM_read_bio_PrivateKey(bio, NULL, give_password, password);
    (void) BIO_reset(bio);
    credential->certificate =
        PEM_read_bio_X509(bio, NULL, give_password, password);
    credential->chain = sk_X509_new_null();
    for (X509 *next; credential->chain && credential->certificate
                     && (next = PEM_read_bio_X509(bio, NULL, NULL, NULL));) {
        if (!sk_X509_push(credential->chain, next)) {
            X509_free(next);
            break;
        }
    }
}

static void
load_pkcs12(BIO *bio, const struct text *password,
            struct credential *credential)
{
    PKCS12 *file = d2i_PKCS12_bio(bio, NULL);

    if (file) {
        PKCS12_parse(file, password->data, &credential->key,
                     &credential->certificate, &credential->chain);
        PKCS12_free(file);
    }
}

static bool
read_password(const struct token_settings *settings, struct text *password,
              struct error *error)
{
    const char *variable = getenv(settings->password_variable);

    if (settings->certificate_password_file[0]) {
        return token_read_file(settings->certificate_password_file, password,
                               error);
    }
    if (variable) {
        text_append(password, variable);
    }
    return true;
}

static bool
credential_load(const struct token_settings *settings,
                struct credential *credential, struct error *error)
{
    const char *path = settings->certificate_file;
    struct text password;

    if (!path[0]) {
        return error_set(error, "neither certificate_file nor "
                                "AZURE_CLIENT_CERTIFICATE_PATH is set");
    }
    text_init(&password);
    if (!read_password(settings, &password, error)) {
        token_wipe(&password);
        return false;
    }
    BIO *bio = BIO_new_file(path, "rb");
    if (bio) {
        load_pem(bio, &password, credential);
        if (!credential->key || !credential->certificate) {
            credential_clear(credential);
            (void) BIO_reset(bio);
            load_pkcs12(bio, &password, credential);
        }
        BIO_free(bio);
    }
    token_wipe(&password);
    if (!bio || !credential->key || !credential->certificate
        || EVP_PKEY_get_base_id(credential->key) != EVP_PKEY_RSA) {
        return error_set(error,
                         "%s: cannot be read, or holds no RSA key with its "
                         "certificate, or the password is wrong",
                         path);
    }
    if (X509_check_private_key(credential->certificate, credential->key)
        != 1) {
        return error_set(error, "%s: the key is not the certificate's", path);
    }
    return true;
}

static void
credential_clear(struct credential *credential)
{
    EVP_PKEY_free(credential->key);
    X509_free(credential->certificate);
    sk_X509_pop_free(credential->chain, X509_free);
    *credential = (struct credential){ .key = NULL };
}

static bool
append_der(struct text *json, X509 *certificate)
{
    unsigned char *der = NULL;
    int size = i2d_X509(certificate, &der);

    if (size > 0) {
        text_append_char(json, '"');
        append_base64(json, der, (size_t) size, false);
        text_append_char(json, '"');
    }
    OPENSSL_free(der);
    return size > 0;
}

static bool
append_chain(struct text *json, const struct credential *credential)
{
    text_append(json, ",\"x5c\":[");
    if (!append_der(json, credential->certificate)) {
        return false;
    }
    for (int i = 0; i < sk_X509_num(credential->chain); i++) {
        text_append_char(json, ',');
        if (!append_der(json, sk_X509_value(credential->chain, i))) {
            return false;
        }
    }
    text_append_char(json, ']');
    return true;
}

static bool
append_header(const struct token_settings *settings,
              const struct credential *credential, struct text *assertion)
{
    unsigned char print[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    bool legacy = settings->legacy_algorithm;
    struct text json;

    if (!X509_digest(credential->certificate,
                     legacy ? EVP_sha1() : EVP_sha256(), print, &size)) {
        return false;
    }
    text_init(&json);
    text_printf(&json, "{\"alg\":\"%s\",\"typ\":\"JWT\",\"%s\":\"",
                legacy ? "RS256" : "PS256", legacy ? "x5t" : "x5t#S256");
    append_base64(&json, print, size, true);
    text_append_char(&json, '"');
    bool made = !settings->send_chain || append_chain(&json, credential);
    text_append_char(&json, '}');
    append_base64(assertion, (const unsigned char *) json.data, json.length,
                  true);
    text_clear(&json);
    return made;
}

static void
append_json_string(struct text *json, const char *string)
{
    text_append_char(json, '"');
    for (; *string; string++) {
        unsigned char c = (unsigned char) *string;
        if (c < 0x20) {
            text_printf(json, "\\u%04x", c);
        } else {
            if (c == '"' || c == '\\') {
                text_append_char(json, '\\');
            }
            text_append_char(json, (char) c);
        }
    }
    text_append_char(json, '"');
}

static bool
append_claims(const struct token_settings *settings, const char *audience,
              int64_t now_s, struct text *assertion)
{
    unsigned char id[16];
    struct text json;

    if (RAND_bytes(id, sizeof id) != 1) {
        return false;
    }
    id[6] = (unsigned char) ((id[6] & 0x0f) | 0x40);
    id[8] = (unsigned char) ((id[8] & 0x3f) | 0x80);
    text_init(&json);
    text_append(&json, "{\"aud\":");
    append_json_string(&json, audience);
    text_append(&json, ",\"iss\":");
    append_json_string(&json, settings->client_id);
    text_append(&json, ",\"sub\":");
    append_json_string(&json, settings->client_id);
    text_append(&json, ",\"jti\":\"");
    for (size_t i = 0; i < sizeof id; i++) {
        text_printf(&json,
                    i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
                    id[i]);
    }
    text_printf(&json, "\",\"nbf\":%lld,\"iat\":%lld,\"exp\":%lld}",
                (long long) now_s, (long long) now_s,
                (long long) now_s + ASSERTION_LIFE_S);
    text_append_char(assertion, '.');
    append_base64(assertion, (const unsigned char *) json.data, json.length,
                  true);
    text_clear(&json);
    return true;
}

static bool
append_signature(const struct token_settings *settings,
                 const struct credential *credential, struct text *assertion)
{
    unsigned char signature[SIGNATURE_MAX];
    size_t size = sizeof signature;
    EVP_PKEY_CTX *key_context = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    bool signed_ = context
                   && EVP_DigestSignInit(context, &key_context, EVP_sha256(),
                                         NULL, credential->key)
                          == 1;
    if (signed_ && !settings->legacy_algorithm) {
        signed_ =
            EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING)
                == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context,
                                                RSA_PSS_SALTLEN_DIGEST)
                   == 1;
    }
    signed_ = signed_
              && EVP_DigestSign(context, signature, &size,
                                (const unsigned char *) assertion->data,
                                assertion->length)
                     == 1;
    EVP_MD_CTX_free(context);
    if (signed_) {
        text_append_char(assertion, '.');
        append_base64(assertion, signature, size, true);
    }
    return signed_;
}

static void
append_base64(struct text *text, const unsigned char *bytes, size_t size,
              bool for_url)
{
    const char *digits = for_url ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                   "qrstuvwxyz0123456789-_"
                                 : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                   "qrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t word = (uint32_t) bytes[i] << 16;
        if (left > 1) {
            word |= (uint32_t) bytes[i + 1] << 8;
        }
        if (left > 2) {
            word |= bytes[i + 2];
        }
        for (unsigned int k = 0; k < 4; k++) {
            if (k <= left) {
                text_append_char(text, digits[word >> (18 - 6 * k) & 63]);
            } else if (!for_url) {
                text_append_char(text, '=');
            }
        }
    }
}
