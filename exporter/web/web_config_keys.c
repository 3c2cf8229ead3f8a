#include "exporter/web/web_config_keys.h"

#include <string.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "engine/base/number.h"
#include "exporter/web/yaml.h"

enum { BCRYPT_LENGTH = 60 };

/* Reads one value; 'node' is never of kind YAML_NONE. */
typedef bool read_value(struct web_loader *loader,
                        const struct yaml_node *node);

struct key {
    const char *name;
    enum yaml_kind kind;
    read_value *read;
};

static read_value read_tls, read_http, read_users, read_rate, read_cert,
    read_key, read_ca, read_client_auth, read_sans, read_min_version,
    read_max_version, read_ciphers, read_curves, read_boolean, read_headers,
    read_interval, read_burst;

static const struct key top_keys[] = {
    { "tls_server_config", YAML_MAP, read_tls },
    { "http_server_config", YAML_MAP, read_http },
    { "basic_auth_users", YAML_MAP, read_users },
    { "rate_limit", YAML_MAP, read_rate },
    { 0 },
};
static const struct key tls_keys[] = {
    { "cert_file", YAML_SCALAR, read_cert },
    { "key_file", YAML_SCALAR, read_key },
    { "client_ca_file", YAML_SCALAR, read_ca },
    { "client_auth_type", YAML_SCALAR, read_client_auth },
    { "client_allowed_sans", YAML_LIST, read_sans },
    { "min_version", YAML_SCALAR, read_min_version },
    { "max_version", YAML_SCALAR, read_max_version },
    { "cipher_suites", YAML_LIST, read_ciphers },
    { "curve_preferences", YAML_LIST, read_curves },
    /* Long without effect in the toolkit, too. */
    { "prefer_server_cipher_suites", YAML_SCALAR, read_boolean },
    { 0 },
};
static const struct key http_keys[] = {
    /* HTTP/2 may be asked for; what is offered is HTTP/1.1. */
    { "http2", YAML_SCALAR, read_boolean },
    { "headers", YAML_MAP, read_headers },
    { 0 },
};
static const struct key rate_keys[] = {
    { "interval", YAML_SCALAR, read_interval },
    { "burst", YAML_SCALAR, read_burst },
    { 0 },
};

static bool read_keys(struct web_loader *loader, const struct yaml_node *map,
                      const struct key keys[]);
static bool refuse(struct web_loader *loader, const struct yaml_node *node,
                   const char *cause);
static const char *resolve(struct web_loader *loader,
                           const struct yaml_node *node);
static struct web_words copy_words(struct web_loader *loader,
                                   const struct yaml_node *list);
static bool read_version(struct web_loader *loader,
                         const struct yaml_node *node, int *version);
static bool check_header(struct web_loader *loader,
                         const struct yaml_node *node);
static bool check_hash(const char *hash);

bool
web_config_read(struct web_loader *loader, const struct yaml_node *root)
{
    return read_keys(loader, root, top_keys);
}

static bool
read_keys(struct web_loader *loader, const struct yaml_node *map,
          const struct key keys[])
{
    static const char *const kinds[] = {
        [YAML_SCALAR] = "a word",
        [YAML_MAP] = "a mapping",
        [YAML_LIST] = "a list",
    };
    for (const struct yaml_node *node = map->children; node;
         node = node->next) {
        const struct key *key = keys;
        while (key->name && strcmp(key->name, node->key) != 0) {
            key++;
        }
        if (!key->name) {
            return error_set(loader->error, "%s:%u: unknown key '%.64s'",
                             loader->path, node->line, node->key);
        }
        if (node->kind == YAML_NONE) {
            continue;
        }
        if (node->kind != key->kind) {
            return error_set(loader->error, "%s:%u: '%s' is not %s",
                             loader->path, node->line, key->name,
                             kinds[key->kind]);
        }
        if (!key->read(loader, node)) {
            return false;
        }
    }
    return true;
}

/* The value is left out of the message: it may be a secret. */
static bool
refuse(struct web_loader *loader, const struct yaml_node *node,
       const char *cause)
{
    return error_set(loader->error, "%s:%u: %.64s: %s", loader->path,
                     node->line, node->key ? node->key : "", cause);
}

