/* Writing manual pages: man(7) macros, with text made safe. */

#ifndef PACKAGING_MAN_ROFF_H
#define PACKAGING_MAN_ROFF_H

struct text;

/* The head of a page; 'section' is "8". */
void roff_page(struct text *out, const char *name, const char *section,
               const char *summary);
void roff_section(struct text *out, const char *title);
void roff_subsection(struct text *out, const char *title);
/* A paragraph.  Words between two '*' are bold, between two '_' are italic. */
void roff_paragraph(struct text *out, const char *text);
/* A term and what it means; both may hold '*' and '_' as above. */
void roff_item(struct text *out, const char *term, const char *text);
/* Lines as they are. */
void roff_example(struct text *out, const char *lines);

#endif
