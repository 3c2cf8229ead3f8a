#include "exporter/web/yaml.h"

#include <stdbool.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"

enum { DEPTH_MAX = 8, LINES_MAX = 10000 };

/* A line with something on it. */
struct line {
    const char *text; /* Behind the indentation, without a comment. */
    size_t indent;
    unsigned int number;
};

struct reader {
    struct arena *arena;
    struct error *error;
    struct line *lines;
    size_t n, at;
};

static bool split_lines(struct reader *reader, const char *text,
                        size_t length);
static bool add_line(struct reader *reader, char *text, unsigned int number);
static void cut_comment(char *text);
static struct yaml_node *read_block(struct reader *reader, size_t indent,
                                    unsigned int depth);
static bool read_entry(struct reader *reader, struct yaml_node *parent,
                       size_t indent, unsigned int depth,
                       struct yaml_node **entry);
static bool read_inline(struct reader *reader, struct yaml_node *node,
                        const char *text);
static bool read_flow_list(struct reader *reader, struct yaml_node *node,
                           const char *text);
static const char *read_scalar(struct reader *reader, const char **text,
                               bool in_flow, unsigned int line);
static const char *read_quoted(struct reader *reader, const char **text,
                               unsigned int line);
static const char *key_end(const char *text);
static bool is_item(const char *text);
static bool refuse(struct reader *reader, unsigned int line,
                   const char *cause);

struct yaml_node *
yaml_parse(const char *text, size_t length, struct arena *arena,
           struct error *error)
{
    struct reader reader = { .arena = arena, .error = error };

    if (memchr(text, '\0', length)) {
        (void) error_set(error, "line 1: it holds a NUL byte");
        return NULL;
    }
    if (!split_lines(&reader, text, length)) {
        return NULL;
    }
    struct yaml_node *root = arena_alloc(arena, sizeof *root);
    root->kind = YAML_MAP;
    root->line = 1;
    if (!reader.n) {
        return root;
    }
    root = read_block(&reader, 0, 0);
    if (root && reader.at < reader.n) {
        (void) refuse(&reader, reader.lines[reader.at].number,
                      "the indentation does not fit");
        return NULL;
    }
    if (root && root->kind != YAML_MAP) {
        (void) refuse(&reader, root->line, "a mapping is expected");
        return NULL;
    }
    return root;
}

static bool
split_lines(struct reader *reader, const char *text, size_t length)
{
    char *copy = arena_strndup(reader->arena, text, length);
    size_t n = 1;
    for (const char *c = copy; *c; c++) {
        n += *c == '\n';
    }
    if (n > LINES_MAX) {
        return refuse(reader, LINES_MAX, "there are too many lines");
    }
    reader->lines = arena_alloc_array(reader->arena, n, sizeof(struct line));
    unsigned int number = 0;
    while (copy) {
        char *end = strchr(copy, '\n');
        if (end) {
            *end++ = '\0';
        }
        if (!add_line(reader, copy, ++number)) {
            return false;
        }
        copy = end;
    }
    return true;
}

static bool
add_line(struct reader *reader, char *text, unsigned int number)
{
    size_t indent = strspn(text, " ");
    cut_comment(text);
    if (!text[indent] || (!strcmp(text, "---") && !reader->n)) {
        return true;
    }
    if (text[indent] == '\t') {
        return refuse(reader, number, "a tab indents");
    }
    reader->lines[reader->n++] =
        (struct line){ text + indent, indent, number };
    return true;
}

/* Takes a comment, and blanks at the end, off the line.  A '#' begins one
 * where a blank or nothing stands before it, outside of quotes. */
static void
cut_comment(char *text)
{
    char quote = '\0';
    char *c;
    for (c = text; *c; c++) {
        if (quote) {
            if (*c == '\\' && quote == '"' && c[1]) {
                c++;
            } else if (*c == quote) {
                quote = '\0';
            }
        } else if ((*c == '"' || *c == '\'')
                   && (c == text || strchr(" [,:", c[-1]))) {
            quote = *c;
        } else if (*c == '#' && (c == text || c[-1] == ' ' || c[-1] == '\t')) {
            break;
        }
    }
    while (c > text && strchr(" \t\r", c[-1])) {
        c--;
    }
    *c = '\0';
}

/* Reads the lines that are indented by 'indent'. */
static struct yaml_node *
read_block(struct reader *reader, size_t indent, unsigned int depth)
{
    const struct line *first = &reader->lines[reader->at];
    struct yaml_node *block = arena_alloc(reader->arena, sizeof *block);
    struct yaml_node **end = &block->children;

    block->kind = is_item(first->text) ? YAML_LIST : YAML_MAP;
    block->line = first->number;
    if (depth > DEPTH_MAX) {
        (void) refuse(reader, first->number, "it is nested too deep");
        return NULL;
    }
    while (reader->at < reader->n
           && reader->lines[reader->at].indent == indent) {
        struct yaml_node *entry = NULL;
        if (is_item(reader->lines[reader->at].text)
            != (block->kind == YAML_LIST)) {
            break;
        }
        if (!read_entry(reader, block, indent, depth, &entry)) {
            return NULL;
        }
        *end = entry;
        end = &entry->next;
    }
    return block;
}

