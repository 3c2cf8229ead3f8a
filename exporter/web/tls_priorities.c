#include "exporter/web/tls_priorities.h"

#include <stddef.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/web/web_config.h"

/* What Go calls a suite, in the words of GnuTLS.  Which exchange of keys it
 * has is given by the server's own key. */
enum key_kind { KEY_ECDSA, KEY_RSA, KEY_ANY };

static const struct {
    const char *name;
    enum key_kind key;
    const char *parts;
} suites[] = {
    { "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", KEY_RSA,
      ":+AES-128-GCM:+AEAD" },
    { "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", KEY_RSA,
      ":+AES-256-GCM:+AEAD" },
    { "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", KEY_ECDSA,
      ":+AES-128-GCM:+AEAD" },
    { "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", KEY_ECDSA,
      ":+AES-256-GCM:+AEAD" },
    { "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", KEY_RSA,
      ":+CHACHA20-POLY1305:+AEAD" },
    { "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", KEY_ECDSA,
      ":+CHACHA20-POLY1305:+AEAD" },
    { "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", KEY_RSA, ":+AES-128-CBC:+SHA1" },
    { "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", KEY_RSA, ":+AES-256-CBC:+SHA1" },
    { "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", KEY_ECDSA,
      ":+AES-128-CBC:+SHA1" },
    { "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", KEY_ECDSA,
      ":+AES-256-CBC:+SHA1" },
    /* Those of TLS 1.3 are always on. */
    { "TLS_AES_128_GCM_SHA256", KEY_ANY, "" },
    { "TLS_AES_256_GCM_SHA384", KEY_ANY, "" },
    { "TLS_CHACHA20_POLY1305_SHA256", KEY_ANY, "" },
};

static const struct {
    const char *name, *group;
} curves[] = {
    { "CurveP256", ":+GROUP-SECP256R1" },
    { "CurveP384", ":+GROUP-SECP384R1" },
    { "CurveP521", ":+GROUP-SECP521R1" },
    { "X25519", ":+GROUP-X25519" },
};

static bool append_suites(const struct web_words *words, enum key_kind key,
                          struct text *out, bool *any, struct error *error);
static bool append_curves(const struct web_words *words, struct text *out,
                          struct error *error);

bool
tls_priorities_make(const struct web_config *config, bool rsa_key,
                    struct text *priorities, struct text *limited,
                    struct error *error)
{
    const struct web_words *words = &config->cipher_suites;
    bool may_12 = config->min_version <= TLS_VERSION_12;
    bool may_13 = config->max_version >= TLS_VERSION_13;
    bool any = false;

    if (words->n) {
        text_append(limited, "NORMAL:-VERS-ALL:+VERS-TLS1.2"
                             ":-KX-ALL:-MAC-ALL:-CIPHER-ALL");
        text_append(limited, rsa_key ? ":+ECDHE-RSA" : ":+ECDHE-ECDSA");
        if (!append_suites(words, rsa_key ? KEY_RSA : KEY_ECDSA, limited, &any,
                           error)
            || !append_curves(&config->curve_preferences, limited, error)) {
            return false;
        }
        may_12 &= any;
        if (!may_12 && !may_13) {
            return error_set(error, "no cipher suite fits the key");
        }
    }
    if (!may_12) {
        text_reset(limited);
    }
    text_append(priorities, "NORMAL:-VERS-ALL");
    text_append(priorities, may_13 ? ":+VERS-TLS1.3" : "");
    text_append(priorities, may_12 ? ":+VERS-TLS1.2" : "");
    /* Without forward secrecy nothing is offered, as in Go's defaults. */
    text_append(priorities, ":-RSA:-DHE-RSA:-AES-128-CCM:-AES-256-CCM");
    return append_curves(&config->curve_preferences, priorities, error);
}

/* '*any' says whether one of them works with the key. */
static bool
append_suites(const struct web_words *words, enum key_kind key,
              struct text *out, bool *any, struct error *error)
{
    size_t n_suites = sizeof suites / sizeof *suites;

    for (size_t i = 0; i < words->n; i++) {
        size_t k = 0;
        while (k < n_suites && strcmp(suites[k].name, words->words[i]) != 0) {
            k++;
        }
        if (k == n_suites) {
            return error_set(error, "cipher suite '%.64s' is not known",
                             words->words[i]);
        }
        if (suites[k].key == key) {
            text_append(out, suites[k].parts);
            *any = true;
        }
    }
    return true;
}

static bool
append_curves(const struct web_words *words, struct text *out,
              struct error *error)
{
    size_t n_curves = sizeof curves / sizeof *curves;

    text_append(out, words->n ? ":-GROUP-ALL" : "");
    for (size_t i = 0; i < words->n; i++) {
        size_t k = 0;
        while (k < n_curves && strcmp(curves[k].name, words->words[i]) != 0) {
            k++;
        }
        if (k == n_curves) {
            return error_set(error, "curve '%.64s' is not known",
                             words->words[i]);
        }
        text_append(out, curves[k].group);
    }
    return true;
}
