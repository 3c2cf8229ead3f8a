#include "exporter/web/auth.h"

#include <crypt.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "exporter/web/tls.h"
#include "exporter/web/web_config.h"

enum {
    CACHED_MAX = 256,
    WAITING_MAX = 64,
    CREDENTIALS_MAX = 1024, /* Of user and password together. */
    SALT_SIZE = 32,
};

struct cached {
    unsigned char digest[TLS_DIGEST_SIZE];
    bool passed;
};

/* A comparison that waits. */
struct auth_job {
    struct auth_job *next;
    unsigned char digest[TLS_DIGEST_SIZE];
    char *password;
    char *hash;
    bool known_user;
    auth_done *done;
    void *aux;
};

struct auth {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    unsigned char salt[SALT_SIZE];
    /* Guarded by 'lock'. */
    struct cached cached[CACHED_MAX]; /* A ring. */
    size_t n_cached, next_cached;
    struct auth_job *first, **end;
    size_t n_waiting;
    bool stopped;
};

static void *compare_jobs(void *aux);
static bool compare(const struct auth_job *job, struct crypt_data *data);
static char *copy(const char *string);
static void job_destroy(struct auth_job *job);
static void remember(struct auth *auth, const struct auth_job *job,
                     bool passed);
static const struct cached *
find_cached(const struct auth *auth,
            const unsigned char digest[TLS_DIGEST_SIZE]);
static bool read_credentials(const char *authorization, char *user,
                             char **password);
static bool decode_base64(const char *from, char *to, size_t max);
static void fingerprint(const struct auth *auth, const char *user,
                        const char *hash, const char *password,
                        unsigned char digest[TLS_DIGEST_SIZE]);
static enum auth_result look_up(struct auth *auth, const struct auth_job *job);

struct auth *
auth_create(void)
{
    struct auth *auth = memory_calloc(1, sizeof *auth);
    (void) pthread_mutex_init(&auth->lock, NULL);
    (void) pthread_cond_init(&auth->wake, NULL);
    auth->end = &auth->first;
    tls_random(auth->salt, sizeof auth->salt);
    if (pthread_create(&auth->thread, NULL, compare_jobs, auth)) {
        abort();
    }
    return auth;
}

void
auth_destroy(struct auth *auth)
{
    if (!auth) {
        return;
    }
    (void) pthread_mutex_lock(&auth->lock);
    auth->stopped = true;
    (void) pthread_cond_signal(&auth->wake);
    (void) pthread_mutex_unlock(&auth->lock);
    (void) pthread_join(auth->thread, NULL);
    (void) pthread_cond_destroy(&auth->wake);
    (void) pthread_mutex_destroy(&auth->lock);
    free(auth);
}

enum auth_result
auth_check(struct auth *auth, const struct web_config *config,
           const char *authorization, struct auth_job **job)
{
    char credentials[CREDENTIALS_MAX + 1];
    char *password;

    if (!read_credentials(authorization, credentials, &password)) {
        explicit_bzero(credentials, sizeof credentials);
        return AUTH_FAILED; /* Nothing was claimed, so nothing is compared. */
    }
    /* An unknown user is compared with somebody's hash: equal cost. */
    const struct web_user *user = &config->users[0];
    bool known = false;
    for (size_t i = 0; i < config->n_users; i++) {
        if (!strcmp(config->users[i].name, credentials)) {
            user = &config->users[i];
            known = true;
        }
    }
    *job = memory_calloc(1, sizeof **job);
    fingerprint(auth, credentials, user->hash, password, (*job)->digest);
    (*job)->password = copy(password);
    (*job)->hash = copy(user->hash);
    (*job)->known_user = known;
    explicit_bzero(credentials, sizeof credentials);

    enum auth_result result = look_up(auth, *job);
    if (result != AUTH_PENDING) {
        job_destroy(*job);
        *job = NULL;
    }
    return result;
}

void
auth_start(struct auth *auth, struct auth_job *job, auth_done *done, void *aux)
{
    job->done = done;
    job->aux = aux;
    (void) pthread_mutex_lock(&auth->lock);
    *auth->end = job;
    auth->end = &job->next;
    (void) pthread_cond_signal(&auth->wake);
    (void) pthread_mutex_unlock(&auth->lock);
}

/* A place among those that wait is taken for what is pending. */
static enum auth_result
look_up(struct auth *auth, const struct auth_job *job)
{
    enum auth_result result = AUTH_PENDING;

    (void) pthread_mutex_lock(&auth->lock);
    const struct cached *cached = find_cached(auth, job->digest);
    if (cached) {
        result = cached->passed ? AUTH_PASSED : AUTH_FAILED;
    } else if (auth->n_waiting >= WAITING_MAX || auth->stopped) {
        result = AUTH_BUSY;
    } else {
        auth->n_waiting++;
    }
    (void) pthread_mutex_unlock(&auth->lock);
    return result;
}

