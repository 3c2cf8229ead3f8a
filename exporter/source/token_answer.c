/* What token endpoints answer: Entra writes numbers, managed identities write
 * strings, and expiry comes in five spellings. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/source/instant.h"
#include "exporter/source/token_kind.h"

/* A life that nobody names is assumed short. */
enum { UNKNOWN_LIFE_S = 300, CODES_MAX = 8 };

/* Sums of times stay far from the end of what fits. */
#define NUMBER_MAX 1000000000000000LL

static bool read_number(const cJSON *member, int64_t *value);
static bool read_expiry(const cJSON *json, int64_t now_s, int64_t *expires_s);
static bool read_end(const cJSON *json, int64_t *expires_s);
static void explain_code(int64_t code, const char **explanation);

bool
token_answer_parse(const char *body, size_t size, int64_t now_s,
                   struct token_answer *answer, struct error *error)
{
    cJSON *json = cJSON_ParseWithLength(body, size);
    const cJSON *bearer = cJSON_GetObjectItem(json, "access_token");
    int64_t refresh = 0;

    if (!cJSON_IsString(bearer)) {
        bearer = cJSON_GetObjectItem(json, "accessToken");
    }
    /* A token with a line break would be a header of its own. */
    bool sound =
        cJSON_IsString(bearer) && bearer->valuestring[0]
        && !bearer->valuestring[strcspn(bearer->valuestring, "\r\n \t")];
    if (sound) {
        text_append(&answer->bearer, bearer->valuestring);
        if (!read_expiry(json, now_s, &answer->expires_s)) {
            answer->expires_s = now_s + UNKNOWN_LIFE_S;
        }
        if (read_number(cJSON_GetObjectItem(json, "refresh_in"), &refresh)
            && refresh > 0) {
            answer->refresh_s = now_s + refresh;
        }
        const cJSON *client = cJSON_GetObjectItem(json, "client_id");
        snprintf(answer->client_id, sizeof answer->client_id, "%.60s",
                 cJSON_IsString(client) ? client->valuestring : "");
        explicit_bzero(bearer->valuestring, strlen(bearer->valuestring));
    } else {
        error_set(error, "the answer holds no token");
    }
    cJSON_Delete(json);
    return sound;
}

void
token_refusal(const struct http_response *response, struct error *error)
{
    cJSON *json = NULL;
    const char *explanation = NULL;
    int64_t code = 0;

    if (response->body.length <= TOKEN_FILE_MAX) {
        json =
            cJSON_ParseWithLength(response->body.data, response->body.length);
    }
    const cJSON *codes = cJSON_GetObjectItem(json, "error_codes");
    const cJSON *word = cJSON_GetObjectItem(json, "error");
    const cJSON *description = cJSON_GetObjectItem(json, "error_description");
    const char *text =
        cJSON_IsString(description) ? description->valuestring : "";
    const char *marked = strstr(text, "AADSTS");

    if (cJSON_IsArray(codes)
        && read_number(cJSON_GetArrayItem(codes, 0), &code)) {
        explain_code(code, &explanation);
    } else if (marked) {
        code = strtoll(marked + 6, NULL, 10);
        explain_code(code, &explanation);
    }
    /* The description names ids and times, never the secret; its first line
     * is enough. */
    if (explanation) {
        error_set(error, "HTTP %ld AADSTS%lld: %s", response->status,
                  (long long) code, explanation);
    } else if (cJSON_IsString(word)) {
        error_set(error, "HTTP %ld %.60s: %.*s", response->status,
                  word->valuestring, (int) strcspn(text, "\r\n"), text);
    } else {
        error_set(error, "HTTP %ld", response->status);
    }
    cJSON_Delete(json);
}

static bool
read_number(const cJSON *member, int64_t *value)
{
    if (cJSON_IsNumber(member) && member->valuedouble >= 0
        && member->valuedouble < (double) NUMBER_MAX) {
        *value = (int64_t) member->valuedouble;
        return true;
    }
    if (cJSON_IsString(member) && member->valuestring[0]) {
        char *end;
        long long number = strtoll(member->valuestring, &end, 10);
        if (!*end && number >= 0 && number < NUMBER_MAX) {
            *value = number;
            return true;
        }
    }
    return false;
}

/* An end that has passed, of a token that came just now, was read by a clock
 * that is wrong; how long it lives needs none. */
static bool
read_expiry(const cJSON *json, int64_t now_s, int64_t *expires_s)
{
    int64_t life_s = 0;
    bool has_life =
        read_number(cJSON_GetObjectItem(json, "expires_in"), &life_s);

    if (!read_end(json, expires_s)) {
        *expires_s = now_s + life_s;
        return has_life;
    }
    if (has_life && *expires_s <= now_s) {
        *expires_s = now_s + life_s;
    }
    return true;
}

static bool
read_end(const cJSON *json, int64_t *expires_s)
{
    static const char *const names[] = { "expires_on", "expiresOn" };
    int64_t value;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const cJSON *member = cJSON_GetObjectItem(json, names[i]);
        if (read_number(member, &value) && value > 0) {
            *expires_s = value;
            return true;
        }
        if (cJSON_IsString(member)
            && instant_parse(member->valuestring, expires_s)) {
            return true;
        }
    }
    return false;
}

/* "Troubleshoot Azure Identity authentication issues", and Entra's list of
 * error codes. */
static void
explain_code(int64_t code, const char **explanation)
{
    static const struct {
        int64_t code;
        const char *explanation;
    } table[] = {
        { 7000215, "the client secret is wrong (its value is needed, not its "
                   "id)" },
        { 7000222, "the client secret has expired" },
        { 700016, "the application is not in this tenant: check client_id "
                  "and tenant_id" },
        { 700027, "the assertion was not accepted: check the certificate and "
                  "that it is registered with the application" },
        { 700024, "the assertion is not valid at this time: check the clock "
                  "of this host" },
        { 90002, "the tenant does not exist: check tenant_id and cloud" },
        { 900023, "the tenant id is neither an id nor a domain name" },
        { 70021, "no federated credential of the application matches the "
                 "token" },
        { 700213, "no federated credential of the application matches the "
                  "token's issuer and subject" },
        { 500011, "the audience is not known in this tenant: check cloud" },
        { 53003, "conditional access refused the sign-in" },
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].code == code) {
            *explanation = table[i].explanation;
        }
    }
}
