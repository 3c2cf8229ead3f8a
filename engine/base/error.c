#include "engine/base/error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A message is one line whatever it quotes. */
static void
make_one_line(char *message)
{
    for (char *c = message; *c; c++) {
        if ((unsigned char) *c < 0x20 || *c == 0x7f) {
            *c = ' ';
        }
    }
}

static void
mark_cut(char *message, size_t size, int length)
{
    if (length >= 0 && (size_t) length >= size) {
        memcpy(message + size - 4, "...", 4);
    }
}

bool
error_set(struct error *error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int length =
        vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
    mark_cut(error->message, sizeof error->message, length);
    make_one_line(error->message);
    return false;
}

bool
error_prefix(struct error *error, const char *format, ...)
{
    char old[sizeof error->message];
    char prefix[sizeof error->message];
    va_list args;

    memcpy(old, error->message, sizeof old);
    va_start(args, format);
    (void) vsnprintf(prefix, sizeof prefix, format, args);
    va_end(args);
    int length =
        snprintf(error->message, sizeof error->message, "%s: %s", prefix, old);
    mark_cut(error->message, sizeof error->message, length);
    make_one_line(error->message);
    return false;
}