static void *
compare_jobs(void *aux)
{
    struct auth *auth = aux;
    /* 32 kilobytes: too much for the stack of a thread. */
    struct crypt_data *data = memory_calloc(1, sizeof *data);

    (void) pthread_mutex_lock(&auth->lock);
    while (!auth->stopped || auth->n_waiting) {
        struct auth_job *job = auth->first;
        if (!job) {
            (void) pthread_cond_wait(&auth->wake, &auth->lock);
            continue;
        }
        auth->first = job->next;
        if (!auth->first) {
            auth->end = &auth->first;
        }
        auth->n_waiting--;
        /* The same may have been asked meanwhile. */
        const struct cached *cached = find_cached(auth, job->digest);
        bool passed = cached && cached->passed;
        bool skip = auth->stopped || cached;
        (void) pthread_mutex_unlock(&auth->lock);
        if (!skip) {
            passed = compare(job, data);
        }
        (void) pthread_mutex_lock(&auth->lock);
        if (!skip) {
            remember(auth, job, passed);
        }
        (void) pthread_mutex_unlock(&auth->lock);
        job->done(job->aux, passed);
        job_destroy(job);
        (void) pthread_mutex_lock(&auth->lock);
    }
    (void) pthread_mutex_unlock(&auth->lock);
    explicit_bzero(data, sizeof *data);
    free(data);
    return NULL;
}

static bool
compare(const struct auth_job *job, struct crypt_data *data)
{
    memset(data, 0, sizeof *data);
    const char *hash = crypt_r(job->password, job->hash, data);
    size_t length = strlen(job->hash);
    if (!hash || strlen(hash) != length) {
        return false;
    }
    unsigned int differs = 0;
    for (size_t i = 0; i < length; i++) {
        differs |= (unsigned int) (hash[i] ^ job->hash[i]);
    }
    return !differs & job->known_user;
}

static char *
copy(const char *string)
{
    size_t size = strlen(string) + 1;
    return memcpy(memory_alloc(size), string, size);
}

static void
job_destroy(struct auth_job *job)
{
    explicit_bzero(job->password, strlen(job->password));
    free(job->password);
    free(job->hash);
    free(job);
}

static void
remember(struct auth *auth, const struct auth_job *job, bool passed)
{
    struct cached *cached = &auth->cached[auth->next_cached];
    memcpy(cached->digest, job->digest, sizeof cached->digest);
    cached->passed = passed;
    auth->next_cached = (auth->next_cached + 1) % CACHED_MAX;
    if (auth->n_cached < CACHED_MAX) {
        auth->n_cached++;
    }
}

static const struct cached *
find_cached(const struct auth *auth,
            const unsigned char digest[TLS_DIGEST_SIZE])
{
    for (size_t i = 0; i < auth->n_cached; i++) {
        if (!memcmp(auth->cached[i].digest, digest, TLS_DIGEST_SIZE)) {
            return &auth->cached[i];
        }
    }
    return NULL;
}

/* RFC 7617: "Basic" and base64 of "user:password".  'user' has room for
 * CREDENTIALS_MAX characters; '*password' points into it. */
static bool
read_credentials(const char *authorization, char *user, char **password)
{
    if (!authorization || !ascii_starts_with(authorization, "Basic ")) {
        return false;
    }
    authorization += 6;
    authorization += strspn(authorization, " ");
    if (!decode_base64(authorization, user, CREDENTIALS_MAX)) {
        return false;
    }
    char *colon = strchr(user, ':');
    if (!colon) {
        return false;
    }
    *colon = '\0';
    *password = colon + 1;
    return true;
}

/* Writes a string without NUL of at most 'max' characters. */
static bool
decode_base64(const char *from, char *to, size_t max)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    unsigned int n_bits = 0;
    size_t n = 0;

    for (; *from && *from != '='; from++) {
        const char *digit = strchr(alphabet, *from);
        if (!digit) {
            return false;
        }
        bits = (bits << 6 | (uint32_t) (digit - alphabet)) & 0xffffff;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            char c = (char) (bits >> n_bits & 0xff);
            if (!c || n == max) {
                return false;
            }
            to[n++] = c;
        }
    }
    to[n] = '\0';
    return from[strspn(from, "=")] == '\0';
}

/* Each part ends in a NUL, which none of them holds. */
static void
fingerprint(const struct auth *auth, const char *user, const char *hash,
            const char *password, unsigned char digest[TLS_DIGEST_SIZE])
{
    const char *const parts[] = { user, hash, password };
    struct text text;
    text_init(&text);
    text_reserve(&text, SALT_SIZE + CREDENTIALS_MAX + 128);
    text_append_bytes(&text, auth->salt, SALT_SIZE);
    for (size_t i = 0; i < 3; i++) {
        text_append_bytes(&text, parts[i], strlen(parts[i]) + 1);
    }
    tls_digest(text.data, text.length, digest);
    explicit_bzero(text.data, text.length);
    text_clear(&text);
}
