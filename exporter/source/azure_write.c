/* A snapshot: what was read, as a folder for the directory source. */

#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "exporter/source/arm_page.h"
#include "exporter/source/azure.h"
#include "exporter/source/azure_source.h"

enum { PATH_SIZE = 4096 };

struct writing {
    struct azure *azure;
    const char *folder;
    size_t n;
};

static bool open_folder(const char *folder, struct error *error);
static bool write_item(struct writing *writing, const struct azure_item *item,
                       struct error *error);
static void append_page(const struct azure_item *item,
                        const struct azure_page *page, struct text *text);
static bool write_document(struct writing *writing, enum feed feed,
                           const struct text *text, struct error *error);

bool
azure_write(struct source *source, const char *folder, size_t *n,
            struct error *error)
{
    struct writing writing = { .azure = (struct azure *) source,
                               .folder = folder };

    if (!open_folder(folder, error)) {
        return false;
    }
    for (size_t i = 0; i < writing.azure->n_items; i++) {
        const struct azure_item *item = writing.azure->items[i];
        if (item->wanted && !write_item(&writing, item, error)) {
            return false;
        }
    }
    *n = writing.n;
    return true;
}

static bool
open_folder(const char *folder, struct error *error)
{
    if (mkdir(folder, 0700) && errno != EEXIST) {
        return error_set(error, "%s: %s", folder, strerror(errno));
    }
    DIR *entries = opendir(folder);
    if (!entries) {
        return error_set(error, "%s: %s", folder, strerror(errno));
    }
    bool empty = true;
    for (struct dirent *entry; (entry = readdir(entries));) {
        empty &= !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
    }
    closedir(entries);
    return empty || error_set(error, "%s: the folder is not empty", folder);
}

/* To the directory source a network without a list has no admin rules, so one
 * whose list was not read gets a file that says so. */
static bool
write_unread(struct writing *writing, const struct azure_item *item,
             struct error *error)
{
    struct text text;
    bool written = true;

    if (item->want.kind == WANT_EFFECTIVE_RULES) {
        text_init(&text);
        text_printf(&text, "{\"virtualNetwork\":{\"id\":\"%s\"}}",
                    item->want.id);
        written = write_document(writing, item->want.feed, &text, error);
        text_clear(&text);
    }
    return written;
}

static bool
write_item(struct writing *writing, const struct azure_item *item,
           struct error *error)
{
    bool written = true;

    if (!item->has_data) {
        return write_unread(writing, item, error);
    }
    if (azure_want_is_links(&item->want)
        && item->want.kind != WANT_GROUP_MEMBERS) {
        return true; /* What it told is in the documents of the groups. */
    }
    for (size_t i = 0; written && i < item->last.n; i++) {
        const struct azure_page *page = &item->last.pages[i];
        struct text text;
        if (!page->bytes) {
            return error_set(error, "%s: its document was not kept",
                             item->label);
        }
        text_init(&text);
        if (item->want.kind == WANT_GROUP_MEMBERS) {
            azure_group_document(writing->azure, item, &text);
        } else {
            append_page(item, page, &text);
        }
        written = write_document(writing, item->want.feed, &text, error);
        text_clear(&text);
    }
    return written;
}

/* A link to the next page may be signed, and would make the page look cut. */
static void
append_page(const struct azure_item *item, const struct azure_page *page,
            struct text *text)
{
    bool tags = item->want.kind == WANT_SERVICE_TAGS;
    struct arm_page scan;

    if (item->want.kind != WANT_LIST && !tags
        && item->want.kind != WANT_SCALE_SET_NICS) {
        text_append_bytes(text, page->bytes, page->size);
        return;
    }
    arm_page_scan(page->bytes, page->size, tags ? "values" : "value", &scan);
    text_append_char(text, '{');
    if (tags) {
        text_printf(text, "\"changeNumber\":\"%s\",\"location\":\"%s\",",
                    scan.change_number ? scan.change_number : "",
                    item->want.region);
    }
    text_printf(text, "\"%s\":[", tags ? "values" : "value");
    text_append_bytes(text, page->bytes + scan.array_start,
                      scan.array_end - scan.array_start);
    text_append(text, "]}\n");
    arm_page_clear(&scan);
}

static bool
write_document(struct writing *writing, enum feed feed,
               const struct text *text, struct error *error)
{
    char path[PATH_SIZE];
    int length = snprintf(path, sizeof path, "%s/%s-%04zu.json",
                          writing->folder, feed_name(feed), ++writing->n);

    if (length < 0 || (size_t) length >= sizeof path) {
        return error_set(error, "%s: the name is too long", writing->folder);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t done = 0;
    while (fd >= 0 && done < text->length) {
        ssize_t n = write(fd, text->data + done, text->length - done);
        if (n < 0 && errno != EINTR) {
            break;
        }
        done += n > 0 ? (size_t) n : 0;
    }
    bool written = fd >= 0 && done == text->length;
    if (!written) {
        error_set(error, "%s: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return written;
}
