#include "exporter/web/security.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/memory.h"
#include "exporter/clock.h"
#include "exporter/log.h"
#include "exporter/web/tls.h"
#include "exporter/web/web_config.h"

struct security {
    pthread_mutex_t lock;
    char *path; /* NULL: no configuration. */
    struct clock *clock;
    /* Guarded by 'lock'. */
    struct web_config *config;
    struct hash state; /* Of times and sizes of all files when last read. */
    uint64_t generation;
    double tokens;
    int64_t tokens_ms;
};

static void look(struct security *security);
static bool is_empty(const char *path);
static struct hash state_of(const struct security *security);
static void add_file(struct hasher *hasher, const char *path);
static int64_t now_ms(const struct security *security);

bool
security_check(const char *path, struct clock *clock, struct error *error)
{
    struct security *security = security_create(path, clock, error);
    bool failed = !security;

    if (security) {
        tls_destroy(security_make_tls(security, &failed, error));
    }
    security_destroy(security);
    return !failed;
}

struct security *
security_create(const char *path, struct clock *clock, struct error *error)
{
    struct security *security = memory_calloc(1, sizeof *security);
    (void) pthread_mutex_init(&security->lock, NULL);
    security->clock = clock;
    security->generation = 1;
    if (!path || !*path) {
        return security;
    }
    size_t size = strlen(path) + 1;
    security->path = memory_alloc(size);
    memcpy(security->path, path, size);
    security->config = web_config_load(path, error);
    if (!security->config) {
        security_destroy(security);
        return NULL;
    }
    security->state = state_of(security);
    security->tokens = (double) security->config->rate_burst;
    security->tokens_ms = now_ms(security);
    return security;
}

void
security_destroy(struct security *security)
{
    if (security) {
        web_config_unref(security->config);
        (void) pthread_mutex_destroy(&security->lock);
        free(security->path);
        free(security);
    }
}

const struct web_config *
security_config(struct security *security)
{
    if (!security->path) {
        return NULL;
    }
    (void) pthread_mutex_lock(&security->lock);
    look(security);
    const struct web_config *config = web_config_ref(security->config);
    (void) pthread_mutex_unlock(&security->lock);
    return config;
}

uint64_t
security_tls_generation(struct security *security)
{
    (void) pthread_mutex_lock(&security->lock);
    look(security);
    uint64_t generation = security->generation;
    (void) pthread_mutex_unlock(&security->lock);
    return generation;
}

struct tls *
security_make_tls(struct security *security, bool *failed, struct error *error)
{
    (void) pthread_mutex_lock(&security->lock);
    const struct web_config *config = web_config_ref(security->config);
    (void) pthread_mutex_unlock(&security->lock);

    struct tls *tls = NULL;
    *failed = false;
    if (web_config_has_tls(config)) {
        tls = tls_create(config, error);
        *failed = !tls && !error_prefix(error, "%s", security->path);
    }
    web_config_unref(config);
    return tls;
}

bool
security_take_token(struct security *security, const struct web_config *config)
{
    if (!config->rate_interval_ms) {
        return true;
    }
    (void) pthread_mutex_lock(&security->lock);
    int64_t now = now_ms(security);
    security->tokens += (double) (now - security->tokens_ms)
                        / (double) config->rate_interval_ms;
    security->tokens_ms = now;
    if (security->tokens > (double) config->rate_burst) {
        security->tokens = (double) config->rate_burst;
    }
    bool taken = security->tokens >= 1;
    security->tokens -= taken;
    (void) pthread_mutex_unlock(&security->lock);
    return taken;
}

/* Reads the file again if it, or a file that it names, has changed. */
static void
look(struct security *security)
{
    if (!security->path || is_empty(security->path)) {
        return;
    }
    struct hash state = state_of(security);
    if (hash_equal(state, security->state)) {
        return;
    }
    struct error error;
    struct web_config *fresh = web_config_load(security->path, &error);
    if (!fresh) {
        security->state = state;
        log_error("web configuration refused, the last one stays", "error",
                  error.message, NULL);
        return;
    }
    web_config_unref(security->config);
    security->config = fresh;
    security->state = state_of(security);
    security->generation++;
    log_info("web configuration read", "file", security->path, NULL);
}

/* Who writes the file anew empties it first.  What protects nothing until the
 * rest is there must not be taken for what is meant. */
static bool
is_empty(const char *path)
{
    struct stat status;
    return !stat(path, &status) && !status.st_size;
}

static struct hash
state_of(const struct security *security)
{
    const struct web_config *config = security->config;
    struct hasher hasher;
    hasher_init(&hasher);
    add_file(&hasher, security->path);
    add_file(&hasher, config->cert_file);
    add_file(&hasher, config->key_file);
    add_file(&hasher, config->client_ca_file);
    return hasher_finish(&hasher);
}

static void
add_file(struct hasher *hasher, const char *path)
{
    struct stat status;
    hasher_add_string(hasher, path);
    if (path && !stat(path, &status)) {
        hasher_add_u64(hasher, (uint64_t) status.st_ino);
        hasher_add_u64(hasher, (uint64_t) status.st_size);
        hasher_add_u64(hasher, (uint64_t) status.st_mtim.tv_sec);
        hasher_add_u64(hasher, (uint64_t) status.st_mtim.tv_nsec);
    }
}

static int64_t
now_ms(const struct security *security)
{
    return security->clock->monotonic_ms(security->clock);
}
