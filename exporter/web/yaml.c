#include "exporter/web/yaml.h"

#include <stdbool.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/web/yaml_value.h"

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
    char **raw; /* All lines as they came. */
    size_t n_raw;
};

static bool split_lines(struct reader *reader, const char *text,
                        size_t length);
static bool add_line(struct reader *reader, char *text, unsigned int number);
static void cut_comment(char *text);
static struct yaml_node *read_root(struct reader *reader);
static struct yaml_node *read_block(struct reader *reader, size_t indent,
                                    unsigned int depth);
static bool read_entry(struct reader *reader, struct yaml_node *parent,
                       size_t indent, unsigned int depth);
static bool read_inline(struct reader *reader, struct yaml_node *node,
                        const char *text, size_t indent);
static bool read_literal(struct reader *reader, struct yaml_node *node,
                         const char *how, size_t indent);
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
    /* Editors on Windows put a byte order mark before the text. */
    size_t mark = length >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
    if (!split_lines(&reader, text + mark, length - mark)) {
        return NULL;
    }
    struct yaml_node *root = arena_alloc(arena, sizeof *root);
    root->kind = YAML_MAP;
    root->line = 1;
    if (!reader.n) {
        return root;
    }
    root = read_root(&reader);
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
    reader->raw = arena_alloc_array(reader->arena, n, sizeof(char *));
    unsigned int number = 0;
    while (copy) {
        char *end = strchr(copy, '\n');
        if (end) {
            *end++ = '\0';
        }
        reader->raw[reader->n_raw++] =
            arena_strndup(reader->arena, copy, strlen(copy));
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
    if (strlen(text) <= indent || (!strcmp(text, "---") && !reader->n)) {
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
    const char *c;
    for (c = text; *c; c++) {
        if (!yaml_is_quoted(text, &c, &quote) && *c == '#'
            && (c == text || c[-1] == ' ' || c[-1] == '\t')) {
            break;
        }
    }
    while (c > text && strchr(" \t\r", c[-1])) {
        c--;
    }
    text[c - text] = '\0';
}

/* The whole document may stand in brackets, as JSON does. */
static struct yaml_node *
read_root(struct reader *reader)
{
    const struct line *first = &reader->lines[0];
    struct yaml_node *root = arena_alloc(reader->arena, sizeof *root);

    if (*first->text != '{') {
        return read_block(reader, 0, 0);
    }
    root->line = first->number;
    reader->at = 1;
    return read_inline(reader, root, first->text, 0) ? root : NULL;
}

/* Reads the lines that are indented by 'indent'. */
static struct yaml_node *
read_block(struct reader *reader, size_t indent, unsigned int depth)
{
    const struct line *first = &reader->lines[reader->at];
    struct yaml_node *block = arena_alloc(reader->arena, sizeof *block);

    block->kind = is_item(first->text) ? YAML_LIST : YAML_MAP;
    block->line = first->number;
    if (depth > DEPTH_MAX) {
        (void) refuse(reader, first->number, "it is nested too deep");
        return NULL;
    }
    while (reader->at < reader->n
           && reader->lines[reader->at].indent == indent) {
        if (is_item(reader->lines[reader->at].text)
            != (block->kind == YAML_LIST)) {
            break;
        }
        if (!read_entry(reader, block, indent, depth)) {
            return NULL;
        }
    }
    return block;
}

static bool
read_entry(struct reader *reader, struct yaml_node *parent, size_t indent,
           unsigned int depth)
{
    const struct line *line = &reader->lines[reader->at++];
    const char *text = line->text;
    struct yaml_node *node = arena_alloc(reader->arena, sizeof *node);

    node->line = line->number;
    if (parent->kind == YAML_LIST) {
        text += 1 + strspn(text + 1, " ");
        if (!*text || key_end(text)) {
            return refuse(reader, line->number, "a list holds words only");
        }
        return yaml_add(parent, node, reader->error)
               && read_inline(reader, node, text, indent);
    }
    const char *colon = key_end(text);
    if (!colon) {
        return refuse(reader, line->number, "'key: value' is expected");
    }
    const char *key = text;
    node->key =
        *key == '"' || *key == '\''
            ? yaml_quoted_read(&key, line->number, reader->arena,
                               reader->error)
            : arena_strndup(reader->arena, text, (size_t) (colon - text));
    if (!node->key) {
        return false;
    }
    if (!yaml_add(parent, node, reader->error)) {
        return false;
    }
    text = colon + 1 + strspn(colon + 1, " ");
    if (*text) {
        return read_inline(reader, node, text, indent);
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

/* Reads a value that begins behind its key.  One in brackets may go on on
 * the lines below. */
static bool
read_inline(struct reader *reader, struct yaml_node *node, const char *text,
            size_t indent)
{
    struct text whole;

    if (*text == '|') {
        return read_literal(reader, node, text + 1, indent);
    }
    text_init(&whole);
    text_append(&whole, text);
    unsigned int line = node->line;
    int open = strchr("[{", *text) ? yaml_brackets(text) : 0;
    while (open > 0 && reader->at < reader->n) {
        const struct line *next = &reader->lines[reader->at++];
        open += yaml_brackets(next->text);
        for (; line < next->number; line++) {
            text_append_char(&whole, '\n');
        }
        text_append(&whole, next->text);
    }
    bool good =
        yaml_value_read(node, whole.data, reader->arena, reader->error);
    text_clear(&whole);
    return good;
}

/* Text as it stands, line for line, such as a certificate.  'how' says what
 * is left of the line ends behind it: "-" none, "+" all, "" one. */
static bool
read_literal(struct reader *reader, struct yaml_node *node, const char *how,
             size_t indent)
{
    struct text text;
    size_t own = 0, n_blank = 0;
    unsigned int number = node->line;

    if (*how && strcmp(how, "-") != 0 && strcmp(how, "+") != 0) {
        return refuse(reader, number, "this part of YAML is not supported");
    }
    text_init(&text);
    for (; number < reader->n_raw; number++) {
        const char *raw = reader->raw[number];
        size_t blanks = strspn(raw, " ");
        bool blank = !raw[strspn(raw, " \t\r")];
        own = own || blank ? own : blanks;
        if (!blank && (blanks < own || blanks <= indent)) {
            break;
        }
        n_blank = blank ? n_blank + 1 : 0;
        if (!blank) {
            text_append_bytes(&text, raw + own, strcspn(raw + own, "\r"));
        }
        text_append_char(&text, '\n');
    }
    while (*how != '+' && text.length && text.data[text.length - 1] == '\n'
           && (n_blank || *how == '-')) {
        text.data[--text.length] = '\0';
        n_blank -= n_blank > 0;
    }
    node->kind = YAML_SCALAR;
    node->scalar = arena_strndup(reader->arena, text.data, text.length);
    text_clear(&text);
    while (reader->at < reader->n
           && reader->lines[reader->at].number <= number) {
        reader->at++;
    }
    return true;
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
