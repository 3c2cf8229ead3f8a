#include "engine/base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"

/* What an empty text points to, so that 'data' is a string from the start. */
static char empty[1];

void
text_init(struct text *text)
{
    *text = (struct text){ .data = empty };
}

void
text_clear(struct text *text)
{
    if (text->capacity) {
        free(text->data);
    }
    text_init(text);
}

void
text_reset(struct text *text)
{
    text->length = 0;
    if (text->capacity) {
        text->data[0] = '\0';
    }
}

void
text_reserve(struct text *text, size_t n)
{
    size_t wanted = text->length + n + 1;
    if (wanted <= text->capacity) {
        return;
    }
    size_t capacity = text->capacity + text->capacity / 2;
    if (capacity < wanted) {
        capacity = wanted < 64 ? 64 : wanted;
    }
    text->data =
        memory_resize(text->capacity ? text->data : NULL, capacity, 1);
    text->capacity = capacity;
    text->data[text->length] = '\0';
}

void
text_append(struct text *text, const char *string)
{
    text_append_bytes(text, string, strlen(string));
}

void
text_append_bytes(struct text *text, const void *bytes, size_t n)
{
    if (!n) {
        return;
    }
    text_reserve(text, n);
    memcpy(text->data + text->length, bytes, n);
    text->length += n;
    text->data[text->length] = '\0';
}

void
text_append_char(struct text *text, char c)
{
    text_append_bytes(text, &c, 1);
}

void
text_append_u64(struct text *text, uint64_t value)
{
    char digits[20];
    size_t n = sizeof digits;

    do {
        digits[--n] = (char) ('0' + value % 10);
        value /= 10;
    } while (value);
    text_append_bytes(text, digits + n, sizeof digits - n);
}

void
text_printf(struct text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);

    text_reserve(text, (size_t) length);
    va_start(args, format);
    vsnprintf(text->data + text->length, (size_t) length + 1, format, args);
    va_end(args);
    text->length += (size_t) length;
}

char *
text_steal(struct text *text)
{
    text_reserve(text, 0);
    char *data = text->data;
    text_init(text);
    return data;
}
