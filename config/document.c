#include "config/document.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "config/scan.h"
#include "config/setting.h"
#include "config/syntax.h"
#include "engine/base/arena.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"

enum {
    FILE_SIZE_MAX = 256 * 1024 * 1024,
    /* libconfig gives up at its tenth level of inclusion. */
    INCLUDE_DEPTH_MAX = 10
};

/* Files that include each other, from the outermost. */
struct chain {
    struct reader *reader;
    struct hasher *hasher;
    unsigned int depth;
    bool good;
};

static bool parse(struct reader *reader, const char *content, config_t *tree);
static const char *explain(struct reader *reader, const char *cause,
                           const char *content, struct place place);
static bool read_file(const char *path, struct text *content,
                      const char **cause);
static const char *skip_mark(const char *content);
static void check_content(struct chain *chain, const char *file,
                          const struct text *content);

bool
document_read(struct reader *reader, struct hasher *hasher, config_t *tree)
{
    struct text content;
    const char *cause;
    struct chain chain = { reader, hasher, 0, true };

    config_init(tree);
    problems_open_file(reader->problems, reader->file);
    text_init(&content);
    if (!read_file(reader->file, &content, &cause)) {
        reader_problem(reader, (struct place){ reader->file, 1 },
                       "cannot read the file: %s", cause);
        chain.good = false;
    } else {
        check_content(&chain, reader->file, &content);
        chain.good =
            chain.good && parse(reader, skip_mark(content.data), tree);
    }
    text_clear(&content);
    return chain.good;
}

/* Lets libconfig read the text; false after reporting its one error. */
static bool
parse(struct reader *reader, const char *content, config_t *tree)
{
    config_set_include_dir(
        tree, path_relative_to(reader->scratch, reader->file, "."));
    if (config_read_string(tree, content)) {
        return true;
    }
    const char *file = config_error_file(tree);
    const char *cause = config_error_text(tree);
    struct place place = {
        file ? path_of_included(reader->scratch, reader->file, file)
             : reader->file,
        (unsigned int) config_error_line(tree),
    };
    /* What @include brought in is not at hand. */
    const char *more = file ? NULL : explain(reader, cause, content, place);
    reader_problem(reader, place, "%s%s%s", cause, more ? ": " : "",
                   more ? more : "");
    return false;
}

/* Returns what libconfig's short cause does not say, or NULL. */
static const char *
explain(struct reader *reader, const char *cause, const char *content,
        struct place place)
{
    if (strstr(cause, "mismatched")) {
        return "a list of numbers and words is written in ( )";
    }
    if (strstr(cause, "duplicate")) {
        return "a key stands twice in its group";
    }
    return syntax_suspect(reader->scratch, content, place.line);
}

/* Editors on Windows put a byte order mark before UTF-8. */
static const char *
skip_mark(const char *content)
{
    return content + (strncmp(content, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
}

/* Called for each @include of a file.  libconfig ends the whole process when
 * it is told to include a folder, so that must be found before. */
static void
check_include(void *chain_, const char *file, unsigned int line,
              const char *name)
{
    struct chain *chain = chain_;
    struct reader *reader = chain->reader;
    struct text content;
    const char *cause;
    const char *path = path_relative_to(reader->scratch, reader->file, name);

    if (chain->depth >= INCLUDE_DEPTH_MAX) {
        return; /* libconfig reports it. */
    }
    if (*name == '/') {
        /* libconfig puts the folder even before these. */
        reader_problem(reader, (struct place){ file, line },
                       "@include \"%s\": only names relative to the main "
                       "file can be included",
                       name);
        chain->good = false;
        return;
    }
    text_init(&content);
    if (!read_file(path, &content, &cause)) {
        reader_problem(reader, (struct place){ file, line },
                       "@include \"%s\": %s", name, cause);
        chain->good = false;
    } else {
        chain->depth++;
        check_content(chain, path, &content);
        chain->depth--;
    }
    text_clear(&content);
}

/* libconfig cuts a number that needs more than 32 bits down to them. */
static void
check_number(void *chain_, const char *file, unsigned int line,
             const char *number)
{
    struct chain *chain = chain_;

    reader_problem(chain->reader, (struct place){ file, line },
                   "%s is too large a number", number);
    chain->good = false;
}

/* libconfig reads what is included by itself, and stumbles over a mark. */
static const char *
find_encoding_error(const struct chain *chain, const struct text *content)
{
    if (content->length >= 2
        && (memcmp(content->data, "\xff\xfe", 2) == 0
            || memcmp(content->data, "\xfe\xff", 2) == 0)) {
        return "the file is UTF-16; save it as UTF-8";
    }
    if (chain->depth && skip_mark(content->data) != content->data) {
        return "@include takes no byte order mark; save the file as UTF-8 "
               "without";
    }
    return NULL;
}

static void
check_content(struct chain *chain, const char *file,
              const struct text *content)
{
    static const struct scan_class class = { check_include, check_number };

    hasher_add_u64(chain->hasher, content->length);
    hasher_add(chain->hasher, content->data, content->length);
    const char *cause = find_encoding_error(chain, content);
    if (cause) {
        reader_problem(chain->reader, (struct place){ file, 1 }, "%s", cause);
        chain->good = false;
        return;
    }
    const char *nul = memchr(content->data, '\0', content->length);
    if (nul) {
        unsigned int line = 1;
        for (const char *c = content->data; c < nul; c++) {
            line += *c == '\n';
        }
        reader_problem(chain->reader, (struct place){ file, line },
                       "syntax error: a NUL byte");
        chain->good = false;
        return;
    }
    scan_text(chain->reader->scratch, file, content->data, &class, chain);
}

static bool
read_file(const char *path, struct text *content, const char **cause)
{
    struct stat status;
    bool good = false;

    FILE *file = fopen(path, "re");
    if (!file) {
        *cause = strerror(errno);
        return false;
    }
    if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
        *cause = "it is a folder";
        goto out;
    }
    char buffer[16384];
    size_t n;
    while ((n = fread(buffer, 1, sizeof buffer, file)) > 0) {
        text_append_bytes(content, buffer, n);
        if (content->length > FILE_SIZE_MAX) {
            *cause = "it has more than 256 MiB";
            goto out;
        }
    }
    good = !ferror(file);
    *cause = strerror(errno);
out:
    fclose(file);
    return good;
}
