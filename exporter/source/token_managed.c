/* Tokens of managed identities: virtual machines, App Service and Container
 * Apps, Azure Arc.  The endpoints are on the host or link-local, speak plain
 * HTTP, and are never asked through a proxy. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "exporter/source/arm_url.h"
#include "exporter/source/token_kind.h"

#define IMDS_HOST "http://169.254.169.254"
#define IMDS_PATH "/metadata/identity/oauth2/token"
#define ARC_ENDPOINT "http://127.0.0.1:40342" IMDS_PATH
#define ARC_AGENT "/opt/azcmagent/bin/himds"

enum { ARC_KEY_MAX = 4096 };

/* "How to use managed identities ... to acquire an access token": 410 means an
 * update of up to 70 seconds. */
static const short imds_statuses[] = { 404, 410, 429, 0 };
static const struct token_patience imds_patience = { .tries = 6,
                                                     .first_delay_ms = 2000,
                                                     .max_delay_ms = 30000,
                                                     .statuses =
                                                         imds_statuses };
static const short app_statuses[] = { 429, 0 };
static const struct token_patience app_patience = { .tries = 3,
                                                    .first_delay_ms = 1000,
                                                    .max_delay_ms = 10000,
                                                    .statuses = app_statuses };

static bool fetch_imds(const struct token_attempt *attempt,
                       struct token_answer *answer, struct error *error);
static bool fetch_app_service(const struct token_attempt *attempt,
                              const char *endpoint, const char *header,
                              struct token_answer *answer,
                              struct error *error);
static bool fetch_arc(const struct token_attempt *attempt,
                      const char *endpoint, struct token_answer *answer,
                      struct error *error);
static bool read_arc_key(const struct token_settings *settings,
                         const struct http_response *response,
                         struct text *header, struct error *error);
static bool is_asked_identity(const struct token_settings *settings,
                              const struct token_answer *answer,
                              struct error *error);
static void append_query(const struct token_settings *settings,
                         const char *version, const char *resource_name,
                         struct text *url);
static bool make_request(const struct token_settings *settings,
                         const char *url, struct http_request *request,
                         struct error *error);

static const char *
variable(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] ? value : NULL;
}

/* The order of Azure's own clients. */
bool
token_fetch_managed(const struct token_attempt *attempt,
                    struct token_answer *answer, struct error *error)
{
    const char *endpoint = variable("IDENTITY_ENDPOINT");
    const char *header = variable("IDENTITY_HEADER");

    if (endpoint && header) {
        return fetch_app_service(attempt, endpoint, header, answer, error);
    }
    if (endpoint && variable("IMDS_ENDPOINT")) {
        return fetch_arc(attempt, endpoint, answer, error);
    }
    if (!variable("AZURE_POD_IDENTITY_AUTHORITY_HOST")
        && !access(ARC_AGENT, X_OK)) {
        return fetch_arc(attempt, ARC_ENDPOINT, answer, error);
    }
    return fetch_imds(attempt, answer, error);
}

static bool
fetch_imds(const struct token_attempt *attempt, struct token_answer *answer,
           struct error *error)
{
    const char *host = variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    struct http_request request;
    struct text url;

    text_init(&url);
    text_append(&url, host ? host : IMDS_HOST);
    while (url.length && url.data[url.length - 1] == '/') {
        url.data[--url.length] = '\0';
    }
    text_append(&url, IMDS_PATH);
    append_query(attempt->settings, "2018-02-01", "msi_res_id", &url);
    bool got = make_request(attempt->settings, url.data, &request, error);
    if (got) {
        http_request_header(&request, "Metadata", "true");
        got = token_request(attempt, &request, &imds_patience, answer, error);
    }
    text_clear(&url);
    return got || error_prefix(error, "managed identity of the machine");
}

static bool
fetch_app_service(const struct token_attempt *attempt, const char *endpoint,
                  const char *header, struct token_answer *answer,
                  struct error *error)
{
    struct http_request request;
    struct text url;

    text_init(&url);
    text_append(&url, endpoint);
    append_query(attempt->settings, "2019-08-01", "mi_res_id", &url);
    bool got = make_request(attempt->settings, url.data, &request, error);
    if (got) {
        http_request_header(&request, "X-IDENTITY-HEADER", header);
        got = token_request(attempt, &request, &app_patience, answer, error);
    }
    text_clear(&url);
    return got || error_prefix(error, "managed identity of the app");
}

/* Arc proves that the caller may read a file of the agent: the first answer
 * names it, the second request carries its content. */
static bool
fetch_arc(const struct token_attempt *attempt, const char *endpoint,
          struct token_answer *answer, struct error *error)
{
    struct http_request request;
    struct http_response response;
    struct text url;
    struct text basic;
    bool got = false;

