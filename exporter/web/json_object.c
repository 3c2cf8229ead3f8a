#include "exporter/web/json_object.h"

#include <stdint.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/ascii.h"
#include "engine/base/error.h"

enum { DEPTH_MAX = 32 };

struct reader {
    const char *at, *end;
    struct arena *arena;
    unsigned int depth;
};

enum value_kind {
    VALUE_STRING,
    VALUE_NUMBER,
    VALUE_NULL,
    VALUE_OTHER,
    VALUE_BAD
};

static bool read_member(struct reader *reader, struct json_member members[],
                        size_t n, struct error *error);
static enum value_kind read_value(struct reader *reader, char **text);
static bool skip_nested(struct reader *reader, char open, char close);
static char *read_string(struct reader *reader);
static bool read_escape(struct reader *reader, char **to);
static bool read_hex4(struct reader *reader, uint32_t *value);
static void put_utf8(char **to, uint32_t code);
static char *read_number(struct reader *reader);
static size_t count_digits(const struct reader *reader, const char *at);
static bool read_word(struct reader *reader, const char *word);
static char peek(struct reader *reader);
static bool take(struct reader *reader, char c);

bool
json_object_read(const char *bytes, size_t size, struct json_member members[],
                 size_t n, struct arena *arena, struct error *error)
{
    struct reader reader = { bytes, bytes + size, arena, 0 };

    for (size_t i = 0; i < n; i++) {
        members[i].value = NULL;
    }
    if (!take(&reader, '{')) {
        return error_set(error, "the body is not a JSON object");
    }
    if (!take(&reader, '}')) {
        do {
            if (!read_member(&reader, members, n, error)) {
                return false;
            }
        } while (take(&reader, ','));
        if (!take(&reader, '}')) {
            return error_set(error, "the body is not a JSON object");
        }
    }
    (void) peek(&reader);
    return reader.at == reader.end
           || error_set(error, "something follows the JSON object");
}

static bool
read_member(struct reader *reader, struct json_member members[], size_t n,
            struct error *error)
{
    char *name = read_string(reader), *text = NULL;
    if (!name || !take(reader, ':')) {
        return error_set(error, "the body is not a JSON object");
    }
    enum value_kind kind = read_value(reader, &text);
    if (kind == VALUE_BAD) {
        return error_set(error, "the value of '%.64s' is not JSON", name);
    }
    for (size_t i = 0; i < n; i++) {
        if (!ascii_equal(members[i].name, name)) {
            continue;
        }
        if (kind == VALUE_OTHER) {
            return error_set(error, "'%s' is not a string", members[i].name);
        }
        if (members[i].value) {
            return error_set(error, "'%s' is given twice", members[i].name);
        }
        members[i].value = text;
    }
    return true;
}

static enum value_kind
read_value(struct reader *reader, char **text)
{
    char c = peek(reader);
    if (c == '"') {
        *text = read_string(reader);
        return *text ? VALUE_STRING : VALUE_BAD;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        *text = read_number(reader);
        return *text ? VALUE_NUMBER : VALUE_BAD;
    }
    if (c == 'n') {
        return read_word(reader, "null") ? VALUE_NULL : VALUE_BAD;
    }
    bool good = c == '{'   ? skip_nested(reader, '{', '}')
                : c == '[' ? skip_nested(reader, '[', ']')
                : c == 't' ? read_word(reader, "true")
                           : read_word(reader, "false");
    return good ? VALUE_OTHER : VALUE_BAD;
}

static bool
skip_nested(struct reader *reader, char open, char close)
{
    char *text;
    if (++reader->depth > DEPTH_MAX || !take(reader, open)) {
        return false;
    }
    if (!take(reader, close)) {
        do {
            if (open == '{' && (!read_string(reader) || !take(reader, ':'))) {
                return false;
            }
            if (read_value(reader, &text) == VALUE_BAD) {
                return false;
            }
        } while (take(reader, ','));
        if (!take(reader, close)) {
            return false;
        }
    }
    reader->depth--;
    return true;
}

