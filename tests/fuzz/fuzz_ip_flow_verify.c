/* Bodies of ipFlowVerify: the whole handler, from the bytes to the answer.
 *
 * An input that begins with a brace is the body as it is.  Otherwise its lines
 * are the values of the members, in the order of the table below, and lines
 * that are missing are good: so the reader of JSON does not hide what is
 * behind it. */

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/error.h"
#include "exporter/render/json_write.h"
#include "exporter/snapshot.h"
#include "exporter/web/handlers.h"
#include "exporter/web/json_object.h"
#include "tests/support/folder.h"
#include "tests/support/web_estate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const char *name, *good;
} members[] = {
    { "direction", "Inbound" },        { "protocol", "TCP" },
    { "localIPAddress", "10.1.0.4" },  { "localPort", "443" },
    { "remoteIPAddress", "1.2.3.4" },  { "remotePort", "*" },
    { "targetResourceId", ESTATE_VM }, { "targetNicResourceId", "" },
};

static struct web_estate estate;

static void
start_once(void)
{
    static bool started;
    void *folder = NULL;

    if (started) {
        return;
    }
    started = true;
    (void) folder_setup(&folder);
    web_estate_start(&estate, folder);
    web_estate_run(&estate);
    (void) folder_teardown(&folder);
}

/* No line is left for what is not given. */
static void
make_body(const uint8_t *data, size_t size, struct text *body)
{
    const char *rest = (const char *) data, *end = rest + size;

    json_open(body, NULL, '{');
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *line =
            rest < end ? memchr(rest, '\n', (size_t) (end - rest)) : NULL;
        const char *stop = line ? line : end;
        struct text value;
        text_init(&value);
        text_append_bytes(&value, rest, (size_t) (stop - rest));
        text_append_char(&value, '\0');
        json_string(body, members[i].name,
                    *value.data ? value.data : members[i].good);
        text_clear(&value);
        rest = line ? line + 1 : end;
    }
    json_close(body, '}');
}

static void
ask(const struct text *body, struct response *response)
{
    struct request request = { .method = "POST", .body = *body };

    response_init(response);
    request.snapshot = publisher_acquire(estate.publisher);
    handle_ip_flow_verify(&estate.web, &request, response);
    snapshot_unref(request.snapshot);
}

/* The answer is one of Azure's: an error with a code, or a decision. */
static void
check(const struct response *response)
{
    struct json_member answer[] = {
        { "access", NULL },
        { "ruleName", NULL },
        { "ruleId", NULL },
    };
    bool decided = response->status == 200;
    struct arena *arena = arena_create();
    struct error error;

    assert(json_object_read(response->body.data, response->body.length, answer,
                            3, arena, &error));
    assert(decided == (answer[0].value != NULL));
    if (decided) {
        assert(ascii_equal(answer[0].value, "Allow")
               || ascii_equal(answer[0].value, "Deny"));
        assert(strstr(answer[1].value, "ecurityRules/"));
        assert(answer[2].value);
    } else {
        assert(response->status >= 400 && response->status < 500);
        assert(strstr(response->body.data, "{\"error\":{\"code\":\""));
    }
    arena_unref(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct response response, again;
    struct text body;

    start_once();
    text_init(&body);
    if (size && *data == '{') {
        text_append_bytes(&body, data, size);
    } else {
        make_body(data, size, &body);
    }

    ask(&body, &response);
    ask(&body, &again);

    check(&response);
    assert(response.status == again.status);
    assert(!strcmp(response.body.data, again.body.data));
    response_clear(&response);
    response_clear(&again);
    text_clear(&body);
    return 0;
}
