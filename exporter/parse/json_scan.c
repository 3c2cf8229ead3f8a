#include "exporter/parse/json_scan.h"

#include <string.h>

#include "engine/base/error.h"

_Static_assert(JSON_DEPTH_MAX == 64 && JSON_VALUES_MAX == 8000000,
               "the messages of the scanner name the limits");

/* A walk through a document. */
struct scanner {
    struct json_span document;
    const char *at;
    const char *end;
    const char *cause; /* NULL: all is well so far. */
    size_t depth;
    size_t n_values;
    char closers[JSON_DEPTH_MAX];
};

static bool scan_structure(struct scanner *scanner);
static const char *skip_string(const char *at, const char *end);
static const char *skip_value(const char *at, const char *end);
static const char *skip_blanks(const char *at, const char *end);
static const char *find_encoding_error(const char *at, const char *end);

static const char byte_order_mark[] = "\xef\xbb\xbf";

bool
json_scan(struct json_span document, struct json_span *root,
          struct error *error)
{
    const char *start = document.at;
    const char *end = document.at + document.length;

    if (document.length > JSON_SIZE_MAX) {
        return error_set(error, "%zu bytes are more than %d", document.length,
                         JSON_SIZE_MAX);
    }
    if (document.length >= 2
        && (memcmp(start, "\xff\xfe", 2) == 0
            || memcmp(start, "\xfe\xff", 2) == 0)) {
        return error_set(error, "this is UTF-16; JSON is UTF-8");
    }
    if (document.length >= 3 && memcmp(start, byte_order_mark, 3) == 0) {
        start += 3;
    }
    const char *bad = find_encoding_error(start, end);
    if (bad) {
        return json_error_at(document, bad, "not UTF-8 text", error);
    }
    start = skip_blanks(start, end);
    if (start == end) {
        return error_set(error, "the file is empty");
    }
    if (*start != '{' && *start != '[') {
        return json_error_at(document, start, "neither an object nor a list",
                             error);
    }
    struct scanner scanner = { .document = document, .at = start, .end = end };
    if (!scan_structure(&scanner)) {
        return json_error_at(document, scanner.at, scanner.cause, error);
    }
    *root = (struct json_span){ start, (size_t) (scanner.at - start) };
    const char *rest = skip_blanks(scanner.at, end);
    if (rest != end) {
        return json_error_at(document, rest, "more text after the end", error);
    }
    return true;
}

enum json_step
json_next(struct json_span container, size_t *cursor, struct json_span *key,
          struct json_span *value)
{
    const char *end = container.at + container.length - 1;
    bool is_first = *cursor == 0;
    const char *at = skip_blanks(container.at + (is_first ? 1 : *cursor), end);

    *cursor = (size_t) (at - container.at);
    if (at == end) {
        return JSON_STEP_END;
    }
    if (!is_first) {
        if (*at != ',') {
            return JSON_STEP_BAD;
        }
        at = skip_blanks(at + 1, end);
    }
    *key = (struct json_span){ at, 0 };
    if (*container.at == '{') {
        const char *key_end =
            at < end && *at == '"' ? skip_string(at, end) : NULL;
        if (!key_end) {
            return JSON_STEP_BAD;
        }
        *key = (struct json_span){ at + 1, (size_t) (key_end - at) - 2 };
        at = skip_blanks(key_end, end);
        if (at == end || *at != ':') {
            return JSON_STEP_BAD;
        }
        at = skip_blanks(at + 1, end);
    }
    const char *value_end = skip_value(at, end);
    if (value_end == at) {
        return JSON_STEP_BAD;
    }
    *value = (struct json_span){ at, (size_t) (value_end - at) };
    *cursor = (size_t) (value_end - container.at);
    return JSON_STEP_VALUE;
}

bool
json_span_equals(struct json_span span, const char *word)
{
    return strlen(word) == span.length
           && memcmp(span.at, word, span.length) == 0;
}

bool
json_error_at(struct json_span document, const char *at, const char *cause,
              struct error *error)
{
    size_t line = 1;
    const char *line_start = document.at;

    for (const char *c = document.at; c < at; c++) {
        if (*c == '\n') {
            line++;
            line_start = c + 1;
        }
    }
    return error_set(error, "line %zu, column %zu (byte %zu): %s", line,
                     (size_t) (at - line_start) + 1,
                     (size_t) (at - document.at), cause);
}

