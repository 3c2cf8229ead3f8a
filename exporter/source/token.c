#include "exporter/source/token.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "engine/base/memory.h"
#include "exporter/clock.h"
#include "exporter/counters.h"
#include "exporter/log.h"
#include "exporter/source/token_kind.h"

enum { RENEW_BEFORE_S = 300, LONG_LIFE_S = 7200, ATTEMPT_PAUSE_MS = 30000 };

struct token {
    struct token_settings settings;
    token_fetch *fetch;
    struct http *http;
    struct clock *clock;
    struct text header; /* "Bearer ..."; empty: there is none. */
    int64_t expires_s;
    int64_t renew_s;
    bool attempted;
    int64_t attempted_ms; /* Monotonic, of the last attempt. */
    int64_t rest_ms;      /* After it. */
    bool dropped;         /* A new one was asked for by token_drop(). */
    bool dropped_before;
    int64_t dropped_ms; /* Monotonic, of the last drop. */
    uint64_t generation;
    struct error last; /* Why the last attempt failed. */
};

struct cloud {
    const char *name;
    const char *authority;
    const char *arm_endpoint;
};

static const struct cloud clouds[] = {
    { "AzurePublic", "https://login.microsoftonline.com",
      "https://management.azure.com" },
    { "AzureUSGovernment", "https://login.microsoftonline.us",
      "https://management.usgovcloudapi.net" },
    { "AzureChina", "https://login.chinacloudapi.cn",
      "https://management.chinacloudapi.cn" },
};

static void take_settings(struct token *token,
                          const struct config_source *source);
static bool token_renew(struct token *token, int64_t deadline_ms,
                        bool proactive);
static void token_take(struct token *token, struct token_answer *answer,
                       int64_t now_s);

struct token *
token_create(const struct config_source *source, struct http *http,
             struct clock *clock, struct error *error)
{
    static token_fetch *const kinds[] = {
        [CREDENTIAL_CLIENT_SECRET] = token_fetch_secret,
        [CREDENTIAL_CLIENT_CERTIFICATE] = token_fetch_certificate,
        [CREDENTIAL_WORKLOAD_IDENTITY] = token_fetch_workload,
        [CREDENTIAL_MANAGED_IDENTITY] = token_fetch_managed,
        [CREDENTIAL_AZURE_CLI] = token_fetch_cli,
        [CREDENTIAL_ENVIRONMENT] = token_fetch_environment,
    };
    struct token *token = memory_calloc(1, sizeof *token);

    token->settings.arena = arena_create();
    token->http = http;
    token->clock = clock;
    token->fetch = kinds[source->credential.kind];
    text_init(&token->header);
    take_settings(token, source);
    if (!token->settings.audience[0]) {
        error_set(error, "source: cloud \"%s\" has no audience",
                  source->cloud);
        token_destroy(token);
        return NULL;
    }
    return token;
}

void
token_destroy(struct token *token)
{
    if (token) {
        token_wipe(&token->header);
        arena_unref(token->settings.arena);
        free(token);
    }
}

const char *
token_get(struct token *token, int64_t deadline_ms, struct error *error)
{
    int64_t now_s = token->clock->wall_ms(token->clock) / 1000;
    int64_t now_ms = token->clock->monotonic_ms(token->clock);
    bool alive = token->header.length && now_s < token->expires_s;
    bool rested =
        !token->attempted || now_ms - token->attempted_ms >= token->rest_ms;

    if (alive && (now_s < token->renew_s || !rested)) {
        return token->header.data;
    }
    if (!rested && (!token->dropped || token->rest_ms > ATTEMPT_PAUSE_MS)) {
        *error = token->last;
        return NULL;
    }
    if (token_renew(token, deadline_ms, alive)) {
        return token->header.data;
    }
    if (alive) {
        return token->header.data;
    }
    *error = token->last;
    return NULL;
}

void
token_drop(struct token *token)
{
    int64_t now_ms = token->clock->monotonic_ms(token->clock);

    /* A service that accepts no token at all must not make us ask for one
     * after the other. */
    if (token->dropped_before
        && now_ms - token->dropped_ms < ATTEMPT_PAUSE_MS) {
        return;
    }
    token_wipe(&token->header);
    token->dropped = true;
    token->dropped_before = true;
    token->dropped_ms = now_ms;
}

uint64_t
token_generation(const struct token *token)
{
    return token->generation;
}

const char *
token_arm_endpoint(const struct config_source *source)
{
    if (source->arm_endpoint && source->arm_endpoint[0]) {
        return source->arm_endpoint;
    }
    for (size_t i = 0; i < sizeof clouds / sizeof *clouds; i++) {
        if (ascii_equal(source->cloud, clouds[i].name)) {
            return clouds[i].arm_endpoint;
        }
    }
    return "";
}

