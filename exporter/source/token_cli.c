/* The token of a person who logged in with "az".  The program is started
 * without a shell; what it prints is a token and is never shown. */

/* For posix_spawn_file_actions_addchdir_np(), of glibc and musl. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "engine/base/error.h"
#include "exporter/clock.h"
#include "exporter/counters.h"
#include "exporter/source/token_kind.h"

enum { CLI_TIMEOUT_MS = 10000, POLL_MS = 100 };

/* POSIX leaves it to the program; the GNU C library has it in a header, too.
 * NOLINTNEXTLINE(readability-redundant-declaration) */
extern char **environ;

static bool start_cli(const struct token_settings *settings, pid_t *pid,
                      int *output, struct error *error);
static bool read_output(const struct token_attempt *attempt, int output,
                        struct text *text, struct error *error);
static bool end_cli(pid_t pid, bool whole, struct error *error);
static const char *find_object(const char *output);
static void read_local_expiry(const char *object, size_t size,
                              struct token_answer *answer);

bool
token_fetch_cli(const struct token_attempt *attempt,
                struct token_answer *answer, struct error *error)
{
    int64_t now_s = attempt->clock->wall_ms(attempt->clock) / 1000;
    struct text output;
    pid_t pid = 0;
    int fd = -1;

    counters_fetch_request(API_TOKEN);
    if (!start_cli(attempt->settings, &pid, &fd, error)) {
        counters_fetch_failure(API_TOKEN, FETCH_CONNECT);
        return false;
    }
    text_init(&output);
    bool whole = read_output(attempt, fd, &output, error);
    close(fd);
    const char *json = find_object(output.data);
    size_t size = output.length - (size_t) (json - output.data);
    bool got = end_cli(pid, whole, error)
               && token_answer_parse(json, size, now_s, answer, error);
    if (got) {
        read_local_expiry(json, size, answer);
    } else {
        counters_fetch_failure(API_TOKEN, whole ? FETCH_AUTH : FETCH_TIMEOUT);
    }
    token_wipe(&output);
    return got || error_prefix(error, "az account get-access-token");
}

static bool
start_cli(const struct token_settings *settings, pid_t *pid, int *output,
          struct error *error)
{
    union {
        const char *constant[10];
        char *variable[10];
    } words = { .constant = { "az", "account", "get-access-token", "--output",
                              "json", "--resource", settings->audience } };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t usual;
    int ends[2];

    if (settings->tenant_id[0]) {
        words.constant[7] = "--tenant";
        words.constant[8] = settings->tenant_id;
    }
    if (pipe(ends)) {
        return error_set(error, "pipe: %s", strerror(errno));
    }
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    /* Nothing in the folder where we were started may take part. */
    posix_spawn_file_actions_addchdir_np(&actions, "/");
    /* "az" is a script that starts Python: its group ends as one, and signals
     * that we block or ignore are none of its business. */
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP
                                              | POSIX_SPAWN_SETSIGMASK
                                              | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    int result = posix_spawnp(pid, "az", &actions, &attributes, words.variable,
                              environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (result) {
        close(ends[0]);
        return error_set(error, "az: %s", strerror(result));
    }
    *output = ends[0];
    return true;
}

static bool
read_output(const struct token_attempt *attempt, int output, struct text *text,
            struct error *error)
{
    struct clock *clock = attempt->clock;
    int64_t end_ms = clock->monotonic_ms(clock) + CLI_TIMEOUT_MS;

    if (end_ms > attempt->deadline_ms) {
        end_ms = attempt->deadline_ms;
    }
    while (text->length < TOKEN_ANSWER_MAX) {
        char bytes[4096];
        struct pollfd wanted = { .fd = output, .events = POLLIN };
        if (http_interrupted(attempt->http)) {
            return error_set(error, "interrupted");
        }
        if (clock->monotonic_ms(clock) >= end_ms) {
            break;
        }
        if (poll(&wanted, 1, POLL_MS) <= 0) {
            continue;
        }
        ssize_t n = read(output, bytes, sizeof bytes);
        if (n == 0) {
            return true;
        }
        if (n > 0) {
            text_append_bytes(text, bytes, (size_t) n);
            explicit_bzero(bytes, sizeof bytes);
        }
    }
    return error_set(error, "it did not end within %d seconds",
                     CLI_TIMEOUT_MS / 1000);
}

static bool
end_cli(pid_t pid, bool whole, struct error *error)
{
    int status = 0;

    if (!whole) {
        kill(-pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!whole) {
        return false;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        return error_set(error, "it failed; is somebody logged in?");
    }
    return true;
}

/* Warnings of az, and of what it was extended by, may come before: the object
 * begins a line. */
static const char *
find_object(const char *output)
{
    const char *line = output;

    while (*line != '{') {
        const char *end = strchr(line, '\n');
        if (!end) {
            return output;
        }
        line = end + 1;
    }
    return line;
}

/* "expiresOn" of az is local time without a zone; newer versions also print
 * "expires_on", which was read already. */
static void
read_local_expiry(const char *object, size_t size, struct token_answer *answer)
{
    cJSON *json = cJSON_ParseWithLength(object, size);
    const cJSON *local = cJSON_GetObjectItem(json, "expiresOn");

    if (!cJSON_GetObjectItem(json, "expires_on") && cJSON_IsString(local)) {
        /* What was read as if it were UTC, read again as local. */
        time_t seconds = (time_t) answer->expires_s;
        struct tm parts;
        if (gmtime_r(&seconds, &parts)) {
            parts.tm_isdst = -1;
            seconds = mktime(&parts);
            answer->expires_s =
                seconds > 0 ? (int64_t) seconds : answer->expires_s;
        }
    }
    const cJSON *bearer = cJSON_GetObjectItem(json, "accessToken");
    if (cJSON_IsString(bearer)) {
        explicit_bzero(bearer->valuestring, strlen(bearer->valuestring));
    }
    cJSON_Delete(json);
}