static const char *
skip_blanks(const char *at, const char *end)
{
    while (at < end
           && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    return at;
}

/* Returns the place behind the closing quote of the string that begins at
 * 'at', or NULL if it has none. */
static const char *
skip_string(const char *at, const char *end)
{
    const char *quote = at;

    while ((quote = memchr(quote + 1, '"', (size_t) (end - quote - 1)))
           != NULL) {
        /* An odd number of backslashes before it makes it part of the
         * string. */
        const char *before = quote;
        while (before - 1 > at && before[-1] == '\\') {
            before--;
        }
        if ((quote - before) % 2 == 0) {
            return quote + 1;
        }
    }
    return NULL;
}

/* Returns the place behind a number or a word. */
static const char *
skip_word(const char *at, const char *end)
{
    while (at < end && !memchr(" \n\r\t,:]}", *at, 8)) {
        at++;
    }
    return at;
}

/* Returns the place behind the value that begins at 'at'; 'at' itself if
 * there is none.  The brackets are known to match. */
static const char *
skip_value(const char *at, const char *end)
{
    size_t depth = 0;

    if (at < end && *at != '"' && *at != '{' && *at != '[') {
        return skip_word(at, end);
    }
    while (at < end) {
        char c = *at;
        if (c == '"') {
            at = skip_string(at, end);
            if (!at) {
                return end;
            }
        } else {
            at++;
            depth += c == '{' || c == '[';
            depth -= c == '}' || c == ']';
        }
        if (depth == 0) {
            break;
        }
    }
    return at;
}

static bool
scan_fail(struct scanner *scanner, const char *cause)
{
    scanner->cause = cause;
    return false;
}

/* RFC 8259: no control characters; and none that would end a C string. */
static bool
scan_string(struct scanner *scanner)
{
    for (const char *at = scanner->at + 1; at < scanner->end; at++) {
        if (*at == '"') {
            scanner->at = at + 1;
            return true;
        }
        if ((unsigned char) *at < 0x20) {
            scanner->at = at;
            return scan_fail(scanner, "a control character in a string");
        }
        if (*at == '\\') {
            if (scanner->end - at > 5 && memcmp(at, "\\u0000", 6) == 0) {
                scanner->at = at;
                return scan_fail(scanner, "a NUL character in a string");
            }
            at++;
        }
    }
    return scan_fail(scanner, "a string that does not end");
}

static bool
scan_open(struct scanner *scanner, char closer)
{
    if (scanner->depth == JSON_DEPTH_MAX) {
        return scan_fail(scanner, "nested deeper than 64 levels");
    }
    scanner->closers[scanner->depth++] = closer;
    scanner->at++;
    return true;
}

/* Looks at one character outside of strings. */
static bool
scan_character(struct scanner *scanner)
{
    char c = *scanner->at;

    switch (c) {
    case '"': return scan_string(scanner);
    case '{': return scan_open(scanner, '}');
    case '[': return scan_open(scanner, ']');
    case '}':
    case ']':
        if (scanner->closers[--scanner->depth] != c) {
            return scan_fail(scanner, "a bracket that does not match");
        }
        scanner->at++;
        return true;
    case ',':
        if (++scanner->n_values > JSON_VALUES_MAX) {
            return scan_fail(scanner, "more than 8000000 values");
        }
        scanner->at++;
        return true;
    default: scanner->at++; return true;
    }
}

static bool
scan_structure(struct scanner *scanner)
{
    do {
        if (scanner->at == scanner->end) {
            return scan_fail(scanner, "the text ends too early");
        }
        if (!scan_character(scanner)) {
            return false;
        }
    } while (scanner->depth > 0);
    return true;
}

/* Returns how many bytes the UTF-8 character at 'at' has; 0 if it is none
 * (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF), or is
 * NUL. */
static size_t
utf8_length(const unsigned char *at, size_t left)
{
    unsigned char c = at[0];

    if (c < 0x80) {
        return c ? 1 : 0;
    }
    size_t n = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (!n || left < n) {
        return 0;
    }
    unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < n; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return n;
}

static const char *
find_encoding_error(const char *at, const char *end)
{
    while (at < end) {
        unsigned char first = (unsigned char) *at;
        if (first > 0 && first < 0x80) {
            at++;
            continue;
        }
        unsigned char bytes[4] = { 0 };
        size_t left = (size_t) (end - at);
        memcpy(bytes, at, left < 4 ? left : 4);
        size_t n = utf8_length(bytes, left);
        if (!n) {
            return at;
        }
        at += n;
    }
    return NULL;
}