static bool
read_entry(struct reader *reader, struct yaml_node *parent, size_t indent,
           unsigned int depth, struct yaml_node **entry)
{
    const struct line *line = &reader->lines[reader->at++];
    const char *text = line->text;
    struct yaml_node *node = arena_alloc(reader->arena, sizeof *node);

    node->line = line->number;
    if (parent->kind == YAML_LIST) {
        text += 1 + strspn(text + 1, " ");
        *entry = node;
        if (!*text || key_end(text)) {
            return refuse(reader, line->number, "a list holds words only");
        }
        return read_inline(reader, node, text);
    }
    const char *colon = key_end(text);
    if (!colon) {
        return refuse(reader, line->number, "'key: value' is expected");
    }
    const char *key = text;
    node->key =
        *key == '"' || *key == '\''
            ? read_quoted(reader, &key, line->number)
            : arena_strndup(reader->arena, text, (size_t) (colon - text));
    if (!node->key) {
        return false;
    }
    for (const struct yaml_node *other = parent->children; other;
         other = other->next) {
        if (!strcmp(other->key, node->key)) {
            return error_set(reader->error, "line %u: '%.64s' is given twice",
                             line->number, node->key);
        }
    }
    text = colon + 1 + strspn(colon + 1, " ");
    *entry = node;
    if (*text) {
        return read_inline(reader, node, text);
    }
    /* A list may stand at the indentation of its key. */
    const struct line *next =
        reader->at < reader->n ? &reader->lines[reader->at] : NULL;
    if (next
        && (next->indent > indent
            || (next->indent == indent && is_item(next->text)))) {
        struct yaml_node *block = read_block(reader, next->indent, depth + 1);
        if (!block) {
            return false;
        }
        node->kind = block->kind;
        node->children = block->children;
    }
    return true;
}

static bool
read_inline(struct reader *reader, struct yaml_node *node, const char *text)
{
    if (*text == '[') {
        return read_flow_list(reader, node, text);
    }
    if (!strcmp(text, "{}")) {
        node->kind = YAML_MAP;
        return true;
    }
    if (strchr("{&*!|>%@`", *text)) {
        return refuse(reader, node->line,
                      "this part of YAML is not supported");
    }
    node->kind = YAML_SCALAR;
    node->scalar = read_scalar(reader, &text, false, node->line);
    if (!node->scalar) {
        return false;
    }
    return !*text || refuse(reader, node->line, "something follows the value");
}

static bool
read_flow_list(struct reader *reader, struct yaml_node *node, const char *text)
{
    struct yaml_node **end = &node->children;
    node->kind = YAML_LIST;
    text++;
    text += strspn(text, " ");
    while (*text && *text != ']') {
        struct yaml_node *item = arena_alloc(reader->arena, sizeof *item);
        item->kind = YAML_SCALAR;
        item->line = node->line;
        item->scalar = read_scalar(reader, &text, true, node->line);
        if (!item->scalar) {
            return false;
        }
        *end = item;
        end = &item->next;
        text += strspn(text, " ");
        if (*text == ',') {
            text++;
            text += strspn(text, " ");
        } else if (*text != ']') {
            break;
        }
    }
    return (*text == ']' && !text[1])
           || refuse(reader, node->line, "the list does not end in ']'");
}

static const char *
read_scalar(struct reader *reader, const char **text, bool in_flow,
            unsigned int line)
{
    if (**text == '"' || **text == '\'') {
        return read_quoted(reader, text, line);
    }
    size_t length = in_flow ? strcspn(*text, ",[]{}") : strlen(*text);
    const char *start = *text;
    if (!in_flow && strstr(start, ": ")) {
        (void) refuse(reader, line, "a value with ': ' needs quotes");
        return NULL;
    }
    *text += length;
    while (length && start[length - 1] == ' ') {
        length--;
    }
    return arena_strndup(reader->arena, start, length);
}

static const char *
read_quoted(struct reader *reader, const char **text, unsigned int line)
{
    char quote = **text;
    const char *from = *text + 1;
    char *word = arena_alloc(reader->arena, strlen(from) + 1);
    char *to = word;

    for (; *from; from++) {
        if (*from == quote && quote == '\'' && from[1] == '\'') {
            from++;
        } else if (*from == quote) {
            *text = from + 1;
            return word;
        } else if (*from == '\\' && quote == '"') {
            from++;
            if (*from != '"' && *from != '\\' && *from != '/') {
                (void) refuse(reader, line, "this escape is not supported");
                return NULL;
            }
        }
        *to++ = *from;
    }
    (void) refuse(reader, line, "a quote is not closed");
    return NULL;
}

/* Returns the colon that ends the key at the start of 'text', or NULL. */
static const char *
key_end(const char *text)
{
    if (*text == '"' || *text == '\'') {
        const char *close = strchr(text + 1, *text);
        return close && close[1] == ':' && (!close[2] || close[2] == ' ')
                   ? close + 1
                   : NULL;
    }
    for (const char *c = text; *c; c++) {
        if (*c == ':' && c > text && (!c[1] || c[1] == ' ')) {
            return c;
        }
    }
    return NULL;
}

static bool
is_item(const char *text)
{
    return text[0] == '-' && (text[1] == ' ' || !text[1]);
}

static bool
refuse(struct reader *reader, unsigned int line, const char *cause)
{
    return error_set(reader->error, "line %u: %s", line, cause);
}
