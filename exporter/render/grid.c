#include "exporter/render/grid.h"

#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"

enum { GAP = 2, COLUMN_MIN = 12 };

struct cell {
    const char *text;
    size_t n_characters;
    enum grid_colour colour;
};

struct grid {
    struct arena *arena;
    size_t n_columns;
    struct cell *cells;
    size_t n;
    size_t capacity;
};

static size_t *fit_columns(const struct grid *grid, size_t indent,
                           size_t width);
static void write_cell(const struct cell *cell, size_t width, bool last,
                       bool colour, struct text *out);
static size_t character_length(const char *at);

struct grid *
grid_create(size_t n_columns)
{
    struct grid *grid = memory_calloc(1, sizeof *grid);

    grid->arena = arena_create();
    grid->n_columns = n_columns;
    return grid;
}

void
grid_destroy(struct grid *grid)
{
    if (grid) {
        arena_unref(grid->arena);
        free(grid->cells);
        free(grid);
    }
}

void
grid_add(struct grid *grid, const char *text, enum grid_colour colour)
{
    struct text clean;
    struct cell cell = { .colour = colour };

    text_init(&clean);
    grid_clean(&clean, text);
    cell.text = arena_strdup(grid->arena, clean.data);
    text_clear(&clean);
    for (const char *at = cell.text; *at; at += character_length(at)) {
        cell.n_characters++;
    }
    grid->cells = memory_grow(grid->cells, grid->n, &grid->capacity,
                              sizeof *grid->cells);
    grid->cells[grid->n++] = cell;
}

void
grid_write(const struct grid *grid, struct text *out, size_t indent,
           size_t width, bool colour)
{
    size_t *widths = fit_columns(grid, indent, width);

    for (size_t row = 0; row + grid->n_columns <= grid->n;
         row += grid->n_columns) {
        size_t last = grid->n_columns;
        while (last && grid->cells[row + last - 1].n_characters == 0) {
            last--;
        }
        text_printf(out, "%*s", (int) indent, "");
        for (size_t i = 0; i < last; i++) {
            write_cell(&grid->cells[row + i], widths[i], i + 1 == last, colour,
                       out);
        }
        text_append_char(out, '\n');
    }
    free(widths);
}

void
grid_clean(struct text *out, const char *string)
{
    while (*string) {
        size_t length = character_length(string);
        unsigned char first = (unsigned char) string[0];
        /* C0, DEL, a byte that begins no character, and C1 (U+0080 to
         * U+009F), which some terminals obey, too. */
        bool control = first < 0x20 || first == 0x7f
                       || (length == 1 && first >= 0x80)
                       || (first == 0xc2 && (unsigned char) string[1] < 0xa0);
        if (control) {
            text_append_char(out, '?');
        } else {
            text_append_bytes(out, string, length);
        }
        string += length;
    }
}

/* Returns the widths of the columns, in an array from the heap. */
static size_t *
fit_columns(const struct grid *grid, size_t indent, size_t width)
{
    size_t n = grid->n_columns;
    size_t *widths = memory_calloc(n, sizeof *widths);
    size_t sum = indent;

    for (size_t i = 0; i < grid->n; i++) {
        size_t *column = &widths[i % n];
        if (grid->cells[i].n_characters > *column) {
            *column = grid->cells[i].n_characters;
        }
    }
    for (size_t i = 0; i < n; i++) {
        sum += widths[i] + (i + 1 < n && widths[i] ? GAP : 0);
    }
    size_t victim = n - 1;
    while (width && sum > width && widths[victim] > COLUMN_MIN) {
        size_t excess = sum - width;
        size_t spare = widths[victim] - COLUMN_MIN;
        size_t cut = excess < spare ? excess : spare;
        widths[victim] -= cut;
        sum -= cut;
        for (size_t i = 0; i < n; i++) {
            victim = widths[i] > widths[victim] ? i : victim;
        }
    }
    return widths;
}

static void
write_cell(const struct cell *cell, size_t width, bool last, bool colour,
           struct text *out)
{
    static const char *const codes[] = {
        [GRID_PLAIN] = "",          [GRID_BOLD] = "\033[1m",
        [GRID_RED] = "\033[31m",    [GRID_GREEN] = "\033[32m",
        [GRID_YELLOW] = "\033[33m",
    };
    bool coloured = colour && cell->colour != GRID_PLAIN;
    bool cut = cell->n_characters > width;
    const char *end = cell->text;
    size_t shown = 0;

    for (; *end && shown < (cut ? width - 3 : width); shown++) {
        end += character_length(end);
    }
    if (coloured) {
        text_append(out, codes[cell->colour]);
    }
    text_append_bytes(out, cell->text, (size_t) (end - cell->text));
    if (cut) {
        text_append(out, "...");
        shown += 3;
    }
    if (coloured) {
        text_append(out, "\033[0m");
    }
    if (!last && width) {
        text_printf(out, "%*s", (int) (width - shown + GAP), "");
    }
}

/* Returns the bytes of the UTF-8 character at 'at'; 1 if it is none. */
static size_t
character_length(const char *at)
{
    unsigned char first = (unsigned char) at[0];
    size_t length = first >= 0xf0 && first < 0xf5   ? 4
                    : first >= 0xe0 && first < 0xf0 ? 3
                    : first >= 0xc2 && first < 0xe0 ? 2
                                                    : 1;

    for (size_t i = 1; i < length; i++) {
        if (((unsigned char) at[i] & 0xc0) != 0x80) {
            return 1;
        }
    }
    return length;
}
