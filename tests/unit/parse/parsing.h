/* What the parser's tests share: documents written with ' for ". */

#ifndef TESTS_UNIT_PARSE_PARSING_H
#define TESTS_UNIT_PARSE_PARSING_H

#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/parse/parse.h"

#define NETWORK(type, name)                                                   \
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/" type    \
    "/" name

struct parsed {
    bool ok;
    struct parse_result result;
    const struct network_part *part; /* NULL if refused. */
    struct text findings;
    struct error error;
};

static inline struct parsed
parse_bytes(const char *bytes, size_t size)
{
    struct parse_request request = { .label = "x.json" };
    struct parsed parsed = { .ok = false };

    for (size_t i = 0; i < N_FEEDS; i++) {
        request.origins[i] = (uint16_t) (10 + i);
    }
    struct text findings;
    text_init(&findings);
    parsed.result.findings = &findings;
    parsed.ok =
        parse_document(&request, bytes, size, &parsed.result, &parsed.error);
    parsed.part = parsed.ok ? parsed.result.part : NULL;
    parsed.findings = findings;
    return parsed;
}

static inline struct parsed
parse(const char *document)
{
    size_t size = strlen(document);
    char *copy = test_malloc(size + 1);

    for (size_t i = 0; i <= size; i++) {
        copy[i] = document[i];
        if (copy[i] == '\'') {
            copy[i] = '"';
        }
    }
    struct parsed parsed = parse_bytes(copy, size);
    test_free(copy);
    return parsed;
}

static inline void
parsed_clear(struct parsed *parsed)
{
    if (parsed->ok) {
        arena_unref(parsed->result.part->arena);
    }
    text_clear(&parsed->findings);
}

/* Asserts that 'text' holds 'words'. */
static inline void
assert_says(const char *text, const char *words)
{
    if (!strstr(text, words)) {
        fail_msg("expected \"%s\" in \"%s\"", words, text);
    }
}

#endif
