#include "config/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"

/* A line names a value, and a value may be as long as its file. */
enum { CAUSE_SIZE = 600 };

struct problem {
    size_t file; /* Number in 'files', in the order of opening. */
    struct place place;
    size_t order; /* Of two on one line the first found stays first. */
    const char *cause;
};

struct problems {
    struct arena *arena;
    struct problem *list;
    size_t n;
    size_t capacity;
    const char **files;
    size_t n_files;
    size_t files_capacity;
};

struct problems *
problems_create(void)
{
    struct problems *problems = memory_calloc(1, sizeof *problems);

    problems->arena = arena_create();
    return problems;
}

void
problems_destroy(struct problems *problems)
{
    if (!problems) {
        return;
    }
    arena_unref(problems->arena);
    free(problems->list);
    free(problems->files);
    free(problems);
}

/* Returns the number of the file; a new one comes last. */
static size_t
file_number(struct problems *problems, const char *file)
{
    for (size_t i = 0; i < problems->n_files; i++) {
        if (!strcmp(problems->files[i], file)) {
            return i;
        }
    }
    problems->files =
        memory_grow(problems->files, problems->n_files,
                    &problems->files_capacity, sizeof *problems->files);
    problems->files[problems->n_files] = arena_strdup(problems->arena, file);
    return problems->n_files++;
}

void
problems_open_file(struct problems *problems, const char *file)
{
    (void) file_number(problems, file);
}

void
problems_add(struct problems *problems, struct place place, const char *format,
             ...)
{
    char cause[CAUSE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(cause, sizeof cause, format, arguments);
    va_end(arguments);
    if (length >= CAUSE_SIZE) {
        memcpy(cause + sizeof cause - 4, "...", 4);
    }
    for (char *c = cause; *c; c++) {
        if ((unsigned char) *c < ' ' || *c == 0x7f) {
            *c = '?';
        }
    }
    problems->list = memory_grow(problems->list, problems->n,
                                 &problems->capacity, sizeof *problems->list);
    struct problem *problem = &problems->list[problems->n];
    problem->file = place.file ? file_number(problems, place.file) : 0;
    problem->place = place;
    if (place.file) {
        problem->place.file = problems->files[problem->file];
    }
    problem->order = problems->n;
    problem->cause = arena_strdup(problems->arena, cause);
    problems->n++;
}

bool
problems_empty(const struct problems *problems)
{
    return problems->n == 0;
}

static int
compare_problems(const void *a_, const void *b_)
{
    const struct problem *a = a_;
    const struct problem *b = b_;

    if (a->file != b->file) {
        return a->file < b->file ? -1 : 1;
    }
    if (a->place.line != b->place.line) {
        return a->place.line < b->place.line ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

void
problems_write(struct problems *problems, struct text *out)
{
    if (problems->n) {
        qsort(problems->list, problems->n, sizeof *problems->list,
              compare_problems);
    }
    for (size_t i = 0; i < problems->n; i++) {
        const struct problem *problem = &problems->list[i];
        if (problem->place.file) {
            text_printf(out, "%s:%u: ", problem->place.file,
                        problem->place.line ? problem->place.line : 1);
        }
        text_append(out, problem->cause);
        text_append_char(out, '\n');
    }
}

const char *
problems_first(const struct problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        if (problems->list[i].order == 0) {
            return problems->list[i].cause;
        }
    }
    return NULL;
}
