#include "exporter/web/auth.h"

#include <crypt.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "exporter/web/credentials.h"
#include "exporter/web/tls.h"
#include "exporter/web/web_config.h"

enum {
    CACHED_MAX = 256,
    WAITING_MAX = 64,
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
    pthread_cond_t wake; /* Of the thread, and of who stops it. */
    pthread_t thread;
    unsigned char salt[SALT_SIZE];
    /* Guarded by 'lock'. */
    struct cached cached[CACHED_MAX]; /* A ring. */
    size_t n_cached, next_cached;
    struct auth_job *first, **end;
    size_t n_waiting;
    struct auth_job *running; /* Compared, and to be answered; or NULL. */
    bool comparing;           /* The thread is inside crypt_r(). */
    bool answering;           /* The thread calls back. */
    bool stopped;
    bool left; /* The thread ends it all. */
};

static void *compare_jobs(void *aux);
static bool find_result(struct auth *auth, const struct auth_job *job,
                        struct crypt_data *data);
static void answer(struct auth *auth, const struct auth_job *job, bool passed);
static void end(struct auth *auth);
static bool compare(const struct auth_job *job, struct crypt_data *data);
static char *copy(const char *string);
static void job_destroy(struct auth_job *job);
static void remember(struct auth *auth, const struct auth_job *job,
                     bool passed);
static const struct cached *
find_cached(const struct auth *auth,
            const unsigned char digest[TLS_DIGEST_SIZE]);
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
auth_stop(struct auth *auth)
{
    (void) pthread_mutex_lock(&auth->lock);
    auth->stopped = true;
    struct auth_job *queued = auth->first;
    /* The thread may end the running job as soon as it has the lock. */
    auth_done *done = auth->running ? auth->running->done : NULL;
    void *aux = auth->running ? auth->running->aux : NULL;
    auth->first = NULL;
    auth->end = &auth->first;
    auth->running = NULL;
    (void) pthread_cond_broadcast(&auth->wake);
    while (auth->answering) {
        (void) pthread_cond_wait(&auth->wake, &auth->lock);
    }
    (void) pthread_mutex_unlock(&auth->lock);

    if (done) {
        done(aux, false);
    }
    while (queued) {
        struct auth_job *next = queued->next;
        queued->done(queued->aux, false);
        job_destroy(queued);
        queued = next;
    }
}

void
auth_destroy(struct auth *auth)
{
    if (!auth) {
        return;
    }
    (void) pthread_mutex_lock(&auth->lock);
    auth->left = auth->comparing;
    bool left = auth->left;
    pthread_t thread = auth->thread;
    (void) pthread_mutex_unlock(&auth->lock);
    if (left) {
        (void) pthread_detach(thread);
    } else {
        (void) pthread_join(thread, NULL);
        end(auth);
    }
}

enum auth_result
auth_check(struct auth *auth, const struct web_config *config,
           const char *authorization, struct auth_job **job)
{
    char credentials[CREDENTIALS_MAX + 1];
    char *password;

    if (!credentials_read(authorization, credentials, &password)) {
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
    bool stopped = auth->stopped;
    if (!stopped) {
        *auth->end = job;
        auth->end = &job->next;
        (void) pthread_cond_broadcast(&auth->wake);
    }
    (void) pthread_mutex_unlock(&auth->lock);
    if (stopped) {
        done(aux, false);
        job_destroy(job);
    }
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
    while (!auth->stopped) {
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
        auth->running = job;
        bool passed = find_result(auth, job, data);
        answer(auth, job, passed);
        job_destroy(job);
    }
    bool left = auth->left;
    (void) pthread_mutex_unlock(&auth->lock);
    explicit_bzero(data, sizeof *data);
    free(data);
    if (left) {
        end(auth);
    }
    return NULL;
}

/* Called, and returns, with the lock held, which the comparison is made
 * without. */
static bool
find_result(struct auth *auth, const struct auth_job *job,
            struct crypt_data *data)
{
    /* The same may have been asked meanwhile. */
    const struct cached *cached = find_cached(auth, job->digest);
    if (cached) {
        return cached->passed;
    }
    auth->comparing = true;
    (void) pthread_mutex_unlock(&auth->lock);
    bool passed = compare(job, data);
    (void) pthread_mutex_lock(&auth->lock);
    auth->comparing = false;
    remember(auth, job, passed);
    return passed;
}

/* Calls back without the lock, unless auth_stop() has done so. */
static void
answer(struct auth *auth, const struct auth_job *job, bool passed)
{
    if (auth->running != job) {
        return;
    }
    auth->running = NULL;
    auth->answering = true;
    (void) pthread_mutex_unlock(&auth->lock);
    job->done(job->aux, passed);
    (void) pthread_mutex_lock(&auth->lock);
    auth->answering = false;
    (void) pthread_cond_broadcast(&auth->wake);
}

static void
end(struct auth *auth)
{
    (void) pthread_cond_destroy(&auth->wake);
    (void) pthread_mutex_destroy(&auth->lock);
    free(auth);
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