    text_init(&url);
    text_init(&basic);
    text_append(&url, endpoint);
    append_query(attempt->settings, "2020-06-01", "msi_res_id", &url);
    if (make_request(attempt->settings, url.data, &request, error)) {
        http_request_header(&request, "Metadata", "true");
        if (token_exchange(attempt, &request, &app_patience, &response,
                           error)) {
            got = read_arc_key(attempt->settings, &response, &basic, error);
            http_response_clear(&response);
        }
    }
    if (got) {
        http_request_header(&request, "Authorization", basic.data);
        got = token_request(attempt, &request, &app_patience, answer, error)
              && is_asked_identity(attempt->settings, answer, error);
    }
    token_wipe(&basic);
    text_clear(&url);
    return got || error_prefix(error, "managed identity of Azure Arc");
}

/* Whoever listens on that port could name any file, and would be sent what is
 * in it: only the agent's own folder, a ".key" and a small size will do. */
static bool
open_arc_key(const char *folder, const char *path, int *fd,
             struct error *error)
{
    char resolved[PATH_MAX];
    char home[PATH_MAX];
    struct stat status;
    size_t length = strlen(path);

    if (length < 5 || strcmp(path + length - 4, ".key") != 0
        || !realpath(path, resolved)) {
        return error_set(error, "the key file that was named is refused");
    }
    size_t size = strlen(resolved);
    char *name = strrchr(resolved, '/');
    if (!realpath(folder, home) || (size_t) (name - resolved) != strlen(home)
        || memcmp(resolved, home, strlen(home)) != 0
        || strcmp(resolved + size - 4, ".key") != 0) {
        return error_set(error, "the key file that was named is not in %s",
                         folder);
    }
    *fd = open(resolved, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*fd < 0) {
        return error_set(error, "%s: %s", resolved, strerror(errno));
    }
    /* A file with a second name may be anybody's. */
    if (fstat(*fd, &status) || !S_ISREG(status.st_mode) || status.st_nlink != 1
        || status.st_size > ARC_KEY_MAX) {
        close(*fd);
        return error_set(error, "%s is no key file", resolved);
    }
    return true;
}

static bool
read_arc_key(const struct token_settings *settings,
             const struct http_response *response, struct text *header,
             struct error *error)
{
    char key[ARC_KEY_MAX + 1];
    struct text challenge;
    int fd = -1;

    text_init(&challenge);
    if (response->status != 401
        || !http_response_header(response, "www-authenticate", &challenge)
        || !ascii_starts_with(challenge.data, "Basic realm=")) {
        text_clear(&challenge);
        return error_set(error, "HTTP %ld instead of a challenge",
                         response->status);
    }
    bool opened =
        open_arc_key(settings->arc_folder,
                     challenge.data + strlen("Basic realm="), &fd, error);
    text_clear(&challenge);
    if (!opened) {
        return false;
    }
    ssize_t n = read(fd, key, ARC_KEY_MAX);
    close(fd);
    while (n > 0 && strchr(" \t\r\n", key[n - 1])) {
        n--;
    }
    if (n <= 0 || memchr(key, '\n', (size_t) n)
        || memchr(key, '\0', (size_t) n)) {
        return error_set(error, "the key file is empty or odd");
    }
    text_append(header, "Basic ");
    text_append_bytes(header, key, (size_t) n);
    explicit_bzero(key, sizeof key);
    return true;
}

/* An agent that knows no other identities answers with its own, whatever is
 * asked for. */
static bool
is_asked_identity(const struct token_settings *settings,
                  const struct token_answer *answer, struct error *error)
{
    bool named = settings->object_id[0] || settings->resource_id[0];

    if (settings->client_id[0]
            ? !ascii_equal(answer->client_id, settings->client_id)
            : named) {
        return error_set(error, "the answer does not say that it is of the "
                                "identity that was asked for");
    }
    return true;
}

static void
append_query(const struct token_settings *settings, const char *version,
             const char *resource_name, struct text *url)
{
    const struct {
        const char *name;
        const char *value;
    } identities[] = {
        { "client_id", settings->client_id },
        { "object_id", settings->object_id },
        { resource_name, settings->resource_id },
    };

    text_append(url, strchr(url->data, '?') ? "&" : "?");
    text_printf(url, "api-version=%s&resource=", version);
    url_append_encoded(url, settings->audience);
    for (size_t i = 0; i < sizeof identities / sizeof *identities; i++) {
        if (identities[i].value[0]) {
            text_printf(url, "&%s=", identities[i].name);
            url_append_encoded(url, identities[i].value);
            break;
        }
    }
}

static bool
make_request(const struct token_settings *settings, const char *url,
             struct http_request *request, struct error *error)
{
    struct origin origin;

    if (!origin_parse(url, &origin, NULL, error)) {
        return error_prefix(error, "identity endpoint");
    }
    *request = (struct http_request){ .url = url,
                                      .timeout_ms = settings->timeout_ms,
                                      .max_bytes = TOKEN_ANSWER_MAX,
                                      .no_proxy = true,
                                      .plain = !origin.https };
    return true;
}