static bool
token_renew(struct token *token, int64_t deadline_ms, bool proactive)
{
    struct token_attempt attempt = { .settings = &token->settings,
                                     .http = token->http,
                                     .clock = token->clock,
                                     .deadline_ms = deadline_ms,
                                     .proactive = proactive,
                                     .rest_ms = &token->rest_ms };
    struct token_answer answer = { .expires_s = 0 };

    text_init(&answer.bearer);
    token->attempted = true;
    token->dropped = false;
    token->rest_ms = 0;
    bool got = token->fetch(&attempt, &answer, &token->last);
    token->attempted_ms = token->clock->monotonic_ms(token->clock);
    if (got || token->rest_ms < ATTEMPT_PAUSE_MS) {
        token->rest_ms = ATTEMPT_PAUSE_MS;
    }
    if (got) {
        token_take(token, &answer, token->clock->wall_ms(token->clock) / 1000);
    } else {
        error_prefix(&token->last, "token");
        log_warn("no token", "error", token->last.message, NULL);
    }
    token_wipe(&answer.bearer);
    return got;
}

static void
token_take(struct token *token, struct token_answer *answer, int64_t now_s)
{
    int64_t life_s = answer->expires_s - now_s;

    token_wipe(&token->header);
    text_append(&token->header, "Bearer ");
    text_append(&token->header, answer->bearer.data);
    token->generation++;
    token->expires_s = answer->expires_s;
    token->renew_s = answer->expires_s - RENEW_BEFORE_S;
    if (life_s > LONG_LIFE_S) {
        token->renew_s = now_s + life_s / 2;
    }
    if (answer->refresh_s && answer->refresh_s < token->renew_s) {
        token->renew_s = answer->refresh_s;
    }
    /* Why there is none, once this one has ended before its time. */
    error_set(&token->last, "token: the last one has ended already");
    counters_token_expiry(answer->expires_s * 1000);
    log_debug("token renewed", NULL);
}

/* Returns a copy of 'value', or of the environment variable if it is empty. */
static const char *
value_or_variable(struct arena *arena, const char *value, const char *variable)
{
    if ((!value || !value[0]) && variable) {
        value = getenv(variable);
    }
    return arena_strdup(arena, value ? value : "");
}

static const char *
without_slash(struct arena *arena, const char *url)
{
    size_t length = strlen(url);

    while (length && url[length - 1] == '/') {
        length--;
    }
    return arena_strndup(arena, url, length);
}

/* The variables that the platform sets for an identity count where the
 * configuration is silent. */
static void
take_settings(struct token *token, const struct config_source *source)
{
    const struct config_credential *credential = &source->credential;
    struct token_settings *settings = &token->settings;
    struct arena *arena = settings->arena;
    bool managed = credential->kind == CREDENTIAL_MANAGED_IDENTITY;
    bool injected = credential->kind == CREDENTIAL_WORKLOAD_IDENTITY
                    || credential->kind == CREDENTIAL_ENVIRONMENT;
    bool custom = ascii_equal(source->cloud, "custom");
    const char *host = getenv("AZURE_AUTHORITY_HOST");
    const char *authority = source->authority ? source->authority : "";
    const char *audience = source->audience ? source->audience : "";

    for (size_t i = 0; i < sizeof clouds / sizeof *clouds; i++) {
        if (ascii_equal(source->cloud, clouds[i].name)) {
            authority = authority[0] ? authority : clouds[i].authority;
            audience = audience[0] ? audience : clouds[i].arm_endpoint;
        }
    }
    if (injected && !custom && host && host[0]) {
        authority = host;
    }
    settings->authority = without_slash(arena, authority);
    settings->audience = without_slash(
        arena, audience[0] ? audience : token_arm_endpoint(source));
    settings->tenant_id =
        value_or_variable(arena, credential->tenant_id, "AZURE_TENANT_ID");
    settings->client_id = value_or_variable(
        arena, credential->client_id, managed ? NULL : "AZURE_CLIENT_ID");
    settings->object_id =
        value_or_variable(arena, credential->object_id, NULL);
    settings->resource_id =
        value_or_variable(arena, credential->resource_id, NULL);
    settings->secret_file =
        value_or_variable(arena, credential->secret_file, NULL);
    settings->certificate_file = value_or_variable(
        arena, credential->certificate_file, "AZURE_CLIENT_CERTIFICATE_PATH");
    settings->certificate_password_file =
        value_or_variable(arena, credential->certificate_password_file, NULL);
    settings->token_file = value_or_variable(arena, credential->token_file,
                                             "AZURE_FEDERATED_TOKEN_FILE");
    settings->arc_folder = "/var/opt/azcmagent/tokens";
    settings->password_variable = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
    const char *chain = getenv("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN");
    settings->send_chain =
        chain && (ascii_equal(chain, "true") || ascii_equal(chain, "1"));
    settings->legacy_algorithm = ascii_equal(credential->algorithm, "RS256");
    settings->timeout_ms = source->request_timeout_ms;
}
