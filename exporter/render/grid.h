/* Text in columns for a terminal: cells are measured in characters, cut to
 * the width, and cleaned of what could steer a terminal. */

#ifndef EXPORTER_RENDER_GRID_H
#define EXPORTER_RENDER_GRID_H

#include <stdbool.h>
#include <stddef.h>

struct text;

enum grid_colour { GRID_PLAIN, GRID_BOLD, GRID_RED, GRID_GREEN, GRID_YELLOW };

struct grid;

struct grid *grid_create(size_t n_columns);
void grid_destroy(struct grid *grid);

/* Fills the cells row by row; 'text' is copied. */
void grid_add(struct grid *grid, const char *text, enum grid_colour colour);

/* Writes the rows behind 'indent' blanks.  Where they are wider than 'width'
 * (not 0), the last column gives way first, then the widest. */
void grid_write(const struct grid *grid, struct text *out, size_t indent,
                size_t width, bool colour);

/* Appends 'string' with control characters and broken UTF-8 replaced. */
void grid_clean(struct text *out, const char *string);

#endif