static char *
read_string(struct reader *reader)
{
    if (!take(reader, '"')) {
        return NULL;
    }
    const char *end = reader->at;
    while (end < reader->end && *end != '"') {
        end += *end == '\\' && end + 1 < reader->end ? 2 : 1;
    }
    if (end >= reader->end) {
        return NULL;
    }
    /* No escape is shorter than what it stands for. */
    char *string = arena_alloc(reader->arena, (size_t) (end - reader->at) + 1);
    char *to = string;
    while (reader->at < end) {
        unsigned char c = (unsigned char) *reader->at++;
        if (c < 0x20) {
            return NULL;
        }
        if (c != '\\') {
            *to++ = (char) c;
        } else if (!read_escape(reader, &to)) {
            return NULL;
        }
    }
    reader->at = end + 1;
    return string;
}

static bool
read_escape(struct reader *reader, char **to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char c = *reader->at++;
    const char *simple = c ? strchr(from, c) : NULL;
    if (simple) {
        *(*to)++ = into[simple - from];
        return true;
    }
    uint32_t code, low;
    if (c != 'u' || !read_hex4(reader, &code) || !code) {
        return false;
    }
    if (code >= 0xd800 && code < 0xdc00) {
        if (reader->end - reader->at < 2 || reader->at[0] != '\\'
            || reader->at[1] != 'u') {
            return false;
        }
        reader->at += 2;
        if (!read_hex4(reader, &low) || low < 0xdc00 || low > 0xdfff) {
            return false;
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code <= 0xdfff) {
        return false;
    }
    put_utf8(to, code);
    return true;
}

static bool
read_hex4(struct reader *reader, uint32_t *value)
{
    if (reader->end - reader->at < 4) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = ascii_lower(*reader->at++);
        uint32_t digit;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t) (c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = (uint32_t) (c - 'a') + 10;
        } else {
            return false;
        }
        *value = *value * 16 + digit;
    }
    return true;
}

static void
put_utf8(char **to, uint32_t code)
{
    if (code < 0x80) {
        *(*to)++ = (char) code;
        return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char heads[] = { 0, 0xc0, 0xe0, 0xf0 };
    *(*to)++ = (char) (heads[more] | code >> (6 * more));
    while (more--) {
        *(*to)++ = (char) (0x80 | (code >> (6 * more) & 0x3f));
    }
}

/* Returns the number as it is spelled. */
static char *
read_number(struct reader *reader)
{
    const char *start = reader->at, *at = start + (*start == '-');
    size_t digits = count_digits(reader, at);
    if (!digits || (*at == '0' && digits > 1)) {
        return NULL;
    }
    at += digits;
    if (at < reader->end && *at == '.') {
        digits = count_digits(reader, ++at);
        at += digits;
    }
    if (digits && at < reader->end && ascii_lower(*at) == 'e') {
        at++;
        at += at < reader->end && (*at == '+' || *at == '-');
        digits = count_digits(reader, at);
        at += digits;
    }
    if (!digits) {
        return NULL;
    }
    reader->at = at;
    return arena_strndup(reader->arena, start, (size_t) (at - start));
}

static size_t
count_digits(const struct reader *reader, const char *at)
{
    size_t n = 0;
    while (at + n < reader->end && at[n] >= '0' && at[n] <= '9') {
        n++;
    }
    return n;
}

static bool
read_word(struct reader *reader, const char *word)
{
    size_t length = strlen(word);
    if ((size_t) (reader->end - reader->at) < length
        || memcmp(reader->at, word, length) != 0) {
        return false;
    }
    reader->at += length;
    return true;
}

/* Returns the next character that is not blank, or NUL at the end. */
static char
peek(struct reader *reader)
{
    while (reader->at < reader->end && *reader->at
           && strchr(" \t\r\n", *reader->at)) {
        reader->at++;
    }
    return reader->at < reader->end ? *reader->at : '\0';
}

static bool
take(struct reader *reader, char c)
{
    if (peek(reader) != c || reader->at == reader->end) {
        return false;
    }
    reader->at++;
    return true;
}
