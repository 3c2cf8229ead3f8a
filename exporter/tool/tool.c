#include "exporter/tool/tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "exporter/options.h"
#include "exporter/source/feed.h"

int
tool_fail(const char *format, ...)
{
    va_list args;

    (void) fputs("flowverify: ", stderr);
    va_start(args, format);
    (void) vfprintf(stderr, format, args);
    va_end(args);
    (void) fputc('\n', stderr);
    return TOOL_FAILED;
}

int
tool_fail_lines(const struct text *errors)
{
    const char *line = errors->data;

    while (*line) {
        int length = (int) strcspn(line, "\n");
        (void) tool_fail("%.*s", length, line);
        line += length;
        line += *line == '\n';
    }
    return TOOL_FAILED;
}

static bool
is_among(const char *line, const char *const *lines, size_t n)
{
    size_t i = 0;

    while (i < n && strcmp(lines[i], line)) {
        i++;
    }
    return i < n;
}

/* Tells the error of feed number 'i', unless an earlier feed has the same. */
static void
tell_feed(const struct feed_state *feeds, size_t n, size_t i)
{
    char others[40] = "";
    size_t n_others = 0;

    for (size_t j = 0; j < n; j++) {
        if (j != i && strcmp(feeds[j].error, feeds[i].error) == 0) {
            if (j < i) {
                return;
            }
            n_others++;
        }
    }
    if (n_others) {
        (void) snprintf(others, sizeof others, " and %zu other feed%s",
                        n_others, n_others == 1 ? "" : "s");
    }
    (void) tool_fail("%s of %s%s: %s", feed_name(feeds[i].feed),
                     feeds[i].scope, others, feeds[i].error);
}

void
tool_tell_feeds(const struct feed_state *feeds, size_t n,
                const char *const *findings, size_t n_findings)
{
    for (size_t i = 0; i < n; i++) {
        if (!feeds[i].up && *feeds[i].error
            && !is_among(feeds[i].error, findings, n_findings)) {
            tell_feed(feeds, n, i);
        }
    }
}

int
tool_print(struct text *out, int code)
{
    size_t written = fwrite(out->data, 1, out->length, stdout);
    bool whole = written == out->length && fflush(stdout) == 0;

    text_clear(out);
    return whole ? code : tool_fail("standard output: cannot be written");
}

bool
tool_parse_output(const char *word, const char *for_people, bool *json)
{
    *json = strcmp(word, "json") == 0;
    return *json || strcmp(word, for_people) == 0;
}

struct table_style
tool_style(void)
{
    struct table_style style = { .width = 0 };
    const char *no_colour = getenv("NO_COLOR");
    struct winsize size;

    if (isatty(STDOUT_FILENO)) {
        style.colour = !no_colour || !*no_colour;
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
            style.width = size.ws_col;
        }
    }
    return style;
}

bool
tool_parse(const struct option_table *table, int argc, char *argv[],
           void *values, const bool *help, size_t *n_operands, int *code)
{
    struct error error;
    struct text text;

    if (!options_parse(table, argc, argv, values, n_operands, &error)) {
        *code = tool_fail("%s: %s", argv[0], error.message);
        return false;
    }
    if (*help) {
        text_init(&text);
        options_describe(table, &text);
        *code = tool_print(&text, TOOL_OK);
        return false;
    }
    return true;
}
