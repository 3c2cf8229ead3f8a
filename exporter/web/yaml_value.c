#include "exporter/web/yaml_value.h"

#include <stddef.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "exporter/web/yaml.h"

enum { DEPTH_MAX = 8, CHILDREN_MAX = 10000 };

struct reader {
    struct arena *arena;
    struct error *error;
    const char *at;
    unsigned int line;
};

static bool read_value(struct reader *reader, struct yaml_node *node,
                       const char *ends, unsigned int depth);
static bool read_brackets(struct reader *reader, struct yaml_node *node,
                          unsigned int depth);
static bool read_entry(struct reader *reader, struct yaml_node *parent,
                       unsigned int depth);
static const char *read_key(struct reader *reader);
static const char *read_plain(struct reader *reader, const char *ends);
static bool is_null(const char *word);
static void skip_blanks(struct reader *reader);
static bool refuse(struct reader *reader, const char *cause);

bool
yaml_value_read(struct yaml_node *node, const char *text, struct arena *arena,
                struct error *error)
{
    struct reader reader = { arena, error, text, node->line };

    if (strchr("&*!|>%@`", *text)) {
        return refuse(&reader, "this part of YAML is not supported");
    }
    if (!strchr("[{\"'", *text) && strstr(text, ": ")) {
        return refuse(&reader, "a value with ': ' needs quotes");
    }
    if (!read_value(&reader, node, "", 0)) {
        return false;
    }
    skip_blanks(&reader);
    return !*reader.at || refuse(&reader, "something follows the value");
}

const char *
yaml_quoted_read(const char **text, unsigned int line, struct arena *arena,
                 struct error *error)
{
    static const char from_escapes[] = "\"\\/ntr", into[] = "\"\\/\n\t\r";
    struct reader reader = { arena, error, *text, line };
    char quote = **text;
    const char *from = *text + 1;
    char *word = arena_alloc(arena, strlen(from) + 1);
    char *to = word;

    for (; *from; from++) {
        if (*from == quote && quote == '\'' && from[1] == '\'') {
            from++;
        } else if (*from == quote) {
            *text = from + 1;
            return word;
        } else if (*from == '\\' && quote == '"') {
            from++;
            const char *escape = *from ? strchr(from_escapes, *from) : NULL;
            if (!escape) {
                (void) refuse(&reader, "this escape is not supported");
                return NULL;
            }
            *to++ = into[escape - from_escapes];
            continue;
        }
        *to++ = *from;
    }
    (void) refuse(&reader, "a quote is not closed");
    return NULL;
}

bool
yaml_is_quoted(const char *text, const char **c, char *quote)
{
    if (*quote) {
        if (**c == '\\' && *quote == '"' && (*c)[1]) {
            (*c)++;
        } else if (**c == *quote) {
            *quote = '\0';
        }
        return true;
    }
    if ((**c == '"' || **c == '\'')
        && (*c == text || strchr(" \n[{,:", (*c)[-1]))) {
        *quote = **c;
        return true;
    }
    return false;
}

int
yaml_brackets(const char *text)
{
    char quote = '\0';
    int open = 0;

    for (const char *c = text; *c; c++) {
        if (yaml_is_quoted(text, &c, &quote)) {
            continue;
        }
        open += *c == '[' || *c == '{';
        open -= *c == ']' || *c == '}';
    }
    return open;
}

bool
yaml_add(struct yaml_node *parent, struct yaml_node *child,
         struct error *error)
{
    struct yaml_node **end = &parent->children;

    for (size_t n = 0; *end; end = &(*end)->next) {
        if (++n == CHILDREN_MAX) {
            return error_set(error, "line %u: more than %d entries",
                             child->line, CHILDREN_MAX);
        }
        if (child->key && !strcmp((*end)->key, child->key)) {
            return error_set(error, "line %u: '%.64s' is given twice",
                             child->line, child->key);
        }
    }
    *end = child;
    return true;
}

/* A plain word ends before one of 'ends'. */
static bool
read_value(struct reader *reader, struct yaml_node *node, const char *ends,
           unsigned int depth)
{
    if (*reader->at == '[' || *reader->at == '{') {
        return read_brackets(reader, node, depth);
    }
    bool quoted = *reader->at == '"' || *reader->at == '\'';
    node->scalar = quoted ? yaml_quoted_read(&reader->at, reader->line,
                                             reader->arena, reader->error)
                          : read_plain(reader, ends);
    if (!node->scalar) {
        return false;
    }
    node->kind = YAML_SCALAR;
    if (!quoted && is_null(node->scalar)) {
        node->kind = YAML_NONE;
        node->scalar = NULL;
    }
    return true;
}

static bool
read_brackets(struct reader *reader, struct yaml_node *node,
              unsigned int depth)
{
    bool list = *reader->at++ == '[';
    char close = list ? ']' : '}';

    node->kind = list ? YAML_LIST : YAML_MAP;
    if (depth > DEPTH_MAX) {
        return refuse(reader, "it is nested too deep");
    }
    skip_blanks(reader);
    while (*reader->at && *reader->at != close) {
        if (!read_entry(reader, node, depth + 1)) {
            return false;
        }
        skip_blanks(reader);
        if (*reader->at == ',') {
            reader->at++;
            skip_blanks(reader);
        } else if (*reader->at != close) {
            break;
        }
    }
    if (*reader->at != close) {
        return refuse(reader, list ? "the list does not end in ']'"
                                   : "the mapping does not end in '}'");
    }
    reader->at++;
    return true;
}

static bool
read_entry(struct reader *reader, struct yaml_node *parent, unsigned int depth)
{
    struct yaml_node *node = arena_alloc(reader->arena, sizeof *node);

    node->line = reader->line;
    if (parent->kind == YAML_MAP) {
        node->key = read_key(reader);
        if (!node->key) {
            return false;
        }
    }
    if (!read_value(reader, node, ",[]{}\n", depth)) {
        return false;
    }
    if (parent->kind == YAML_LIST && node->kind != YAML_SCALAR) {
        return refuse(reader, "a list holds words only");
    }
    return yaml_add(parent, node, reader->error);
}

static const char *
read_key(struct reader *reader)
{
    bool quoted = *reader->at == '"' || *reader->at == '\'';
    const char *key = quoted ? yaml_quoted_read(&reader->at, reader->line,
                                                reader->arena, reader->error)
                             : read_plain(reader, ":,[]{}\n");
    if (!key) {
        return NULL;
    }
    skip_blanks(reader);
    if (!*key || *reader->at != ':'
        || (!quoted && reader->at[1] && !strchr(" \n", reader->at[1]))) {
        (void) refuse(reader, "'key: value' is expected");
        return NULL;
    }
    reader->at++;
    skip_blanks(reader);
    return key;
}

static const char *
read_plain(struct reader *reader, const char *ends)
{
    const char *start = reader->at;
    size_t length = strcspn(start, ends);

    reader->at += length;
    while (length && start[length - 1] == ' ') {
        length--;
    }
    return arena_strndup(reader->arena, start, length);
}

static bool
is_null(const char *word)
{
    return !*word || !strcmp(word, "~") || !strcmp(word, "null");
}

static void
skip_blanks(struct reader *reader)
{
    for (; *reader->at == ' ' || *reader->at == '\n'; reader->at++) {
        reader->line += *reader->at == '\n';
    }
}

static bool
refuse(struct reader *reader, const char *cause)
{
    return error_set(reader->error, "line %u: %s", reader->line, cause);
}
