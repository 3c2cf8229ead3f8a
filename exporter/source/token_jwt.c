/* The signed assertion of a certificate credential (RFC 7523, as Entra wants
 * it): PS256 with x5t#S256, or RS256 with x5t for older authorities. */

#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "engine/base/error.h"
#include "exporter/source/token_certificate.h"
#include "exporter/source/token_kind.h"

enum { ASSERTION_LIFE_S = 600, PRINT_MAX = 64 };

static bool append_header(const struct token_settings *settings,
                          const struct token_certificate *certificate,
                          struct text *assertion);
static bool append_claims(const struct token_settings *settings,
                          const char *audience, int64_t now_s,
                          struct text *assertion);
static bool append_signature(const struct token_settings *settings,
                             const struct token_certificate *certificate,
                             struct text *assertion);
static void append_base64(struct text *text, const unsigned char *bytes,
                          size_t size, bool for_url);

bool
token_assertion(const struct token_settings *settings, const char *audience,
                int64_t now_s, struct text *assertion, struct error *error)
{
    struct token_certificate certificate = { .key = NULL };

    bool made = token_certificate_load(&certificate, settings, error);
    if (made
        && (!append_header(settings, &certificate, assertion)
            || !append_claims(settings, audience, now_s, assertion)
            || !append_signature(settings, &certificate, assertion))) {
        made =
            error_set(error, "%s: signing failed", settings->certificate_file);
    }
    token_certificate_clear(&certificate);
    return made;
}

static bool
append_chain(struct text *json, const struct token_certificate *certificate)
{
    text_append(json, ",\"x5c\":[");
    for (unsigned int i = 0; i < certificate->n; i++) {
        gnutls_datum_t der = { .data = NULL };
        if (gnutls_x509_crt_export2(certificate->chain[i], GNUTLS_X509_FMT_DER,
                                    &der)
            != 0) {
            return false;
        }
        text_append(json, i ? ",\"" : "\"");
        append_base64(json, der.data, der.size, false);
        text_append_char(json, '"');
        gnutls_free(der.data);
    }
    text_append_char(json, ']');
    return true;
}

static bool
append_header(const struct token_settings *settings,
              const struct token_certificate *certificate,
              struct text *assertion)
{
    unsigned char print[PRINT_MAX];
    size_t size = sizeof print;
    bool legacy = settings->legacy_algorithm;
    struct text json;

    if (gnutls_x509_crt_get_fingerprint(
            certificate->chain[0],
            legacy ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256, print, &size)
        != 0) {
        return false;
    }
    text_init(&json);
    text_printf(&json, "{\"alg\":\"%s\",\"typ\":\"JWT\",\"%s\":\"",
                legacy ? "RS256" : "PS256", legacy ? "x5t" : "x5t#S256");
    append_base64(&json, print, size, true);
    text_append_char(&json, '"');
    bool made = !settings->send_chain || append_chain(&json, certificate);
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

    if (gnutls_rnd(GNUTLS_RND_NONCE, id, sizeof id) != 0) {
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

/* The salt of PS256 is as long as the hash, as RFC 7518 wants it: so GnuTLS
 * chooses by itself. */
static bool
append_signature(const struct token_settings *settings,
                 const struct token_certificate *certificate,
                 struct text *assertion)
{
    gnutls_datum_t signature = { .data = NULL };
    gnutls_datum_t bytes = { .data = (unsigned char *) assertion->data,
                             .size = (unsigned int) assertion->length };

    if (gnutls_privkey_sign_data2(certificate->key,
                                  settings->legacy_algorithm
                                      ? GNUTLS_SIGN_RSA_SHA256
                                      : GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
                                  0, &bytes, &signature)
        != 0) {
        return false;
    }
    text_append_char(assertion, '.');
    append_base64(assertion, signature.data, signature.size, true);
    gnutls_free(signature.data);
    return true;
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
