#include <string.h>

#include "config/flow_form.h"
#include "config/strings.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"

/* Splits at commas: "Tcp,Udp" is two words. */
static void
split(struct arena *scratch, const char *value, struct words *words)
{
    struct word *list =
        arena_alloc_array(scratch, strlen(value) + 1, sizeof *list);

    words->list = list;
    for (;;) {
        size_t length = strcspn(value, ",");
        list[words->n++].text = arena_strndup(scratch, value, length);
        if (!value[length]) {
            return;
        }
        value += length + 1;
    }
}

bool
config_flow_from_words(const struct config_flow_words *words,
                       struct arena *arena, struct config_flow *flow,
                       struct error *error)
{
    const struct {
        enum form_field field;
        const char *value;
        bool is_list;
    } given[] = {
        { FORM_NIC, words->nic, false },
        { FORM_VM, words->vm, false },
        { FORM_DIRECTION, words->direction, false },
        { FORM_PROTOCOL, words->protocol, true },
        { FORM_LOCAL_ADDRESS, words->local_address, true },
        { FORM_LOCAL_PORT, words->local_port, true },
        { FORM_REMOTE_ADDRESS, words->remote_address, true },
        { FORM_REMOTE_PORT, words->remote_port, true },
    };
    struct arena *scratch = arena_create();
    struct reader reader = {
        .arena = arena,
        .scratch = scratch,
        .strings = strings_create(arena),
        .problems = problems_create(),
        .file = "",
        .context = "",
    };
    struct flow_form form = { .has_from = false };
    struct config_flow result = { .description = "",
                                  .expect_allow = true,
                                  .file = "" };

    result.flow.name = "";
    for (int i = 0; i < N_FORM_FIELDS; i++) {
        form.fields[i].key = flow_form_name((enum form_field) i);
    }
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        struct words *field = &form.fields[given[i].field];
        if (!given[i].value || !*given[i].value) {
            continue;
        }
        field->given = true;
        if (given[i].is_list) {
            split(scratch, given[i].value, field);
        } else {
            field->list =
                arena_memdup(scratch, &(struct word){ given[i].value, false },
                             sizeof(struct word));
            field->n = 1;
        }
    }
    flow_form_read(&reader, &form, &result);
    bool good = problems_empty(reader.problems);
    if (good) {
        *flow = result;
    } else {
        error_set(error, "%s", problems_first(reader.problems));
    }
    problems_destroy(reader.problems);
    strings_destroy(reader.strings);
    arena_unref(scratch);
    return good;
}
