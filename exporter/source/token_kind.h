/* What the kinds of credentials share: a table of ways to ask for a token.
 * Private to exporter/source/token*.c. */

#ifndef EXPORTER_SOURCE_TOKEN_KIND_H
#define EXPORTER_SOURCE_TOKEN_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exporter/source/http.h"

struct arena;
struct clock;
struct error;

enum { TOKEN_ANSWER_MAX = 1024 * 1024, TOKEN_FILE_MAX = 64 * 1024 };

/* Strings are "" where nothing is configured; they live in 'arena'. */
struct token_settings {
    struct arena *arena;
    const char *authority; /* Without a trailing slash. */
    const char *audience;  /* "https://management.azure.com" */
    const char *tenant_id;
    const char *client_id;
    const char *object_id;
    const char *resource_id;
    const char *secret_file;
    const char *certificate_file;
    const char *certificate_password_file;
    const char *token_file;
    const char *password_variable; /* Of the certificate. */
    const char *arc_folder;        /* Where Azure Arc's agent puts its keys. */
    bool legacy_algorithm;         /* RS256 and x5t. */
    bool send_chain;
    int64_t timeout_ms;
};

/* One attempt to get a token. */
struct token_attempt {
    const struct token_settings *settings;
    struct http *http;
    struct clock *clock;
    int64_t deadline_ms;
    /* The old token still lives: one try, no waiting. */
    bool proactive;
    int64_t *rest_ms; /* How long the service wants to be left alone. */
};

struct token_answer {
    struct text bearer; /* The token itself. */
    int64_t expires_s;  /* Seconds since the epoch. */
    int64_t refresh_s;  /* When the service wants it renewed; 0: unsaid. */
    char client_id[64]; /* Whose it is; "" if the answer does not say. */
};

/* A way to get a token: fills 'answer', or one line in 'error'. */
typedef bool token_fetch(const struct token_attempt *attempt,
                         struct token_answer *answer, struct error *error);

token_fetch token_fetch_secret;
token_fetch token_fetch_certificate;
token_fetch token_fetch_workload;
token_fetch token_fetch_managed;
token_fetch token_fetch_cli;
token_fetch token_fetch_environment;

/* Which answers are worth another try, and how long to wait. */
struct token_patience {
    unsigned int tries;
    int64_t first_delay_ms; /* Doubles. */
    int64_t max_delay_ms;
    const short *statuses; /* Ends in 0; 5xx always count. */
};

/* Makes 'request', again where 'patience' says so, and counts it.  True if
 * any answer came, whatever its status; the caller clears the response. */
bool token_exchange(const struct token_attempt *attempt,
                    const struct http_request *request,
                    const struct token_patience *patience,
                    struct http_response *response, struct error *error);
/* The same for answers that hold a token. */
bool token_request(const struct token_attempt *attempt,
                   const struct http_request *request,
                   const struct token_patience *patience,
                   struct token_answer *answer, struct error *error);

/* Reads an answer of a token endpoint (exporter/source/token_answer.c). */
bool token_answer_parse(const char *body, size_t size, int64_t now_s,
                        struct token_answer *answer, struct error *error);
/* Says in one line why a token endpoint refused, without secrets. */
void token_refusal(const struct http_response *response, struct error *error);

/* Appends the content of a small file without the blanks around it. */
bool token_read_file(const char *path, struct text *content,
                     struct error *error);
/* Empties 'text' and wipes what it held. */
void token_wipe(struct text *text);

/* Appends a signed assertion for 'audience' (exporter/source/token_jwt.c). */
bool token_assertion(const struct token_settings *settings,
                     const char *audience, int64_t now_s,
                     struct text *assertion, struct error *error);

#endif
