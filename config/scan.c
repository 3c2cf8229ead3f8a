#include "config/scan.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"

struct scan {
    struct arena *arena;
    const char *file;
    const struct scan_class *class;
    void *aux;
    const char *at;
    unsigned int line;
};

static void skip_line(struct scan *scan);
static void skip_block(struct scan *scan);
static void skip_string(struct scan *scan);
static void read_name(struct scan *scan);
static void read_number(struct scan *scan);
static bool read_include(struct scan *scan);

void
scan_text(struct arena *arena, const char *file, const char *text,
          const struct scan_class *class, void *aux)
{
    struct scan scan = { arena, file, class, aux, text, 1 };
    bool line_begins = true;

    while (*scan.at) {
        if (line_begins && read_include(&scan)) {
            continue;
        }
        char c = *scan.at;
        line_begins = c == '\n';
        if (c == '#' || (c == '/' && scan.at[1] == '/')) {
            skip_line(&scan);
        } else if (c == '/' && scan.at[1] == '*') {
            skip_block(&scan);
        } else if (c == '"') {
            skip_string(&scan);
        } else if (c >= '0' && c <= '9') {
            read_number(&scan);
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                   || c == '*') {
            read_name(&scan);
        } else {
            scan.line += c == '\n';
            scan.at++;
        }
    }
}

static void
skip_line(struct scan *scan)
{
    scan->at += strcspn(scan->at, "\n");
}

static void
skip_block(struct scan *scan)
{
    const char *end = strstr(scan->at + 2, "*/");

    end = end ? end + 2 : scan->at + strlen(scan->at);
    for (; scan->at < end; scan->at++) {
        scan->line += *scan->at == '\n';
    }
}

static void
skip_string(struct scan *scan)
{
    for (scan->at++; *scan->at && *scan->at != '"'; scan->at++) {
        if (*scan->at == '\\' && scan->at[1]) {
            scan->at++;
        }
        scan->line += *scan->at == '\n';
    }
    scan->at += *scan->at == '"';
}

/* Digits inside a name are no number. */
static void
read_name(struct scan *scan)
{
    scan->at += strspn(scan->at, "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-*");
}

static void
read_number(struct scan *scan)
{
    char *end;
    bool hex =
        scan->at[0] == '0' && (scan->at[1] == 'x' || scan->at[1] == 'X');

    errno = 0;
    unsigned long long value = strtoull(scan->at, &end, hex ? 16 : 10);
    bool is_float = !hex && strchr(".eE", *end) && *end;
    /* "L" asks libconfig for 64 bits. */
    bool is_long = *end == 'L';
    if (!is_float
        && (errno || (value > INT_MAX && !is_long) || value > LLONG_MAX)) {
        scan->class->large_number(
            scan->aux, scan->file, scan->line,
            arena_strndup(scan->arena, scan->at, (size_t) (end - scan->at)));
    }
    scan->at = end + strspn(end, "0123456789.eEL+-");
}

/* Reads '@include "name"' at the begin of a line. */
static bool
read_include(struct scan *scan)
{
    const char *at = scan->at + strspn(scan->at, " \t");
    size_t word = strlen("@include");

    if (strncmp(at, "@include", word) != 0) {
        return false;
    }
    at += word;
    size_t blanks = strspn(at, " \t");
    if (!blanks || at[blanks] != '"') {
        return false;
    }
    at += blanks + 1;
    char *name = arena_alloc(scan->arena, strlen(at) + 1);
    size_t length = 0;
    for (; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1]) {
            at++;
        }
        name[length++] = *at;
    }
    scan->class->include(scan->aux, scan->file, scan->line, name);
    scan->at = at + (*at == '"');
    return true;
}
