/* Tokens from Entra: client secret, certificate, workload identity, and the
 * choice that the environment makes among them. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "exporter/clock.h"
#include "exporter/source/arm_url.h"
#include "exporter/source/token_kind.h"

static const short statuses[] = { 408, 429, 0 };
static const struct token_patience patience = { .tries = 3,
                                                .first_delay_ms = 1000,
                                                .max_delay_ms = 10000,
                                                .statuses = statuses };

static bool make_endpoint(const struct token_settings *settings,
                          struct text *url, struct error *error);
static void make_form(const struct token_settings *settings,
                      struct text *form);
static void append_field(struct text *form, const char *name,
                         const char *value);
static bool post_form(const struct token_attempt *attempt, const char *url,
                      const struct text *form, struct token_answer *answer,
                      struct error *error);

bool
token_fetch_secret(const struct token_attempt *attempt,
                   struct token_answer *answer, struct error *error)
{
    const struct token_settings *settings = attempt->settings;
    const char *variable = getenv("AZURE_CLIENT_SECRET");
    struct text secret;
    struct text form;
    struct text url;
    bool got = false;

    text_init(&secret);
    text_init(&form);
    text_init(&url);
    if (settings->secret_file[0]) {
        token_read_file(settings->secret_file, &secret, error);
    } else if (variable && variable[0]) {
        text_append(&secret, variable);
    } else {
        error_set(error, "neither secret_file nor AZURE_CLIENT_SECRET is set");
    }
    if (secret.length && make_endpoint(settings, &url, error)) {
        make_form(settings, &form);
        append_field(&form, "client_secret", secret.data);
        got = post_form(attempt, url.data, &form, answer, error);
    }
    token_wipe(&secret);
    token_wipe(&form);
    text_clear(&url);
    return got;
}

static bool
fetch_with_assertion(const struct token_attempt *attempt, const char *url,
                     const struct text *assertion, struct token_answer *answer,
                     struct error *error)
{
    struct text form;

    text_init(&form);
    make_form(attempt->settings, &form);
    append_field(&form, "client_assertion_type",
                 "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    append_field(&form, "client_assertion", assertion->data);
    bool got = post_form(attempt, url, &form, answer, error);
    token_wipe(&form);
    return got;
}

bool
token_fetch_certificate(const struct token_attempt *attempt,
                        struct token_answer *answer, struct error *error)
{
    const struct token_settings *settings = attempt->settings;
    int64_t now_s = attempt->clock->wall_ms(attempt->clock) / 1000;
    struct text assertion;
    struct text url;

    text_init(&assertion);
    text_init(&url);
    bool got =
        make_endpoint(settings, &url, error)
        && token_assertion(settings, url.data, now_s, &assertion, error)
        && fetch_with_assertion(attempt, url.data, &assertion, answer, error);
    token_wipe(&assertion);
    text_clear(&url);
    return got;
}

/* The file is read anew each time: Kubernetes renews it every hour. */
bool
token_fetch_workload(const struct token_attempt *attempt,
                     struct token_answer *answer, struct error *error)
{
    const struct token_settings *settings = attempt->settings;
    struct text assertion;
    struct text url;

    if (!settings->token_file[0]) {
        return error_set(error, "neither token_file nor "
                                "AZURE_FEDERATED_TOKEN_FILE is set");
    }
    text_init(&assertion);
    text_init(&url);
    bool got =
        make_endpoint(settings, &url, error)
        && token_read_file(settings->token_file, &assertion, error)
        && fetch_with_assertion(attempt, url.data, &assertion, answer, error);
    token_wipe(&assertion);
    text_clear(&url);
    return got;
}

/* The order of Azure's own EnvironmentCredential, then the federated token
 * that a cluster injects. */
bool
token_fetch_environment(const struct token_attempt *attempt,
                        struct token_answer *answer, struct error *error)
{
    const char *secret = getenv("AZURE_CLIENT_SECRET");

    if (secret && secret[0]) {
        return token_fetch_secret(attempt, answer, error);
    }
    if (attempt->settings->certificate_file[0]) {
        return token_fetch_certificate(attempt, answer, error);
    }
    if (attempt->settings->token_file[0]) {
        return token_fetch_workload(attempt, answer, error);
    }
    return error_set(error, "none of AZURE_CLIENT_SECRET, "
                            "AZURE_CLIENT_CERTIFICATE_PATH and "
                            "AZURE_FEDERATED_TOKEN_FILE is set");
}

static bool
make_endpoint(const struct token_settings *settings, struct text *url,
              struct error *error)
{
    size_t length = strlen(settings->authority);

    if (!length) {
        return error_set(error, "no authority is configured");
    }
    if (!settings->client_id[0]) {
        return error_set(error, "neither client_id nor AZURE_CLIENT_ID is "
                                "set");
    }
    text_append(url, settings->authority);
    if (length > 5 && ascii_equal(settings->authority + length - 5, "/adfs")) {
        text_append(url, "/oauth2/token");
        return true;
    }
    if (!settings->tenant_id[0]) {
        return error_set(error, "neither tenant_id nor AZURE_TENANT_ID is "
                                "set");
    }
    text_append_char(url, '/');
    url_append_encoded(url, settings->tenant_id);
    text_append(url, "/oauth2/v2.0/token");
    return true;
}

static void
make_form(const struct token_settings *settings, struct text *form)
{
    struct text scope;

    text_init(&scope);
    text_printf(&scope, "%s/.default", settings->audience);
    append_field(form, "grant_type", "client_credentials");
    append_field(form, "client_id", settings->client_id);
    append_field(form, "scope", scope.data);
    text_clear(&scope);
}

static void
append_field(struct text *form, const char *name, const char *value)
{
    if (form->length) {
        text_append_char(form, '&');
    }
    /* Growing would leave copies of a secret behind. */
    text_reserve(form, strlen(name) + 3 * strlen(value) + 2);
    text_append(form, name);
    text_append_char(form, '=');
    url_append_encoded(form, value);
}

static bool
post_form(const struct token_attempt *attempt, const char *url,
          const struct text *form, struct token_answer *answer,
          struct error *error)
{
    struct origin origin;
    struct http_request request = { .url = url,
                                    .body = form->data,
                                    .timeout_ms =
                                        attempt->settings->timeout_ms,
                                    .max_bytes = TOKEN_ANSWER_MAX };

    if (!origin_parse(url, &origin, NULL, error)) {
        return error_prefix(error, "authority");
    }
    if (!origin.https && !origin_is_loopback(&origin)) {
        return error_set(error, "authority %s is not https", origin.host);
    }
    request.plain = !origin.https;
    http_request_header(&request, "Content-Type",
                        "application/x-www-form-urlencoded");
    http_request_header(&request, "Accept", "application/json");
    return token_request(attempt, &request, &patience, answer, error);
}
