#include "exporter/web/web_config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/web/web_config_keys.h"
#include "exporter/web/yaml.h"

enum { FILE_MAX = 1024 * 1024 };

/* What is handed out, and what keeps it alive. */
struct loaded {
    struct web_config config;
    struct arena *arena; /* Holds this; its count is the configuration's. */
};

static bool check_whole(struct web_loader *loader);

struct web_config *
web_config_load(const char *path, struct error *error)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        (void) error_set(error, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct text text;
    char piece[4096];
    size_t n;
    text_init(&text);
    while ((n = fread(piece, 1, sizeof piece, file)) > 0
           && text.length <= FILE_MAX) {
        text_append_bytes(&text, piece, n);
    }
    bool failed = ferror(file);
    (void) fclose(file);
    struct web_config *config = NULL;
    if (failed) {
        (void) error_set(error, "%s: cannot be read", path);
    } else if (text.length > FILE_MAX) {
        (void) error_set(error, "%s: larger than %d bytes", path, FILE_MAX);
    } else {
        config = web_config_parse(path, text.data, text.length, error);
    }
    text_clear(&text);
    return config;
}

struct web_config *
web_config_parse(const char *path, const char *text, size_t length,
                 struct error *error)
{
    struct arena *arena = arena_create();
    struct loaded *loaded = arena_alloc(arena, sizeof *loaded);
    struct web_loader loader = { path, arena, &loaded->config, error };

    loaded->arena = arena;
    loaded->config.min_version = TLS_VERSION_12;
    loaded->config.max_version = TLS_VERSION_13;
    struct yaml_node *root = yaml_parse(text, length, arena, error);
    if (!root) {
        /* "line 3: cause" becomes "FILE:3: cause". */
        struct error cause = *error;
        (void) error_set(error, "%s:%s", path, cause.message + 5);
        arena_unref(arena);
        return NULL;
    }
    if (!web_config_read(&loader, root) || !check_whole(&loader)) {
        arena_unref(arena);
        return NULL;
    }
    return &loaded->config;
}

bool
web_config_has_tls(const struct web_config *config)
{
    return config && (config->cert_file || config->cert);
}

struct web_config *
web_config_ref(const struct web_config *config)
{
    if (config) {
        const struct loaded *loaded = (const struct loaded *) config;
        (void) arena_ref(loaded->arena);
    }
    return (struct web_config *) (uintptr_t) config;
}

void
web_config_unref(const struct web_config *config)
{
    if (config) {
        const struct loaded *loaded = (const struct loaded *) config;
        arena_unref(loaded->arena);
    }
}

/* What no single key tells. */
static bool
check_whole(struct web_loader *loader)
{
    const struct web_config *config = loader->config;
    enum client_auth auth = config->client_auth;
    bool tls = web_config_has_tls(config);
    bool key = config->key_file || config->key;
    bool ca = config->client_ca_file || config->client_ca;
    const char *cause =
        tls != key ? "a certificate and a key belong together"
        : !tls && (ca || auth)
            ? "client certificates need cert_file and key_file"
        : ca && auth == CLIENT_AUTH_NONE
            ? "client_ca_file needs a client_auth_type"
        : auth >= CLIENT_AUTH_VERIFY_IF_GIVEN && !ca
            ? "this client_auth_type needs a client_ca_file"
        : config->client_allowed_sans.words && auth != CLIENT_AUTH_REQUIRE_ANY
                && auth != CLIENT_AUTH_REQUIRE_AND_VERIFY
            ? "client_allowed_sans needs a client_auth_type that requires a "
              "certificate"
        : config->min_version > config->max_version
            ? "min_version is above max_version"
        : config->rate_interval_ms && !config->rate_burst
            ? "interval of rate_limit needs a burst"
            : NULL;
    return !cause || error_set(loader->error, "%s: %s", loader->path, cause);
}