static bool
read_tls(struct web_loader *loader, const struct yaml_node *node)
{
    return read_keys(loader, node, tls_keys);
}

static bool
read_http(struct web_loader *loader, const struct yaml_node *node)
{
    return read_keys(loader, node, http_keys);
}

static bool
read_rate(struct web_loader *loader, const struct yaml_node *node)
{
    return read_keys(loader, node, rate_keys);
}

static bool
read_users(struct web_loader *loader, const struct yaml_node *node)
{
    size_t n = 0;
    for (const struct yaml_node *c = node->children; c; c = c->next) {
        n++;
    }
    struct web_user *users =
        arena_alloc_array(loader->arena, n, sizeof *users);
    n = 0;
    for (const struct yaml_node *c = node->children; c; c = c->next) {
        if (c->kind != YAML_SCALAR || !check_hash(c->scalar)) {
            return refuse(loader, c, "not a bcrypt hash");
        }
        if (strchr(c->key, ':')) {
            return refuse(loader, c, "a user's name holds no colon");
        }
        users[n++] = (struct web_user){ c->key, c->scalar };
    }
    loader->config->users = users;
    loader->config->n_users = n;
    return true;
}

static bool
read_cert(struct web_loader *loader, const struct yaml_node *node)
{
    loader->config->cert_file = resolve(loader, node);
    return true;
}

static bool
read_key(struct web_loader *loader, const struct yaml_node *node)
{
    loader->config->key_file = resolve(loader, node);
    return true;
}

static bool
read_ca(struct web_loader *loader, const struct yaml_node *node)
{
    loader->config->client_ca_file = resolve(loader, node);
    return true;
}

static bool
read_client_auth(struct web_loader *loader, const struct yaml_node *node)
{
    static const char *const words[] = {
        [CLIENT_AUTH_NONE] = "NoClientCert",
        [CLIENT_AUTH_REQUEST] = "RequestClientCert",
        [CLIENT_AUTH_REQUIRE_ANY] = "RequireAnyClientCert",
        [CLIENT_AUTH_VERIFY_IF_GIVEN] = "VerifyClientCertIfGiven",
        [CLIENT_AUTH_REQUIRE_AND_VERIFY] = "RequireAndVerifyClientCert",
    };
    for (unsigned int i = 0; i < sizeof words / sizeof *words; i++) {
        if (!strcmp(node->scalar, words[i])) {
            loader->config->client_auth = (enum client_auth) i;
            return true;
        }
    }
    return *node->scalar ? refuse(loader, node, "no type of the toolkit")
                         : true;
}

static bool
read_sans(struct web_loader *loader, const struct yaml_node *node)
{
    loader->config->client_allowed_sans = copy_words(loader, node);
    return true;
}

static bool
read_min_version(struct web_loader *loader, const struct yaml_node *node)
{
    return read_version(loader, node, &loader->config->min_version);
}

static bool
read_max_version(struct web_loader *loader, const struct yaml_node *node)
{
    return read_version(loader, node, &loader->config->max_version);
}

static bool
read_ciphers(struct web_loader *loader, const struct yaml_node *node)
{
    loader->config->cipher_suites = copy_words(loader, node);
    return true;
}

static bool
read_curves(struct web_loader *loader, const struct yaml_node *node)
{
    loader->config->curve_preferences = copy_words(loader, node);
    return true;
}

static bool
read_boolean(struct web_loader *loader, const struct yaml_node *node)
{
    return !strcmp(node->scalar, "true") || !strcmp(node->scalar, "false")
           || refuse(loader, node, "neither true nor false");
}

static bool
read_headers(struct web_loader *loader, const struct yaml_node *node)
{
    size_t n = 0;
    for (const struct yaml_node *c = node->children; c; c = c->next) {
        n++;
    }
    struct web_header *headers =
        arena_alloc_array(loader->arena, n, sizeof *headers);
    n = 0;
    for (const struct yaml_node *c = node->children; c; c = c->next) {
        if (!check_header(loader, c)) {
            return false;
        }
        if (c->kind == YAML_SCALAR && *c->scalar) {
            headers[n++] = (struct web_header){ c->key, c->scalar };
        }
    }
    loader->config->headers = headers;
    loader->config->n_headers = n;
    return true;
}

