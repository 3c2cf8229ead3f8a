/* Azure Resource Manager over a fake network and a simulated clock. */

#ifndef TESTS_UNIT_SOURCE_ARM_WORLD_H
#define TESTS_UNIT_SOURCE_ARM_WORLD_H

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "engine/base/text.h"
#include "exporter/source/arm.h"
#include "exporter/source/arm_page.h"
#include "exporter/source/token.h"
#include "tests/support/fake_http.h"

#define ORIGIN "https://arm.example"

/* One answer of the script; the last one repeats. */
struct step {
    const char *expect; /* Part of the URL or of the body; NULL: anything. */
    long status;
    const char *headers; /* Lines. */
    const char *body;
    int64_t latency_ms;
    enum fetch_failure failure; /* With status 0. */
};

struct world {
    struct fake_http http;
    struct token *token;
    struct arm *arm;
    const struct step *steps;
    size_t n_steps;
    size_t at;
    unsigned int n_tokens;
    char first_token[64];
    char last_token[64];
    bool leaked;
    /* What the handler was told. */
    struct text pages;
    size_t n_done;
    struct arm_result result;
    struct fetch_counts before;
};

static inline int64_t
answer(void *aux, const struct http_request *request,
       struct http_response *response)
{
    struct world *world = aux;

    if (strstr(request->url, "login.example")) {
        char body[128];
        snprintf(body, sizeof body,
                 "{\"access_token\":\"token-%u\",\"expires_in\":3600}",
                 ++world->n_tokens);
        fake_reply(response, 200, body);
        return 10;
    }
    const char *word = fake_request_header(request, "Authorization");
    world->leaked |= strncmp(request->url, ORIGIN "/", 20) != 0 && *word;
    snprintf(world->last_token, sizeof world->last_token, "%.60s", word);
    if (!world->at) {
        snprintf(world->first_token, sizeof world->first_token, "%.60s", word);
    }
    size_t number =
        world->at < world->n_steps ? world->at : world->n_steps - 1;
    const struct step *step = &world->steps[number];
    world->at++;
    if (step->expect && !strstr(request->url, step->expect)
        && !(request->body && strstr(request->body, step->expect))) {
        fail_msg("asked %s, %s", request->url,
                 request->body ? request->body : "");
    }
    response->failure = step->failure;
    response->detail = "broken";
    if (step->headers) {
        text_append(&response->headers, step->headers);
    }
    fake_reply(response, step->status, step->body ? step->body : "");
    return step->latency_ms ? step->latency_ms : 20;
}

static inline bool
take_page(void *aux, struct text *body, const struct arm_page *page,
          struct error *error)
{
    struct world *world = aux;

    (void) error;
    if (page->has_array) {
        text_append_bytes(&world->pages, body->data + page->array_start,
                          page->array_end - page->array_start);
    } else {
        text_append(&world->pages, body->data);
    }
    text_append(&world->pages, ";");
    return true;
}

static inline void
take_done(void *aux, const struct arm_result *result)
{
    struct world *world = aux;

    world->n_done++;
    world->result = *result;
}

static const struct arm_handler handler = { take_page, take_done };

static inline void
world_init(struct world *world, const struct step steps[], size_t n)
{
    struct config_source source = {
        .cloud = "custom",
        .arm_endpoint = ORIGIN,
        .authority = "https://login.example",
        .audience = ORIGIN,
        .request_timeout_ms = 30000,
        .credential = { .kind = CREDENTIAL_CLIENT_SECRET,
                        .tenant_id = "t",
                        .client_id = "c" },
    };
    struct error error;

    *world = (struct world){ .steps = steps, .n_steps = n };
    text_init(&world->pages);
    fake_http_init(&world->http, answer, world);
    setenv("AZURE_CLIENT_SECRET", "secret", 1);
    world->token =
        token_create(&source, &world->http.up, &world->http.clock, &error);
    assert_non_null(world->token);
    struct arm_options options = { .http = &world->http.up,
                                   .clock = &world->http.clock,
                                   .token = world->token,
                                   .endpoint = ORIGIN,
                                   .request_timeout_ms = 30000,
                                   .seed = 7 };
    world->arm = arm_create(&options, &error);
    assert_non_null(world->arm);
    world->before = counters_fetch(API_NSG);
}

static inline void
world_clear(struct world *world)
{
    assert_false(world->leaked);
    arm_destroy(world->arm);
    token_destroy(world->token);
    http_destroy(&world->http.up);
    text_clear(&world->pages);
}

static inline void
submit(struct world *world, enum arm_kind kind, size_t scope)
{
    struct arm_request request = { .api = API_NSG,
                                   .kind = kind,
                                   .scope = scope,
                                   .scope_name = "prod",
                                   .path = "/list?api-version=1",
                                   .array = "value",
                                   .members =
                                       kind == ARM_POST_LIST ? "\"a\":1" : "",
                                   .may_be_gone = kind == ARM_POINT };

    arm_submit(world->arm, &request, &handler, world);
}

static inline void
run(struct world *world)
{
    int64_t now = world->http.now_ms;
    arm_run(world->arm, now + 60000, now + 120000);
}

static inline uint64_t
failures(const struct world *world, enum fetch_failure failure)
{
    return counters_fetch(API_NSG).failures[failure]
           - world->before.failures[failure];
}

#define LINK(path) "\"nextLink\":\"" path "\""

#endif
