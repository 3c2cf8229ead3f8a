#include "config/flow_files.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/document.h"
#include "config/flow_setting.h"
#include "config/setting.h"
#include "config/strings.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"

/* Files that were read, by what they are rather than by name. */
struct identity {
    dev_t device;
    ino_t inode;
};

struct seen {
    struct identity *files;
    size_t n;
    size_t capacity;
};

struct collector {
    struct hasher *hasher;
    struct flow_list *list;
    struct seen seen;
};

static void read_pattern(struct reader *reader, const struct words *words,
                         const char *pattern, struct collector *collector);
static void read_file(struct reader *reader, const char *path,
                      struct collector *collector);
static bool see(struct seen *seen, const char *path);

void
flow_files_read(struct reader *reader, const config_setting_t *root,
                struct hasher *hasher, struct flow_list *list)
{
    struct collector collector = { .hasher = hasher, .list = list };
    const config_setting_t *flows = setting_member(root, "flows");
    struct words files = setting_words(reader, root, "flows_files");

    if (flows) {
        flow_list_read(reader, flows, list);
    }
    (void) see(&collector.seen, reader->file);
    for (size_t i = 0; i < files.n; i++) {
        read_pattern(reader, &files, files.list[i].text, &collector);
    }
    free(collector.seen.files);
}

/* Puts the folder of the file before the pattern, in a way that glob() takes
 * the folder for itself. */
static void
make_pattern(const char *file, const char *pattern, struct text *out)
{
    const char *slash = strrchr(file, '/');

    for (const char *c = file; *pattern != '/' && slash && c <= slash; c++) {
        if (strchr("*?[]\\", *c)) {
            text_append_char(out, '\\');
        }
        text_append_char(out, *c);
    }
    text_append(out, pattern);
}

static void
read_pattern(struct reader *reader, const struct words *words,
             const char *pattern, struct collector *collector)
{
    struct text whole;
    glob_t found = { .gl_pathc = 0 };

    if (!*pattern) {
        reader_problem(reader, words->place, "flows_files: \"\" is no file");
        return;
    }
    text_init(&whole);
    make_pattern(words->place.file, pattern, &whole);
    int code = glob(whole.data, 0, NULL, &found);
    if (code == GLOB_NOMATCH && !strpbrk(pattern, "*?[")) {
        reader_problem(reader, words->place,
                       "flows_files: \"%s\" does not exist", pattern);
    } else if (code != 0 && code != GLOB_NOMATCH) {
        reader_problem(reader, words->place,
                       "flows_files: \"%s\" cannot be searched", pattern);
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        if (see(&collector->seen, found.gl_pathv[i])) {
            read_file(reader, found.gl_pathv[i], collector);
        }
    }
    globfree(&found);
    text_clear(&whole);
}

/* Reports what a file of flows holds beside flows. */
static void
check_file(struct reader *reader, const config_setting_t *root)
{
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *setting =
            config_setting_get_elem(root, (unsigned int) i);
        if (strcmp(config_setting_name(setting), "flows") != 0) {
            reader_problem(reader, setting_place(reader, setting),
                           "%s: a file of flows holds only flows",
                           config_setting_name(setting));
        }
    }
}

static void
read_file(struct reader *reader, const char *path, struct collector *collector)
{
    const char *outer = reader->file;
    config_t tree;

    reader->file = strings_share(reader->strings, path);
    if (document_read(reader, collector->hasher, &tree)) {
        const config_setting_t *root = config_root_setting(&tree);
        const config_setting_t *flows = setting_member(root, "flows");
        check_file(reader, root);
        if (flows) {
            flow_list_read(reader, flows, collector->list);
        } else if (setting_has(root, "flows")) {
            const config_setting_t *wrong =
                config_setting_get_member(root, "flows");
            reader_problem(reader, setting_place(reader, wrong),
                           "flows: not a list of groups");
        }
    }
    config_destroy(&tree);
    reader->file = outer;
}

/* Returns false if the file was seen before. */
static bool
see(struct seen *seen, const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        return true; /* Reading it tells why. */
    }
    for (size_t i = 0; i < seen->n; i++) {
        if (seen->files[i].device == status.st_dev
            && seen->files[i].inode == status.st_ino) {
            return false;
        }
    }
    seen->files = memory_grow(seen->files, seen->n, &seen->capacity,
                              sizeof *seen->files);
    seen->files[seen->n++] = (struct identity){ status.st_dev, status.st_ino };
    return true;
}
