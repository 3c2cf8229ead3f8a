#include "exporter/render/escape.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS "\xe2\x80\xa6"

/* Returns the bytes of the UTF-8 character at 's', or 0 if what stands there
 * is none: a stray byte, a cut or overlong sequence, a surrogate (RFC 3629).
 * 's' ends in a NUL, which stops every sequence. */
static size_t utf8_length(const unsigned char *s);

/* Appends 'value' with invalid UTF-8 replaced.  'special' gives what stands
 * for a byte below 128, or NULL if it stands for itself. */
typedef const char *escape_special(unsigned char c, char scratch[8]);
static void escape(struct text *out, const char *value, size_t max,
                   escape_special *special);

static escape_special special_label;
static escape_special special_help;
static escape_special special_json;
static escape_special special_html;

void
escape_label(struct text *out, const char *value, size_t max)
{
    escape(out, value, max, special_label);
}

void
escape_help(struct text *out, const char *value)
{
    escape(out, value, 0, special_help);
}

void
escape_json(struct text *out, const char *value)
{
    text_append_char(out, '"');
    escape(out, value, 0, special_json);
    text_append_char(out, '"');
}

void
escape_html(struct text *out, const char *value)
{
    escape(out, value, 0, special_html);
}

void
escape_url(struct text *out, const char *value)
{
    static const char hex[] = "0123456789ABCDEF";

    for (; *value; value++) {
        unsigned char c = (unsigned char) *value;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                     || (c >= '0' && c <= '9') || strchr("-._~", c);
        if (plain) {
            text_append_char(out, (char) c);
        } else {
            char bytes[3] = { '%', hex[c >> 4], hex[c & 15] };
            text_append_bytes(out, bytes, sizeof bytes);
        }
    }
}

void
escape_logfmt(struct text *out, const char *value)
{
    bool plain = *value != '\0';
    for (const char *c = value; *c && plain; c++) {
        plain = *c > ' ' && *c != '"' && *c != '=' && *c != '\\'
                && *c != '\x7f' && (unsigned char) *c < 0x80;
    }
    if (plain) {
        text_append(out, value);
    } else {
        escape_json(out, value);
    }
}

static void
escape(struct text *out, const char *value, size_t max,
       escape_special *special)
{
    const unsigned char *s = (const unsigned char *) value;
    size_t n = 0;
    /* Where the value ends if it turns out to be too long: behind max - 1
     * characters, so that the ellipsis is the last one. */
    size_t cut = out->length;

    for (; *s; n++) {
        if (max && n + 1 == max) {
            cut = out->length;
        }
        if (max && n == max) {
            out->length = cut;
            text_append(out, ELLIPSIS);
            return;
        }
        char scratch[8];
        const char *replaced = *s < 0x80 ? special(*s, scratch) : NULL;
        size_t length = replaced ? 1 : utf8_length(s);
        if (replaced) {
            text_append(out, replaced);
        } else if (length) {
            text_append_bytes(out, s, length);
        } else {
            text_append(out, REPLACEMENT);
            length = 1;
        }
        s += length;
    }
}

static size_t
utf8_length(const unsigned char *s)
{
    static const struct {
        unsigned char first, last; /* Range of the leading byte. */
        unsigned char low, high;   /* Range of the second byte. */
        size_t length;
    } forms[] = {
        { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
        { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
        { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };

    if (*s < 0x80) {
        return 1;
    }
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (*s < forms[i].first || *s > forms[i].last) {
            continue;
        }
        if (s[1] < forms[i].low || s[1] > forms[i].high) {
            return 0;
        }
        for (size_t k = 2; k < forms[i].length; k++) {
            if ((s[k] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return forms[i].length;
    }
    return 0;
}

static const char *
special_label(unsigned char c, char scratch[8])
{
    (void) scratch;
    switch (c) {
    case '\\': return "\\\\";
    case '"': return "\\\"";
    case '\n': return "\\n";
    /* Allowed by the format, but some readers take it for a line's end. */
    case '\r': return REPLACEMENT;
    default: return NULL;
    }
}

static const char *
special_help(unsigned char c, char scratch[8])
{
    (void) scratch;
    return c == '\\' ? "\\\\" : c == '\n' ? "\\n" : NULL;
}

static const char *
special_json(unsigned char c, char scratch[8])
{
    switch (c) {
    case '\\': return "\\\\";
    case '"': return "\\\"";
    case '\n': return "\\n";
    case '\t': return "\\t";
    case '\r': return "\\r";
    default:
        if (c >= 0x20 && c != 0x7f) {
            return NULL;
        }
        (void) snprintf(scratch, 8, "\\u%04x", c);
        return scratch;
    }
}

static const char *
special_html(unsigned char c, char scratch[8])
{
    (void) scratch;
    switch (c) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\n':
    case '\t': return NULL;
    default: return c < 0x20 || c == 0x7f ? REPLACEMENT : NULL;
    }
}
