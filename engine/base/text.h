/* Text that grows.  The bytes are always terminated, so 'data' is a string
 * unless NUL bytes were appended.  It aborts when memory is gone. */

#ifndef ENGINE_BASE_TEXT_H
#define ENGINE_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    char *data;      /* Never NULL after text_init(). */
    size_t length;   /* Characters in use, without the terminator. */
    size_t capacity; /* Bytes at 'data'; 0 while 'data' is the shared "". */
};

void text_init(struct text *text);

/* Gives the bytes back and leaves an empty text, ready for use. */
void text_clear(struct text *text);

/* Forgets the contents and keeps the memory. */
void text_reset(struct text *text);

/* Makes room for 'n' more bytes. */
void text_reserve(struct text *text, size_t n);

void text_append(struct text *text, const char *string);
void text_append_bytes(struct text *text, const void *bytes, size_t n);
void text_append_char(struct text *text, char c);
void text_append_u64(struct text *text, uint64_t value);
void text_printf(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Returns the bytes, which the caller frees, and leaves an empty text. */
char *text_steal(struct text *text);

#endif
