#include "exporter/web/web_config_keys.h"

#include <stddef.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "engine/base/number.h"
#include "exporter/web/yaml.h"

enum { BCRYPT_LENGTH = 60 };

/* Reads one value into the member at 'to'; 'node' is never of kind
 * YAML_NONE. */
typedef bool read_value(struct web_loader *loader,
                        const struct yaml_node *node, void *to);

struct key {
    const char *name;
    enum yaml_kind kind;
    read_value *read;
    size_t offset; /* Of the member of struct web_config, if it has one. */
};

static read_value read_tls, read_http, read_users, read_rate, read_path,
    read_text, read_words, read_client_auth, read_version, read_boolean,
    read_headers, read_interval, read_burst;

#define MEMBER(name) offsetof(struct web_config, name)

static const struct key top_keys[] = {
    { "tls_server_config", YAML_MAP, read_tls, 0 },
    { "http_server_config", YAML_MAP, read_http, 0 },
    { "basic_auth_users", YAML_MAP, read_users, 0 },
    { "rate_limit", YAML_MAP, read_rate, 0 },
    { 0 },
};
static const struct key tls_keys[] = {
    { "cert_file", YAML_SCALAR, read_path, MEMBER(cert_file) },
    { "key_file", YAML_SCALAR, read_path, MEMBER(key_file) },
    { "client_ca_file", YAML_SCALAR, read_path, MEMBER(client_ca_file) },
    { "cert", YAML_SCALAR, read_text, MEMBER(cert) },
    { "key", YAML_SCALAR, read_text, MEMBER(key) },
    { "client_ca", YAML_SCALAR, read_text, MEMBER(client_ca) },
    { "client_auth_type", YAML_SCALAR, read_client_auth, 0 },
    { "client_allowed_sans", YAML_LIST, read_words,
      MEMBER(client_allowed_sans) },
    { "min_version", YAML_SCALAR, read_version, MEMBER(min_version) },
    { "max_version", YAML_SCALAR, read_version, MEMBER(max_version) },
    { "cipher_suites", YAML_LIST, read_words, MEMBER(cipher_suites) },
    { "curve_preferences", YAML_LIST, read_words, MEMBER(curve_preferences) },
    /* Long without effect in the toolkit, too. */
    { "prefer_server_cipher_suites", YAML_SCALAR, read_boolean, 0 },
    { 0 },
};
static const struct key http_keys[] = {
    /* HTTP/2 may be asked for; what is offered is HTTP/1.1. */
    { "http2", YAML_SCALAR, read_boolean, 0 },
    { "headers", YAML_MAP, read_headers, 0 },
    { 0 },
};
static const struct key rate_keys[] = {
    { "interval", YAML_SCALAR, read_interval, 0 },
    { "burst", YAML_SCALAR, read_burst, 0 },
    { 0 },
};

static bool read_keys(struct web_loader *loader, const struct yaml_node *map,
                      const struct key keys[]);
static bool refuse(struct web_loader *loader, const struct yaml_node *node,
                   const char *cause);
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
        if (!key->read(loader, node, (char *) loader->config + key->offset)) {
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
read_tls(struct web_loader *loader, const struct yaml_node *node, void *to)
{
    (void) to;
    return read_keys(loader, node, tls_keys);
}

static bool
read_http(struct web_loader *loader, const struct yaml_node *node, void *to)
{
    (void) to;
    return read_keys(loader, node, http_keys);
}

static bool
read_rate(struct web_loader *loader, const struct yaml_node *node, void *to)
{
    (void) to;
    return read_keys(loader, node, rate_keys);
}

static bool
read_users(struct web_loader *loader, const struct yaml_node *node, void *to)
{
    (void) to;
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

/* Keeps the path as seen from the file's folder; NULL for "". */
static bool
read_path(struct web_loader *loader, const struct yaml_node *node, void *to)
{
    const char *slash = strrchr(loader->path, '/');
    const char **path = to;

    if (!*node->scalar || *node->scalar == '/' || !slash) {
        return read_text(loader, node, to);
    }
    *path =
        arena_printf(loader->arena, "%.*s/%s", (int) (slash - loader->path),
                     loader->path, node->scalar);
    return true;
}

static bool
read_text(struct web_loader *loader, const struct yaml_node *node, void *to)
{
    (void) loader;
    const char **text = to;

    *text = *node->scalar ? node->scalar : NULL;
    return true;
}

/* An empty list is not the same as none: it holds nothing that could fit. */
static bool
read_words(struct web_loader *loader, const struct yaml_node *node, void *to)
{
    struct web_words *words = to;
    size_t n = 0;

    for (const struct yaml_node *c = node->children; c; c = c->next) {
        n++;
    }
    const char **copies =
        arena_alloc_array(loader->arena, n + 1, sizeof(const char *));
    n = 0;
    for (const struct yaml_node *c = node->children; c; c = c->next) {
        copies[n++] = c->scalar ? c->scalar : "";
    }
    *words = (struct web_words){ copies, n };
    return true;
}

static bool
read_client_auth(struct web_loader *loader, const struct yaml_node *node,
                 void *to)
{
    (void) to;
    static const struct {
        const char *word;
        enum client_auth auth;
    } words[] = {
        { "", CLIENT_AUTH_NONE },
        { "NoClientCert", CLIENT_AUTH_NONE },
        { "RequestClientCert", CLIENT_AUTH_REQUEST },
        { "RequireAnyClientCert", CLIENT_AUTH_REQUIRE_ANY },
        { "RequireClientCert", CLIENT_AUTH_REQUIRE_ANY }, /* As it was. */
        { "VerifyClientCertIfGiven", CLIENT_AUTH_VERIFY_IF_GIVEN },
        { "RequireAndVerifyClientCert", CLIENT_AUTH_REQUIRE_AND_VERIFY },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!strcmp(node->scalar, words[i].word)) {
            loader->config->client_auth = words[i].auth;
            return true;
        }
    }
    return refuse(loader, node, "no type of the toolkit");
}

static bool
read_version(struct web_loader *loader, const struct yaml_node *node, void *to)
{
    int *version = to;

    if (!strcmp(node->scalar, "TLS12")) {
        *version = TLS_VERSION_12;
    } else if (!strcmp(node->scalar, "TLS13")) {
        *version = TLS_VERSION_13;
    } else {
        return refuse(loader, node,
                      "neither TLS12 nor TLS13, which alone are spoken");
    }
    return true;
}

static bool
read_boolean(struct web_loader *loader, const struct yaml_node *node, void *to)
{
    (void) to;
    /* YAML 1.1, which the toolkit reads, knows all of these. */
    static const char *const words[] = { "true", "false", "yes",
                                         "no",   "on",    "off" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (ascii_equal(node->scalar, words[i])) {
            return true;
        }
    }
    return refuse(loader, node, "neither true nor false");
}

static bool
read_headers(struct web_loader *loader, const struct yaml_node *node, void *to)
{
    (void) to;
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
read_interval(struct web_loader *loader, const struct yaml_node *node,
              void *to)
{
    (void) to;
    /* 0 switches the limit off. */
    return duration_parse(node->scalar, &loader->config->rate_interval_ms)
           || refuse(loader, node, "not a duration like 1s");
}

static bool
read_burst(struct web_loader *loader, const struct yaml_node *node, void *to)
{
    (void) to;
    return number_parse(node->scalar, strlen(node->scalar), 1000000,
                        &loader->config->rate_burst)
           || refuse(loader, node, "not a number of 0 to 1000000");
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
