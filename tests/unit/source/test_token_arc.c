/* Managed identity on Azure Arc, with a key folder of the test's own. */

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "exporter/source/token_kind.h"
#include "tests/support/fake_http.h"
#include "tests/support/folder.h"

/* The agent: it names a key, and gives a token for what is in it. */
struct agent {
    const char *realm;
    const char *key;
    unsigned int n;
    bool saw_key;
    const char *client_id;
};

static int64_t
answer_as_agent(void *aux, const struct http_request *request,
                struct http_response *response)
{
    struct agent *agent = aux;
    const char *word = fake_request_header(request, "Authorization");
    char line[640];
    char body[128];

    agent->n++;
    agent->saw_key |= *word != '\0';
    if (strncmp(word, "Basic ", 6) || strcmp(word + 6, agent->key)) {
        snprintf(line, sizeof line, "Basic realm=%s", agent->realm);
        fake_header(response, "www-authenticate", line);
        fake_reply(response, 401, "");
        return 10;
    }
    snprintf(body, sizeof body,
             "{\"access_token\":\"arc\",\"expires_in\":\"3600\","
             "\"client_id\":\"%s\"}",
             agent->client_id);
    fake_reply(response, 200, body);
    return 10;
}

/* Asks the agent for a token with the key folder at 'folder'. */
static bool
ask_agent(struct agent *agent, const char *folder, const char *client_id,
          const char *object_id, struct error *error)
{
    struct fake_http http;
    struct token_answer answer = { .expires_s = 0 };

    fake_http_init(&http, answer_as_agent, agent);
    struct token_settings settings = { .audience = "https://arm.example",
                                       .client_id = client_id,
                                       .object_id = object_id,
                                       .resource_id = "",
                                       .arc_folder = folder,
                                       .timeout_ms = 1000 };
    struct token_attempt attempt = { .settings = &settings,
                                     .http = &http.up,
                                     .clock = &http.clock,
                                     .deadline_ms = 60000 };
    text_init(&answer.bearer);
    setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:40342/token", 1);
    setenv("IMDS_ENDPOINT", "http://127.0.0.1:40342", 1);
    unsetenv("IDENTITY_HEADER");
    bool got = token_fetch_managed(&attempt, &answer, error);
    if (got) {
        assert_string_equal(answer.bearer.data, "arc");
    }
    token_wipe(&answer.bearer);
    text_clear(&answer.bearer);
    http_destroy(&http.up);
    return got;
}

static void
test_an_arc_agent_gives_a_token_for_its_key(void **state)
{
    char folder[512];
    char link[512];
    char realm[512];
    struct error error;
    struct agent agent = { .realm = realm, .key = "k3y", .client_id = "ABC" };
    snprintf(realm, sizeof realm, "%s",
             folder_write(*state, "agent/tokens/a.key", "k3y\n"));
    snprintf(folder, sizeof folder, "%s", folder_path(*state, "agent/tokens"));
    snprintf(link, sizeof link, "%s", folder_path(*state, "opt"));
    assert_int_equal(symlink(folder, link), 0);

    if (!ask_agent(&agent, folder, "", "", &error)) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(agent.n, 2);

    /* The folder may be reached over a link, as where /var/opt is one. */
    assert_true(ask_agent(&agent, link, "", "", &error));
    assert_true(ask_agent(&agent, folder, "abc", "", &error));
    /* Any other identity than the one that was asked for is a failure. */
    assert_false(ask_agent(&agent, folder, "abd", "", &error));
    assert_false(ask_agent(&agent, folder, "", "object", &error));
    agent.client_id = "";
    assert_false(ask_agent(&agent, folder, "abc", "", &error));
}

static void
test_only_a_key_of_the_arc_agent_is_sent(void **state)
{
    char folder[512];
    char outside[512];
    char large[4098];
    struct error error;
    snprintf(outside, sizeof outside, "%s",
             folder_write(*state, "secret.key", "secret"));
    folder_write(*state, "agent/tokens/empty.key", "\n");
    folder_write(*state, "agent/tokens/lines.key", "a\nb");
    folder_write(*state, "agent/tokens/word.txt", "k3y");
    folder_write(*state, "agent/tokens/below/a.key", "k3y");
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    folder_write(*state, "agent/tokens/large.key", large);
    snprintf(folder, sizeof folder, "%s", folder_path(*state, "agent/tokens"));
    assert_int_equal(
        symlink(outside, folder_path(*state, "agent/tokens/link.key")), 0);
    assert_int_equal(
        link(outside, folder_path(*state, "agent/tokens/hard.key")), 0);
    assert_int_equal(
        mkfifo(folder_path(*state, "agent/tokens/pipe.key"), 0600), 0);
    assert_int_equal(
        mkdir(folder_path(*state, "agent/tokens/folder.key"), 0700), 0);
    static const char *const names[] = {
        "empty.key",        "lines.key", "word.txt",
        "below/a.key",      "large.key", "link.key",
        "hard.key",         "pipe.key",  "folder.key",
        "../../secret.key", "lost.key",  ".key",
        "below/../.key",    "",          "a.key/../",
        "lines.key.",
    };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char realm[600];
        struct agent agent = { .realm = realm, .key = "?", .client_id = "" };
        snprintf(realm, sizeof realm, "%s/%s", folder, names[i]);

        bool got = ask_agent(&agent, folder, "", "", &error);

        if (got || agent.saw_key || agent.n != 1) {
            fail_msg("%s: %u requests", names[i], agent.n);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_an_arc_agent_gives_a_token_for_its_key),
        FOLDER_TEST(test_only_a_key_of_the_arc_agent_is_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
