#include "packaging/man/roff.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/base/text.h"
#include "version.h"

/* Appends one character so that roff shows it as it is. */
static void
append_safe(struct text *out, char c, bool first_of_line)
{
    switch (c) {
    case '\\': text_append(out, "\\e"); return;
    case '-': text_append(out, "\\-"); return;
    case '.':
    case '\'':
        if (first_of_line) {
            text_append(out, "\\&");
        }
        break;
    default: break;
    }
    text_append_char(out, c);
}

/* A mark only counts at the edge of a word, so that "web_config" and "2 * 3"
 * stay what they are. */
static bool
begins_mark(const char *start, const char *at)
{
    if (*at != '*' && *at != '_') {
        return false;
    }
    return (at == start || strchr(" (\"[|=", at[-1])) && at[1] && at[1] != ' '
           && at[1] != '"' && at[1] != *at && strchr(at + 1, *at);
}

static bool
ends_mark(const char *at, char mark)
{
    return *at == mark && !isalnum((unsigned char) at[1]);
}

static void
append_marked(struct text *out, const char *text)
{
    char open = '\0';

    for (const char *c = text; *c; c++) {
        if (open && ends_mark(c, open)) {
            text_append(out, "\\fR");
            open = '\0';
        } else if (!open && begins_mark(text, c)) {
            text_append(out, *c == '*' ? "\\fB" : "\\fI");
            open = *c;
        } else {
            append_safe(out, *c, c == text);
        }
    }
    text_append(out, open ? "\\fR\n" : "\n");
}

/* The date is that of the release, so that two builds give the same page. */
static void
append_date(struct text *out)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t now = epoch ? (time_t) strtoll(epoch, NULL, 10) : 0;
    struct tm tm;
    char date[32] = "";

    if (now && gmtime_r(&now, &tm)) {
        (void) strftime(date, sizeof date, "%Y-%m-%d", &tm);
    }
    text_append(out, date);
}

void
roff_page(struct text *out, const char *name, const char *section,
          const char *summary)
{
    text_printf(out, ".TH %s %s \"", name, section);
    append_date(out);
    text_printf(out, "\" \"flowverify %s\"\n.nh\n.ad l\n", FLOWVERIFY_VERSION);
    roff_section(out, "NAME");
    text_printf(out, "%s \\- %s\n", name, summary);
}

void
roff_section(struct text *out, const char *title)
{
    text_printf(out, ".SH %s\n", title);
}

void
roff_subsection(struct text *out, const char *title)
{
    text_printf(out, ".SS %s\n", title);
}

void
roff_paragraph(struct text *out, const char *text)
{
    text_append(out, ".PP\n");
    append_marked(out, text);
}

void
roff_item(struct text *out, const char *term, const char *text)
{
    text_append(out, ".TP\n");
    append_marked(out, term);
    append_marked(out, text);
}

void
roff_example(struct text *out, const char *lines)
{
    text_append(out, ".PP\n.RS 2\n.nf\n");
    bool first = true;
    for (const char *c = lines; *c; c++) {
        append_safe(out, *c, first);
        first = *c == '\n';
    }
    text_append(out, first ? ".fi\n.RE\n" : "\n.fi\n.RE\n");
}
