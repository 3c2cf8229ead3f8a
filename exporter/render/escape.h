/* The one place where text is made safe for a format. */

#ifndef EXPORTER_RENDER_ESCAPE_H
#define EXPORTER_RENDER_ESCAPE_H

#include <stddef.h>

struct text;

/* A label value: invalid UTF-8 becomes U+FFFD, \ " and newline are escaped,
 * more than 'max' characters are cut with an ellipsis (0: no limit). */
void escape_label(struct text *out, const char *value, size_t max);
/* A HELP text: \ and newline. */
void escape_help(struct text *out, const char *value);
/* A JSON string with its quotes. */
void escape_json(struct text *out, const char *value);
/* Text and attribute values of HTML. */
void escape_html(struct text *out, const char *value);
/* One component of a URL path or query. */
void escape_url(struct text *out, const char *value);
/* A value of logfmt, quoted where needed. */
void escape_logfmt(struct text *out, const char *value);

#endif
