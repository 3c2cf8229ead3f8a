/* The pages and completions, each printed from the tables that the programs
 * themselves use. */

#ifndef PACKAGING_MAN_PAGES_H
#define PACKAGING_MAN_PAGES_H

struct text;

void page_exporter(struct text *out); /* flowverify_exporter(8) */
void page_tool(struct text *out);     /* flowverify(1) */
void page_config(struct text *out);   /* flowverify.cfg(5) */

void completion_exporter_bash(struct text *out);
void completion_exporter_zsh(struct text *out);
void completion_tool_bash(struct text *out);
void completion_tool_zsh(struct text *out);

#endif
