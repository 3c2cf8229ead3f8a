/* The file of --web.config.file: TLS, users, response headers.  Its keys and
 * their meaning are those of Prometheus' exporter-toolkit ("Web
 * configuration").
 *
 * Errors: one line "FILE:LINE: cause"; unknown keys are refused.
 * Threads: a loaded configuration is immutable; references count
 * atomically. */

#ifndef EXPORTER_WEB_WEB_CONFIG_H
#define EXPORTER_WEB_WEB_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum client_auth {
    CLIENT_AUTH_NONE,
    CLIENT_AUTH_REQUEST,
    CLIENT_AUTH_REQUIRE_ANY,
    CLIENT_AUTH_VERIFY_IF_GIVEN,
    CLIENT_AUTH_REQUIRE_AND_VERIFY
};

enum { TLS_VERSION_12 = 12, TLS_VERSION_13 = 13 };

struct web_header {
    const char *name, *value;
};

struct web_user {
    const char *name;
    const char *hash; /* bcrypt: "$2y$10$..." */
};

struct web_words {
    const char *const *words;
    size_t n;
};

struct web_config {
    /* TLS is on if there is a certificate, in a file or in this one; where
     * both are given, the file counts.  Paths are relative to the folder of
     * this file.  Each may be NULL. */
    const char *cert_file, *cert;
    const char *key_file, *key;
    const char *client_ca_file, *client_ca;
    enum client_auth client_auth;
    struct web_words client_allowed_sans; /* Without 'words': any. */
    int min_version, max_version;
    struct web_words cipher_suites;     /* Go's names; empty: the defaults. */
    struct web_words curve_preferences; /* Go's names. */
    const struct web_header *headers;
    size_t n_headers;
    const struct web_user *users;
    size_t n_users;
    int64_t rate_interval_ms; /* 0: no limit. */
    uint64_t rate_burst;
};

/* Returns the configuration with one reference for the caller, or NULL. */
struct web_config *web_config_load(const char *path, struct error *error);
/* The same from memory; 'path' is for messages and relative paths. */
struct web_config *web_config_parse(const char *path, const char *text,
                                    size_t length, struct error *error);
bool web_config_has_tls(const struct web_config *config);
struct web_config *web_config_ref(const struct web_config *config);
void web_config_unref(const struct web_config *config);

#endif