static bool
read_interval(struct web_loader *loader, const struct yaml_node *node)
{
    return (duration_parse(node->scalar, &loader->config->rate_interval_ms)
            && loader->config->rate_interval_ms > 0)
           || refuse(loader, node, "not a duration like 1s");
}

static bool
read_burst(struct web_loader *loader, const struct yaml_node *node)
{
    return (number_parse(node->scalar, strlen(node->scalar), 1000000,
                         &loader->config->rate_burst)
            && loader->config->rate_burst > 0)
           || refuse(loader, node, "not a number of 1 to 1000000");
}

/* Returns the path as seen from the file's folder; NULL for "". */
static const char *
resolve(struct web_loader *loader, const struct yaml_node *node)
{
    const char *slash = strrchr(loader->path, '/');
    if (!*node->scalar) {
        return NULL;
    }
    if (*node->scalar == '/' || !slash) {
        return node->scalar;
    }
    return arena_printf(loader->arena, "%.*s/%s", (int) (slash - loader->path),
                        loader->path, node->scalar);
}

static struct web_words
copy_words(struct web_loader *loader, const struct yaml_node *list)
{
    size_t n = 0;
    for (const struct yaml_node *c = list->children; c; c = c->next) {
        n++;
    }
    const char **words =
        arena_alloc_array(loader->arena, n, sizeof(const char *));
    n = 0;
    for (const struct yaml_node *c = list->children; c; c = c->next) {
        words[n++] = c->scalar ? c->scalar : "";
    }
    return (struct web_words){ words, n };
}

static bool
read_version(struct web_loader *loader, const struct yaml_node *node,
             int *version)
{
    if (!strcmp(node->scalar, "TLS12")) {
        *version = TLS_VERSION_12;
    } else if (!strcmp(node->scalar, "TLS13")) {
        *version = TLS_VERSION_13;
    } else {
        return refuse(loader, node, "neither TLS12 nor TLS13");
    }
    return true;
}

/* The headers that the toolkit lets be set, and the values they may have. */
static bool
check_header(struct web_loader *loader, const struct yaml_node *node)
{
    static const struct {
        const char *name;
        const char *values[2]; /* NULL: any. */
    } known[] = {
        { "Content-Security-Policy", { NULL } },
        { "X-Frame-Options", { "deny", "sameorigin" } },
        { "X-Content-Type-Options", { "nosniff", NULL } },
        { "X-XSS-Protection", { NULL } },
        { "Strict-Transport-Security", { NULL } },
    };
    const char *value = node->scalar ? node->scalar : "";

    if (node->kind != YAML_SCALAR && node->kind != YAML_NONE) {
        return refuse(loader, node, "the value is not a word");
    }
    for (const char *c = value; *c; c++) {
        if ((unsigned char) *c < 0x20 || *c == '\x7f') {
            return refuse(loader, node, "the value holds control characters");
        }
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!ascii_equal(known[i].name, node->key)) {
            continue;
        }
        bool fits = !known[i].values[0] || !*value
                    || ascii_equal(known[i].values[0], value)
                    || ascii_equal(known[i].values[1], value);
        return fits || refuse(loader, node, "no value of this header");
    }
    return refuse(loader, node, "a header that cannot be set");
}

/* "$2a$", "$2b$" or "$2y$", two digits of cost, 53 characters. */
static bool
check_hash(const char *hash)
{
    static const char alphabet[] = "./ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789";
    uint64_t cost;
    return strlen(hash) == BCRYPT_LENGTH && !strncmp(hash, "$2", 2)
           && strchr("aby", hash[2]) && hash[3] == '$' && hash[6] == '$'
           && number_parse(hash + 4, 2, 31, &cost) && cost >= 4
           && strspn(hash + 7, alphabet) == BCRYPT_LENGTH - 7;
}
